//! Days of entry cut into windows, each with the duty function of its days.

use super::declared::{OPTION_FACTS, OPTION_SHARES};
use super::goods::Surveyor;
use super::law_calendar::LawCalendar;
use super::{Charges, EntryWindow, EntryWindows};
use crate::money::Overflow;
use crate::sourcing::calendar::entry_stretches;
use crate::sourcing::problem::{CustomsTreatment, Lane, ModelGoods, ProductionOption, UnitCost};
use crate::tariff::{
    Declaration, DutyFunction, NoQuote, ReadingChoice, Region, ResolvedEntry, Tariff,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::sync::Arc;

/// Where the faults of a declaration belong.
pub(super) struct Paths {
    pub(super) goods: String,
    pub(super) treatment: String,
    pub(super) carriage: String,
}

/// How one piece of goods is declared on a day of a period.
pub(super) type Declare<'d> =
    dyn Fn(&Surveyor<'_>, Date, usize) -> Result<Declaration, Overflow> + 'd;

/// How goods are charged on a day.
#[derive(Clone, Copy)]
struct LawOfDay {
    /// Their duty function: a place in the book.
    function: usize,
    /// Tranche they may draw on, by place.
    tranche: Option<usize>,
}

/// One piece of goods, as far as its windows depend on it.
pub(super) struct Piece<'p> {
    pub(super) goods: &'p ModelGoods,
    pub(super) origin: Region,
    /// On a full entry.
    pub(super) articles: Decimal,
    /// Whether its price or rates change by period.
    pub(super) varies: bool,
    /// Whether a year is among its facts.
    pub(super) by_year: bool,
    /// Quotas elected.
    pub(super) elected: &'p [String],
}

impl<'a> Surveyor<'a> {
    pub(super) fn rates_vary(&self) -> bool {
        self.problem.planning_rates.iter().any(|rate| rate.rates.len() > 1)
    }

    /// Whether the price declared, or what it is converted at, changes by
    /// period.
    pub(super) fn varies(
        &self,
        option: &ProductionOption,
        treatment: Option<&CustomsTreatment>,
    ) -> bool {
        use crate::sourcing::problem::CustomsValueRule::TransactionValue;
        let own_price = treatment.is_some_and(|t| matches!(t.value_rule, TransactionValue(_)));
        let series = matches!(&option.unit_cost, UnitCost::Whole(series) if series.len() > 1);
        self.rates_vary() || (series && !own_price)
    }

    pub(super) fn windows(
        &mut self,
        tariff: &'a Arc<Tariff>,
        member: Option<Region>,
        piece: &Piece<'_>,
        lane: Option<&Lane>,
        paths: &Paths,
        declare: &Declare<'_>,
    ) -> Vec<EntryWindows> {
        let (problem, known_at, horizon) = (self.problem, self.known_at, self.horizon);
        let calendar = self
            .calendars
            .entry(tariff.region)
            .or_insert_with(|| LawCalendar::new(tariff, known_at, problem, horizon));
        let mut cuts = calendar.cuts(piece.goods.code, piece.origin, piece.by_year).to_vec();
        for quota in tariff.quotas.iter().filter(|quota| piece.elected.contains(&quota.id)) {
            cuts.extend(quota.periods.iter().flat_map(|period| [period.from, period.to]));
        }
        cuts.sort_unstable();
        cuts.dedup();
        let mut known: HashMap<(usize, usize), LawOfDay> = HashMap::new();
        let mut all = Vec::with_capacity(problem.periods.len());
        for (place, period) in problem.periods.iter().enumerate() {
            let (stretches, of) = entry_stretches(period, lane, &cuts);
            let mut windows: Vec<EntryWindow> = Vec::with_capacity(stretches.len());
            for stretch in stretches {
                let segment = cuts.partition_point(|cut| *cut <= stretch.from);
                let key = (segment, if piece.varies { place } else { 0 });
                let day = (stretch.from, place);
                let law = if let Some(law) = known.get(&key) {
                    *law
                } else {
                    let found = self.function((tariff, member), (piece, lane), day, paths, declare);
                    let Some(law) = found else { return Vec::new() };
                    known.insert(key, law);
                    law
                };
                let LawOfDay { function, tranche } = law;
                match windows.last_mut() {
                    Some(last)
                        if last.tranche == tranche
                            && self.alike(last.function, function, piece, tranche.is_some()) =>
                    {
                        last.to = stretch.to;
                        last.weight += stretch.weight;
                    }
                    _ => windows.push(EntryWindow {
                        from: stretch.from,
                        to: stretch.to,
                        weight: stretch.weight,
                        function,
                        tranche,
                    }),
                }
            }
            all.push(EntryWindows { windows, of });
        }
        all
    }

    /// Whether two functions charge a full entry and a single article alike.
    fn alike(&self, first: usize, second: usize, piece: &Piece<'_>, in_quota: bool) -> bool {
        if first == second {
            return true;
        }
        let window = |function| EntryWindow {
            from: Date::MIN,
            to: Date::MAX,
            weight: Decimal::ZERO,
            function,
            tranche: None,
        };
        [piece.articles, Decimal::ONE].into_iter().all(|articles| {
            [false, true].into_iter().filter(|within| !within || in_quota).all(|within| {
                let quote = |function| self.book.quote(&window(function), articles, within).ok();
                quote(first) == quote(second)
            })
        })
    }

    /// The law of goods on a day; none where they cannot be planned for, and why
    /// has been told.
    fn function(
        &mut self,
        (tariff, member): (&'a Arc<Tariff>, Option<Region>),
        (piece, lane): (&Piece<'_>, Option<&Lane>),
        (day, period): (Date, usize),
        paths: &Paths,
        declare: &Declare<'_>,
    ) -> Option<LawOfDay> {
        let declaration = match declare(self, day, period) {
            Ok(declaration) => declaration,
            Err(overflow) => {
                self.fault(paths.treatment.clone(), "OUT_OF_RANGE", overflow.to_string());
                return None;
            }
        };
        if declaration.lines.iter().any(|line| !line.elections.credits.is_empty()) {
            let message = "credits are stated in trade_policy.credits".to_owned();
            self.fault(format!("{}.elections.credit_ids", paths.treatment), "NOT_ALLOWED", message);
            return None;
        }
        let entry = match ResolvedEntry::of(tariff, &declaration, member, self.known_at) {
            Ok(entry) => entry,
            Err(faults) => {
                for fault in faults {
                    let field = placed(&fault.field, paths);
                    self.fault(field, fault.reason, fault.message);
                }
                return None;
            }
        };
        for rate in &entry.rates_used {
            if !self.problem.policy.customs_rates.contains(rate) {
                self.assume(format!(
                    "Values declared in {} are converted to {} at planning rates.",
                    rate.from, rate.to
                ));
            }
        }
        let calendar = self.calendars.get_mut(&tariff.region)?;
        let law = calendar.on(day);
        // So many vehicles: kits have no part in it.
        let conceded = lane.map(|_| calendar.conceded_on(day)).unwrap_or_default();
        let article = (!conceded.is_empty()).then(|| entry.clone());
        let function = match DutyFunction::of(law, entry) {
            Ok(function) => function,
            Err(error) => {
                self.fault(
                    format!("{}.goods_code", paths.goods),
                    "NOT_ASSESSABLE",
                    error.to_string(),
                );
                return None;
            }
        };
        let mut tranche = self.tranche(&function, tariff, day, paths).ok()?;
        let mut charges = Charges::Law(Box::new(function));
        for (stated, law) in conceded {
            let Some(Ok(within)) = article.clone().map(|article| DutyFunction::of(law, article))
            else {
                continue;
            };
            let (Charges::Law(over) | Charges::Conceded { over, .. }) = &charges else { continue };
            if !self.saves(&within, over, piece.articles) {
                continue;
            }
            if tranche.is_some() {
                self.several_quotas(paths);
                return None;
            }
            tranche = self.conceded_tranche(tariff, stated, day);
            charges = Charges::Conceded { within: Box::new(within), over: over.clone() };
        }
        self.book.functions.push(charges);
        let function = self.book.functions.len() - 1;
        let window =
            EntryWindow { from: day, to: day, weight: Decimal::ZERO, function, tranche: None };
        for within in [false, true].into_iter().filter(|within| !within || tranche.is_some()) {
            match self.book.quote(&window, piece.articles, within) {
                Ok(quote) if !quote.determined => {
                    let way = if self.book.choice == ReadingChoice::Lowest {
                        "lowest"
                    } else {
                        "highest"
                    };
                    self.assume(format!(
                        "Open law on {} of {} into {} is read the {way} way.",
                        piece.goods.code, piece.origin, tariff.region
                    ));
                }
                Ok(_) => {}
                Err(NoQuote::Open(questions)) => {
                    let message = format!(
                        "goods of {} on {day} have no one cost: {}",
                        piece.origin,
                        questions.join(" ")
                    );
                    self.fault(paths.goods.clone(), "LAW_OPEN", message);
                    return None;
                }
                Err(NoQuote::Unassessable(error)) => {
                    let field = format!("{}.goods_code", paths.goods);
                    self.fault(field, "NOT_ASSESSABLE", error.to_string());
                    return None;
                }
            }
        }
        Some(LawOfDay { function, tranche })
    }
}

/// The field of the problem that a field of a declaration was made of.
fn placed(field: &str, paths: &Paths) -> String {
    let Some(field) = field.strip_prefix("entry.lines[0].") else { return paths.goods.clone() };
    if let Some(rest) = field.strip_prefix("goods.facts[")
        && let Some((place, rest)) = rest.split_once(']')
        && let Ok(place) = place.parse::<usize>()
    {
        return if place >= OPTION_SHARES {
            format!("{}.content_shares[{}]{rest}", paths.treatment, place - OPTION_SHARES)
        } else if place >= OPTION_FACTS {
            format!("{}.facts[{}]{rest}", paths.treatment, place - OPTION_FACTS)
        } else {
            format!("{}.facts[{place}]{rest}", paths.goods)
        };
    }
    match field {
        "goods.goods_code" | "goods.quantities" => format!("{}.goods_code", paths.goods),
        "goods.transaction_value" | "goods.origin_region_code" => paths.treatment.clone(),
        "goods.freight" | "goods.insurance" | "goods.inland_freight" => {
            format!("{}.{}", paths.carriage, field.trim_start_matches("goods."))
        }
        other => format!("{}.{other}", paths.treatment),
    }
}
