//! The law of one importer on one day, as known on another: what stands,
//! found once for every line and origin asked about.

use crate::tariff::duty_expression::DutyExpression;
use crate::tariff::entry::{RateDate, RateDateBasis};
use crate::tariff::legal_state::{LegalState, Standing};
use crate::tariff::measure::{ChargeKind, Measure, MeasureIndex};
use crate::tariff::measure_set::MeasureSet;
use crate::tariff::region::Region;
use crate::tariff::schedule::Tariff;
use jiff::civil::Date;
use std::sync::Arc;

/// The days an assessment depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LawDays {
    /// Day whose duties count.
    pub duty: Date,
    /// Day whose fees and taxes count.
    pub entry: Date,
    /// Day on which quotas are tested.
    pub quota: Date,
    /// Last publication day taken into account.
    pub known_at: Date,
}

impl LawDays {
    /// The days of an entry.
    pub fn of(entry: Date, rate_date: Option<RateDate>, known_at: Date) -> Self {
        let plain = Self { duty: entry, entry, quota: entry, known_at };
        match rate_date {
            None => plain,
            Some(RateDate { basis: RateDateBasis::Withdrawal, date }) => {
                Self { duty: date, entry: date, quota: date, known_at }
            }
            Some(RateDate { date, .. }) => Self { duty: date, ..plain },
        }
    }

    /// The day of the law that governs a kind of charge.
    pub fn law_of(self, kind: ChargeKind) -> Date {
        match kind {
            ChargeKind::Duty | ChargeKind::Credit => self.duty,
            ChargeKind::Fee | ChargeKind::Tax => self.entry,
        }
    }
}

/// How a measure stands on the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayState {
    /// No document on it was out.
    Unheard,
    /// It is law.
    InForce,
    /// Sources disagree whether it applies.
    Contested,
    /// It is not charged, for this reason.
    Not(StandingCause),
}

/// Why a measure that was heard of is not law on the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandingCause {
    /// From a later day.
    NotYetInForce(Date),
    /// Its last word ended before the day.
    NoLongerInForce,
    /// Announced only.
    Announced,
    /// Suspended on the day.
    Suspended,
    /// Struck down.
    Voided,
}

/// The law of one importer on one day, as known on another. Costs some tens of
/// microseconds to find and serves any number of entries: [`LawDays::interval`]
/// tells which days share it.
#[derive(Clone, Debug)]
pub struct LawOnDay {
    /// The tariff it is read from.
    pub tariff: Arc<Tariff>,
    /// By measure.
    pub states: Vec<DayState>,
    /// Measures that were heard of.
    pub heard: MeasureSet,
    /// Measures that are law, or may be.
    pub standing: MeasureSet,
    /// For each measure the exclusions that hold.
    pub exclusions_of: Vec<Vec<usize>>,
}

impl LawOnDay {
    /// Finds what stands.
    pub fn of(tariff: &Arc<Tariff>, days: LawDays) -> Self {
        let states: Vec<DayState> = tariff
            .measures
            .iter()
            .map(|measure| state(measure, days.law_of(tariff.programme_of(measure).kind), days))
            .collect();
        let holds = |measure: MeasureIndex, exclusion: &usize| {
            let day = days.law_of(tariff.programme_of(&tariff.measures[measure]).kind);
            tariff.exclusions[*exclusion].holds(day, days.known_at)
        };
        let exclusions_of = tariff
            .exclusions_of
            .iter()
            .enumerate()
            .map(|(measure, all)| {
                all.iter().copied().filter(|exclusion| holds(measure, exclusion)).collect()
            })
            .collect();
        Self {
            heard: heard(&states),
            standing: standing(&states),
            states,
            exclusions_of,
            tariff: tariff.clone(),
        }
    }
}

fn heard(states: &[DayState]) -> MeasureSet {
    MeasureSet::of(states.len(), |index| states[index] != DayState::Unheard)
}

fn standing(states: &[DayState]) -> MeasureSet {
    MeasureSet::of(states.len(), |index| {
        matches!(states[index], DayState::InForce | DayState::Contested)
    })
}

impl LawOnDay {
    /// Whether this law and another of the same tariff charge goods of some
    /// lines and an origin alike: what stands, and what switches it off.
    pub fn is_alike(&self, other: &Self, lines: &[usize], origin: Region) -> bool {
        let of_origin = self.tariff.measures_by_origin.holding(origin);
        let charges = |state| matches!(state, DayState::InForce | DayState::Contested);
        lines.iter().all(|line| {
            let of_line = &self.tariff.lines[*line].measures.all;
            MeasureSet::intersection([of_line, of_origin]).all(|index| {
                let (own, others) = (self.states[index], other.states[index]);
                let both_idle = !charges(own) && !charges(others);
                both_idle
                    || (own == others && self.exclusions_of[index] == other.exclusions_of[index])
            })
        })
    }

    /// This law with measures taken to be otherwise: in force at a rate, or not
    /// charged where none is given.
    pub fn taken_otherwise<'a>(
        &self,
        changes: impl IntoIterator<Item = (MeasureIndex, Option<&'a DutyExpression>)>,
    ) -> Self {
        let mut law = self.clone();
        let mut tariff = Tariff::clone(&self.tariff);
        for (index, rate) in changes {
            law.states[index] = match rate {
                Some(rate) => {
                    tariff.measures[index].rate = rate.clone();
                    tariff.measures[index].rate_text = rate.to_string();
                    DayState::InForce
                }
                None => DayState::Not(StandingCause::Suspended),
            };
        }
        law.heard = heard(&law.states);
        law.standing = standing(&law.states);
        law.tariff = Arc::new(tariff);
        law
    }
}

fn state(measure: &Measure, day: Date, days: LawDays) -> DayState {
    use StandingCause::{Announced, NoLongerInForce, NotYetInForce, Suspended, Voided};
    match measure.history.standing(day, days.known_at) {
        None => DayState::Unheard,
        Some(Standing::Covered(period)) => match period.state {
            LegalState::InForce => DayState::InForce,
            LegalState::Contested => DayState::Contested,
            LegalState::Announced => DayState::Not(Announced),
            LegalState::Suspended => DayState::Not(Suspended),
            LegalState::Ended => DayState::Not(NoLongerInForce),
            LegalState::Voided => DayState::Not(Voided),
        },
        Some(Standing::NotYet(period)) if period.state == LegalState::Announced => {
            DayState::Not(Announced)
        }
        Some(Standing::NotYet(period)) => DayState::Not(NotYetInForce(period.from)),
        Some(Standing::Past) => DayState::Not(NoLongerInForce),
    }
}

impl LawDays {
    /// Places of the days between those on which the law of the tariff
    /// changes: days of one interval share their [`LawOnDay`].
    pub fn interval(self, tariff: &Tariff) -> [usize; 3] {
        let place = |days: &[Date], day: Date| days.partition_point(|known| *known <= day);
        [
            place(&tariff.law_days, self.duty),
            place(&tariff.law_days, self.entry),
            place(&tariff.publication_days, self.known_at),
        ]
    }
}
