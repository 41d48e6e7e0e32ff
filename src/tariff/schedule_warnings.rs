//! What is sound in a schedule and still worth a second look.

use crate::tariff::document::Confidence;
use crate::tariff::legal_state::LegalState;
use crate::tariff::measure::Measure;
use crate::tariff::quota::Quota;
use crate::tariff::region::{Region, RegionSet};
use crate::tariff::schedule::{Schedule, Tariff};
use jiff::civil::Date;
use std::fmt;

/// Something worth a second look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleWarning {
    /// The importer.
    pub importer: Region,
    /// The table, such as `quota us-uk-cars`; may be empty.
    pub item: String,
    /// One sentence.
    pub message: String,
}

impl fmt::Display for ScheduleWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.item.is_empty() {
            write!(f, "{}: {}", self.importer, self.message)
        } else {
            write!(f, "{}: {}: {}", self.importer, self.item, self.message)
        }
    }
}

impl Schedule {
    /// Measures that are never law or concern nothing, quotas with days between
    /// their periods, documents of days after `as_of`, and how much rests on
    /// memory.
    pub fn warnings(&self) -> Vec<ScheduleWarning> {
        self.tariffs.values().flat_map(|tariff| tariff.warnings(self.as_of)).collect()
    }
}

impl Tariff {
    fn warnings(&self, as_of: Date) -> Vec<ScheduleWarning> {
        let warning = |item, message| ScheduleWarning { importer: self.region, item, message };
        let mut warnings = Vec::new();
        for (index, measure) in self.measures.iter().enumerate() {
            let odd = [
                (!is_ever_law(measure), "never law: no state of it is in force or contested"),
                (
                    !self.lines.iter().any(|line| line.measures.all.contains(index)),
                    "concerns no line held",
                ),
                (measure.origins == RegionSet::EMPTY, "concerns no origin"),
            ];
            for (_, message) in odd.into_iter().filter(|(is_odd, _)| *is_odd) {
                warnings.push(warning(format!("measure {}", measure.id), message.to_owned()));
            }
        }
        for quota in &self.quotas {
            for message in gaps(quota) {
                warnings.push(warning(format!("quota {}", quota.id), message));
            }
        }
        for document in self.documents.values().filter(|known| known.published > as_of) {
            let message = format!("published {}, after as_of, {as_of}", document.published);
            warnings.push(warning(format!("document {}", document.id), message));
        }
        let attested = self.attested();
        let from_memory =
            attested.iter().filter(|confidence| **confidence == Confidence::Memory).count();
        if from_memory > 0 {
            let message = format!(
                "{from_memory} of {} provisions rest on memory (confidence M)",
                attested.len()
            );
            warnings.push(warning(String::new(), message));
        }
        warnings
    }

    /// How well each provision is attested.
    fn attested(&self) -> Vec<Confidence> {
        let lines = self.lines.iter().map(|line| line.confidence);
        let measures = self.measures.iter().map(|measure| measure.confidence);
        let exclusions = self.exclusions.iter().map(|exclusion| exclusion.confidence);
        let preferences = self.preferences.iter().map(|preference| preference.confidence);
        let credits = self.credits.iter().map(|credit| credit.confidence);
        lines.chain(measures).chain(exclusions).chain(preferences).chain(credits).collect()
    }

    /// How well the worst attested provision is attested.
    pub fn least_confidence(&self) -> Option<Confidence> {
        self.attested().into_iter().max()
    }
}

fn is_ever_law(measure: &Measure) -> bool {
    let law = |state| matches!(state, LegalState::InForce | LegalState::Contested);
    measure.history.periods().iter().any(|period| law(period.state))
}

/// Days between two periods of a quota; a quota without periods is one gap.
fn gaps(quota: &Quota) -> Vec<String> {
    if quota.periods.is_empty() {
        return vec!["no period: it never opens".to_owned()];
    }
    let between = |pair: &[crate::tariff::quota::QuotaPeriod]| match pair {
        [earlier, later] if earlier.to < later.from => {
            Some(format!("no period covers {} to {}, not including", earlier.to, later.from))
        }
        _ => None,
    };
    quota.periods.windows(2).filter_map(between).collect()
}
