//! Holds a declaration against a tariff: codes, ids and currencies are looked
//! up, presumptions are made, the customs value is found.

use crate::money::{LARGEST_AMOUNT, Money};
use crate::tariff::assess::outcome::Presumption;
use crate::tariff::assess::resolved::{ResolvedEntry, ResolvedLine};
use crate::tariff::condition::PreferenceIndex;
use crate::tariff::entry::{
    Declaration, DeclaredLine, Elections, EntryFault, ExchangeRate, TransportMode,
};
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::quantity::{Quantity, Unit};
use crate::tariff::region::Region;
use crate::tariff::schedule::{Tariff, Valuation};
use rust_decimal::Decimal;
use std::collections::{BTreeSet, HashMap};

impl ResolvedEntry {
    /// Resolves a declaration.
    ///
    /// # Errors
    /// Every fault the tariff finds. The list is empty where the only faults
    /// are those already reported by whoever read the declaration.
    pub fn of(tariff: &Tariff, declaration: &Declaration) -> Result<Self, Vec<EntryFault>> {
        let mut resolver =
            Resolver { tariff, declaration, faults: Vec::new(), rates_used: Vec::new() };
        let balances = resolver.balances();
        resolver.distinct_ids();
        let lines: Vec<Option<ResolvedLine>> = declaration
            .lines
            .iter()
            .enumerate()
            .map(|(index, line)| resolver.line(index, line))
            .collect();
        let lines: Option<Vec<ResolvedLine>> = lines.into_iter().collect();
        match (declaration.entry_date, lines) {
            (Some(entry_date), Some(lines)) if resolver.faults.is_empty() => {
                Ok(Self { entry_date, lines, balances, rates_used: resolver.rates_used })
            }
            _ => Err(resolver.faults),
        }
    }
}

pub(super) struct Resolver<'a> {
    pub(super) tariff: &'a Tariff,
    pub(super) declaration: &'a Declaration,
    faults: Vec<EntryFault>,
    rates_used: Vec<ExchangeRate>,
}

/// Elections of a line, by their places in the tariff.
struct Elected {
    preference: Option<PreferenceIndex>,
    certifications: Vec<bool>,
    quotas: Vec<bool>,
}

impl Resolver<'_> {
    pub(super) fn fault(&mut self, field: String, reason: &'static str, message: String) {
        self.faults.push(EntryFault { field, reason, message });
    }

    fn balances(&mut self) -> Vec<Option<Decimal>> {
        let mut balances = vec![None; self.tariff.quotas.len()];
        for balance in &self.declaration.world.quota_balances {
            let at = format!("world_state.quota_balances[{}].quota_id", balance.position);
            match self.tariff.quotas.iter().position(|quota| quota.id == balance.quota) {
                None => self.unknown(at, "QUOTA_UNKNOWN", "quota", &balance.quota),
                Some(index) if balances[index].is_some() => {
                    self.fault(
                        at,
                        "DUPLICATE",
                        format!("the balance of `{}` is given twice", balance.quota),
                    );
                }
                Some(index) => balances[index] = Some(balance.remaining),
            }
        }
        balances
    }

    pub(super) fn unknown(&mut self, at: String, reason: &'static str, what: &str, id: &str) {
        self.fault(at, reason, format!("the schedule defines no {what} `{id}`"));
    }

    fn distinct_ids(&mut self) {
        let mut first: HashMap<&str, usize> = HashMap::new();
        let mut repeated = Vec::new();
        for (index, line) in self.declaration.lines.iter().enumerate() {
            if let Some(id) = line.id.as_deref() {
                let earlier = *first.entry(id).or_insert(index);
                if earlier != index {
                    repeated.push((index, earlier));
                }
            }
        }
        for (index, earlier) in repeated {
            self.fault(
                format!("entry.lines[{index}].line_id"),
                "DUPLICATE",
                format!("line {earlier} has the same id"),
            );
        }
    }

    fn line(&mut self, index: usize, declared: &DeclaredLine) -> Option<ResolvedLine> {
        let at = |field: &str| format!("entry.lines[{index}].{field}");
        let mut presumptions = Vec::new();
        let tariff_lines = declared
            .goods
            .code
            .and_then(|code| self.tariff_lines(&code, at("goods.goods_code"), &mut presumptions));
        let origin = declared.goods.origin;
        let transaction = declared
            .goods
            .transaction_value
            .and_then(|value| self.converted(value, at("goods.transaction_value")));
        if transaction.is_some_and(Money::is_zero) {
            let message = "nothing, once converted to the importer's currency".to_owned();
            self.fault(at("goods.transaction_value"), "OUT_OF_RANGE", message);
        }
        let carriage = self.carriage(declared, &at);
        let customs_value = match (transaction, carriage, self.tariff.valuation) {
            (Some(value), Some(carriage), Valuation::Cif) => value.plus(carriage).ok(),
            (Some(value), Some(_), Valuation::Fob) => Some(value),
            _ => None,
        };
        let quantities = quantities(&declared.goods.quantities, &mut presumptions);
        let Elected { preference, certifications, quotas } =
            self.elections(&declared.elections, &at);
        let facts = self.facts(
            &declared.goods.facts,
            (customs_value, tariff_lines.as_deref().unwrap_or_default()),
            &at,
            &mut presumptions,
        );
        let transport = origin.map(|origin| self.transport(origin, &mut presumptions));
        self.statutory_units(declared, tariff_lines.as_deref(), &at);
        Some(ResolvedLine {
            id: declared.id.clone()?,
            code: declared.goods.code?,
            tariff_lines: tariff_lines?,
            origin: origin?,
            transport: transport?,
            transaction_value: transaction?,
            carriage: carriage?,
            customs_value: customs_value?,
            quantities,
            facts,
            preference,
            certifications,
            within_quota: vec![None; quotas.len()],
            quotas,
            presumptions,
        })
    }

    fn tariff_lines(
        &mut self,
        code: &GoodsCode,
        at: String,
        presumptions: &mut Vec<Presumption>,
    ) -> Option<Vec<usize>> {
        // Where the date is faulty, the code is still worth a look: at the law as last verified.
        let day = self.declaration.entry_date.unwrap_or(self.tariff.law_verified_to);
        let lines = self.tariff.lines_for(code, day.max(self.tariff.law_from));
        if lines.is_empty() && self.tariff.holds_all_of(code) {
            let message = format!("the {} tariff has no code {code} on {day}", self.tariff.region);
            self.fault(at, "GOODS_CODE_NOT_IN_SCHEDULE", message);
            return None;
        }
        if let [only] = lines.as_slice() {
            let line = &self.tariff.lines[*only];
            if line.code != *code && code.covers(&line.code) {
                presumptions.push(Presumption {
                    subject: "goods-code".to_owned(),
                    value: line.code.to_string(),
                    because: format!("the only national line under {code}"),
                });
            }
        }
        Some(lines)
    }

    fn carriage(&mut self, declared: &DeclaredLine, at: &impl Fn(&str) -> String) -> Option<Money> {
        let mut sum = Money::zero(self.tariff.currency);
        let parts = [
            (declared.goods.freight, "goods.freight"),
            (declared.goods.insurance, "goods.insurance"),
        ];
        for (part, field) in parts {
            if let Some(part) = part {
                sum = sum.plus(self.converted(part, at(field))?).ok()?;
            }
        }
        Some(sum)
    }

    /// The amount in the importer's currency, by the customs exchange rate.
    pub(super) fn converted(&mut self, amount: Money, at: String) -> Option<Money> {
        let currency = self.tariff.currency;
        if amount.currency() == currency {
            return Some(amount);
        }
        let rate = self
            .declaration
            .world
            .customs_exchange_rates
            .iter()
            .find(|rate| rate.from == amount.currency() && rate.to == currency)
            .copied();
        let Some(rate) = rate else {
            let message = format!(
                "in {}, and world_state.customs_exchange_rates has no rate to {currency}",
                amount.currency()
            );
            self.fault(at, "EXCHANGE_RATE_MISSING", message);
            return None;
        };
        if !self.rates_used.contains(&rate) {
            self.rates_used.push(rate);
        }
        let product = amount
            .times(rate.rate)
            .map(|product| {
                Money::new(product.amount(), currency).rounded(self.tariff.duty_rounding)
            })
            .ok()
            .filter(|product| product.amount() <= LARGEST_AMOUNT.into());
        if product.is_none() {
            let message = format!("more than {LARGEST_AMOUNT} {currency} once converted");
            self.fault(at, "OUT_OF_RANGE", message);
        }
        product
    }

    /// A specific rate cannot be assessed without its quantity, and the
    /// quantity is part of every entry: asking for it is no guess.
    fn statutory_units(
        &mut self,
        declared: &DeclaredLine,
        tariff_lines: Option<&[usize]>,
        at: &impl Fn(&str) -> String,
    ) {
        let Some([only]) = tariff_lines else { return };
        let tariff = self.tariff;
        let line = &tariff.lines[*only];
        let stated: BTreeSet<Unit> = declared
            .goods
            .quantities
            .iter()
            .map(|quantity| quantity.unit)
            .chain([Unit::ARTICLES])
            .collect();
        for unit in line.units.iter().filter(|unit| !stated.contains(unit)) {
            let message =
                format!("{} is reported in {unit}, and no such quantity is stated", line.code);
            self.fault(at("goods.quantities"), "QUANTITY_REQUIRED", message);
        }
    }

    fn elections(&mut self, elections: &Elections, at: &impl Fn(&str) -> String) -> Elected {
        let tariff = self.tariff;
        let preference = elections.preference.as_deref().and_then(|symbol| {
            let found = tariff.preferences.iter().position(|known| known.symbol == symbol);
            if found.is_none() {
                self.unknown(
                    at("elections.preference_symbol"),
                    "PREFERENCE_UNKNOWN",
                    "preference",
                    symbol,
                );
            }
            found
        });
        let mut certifications = vec![false; tariff.certifications.len()];
        // An empty id was faulty and is reported already.
        let stated = |ids: &[String]| -> Vec<(usize, String)> {
            ids.iter().cloned().enumerate().filter(|(_, id)| !id.is_empty()).collect()
        };
        for (place, id) in &stated(&elections.certifications) {
            match tariff.certifications.iter().position(|known| known.id == *id) {
                Some(index) => certifications[index] = true,
                None => self.unknown(
                    at(&format!("elections.certification_ids[{place}]")),
                    "CERTIFICATION_UNKNOWN",
                    "certification",
                    id,
                ),
            }
        }
        let mut quotas = vec![false; tariff.quotas.len()];
        for (place, id) in &stated(&elections.quotas) {
            match tariff.quotas.iter().position(|known| known.id == *id) {
                Some(index) => quotas[index] = true,
                None => self.unknown(
                    at(&format!("elections.quota_ids[{place}]")),
                    "QUOTA_UNKNOWN",
                    "quota",
                    id,
                ),
            }
        }
        Elected { preference, certifications, quotas }
    }

    fn transport(&self, origin: Region, presumptions: &mut Vec<Presumption>) -> TransportMode {
        if let Some(stated) = self.declaration.transport_mode {
            return stated;
        }
        let presumed = self
            .tariff
            .transport_presumptions
            .iter()
            .find(|presumption| presumption.origins.contains(origin));
        let (mode, because) = presumed
            .map_or((TransportMode::Ocean, "no transport mode is stated"), |presumption| {
                (presumption.mode, presumption.because.as_str())
            });
        presumptions.push(Presumption {
            subject: "transport-mode".to_owned(),
            value: mode.to_string(),
            because: because.to_owned(),
        });
        mode
    }
}

/// The quantities stated; where none counts articles, one is presumed.
fn quantities(stated: &[Quantity], presumptions: &mut Vec<Presumption>) -> Vec<Quantity> {
    let mut quantities = stated.to_vec();
    if !quantities.iter().any(|quantity| quantity.unit == Unit::ARTICLES) {
        quantities.push(Quantity { amount: Decimal::ONE, unit: Unit::ARTICLES });
        presumptions.push(Presumption {
            subject: "quantity".to_owned(),
            value: "1 NAR".to_owned(),
            because: "no number of articles is stated".to_owned(),
        });
    }
    quantities
}
