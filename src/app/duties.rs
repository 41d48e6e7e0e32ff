//! What importing an entry costs.

use crate::app::law_shelf::LawShelf;
use crate::app::schedule_desk::ScheduleDesk;
use crate::tariff::{
    AssessError, Declaration, Detail, EntryAssessment, EntryFault, LawOnDay, Region, RegionSet,
    ResolvedEntry, Schedule, Tariff, assess,
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
    laws: LawShelf,
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
    /// How much of the answer is found.
    pub detail: Detail,
}

/// A question whose every id was found.
#[derive(Clone, Debug)]
pub struct ResolvedQuestion {
    /// Schedule used.
    pub schedule: Arc<Schedule>,
    /// Importer, as asked: a member of a customs union by itself.
    pub importer: Region,
    /// Law of the importer on the days of the entry.
    pub law: Arc<LawOnDay>,
    /// The entry.
    pub entry: ResolvedEntry,
    /// How much of the answer is found.
    pub detail: Detail,
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
        schedules.contains_key(default_schedule).then(|| Self {
            schedules,
            default_schedule: default_schedule.to_owned(),
            laws: LawShelf::default(),
        })
    }

    /// The schedules held, by id.
    pub fn schedules(&self) -> impl Iterator<Item = &Schedule> {
        self.schedules.values().map(Arc::as_ref)
    }

    /// A desk that tells what these schedules hold.
    pub fn schedule_desk(&self) -> ScheduleDesk {
        ScheduleDesk::new(self.schedules.values().cloned())
    }

    /// Finds the law the question is about and holds the declaration against it.
    ///
    /// # Errors
    /// [`DutyError::ScheduleNotFound`], [`DutyError::RevisionNotFound`] or every
    /// fault of the declaration.
    #[instrument(name = "resolve", skip_all, fields(portolan.schedule.revision = field::Empty))]
    pub fn resolve(&self, question: &DutyQuestion) -> Result<ResolvedQuestion, DutyError> {
        let schedule = self.schedule(&question.schedule)?;
        Span::current().record("portolan.schedule.revision", schedule.name.as_str());
        let Some(importer) = question.importer else { return Err(DutyError::Faulty(Vec::new())) };
        let refused = |reason, message| {
            let field = "entry.importer_region_code".to_owned();
            DutyError::Faulty(vec![EntryFault { field, reason, message }])
        };
        let Some(tariff) = schedule.tariff_of(importer) else {
            let held: Vec<String> = schedule.tariffs.keys().map(ToString::to_string).collect();
            let message = format!("the schedule holds the law of {}", held.join(", "));
            return Err(refused("IMPORTER_NOT_HELD", message));
        };
        let union = tariff.members != RegionSet::EMPTY;
        if union && importer == tariff.region {
            let message = format!("taxes differ within {}: name the member state", tariff.title);
            return Err(refused("MEMBER_STATE_REQUIRED", message));
        }
        let known_at = question.known_at.unwrap_or(schedule.as_of);
        let destination = union.then_some(importer);
        let entry = ResolvedEntry::of(tariff, &question.declaration, destination, known_at)
            .map_err(DutyError::Faulty)?;
        let law = self.laws.on(&schedule, tariff, entry.days);
        Ok(ResolvedQuestion { importer, law, entry, detail: question.detail, schedule })
    }

    /// Assesses a resolved question.
    ///
    /// # Errors
    /// [`DutyError::Unassessable`].
    #[instrument(name = "assess", skip_all, fields(
        portolan.schedule.revision = question.schedule.name.as_str(),
        portolan.entry.lines = question.entry.lines.len(),
        portolan.outcome = field::Empty,
    ))]
    pub fn assess(&self, question: ResolvedQuestion) -> Result<DutyAnswer, DutyError> {
        let mut assessment = assess(&question.law, &question.entry, question.detail)?;
        let as_of = question.schedule.as_of;
        let known_at = question.entry.days.known_at;
        if known_at > as_of {
            assessment.notices.push(format!(
                "The schedule holds documents published to {as_of}; later ones, to {known_at}, are not held."
            ));
        }
        let outcome = if assessment.totals.is_some() { "determined" } else { "undetermined" };
        Span::current().record("portolan.outcome", outcome);
        Ok(DutyAnswer { question, assessment })
    }

    /// The law of an importer, where the schedule holds it.
    ///
    /// # Errors
    /// [`DutyError::ScheduleNotFound`], [`DutyError::RevisionNotFound`].
    pub fn tariff(
        &self,
        schedule: &str,
        importer: Region,
    ) -> Result<Option<Arc<Tariff>>, DutyError> {
        Ok(self.schedule(schedule)?.tariff_of(importer).cloned())
    }

    /// A schedule by resource name; the default where the name is empty.
    ///
    /// # Errors
    /// [`DutyError::ScheduleNotFound`], [`DutyError::RevisionNotFound`].
    pub fn schedule(&self, name: &str) -> Result<Arc<Schedule>, DutyError> {
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
                held: schedule.name.clone(),
            });
        }
        Ok(schedule.clone())
    }
}
