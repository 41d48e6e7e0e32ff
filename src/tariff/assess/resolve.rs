//! Holds a declaration against a tariff: codes, ids and currencies are looked
//! up, presumptions are made, the customs value is found.

use crate::money::{LARGEST_AMOUNT, Money};
use crate::tariff::assess::outcome::Election;
use crate::tariff::assess::resolved::{ResolvedEntry, ResolvedLine, Silent};
use crate::tariff::entry::{
    Declaration, DeclaredLine, DeclaredStock, Elections, EntryFault, ExchangeRate, RateDateBasis,
    TransportMode,
};
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::law_on_day::LawDays;
use crate::tariff::quantity::{Quantity, Unit};
use crate::tariff::quota::QuotaStock;
use crate::tariff::region::Region;
use crate::tariff::schedule::{Tariff, Valuation};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};

impl ResolvedEntry {
    /// Resolves a declaration.
    ///
    /// # Errors
    /// Every fault the tariff finds. The list is empty where the only faults
    /// are those already reported by whoever read the declaration.
    pub fn of(
        tariff: &Tariff,
        declaration: &Declaration,
        destination: Option<Region>,
        known_at: Date,
    ) -> Result<Self, Vec<EntryFault>> {
        // Where the date is faulty, the rest is still worth a look: at the law as last verified.
        let entry_date = declaration.entry_date.unwrap_or(tariff.law_verified_to);
        let days = LawDays::of(entry_date, declaration.rate_date, known_at);
        let faults = Vec::new();
        let mut resolver = Resolver { tariff, declaration, days, faults, rates_used: Vec::new() };
        resolver.rate_date();
        let quotas = resolver.quota_stocks();
        let credits = resolver.credit_balances();
        resolver.distinct_ids();
        let lines: Vec<Option<ResolvedLine>> = declaration
            .lines
            .iter()
            .enumerate()
            .map(|(index, line)| resolver.line(index, line))
            .collect();
        let lines: Option<Vec<ResolvedLine>> = lines.into_iter().collect();
        let rates = &declaration.world.customs_exchange_rates;
        match (declaration.entry_date, lines) {
            (Some(_), Some(lines)) if resolver.faults.is_empty() => Ok(Self {
                days,
                destination,
                lines,
                quotas,
                credits,
                rates: rates.iter().filter(|rate| rate.to == tariff.currency).copied().collect(),
                rates_used: resolver.rates_used,
            }),
            _ => Err(resolver.faults),
        }
    }
}

pub(super) struct Resolver<'a> {
    pub(super) tariff: &'a Tariff,
    pub(super) declaration: &'a Declaration,
    days: LawDays,
    faults: Vec<EntryFault>,
    rates_used: Vec<ExchangeRate>,
}

impl Resolver<'_> {
    pub(super) fn fault(&mut self, field: String, reason: &'static str, message: String) {
        self.faults.push(EntryFault { field, reason, message });
    }

    fn rate_date(&mut self) {
        let (Some(rate_date), Some(entry)) =
            (self.declaration.rate_date, self.declaration.entry_date)
        else {
            return;
        };
        let withdrawn = rate_date.basis == RateDateBasis::Withdrawal;
        let in_order = if withdrawn { rate_date.date >= entry } else { rate_date.date <= entry };
        if !in_order {
            let message = format!(
                "the day of {} is not {} the day of entry, {entry}",
                rate_date.basis,
                if withdrawn { "on or after" } else { "on or before" }
            );
            self.fault("entry.rate_date.date".to_owned(), "OUT_OF_RANGE", message);
        }
    }

    fn quota_stocks(&mut self) -> Vec<QuotaStock> {
        let tariff = self.tariff;
        let mut stocks = vec![QuotaStock::UNKNOWN; tariff.quotas.len()];
        let mut told = vec![false; tariff.quotas.len()];
        for balance in &self.declaration.world.quota_balances {
            let at =
                |name: &str| format!("world_state.quota_balances[{}].{name}", balance.position);
            let Some(index) = tariff.quotas.iter().position(|quota| quota.id == balance.quota)
            else {
                self.unknown(at("quota_id"), "QUOTA_UNKNOWN", "quota", &balance.quota);
                continue;
            };
            if told[index] {
                let message = format!("the balance of `{}` is given twice", balance.quota);
                self.fault(at("quota_id"), "DUPLICATE", message);
                continue;
            }
            told[index] = true;
            let quota = &tariff.quotas[index];
            stocks[index] = match &balance.stock {
                DeclaredStock::Remaining(units) => QuotaStock::exactly(*units),
                DeclaredStock::Used(periods) => {
                    let mut used = BTreeMap::new();
                    for (place, from, units) in periods {
                        let at = at(&format!("used[{place}].period_start"));
                        if quota.period_beginning(*from).is_none() {
                            let message = format!("no period of `{}` begins on {from}", quota.id);
                            self.fault(at, "PERIOD_UNKNOWN", message);
                        } else if used.insert(*from, *units).is_some() {
                            let message = format!("the period of {from} is given twice");
                            self.fault(at, "DUPLICATE", message);
                        }
                    }
                    quota.left(self.days.quota, &used)
                }
            };
        }
        stocks
    }

    fn credit_balances(&mut self) -> Vec<Option<Money>> {
        let tariff = self.tariff;
        let mut balances = vec![None; tariff.credits.len()];
        for balance in &self.declaration.world.credit_balances {
            let at =
                |name: &str| format!("world_state.credit_balances[{}].{name}", balance.position);
            match tariff.credits.iter().position(|credit| credit.id == balance.credit) {
                None => self.unknown(at("credit_id"), "CREDIT_UNKNOWN", "credit", &balance.credit),
                Some(index) if balances[index].is_some() => {
                    let message = format!("the balance of `{}` is given twice", balance.credit);
                    self.fault(at("credit_id"), "DUPLICATE", message);
                }
                Some(index) => {
                    balances[index] = self.converted(balance.remaining, || at("remaining"));
                }
            }
        }
        balances
    }

    pub(super) fn unknown(&mut self, at: String, reason: &'static str, what: &str, id: &str) {
        self.fault(at, reason, format!("the schedule defines no {what} `{id}`"));
    }

    fn distinct_ids(&mut self) {
        if self.declaration.lines.len() < 2 {
            return;
        }
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
        let tariff = self.tariff;
        let tariff_lines = declared.goods.code.and_then(|code| self.tariff_lines(&code, &at));
        let origin = declared.goods.origin;
        if origin == Some(Region::EUROPEAN_UNION) {
            let message = "a customs union is no country of origin: name the member".to_owned();
            self.fault(at("goods.origin_region_code"), "ORIGIN_NOT_A_COUNTRY", message);
        }
        let transaction = declared
            .goods
            .transaction_value
            .and_then(|value| self.converted(value, || at("goods.transaction_value")));
        if transaction.is_some_and(Money::is_zero) {
            let message = "nothing, once converted to the importer's currency".to_owned();
            self.fault(at("goods.transaction_value"), "OUT_OF_RANGE", message);
        }
        let goods = &declared.goods;
        let carriage = self
            .sum_of(&[(goods.freight, "goods.freight"), (goods.insurance, "goods.insurance")], &at);
        let inland_freight = self.sum_of(&[(goods.inland_freight, "goods.inland_freight")], &at);
        let customs_value = match (transaction, carriage, tariff.valuation) {
            (Some(value), Some(carriage), Valuation::Cif) => value.plus(carriage).ok(),
            (Some(value), Some(_), Valuation::Fob) => Some(value),
            _ => None,
        };
        let mut quantities = Vec::with_capacity(goods.quantities.len() + 1);
        quantities.extend_from_slice(&goods.quantities);
        let articles = !quantities.iter().any(|quantity| quantity.unit == Unit::ARTICLES);
        if articles {
            quantities.push(Quantity { amount: Decimal::ONE, unit: Unit::ARTICLES });
        }
        let silent = Silent {
            articles,
            transport: self.declaration.transport_mode.is_none(),
            carriage: tariff.valuation == Valuation::Cif
                && goods.freight.is_none()
                && goods.insurance.is_none(),
        };
        let elected = self.elections(&declared.elections, &at);
        let facts = self.facts(&goods.facts, customs_value, &at);
        self.statutory_units(&quantities, tariff_lines.as_deref(), &at);
        Some(ResolvedLine {
            id: declared.id.clone()?,
            code: goods.code?,
            tariff_lines: tariff_lines?,
            origin: origin?,
            local: self.declaration.local_supply,
            transport: self.transport(origin?),
            transaction_value: transaction?,
            carriage: carriage?,
            inland_freight: inland_freight?,
            customs_value: customs_value?,
            quantities,
            facts,
            elected,
            report_column_separately: declared.elections.report_column_separately,
            within_quota: Vec::new(),
            credit_left: Vec::new(),
            silent,
        })
    }

    fn transport(&self, origin: Region) -> TransportMode {
        let presumed = || self.tariff.transport_presumption(origin);
        self.declaration
            .transport_mode
            .or_else(|| presumed().map(|presumption| presumption.mode))
            .unwrap_or(TransportMode::Ocean)
    }

    fn tariff_lines(
        &mut self,
        code: &GoodsCode,
        at: &impl Fn(&str) -> String,
    ) -> Option<Vec<usize>> {
        let day = self.days.duty.max(self.tariff.law_from);
        let lines = self.tariff.lines_for(code, day, self.days.known_at);
        if lines.is_empty() && self.tariff.holds_all_of(code) {
            let message = format!("the {} tariff has no code {code} on {day}", self.tariff.region);
            self.fault(at("goods.goods_code"), "GOODS_CODE_NOT_IN_SCHEDULE", message);
            return None;
        }
        Some(lines)
    }

    /// The sum of optional amounts in the importer's currency.
    fn sum_of(
        &mut self,
        parts: &[(Option<Money>, &str)],
        at: &impl Fn(&str) -> String,
    ) -> Option<Money> {
        let mut sum = Money::zero(self.tariff.currency);
        for (part, field) in parts {
            if let Some(part) = part {
                sum = sum.plus(self.converted(*part, || at(field))?).ok()?;
            }
        }
        Some(sum)
    }

    /// The amount in the importer's currency, by the customs exchange rate.
    pub(super) fn converted(&mut self, amount: Money, at: impl Fn() -> String) -> Option<Money> {
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
            self.fault(at(), "EXCHANGE_RATE_MISSING", message);
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
            self.fault(at(), "OUT_OF_RANGE", message);
        }
        product
    }

    /// A specific rate cannot be assessed without its quantity, and the
    /// quantity is part of every entry: asking for it is no guess.
    fn statutory_units(
        &mut self,
        stated: &[Quantity],
        tariff_lines: Option<&[usize]>,
        at: &impl Fn(&str) -> String,
    ) {
        let Some([only]) = tariff_lines else { return };
        let line = &self.tariff.lines[*only];
        for unit in &line.units {
            if stated.iter().any(|quantity| quantity.unit == *unit) {
                continue;
            }
            let message =
                format!("{} is reported in {unit}, and no such quantity is stated", line.code);
            self.fault(at("goods.quantities"), "QUANTITY_REQUIRED", message);
        }
    }

    fn elections(&mut self, elections: &Elections, at: &impl Fn(&str) -> String) -> Vec<Election> {
        let tariff = self.tariff;
        let mut elected = Vec::new();
        if let Some(symbol) = elections.preference.as_deref() {
            match tariff.preferences.iter().position(|known| known.symbol == symbol) {
                Some(index) => elected.push(Election::Preference(index)),
                None => self.unknown(
                    at("elections.preference_symbol"),
                    "PREFERENCE_UNKNOWN",
                    "preference",
                    symbol,
                ),
            }
        }
        let lists: [(&[String], &str, &'static str, &str); 3] = [
            (
                &elections.certifications,
                "certification_ids",
                "CERTIFICATION_UNKNOWN",
                "certification",
            ),
            (&elections.quotas, "quota_ids", "QUOTA_UNKNOWN", "quota"),
            (&elections.credits, "credit_ids", "CREDIT_UNKNOWN", "credit"),
        ];
        for (ids, field, reason, what) in lists {
            // An empty id was faulty and is reported already.
            for (place, id) in ids.iter().enumerate().filter(|(_, id)| !id.is_empty()) {
                let found = match what {
                    "certification" => tariff
                        .certifications
                        .iter()
                        .position(|known| known.id == *id)
                        .map(Election::Certification),
                    "quota" => {
                        tariff.quotas.iter().position(|known| known.id == *id).map(Election::Quota)
                    }
                    _ => tariff
                        .credits
                        .iter()
                        .position(|known| known.id == *id)
                        .map(Election::Credit),
                };
                match found {
                    Some(election) => elected.push(election),
                    None => {
                        self.unknown(at(&format!("elections.{field}[{place}]")), reason, what, id);
                    }
                }
            }
        }
        elected.sort_unstable();
        elected.dedup();
        elected
    }
}
