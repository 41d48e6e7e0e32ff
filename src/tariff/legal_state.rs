//! The state of a provision on a day, as known on a day.

use crate::tariff::document::Document;
use jiff::civil::Date;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What a document says a provision is, from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegalState {
    /// Said to come; not law.
    Announced,
    /// Law.
    InForce,
    /// Law, not collected for the time being.
    Suspended,
    /// Over.
    Ended,
    /// Struck down, as if it had never been; kept for refunds.
    Voided,
    /// Sources disagree whether it applies.
    Contested,
}

/// A state no engine of this version knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a state: announced, in force, suspended, ended, voided, contested")]
pub struct UnknownLegalState(String);

impl FromStr for LegalState {
    type Err = UnknownLegalState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "announced" => Ok(Self::Announced),
            "in force" => Ok(Self::InForce),
            "suspended" => Ok(Self::Suspended),
            "ended" => Ok(Self::Ended),
            "voided" => Ok(Self::Voided),
            "contested" => Ok(Self::Contested),
            _ => Err(UnknownLegalState(text.to_owned())),
        }
    }
}

impl fmt::Display for LegalState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Announced => "announced",
            Self::InForce => "in force",
            Self::Suspended => "suspended",
            Self::Ended => "ended",
            Self::Voided => "voided",
            Self::Contested => "contested",
        })
    }
}

/// One document's word on a stretch of days.
#[derive(Clone, Debug)]
pub struct StatePeriod {
    /// The state.
    pub state: LegalState,
    /// First day it covers.
    pub from: Date,
    /// First day it no longer covers; open where none.
    pub to: Option<Date>,
    /// The document that says so; its publication is when it became known.
    pub document: Arc<Document>,
}

impl StatePeriod {
    fn covers(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

/// The states of one provision over time, on two time axes.
#[derive(Clone, Debug)]
pub struct LegalHistory {
    /// In order of publication; of one day, in the order the schedule writes.
    periods: Vec<StatePeriod>,
}

/// What is known of a provision for one day.
#[derive(Clone, Copy, Debug)]
pub enum Standing<'a> {
    /// A document covers the day.
    Covered(&'a StatePeriod),
    /// Known, but it begins only after the day.
    NotYet(&'a StatePeriod),
    /// Known, and its last word ended before the day.
    Past,
}

impl LegalHistory {
    /// Orders the periods by publication.
    pub fn new(mut periods: Vec<StatePeriod>) -> Self {
        periods.sort_by_key(|period| period.document.published);
        Self { periods }
    }

    /// What holds on `day` by what was published up to and including
    /// `known_at`: of the documents that cover the day the last published
    /// wins, so that a retroactive cut, a correction or a court ruling changes
    /// only answers given after it. None where no document on it was out yet.
    pub fn standing(&self, day: Date, known_at: Date) -> Option<Standing<'_>> {
        let known = self.periods.partition_point(|period| period.document.published <= known_at);
        let known = &self.periods[..known];
        if let Some(period) = known.iter().rev().find(|period| period.covers(day)) {
            return Some(Standing::Covered(period));
        }
        if known.iter().any(|period| period.from <= day) {
            return Some(Standing::Past);
        }
        known.iter().min_by_key(|period| period.from).map(Standing::NotYet)
    }

    /// All periods, in order of publication.
    pub fn periods(&self) -> &[StatePeriod] {
        &self.periods
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn document(published: Date) -> Arc<Document> {
        Arc::new(Document {
            id: published.to_string(),
            title: String::new(),
            citation: String::new(),
            published,
        })
    }

    fn period(state: LegalState, from: Date, published: Date) -> StatePeriod {
        StatePeriod { state, from, to: None, document: document(published) }
    }

    fn state(history: &LegalHistory, day: Date, known_at: Date) -> Option<LegalState> {
        match history.standing(day, known_at) {
            Some(Standing::Covered(period)) => Some(period.state),
            _ => None,
        }
    }

    #[test]
    fn a_retroactive_cut_changes_only_later_knowledge() {
        // EU cars: from 2025-08-01, published 2025-09-25.
        let cut = LegalHistory::new(vec![period(
            LegalState::InForce,
            date(2025, 8, 1),
            date(2025, 9, 25),
        )]);
        assert_eq!(state(&cut, date(2025, 8, 1), date(2025, 9, 24)), None);
        assert_eq!(state(&cut, date(2025, 8, 1), date(2025, 9, 25)), Some(LegalState::InForce));
        assert_eq!(state(&cut, date(2025, 7, 31), date(2025, 9, 25)), None);
    }

    #[test]
    fn a_ruling_voids_the_past_for_those_who_know_it() {
        let duty = LegalHistory::new(vec![
            period(LegalState::Voided, date(2025, 4, 5), date(2026, 2, 20)),
            period(LegalState::InForce, date(2025, 4, 5), date(2025, 4, 2)),
            period(LegalState::Ended, date(2026, 2, 24), date(2026, 2, 20)),
        ]);
        assert_eq!(state(&duty, date(2025, 6, 1), date(2025, 6, 1)), Some(LegalState::InForce));
        assert_eq!(state(&duty, date(2025, 6, 1), date(2026, 2, 20)), Some(LegalState::Voided));
        assert_eq!(state(&duty, date(2026, 3, 1), date(2026, 3, 1)), Some(LegalState::Ended));
    }
}
