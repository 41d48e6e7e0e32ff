//! What importing an entry costs.

use crate::tariff::{
    AssessError, Declaration, EntryAssessment, EntryFault, Region, ResolvedEntry, Schedule, Tariff,
    assess,
};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;
use tracing::{Span, field, instrument};

/// Answers questions about duty from the schedules it holds.
#[derive(Clone, Debug)]
pub struct DutyDesk {
    schedules: BTreeMap<String, Arc<Schedule>>,
    default_schedule: String,
}

/// What a caller asks. `None` in `importer`: it was faulty, and is reported
/// already by whoever read it.
#[derive(Clone, Debug)]
pub struct DutyQuestion {
    /// Schedule by resource name; empty for the default.
    pub schedule: String,
    /// Importing customs territory.
    pub importer: Option<Region>,
    /// Knowledge date, where stated.
    pub known_at: Option<Date>,
    /// The entry as declared.
    pub declaration: Declaration,
}

/// A question whose every id was found.
#[derive(Clone, Debug)]
pub struct ResolvedQuestion {
    /// Schedule used.
    pub schedule: Arc<Schedule>,
    /// Law of the importer.
    pub tariff: Arc<Tariff>,
    /// Last publication day taken into account.
    pub known_at: Date,
    /// The entry.
    pub entry: ResolvedEntry,
}

/// An answer and what it is a function of.
#[derive(Clone, Debug)]
pub struct DutyAnswer {
    /// The question, resolved.
    pub question: ResolvedQuestion,
    /// The cost.
    pub assessment: EntryAssessment,
}

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DutyError {
    /// The request is faulty; may be empty where whoever read it found the
    /// faults.
    #[error("the request has {} faults", .0.len())]
    Faulty(Vec<EntryFault>),
    /// There is no such schedule.
    #[error("there is no schedule `{0}`")]
    ScheduleNotFound(String),
    /// There is such a schedule, of another revision.
    #[error("the revision held of `{wanted}` is `{held}`")]
    RevisionNotFound {
        /// As asked.
        wanted: String,
        /// The one held.
        held: String,
    },
    /// A rate has no amount for the goods.
    #[error(transparent)]
    Unassessable(#[from] AssessError),
}

impl DutyDesk {
    /// A desk over these schedules; none is returned where the default is not
    /// among them.
    pub fn new(schedules: BTreeMap<String, Schedule>, default_schedule: &str) -> Option<Self> {
        let schedules: BTreeMap<String, Arc<Schedule>> =
            schedules.into_iter().map(|(id, schedule)| (id, Arc::new(schedule))).collect();
        schedules
            .contains_key(default_schedule)
            .then(|| Self { schedules, default_schedule: default_schedule.to_owned() })
    }

    /// The schedules held, by id.
    pub fn schedules(&self) -> impl Iterator<Item = &Schedule> {
        self.schedules.values().map(Arc::as_ref)
    }

    /// Finds the law the question is about and holds the declaration against it.
    ///
    /// # Errors
    /// [`DutyError::ScheduleNotFound`], [`DutyError::RevisionNotFound`] or every
    /// fault of the declaration.
    #[instrument(name = "resolve", skip_all, fields(portolan.schedule.revision = field::Empty))]
    pub fn resolve(&self, question: &DutyQuestion) -> Result<ResolvedQuestion, DutyError> {
        let schedule = self.schedule(&question.schedule)?;
        Span::current().record("portolan.schedule.revision", schedule.name());
        let Some(importer) = question.importer else { return Err(DutyError::Faulty(Vec::new())) };
        let Some(tariff) = schedule.tariffs.get(&importer).cloned() else {
            let held: Vec<String> = schedule.tariffs.keys().map(ToString::to_string).collect();
            return Err(DutyError::Faulty(vec![EntryFault {
                field: "entry.importer_region_code".to_owned(),
                reason: "IMPORTER_NOT_HELD",
                message: format!("the schedule holds the law of {}", held.join(", ")),
            }]));
        };
        let entry = ResolvedEntry::of(&tariff, &question.declaration).map_err(DutyError::Faulty)?;
        let known_at = question.known_at.unwrap_or(schedule.as_of);
        Ok(ResolvedQuestion { schedule, tariff, known_at, entry })
    }

    /// Assesses a resolved question.
    ///
    /// # Errors
    /// [`DutyError::Unassessable`].
    #[instrument(name = "assess", skip_all, fields(
        portolan.schedule.revision = %question.schedule.name(),
        portolan.entry.lines = question.entry.lines.len(),
        portolan.outcome = field::Empty,
    ))]
    pub fn assess(&self, question: ResolvedQuestion) -> Result<DutyAnswer, DutyError> {
        let mut assessment = assess(&question.tariff, &question.entry, question.known_at)?;
        let as_of = question.schedule.as_of;
        if question.known_at > as_of {
            assessment.notices.push(format!(
                "The schedule holds documents published to {as_of}; later ones, to {}, are not held.",
                question.known_at
            ));
        }
        let outcome = if assessment.totals.is_some() { "determined" } else { "undetermined" };
        Span::current().record("portolan.outcome", outcome);
        Ok(DutyAnswer { question, assessment })
    }

    fn schedule(&self, name: &str) -> Result<Arc<Schedule>, DutyError> {
        let id = name.strip_prefix("schedules/").unwrap_or(name);
        let (id, revision) = id.split_once('@').unwrap_or((id, ""));
        let id = if id.is_empty() { &self.default_schedule } else { id };
        let schedule = self
            .schedules
            .get(id)
            .ok_or_else(|| DutyError::ScheduleNotFound(name.chars().take(100).collect()))?;
        if !revision.is_empty() && revision != schedule.revision.to_string() {
            return Err(DutyError::RevisionNotFound {
                wanted: name.chars().take(100).collect(),
                held: schedule.name(),
            });
        }
        Ok(schedule.clone())
    }
}
