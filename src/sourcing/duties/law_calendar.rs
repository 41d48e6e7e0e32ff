//! When the law of an importer changes for some goods, and what it is then.

use crate::sourcing::problem::{MeasureOverride, SourcingProblem};
use crate::tariff::{DutyExpression, GoodsCode, LawDays, LawOnDay, Region, Tariff};
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// Days on which the law is one, which overrides hold, and which concession.
type LawKey = ([usize; 3], Vec<bool>, Option<usize>);

/// The law of one importer over the days of a problem.
pub(super) struct LawCalendar<'a> {
    tariff: &'a Arc<Tariff>,
    known_at: Date,
    /// Overrides of this importer with the place of their measure.
    overrides: Vec<(usize, &'a MeasureOverride)>,
    /// Those that hold within a quota of their own.
    conceded: Vec<(usize, &'a MeasureOverride)>,
    laws: HashMap<LawKey, Arc<LawOnDay>>,
    cuts: HashMap<(GoodsCode, Region), Rc<Vec<Date>>>,
    horizon: (Date, Date),
}

impl<'a> LawCalendar<'a> {
    /// The law as known on a day, with overrides of its measures.
    pub fn new(
        tariff: &'a Arc<Tariff>,
        known_at: Date,
        problem: &'a SourcingProblem,
        horizon: (Date, Date),
    ) -> Self {
        let own = problem.policy.overrides.iter().filter(|o| o.importer == tariff.region);
        let placed = own.filter_map(|stated| {
            let named = |measure: &crate::tariff::Measure| measure.id == stated.measure;
            Some((tariff.measures.iter().position(named)?, stated))
        });
        let (conceded, overrides) =
            placed.partition(|(_, stated)| stated.quota_units_per_year.is_some());
        Self {
            tariff,
            known_at,
            overrides,
            conceded,
            laws: HashMap::new(),
            cuts: HashMap::new(),
            horizon,
        }
    }

    /// The law of entries on a day.
    pub fn on(&mut self, day: Date) -> Arc<LawOnDay> {
        self.with(day, None)
    }

    /// Quotas conceded on a day, and the law of entries within each.
    pub fn conceded_on(&mut self, day: Date) -> Vec<(&'a MeasureOverride, Arc<LawOnDay>)> {
        let places = 0..self.conceded.len();
        let open: Vec<usize> = places
            .filter(|place| self.conceded[*place].1.conceded_tranche(day).is_some())
            .collect();
        open.into_iter()
            .map(|place| (self.conceded[place].1, self.with(day, Some(place))))
            .collect()
    }

    fn with(&mut self, day: Date, conceded: Option<usize>) -> Arc<LawOnDay> {
        let days = LawDays::of(day, None, self.known_at);
        let holds = |stated: &MeasureOverride| {
            stated.from.is_none_or(|from| from <= day) && stated.to.is_none_or(|to| day < to)
        };
        let active: Vec<bool> = self.overrides.iter().map(|(_, stated)| holds(stated)).collect();
        let key = (days.interval(self.tariff), active, conceded);
        if let Some(law) = self.laws.get(&key) {
            return law.clone();
        }
        let mut law = LawOnDay::of(self.tariff, days);
        let changes: Vec<(usize, Option<&DutyExpression>)> = self
            .overrides
            .iter()
            .zip(&key.1)
            .filter(|(_, active)| **active)
            .map(|(placed, _)| placed)
            .chain(conceded.map(|place| &self.conceded[place]))
            .map(|(measure, stated)| (*measure, stated.rate.as_ref()))
            .collect();
        if !changes.is_empty() {
            law = law.taken_otherwise(changes);
        }
        let law = Arc::new(law);
        self.laws.insert(key, law.clone());
        law
    }

    /// Days within the horizon on which the law may change for goods of an
    /// origin. Where `by_year`, the turn of each year is one.
    pub fn cuts(&mut self, code: GoodsCode, origin: Region, by_year: bool) -> Rc<Vec<Date>> {
        if let (Some(known), false) = (self.cuts.get(&(code, origin)), by_year) {
            return known.clone();
        }
        let (start, end) = self.horizon;
        let inside = |day: &Date| start < *day && *day < end;
        let mut cuts: BTreeSet<Date> = self.tariff.condition_days().filter(inside).collect();
        for (_, stated) in self.overrides.iter().chain(&self.conceded) {
            cuts.extend([stated.from, stated.to].into_iter().flatten().filter(inside));
        }
        if by_year || !self.conceded.is_empty() {
            let years = start.year()..=end.year();
            cuts.extend(years.filter_map(|year| Date::new(year, 1, 1).ok()).filter(inside));
        }
        let mut before = start;
        for day in self.tariff.law_days.clone().iter().filter(|day| inside(day)) {
            let lines = |day: Date| self.tariff.lines_for(&code, day, self.known_at);
            let (old, new) = (lines(before), lines(*day));
            if old != new || !self.on(before).is_alike(&self.on(*day), &new, origin) {
                cuts.insert(*day);
            }
            before = *day;
        }
        let cuts = Rc::new(cuts.into_iter().collect::<Vec<_>>());
        if !by_year {
            self.cuts.insert((code, origin), cuts.clone());
        }
        cuts
    }
}
