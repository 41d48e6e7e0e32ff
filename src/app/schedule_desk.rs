//! What law is held: schedules, their provisions, and what differs in two.

use crate::tariff::{
    Condition, EntryFault, GoodsCode, InScope, LegalState, Measure, MeasureIndex, QuotaIndex,
    Region, Schedule, ScheduleDifference, Standing, Tariff, schedule_differences,
};
use jiff::civil::Date;
use std::sync::Arc;
use tracing::instrument;

/// Longest part of a name told back to whoever asked.
const LONGEST_TOLD: usize = 100;

/// Tells what the schedules it holds say.
#[derive(Clone, Debug)]
pub struct ScheduleDesk {
    /// By id; of one id, by revision.
    schedules: Vec<Arc<Schedule>>,
}

/// A schedule as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleKey {
    /// Its id.
    pub id: String,
    /// Its revision, where only that one will do.
    pub revision: Option<String>,
}

/// An importer's law as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImporterKey {
    /// The schedule.
    pub schedule: ScheduleKey,
    /// The importer.
    pub region: Region,
}

/// The law of one importer and the schedule it stands in.
#[derive(Clone, Debug)]
pub struct HeldLaw {
    /// The schedule.
    pub schedule: Arc<Schedule>,
    /// The law.
    pub tariff: Arc<Tariff>,
}

/// Which measures are asked for. `None` in `importer`: it was faulty, and is
/// reported already by whoever read it.
#[derive(Clone, Debug, Default)]
pub struct MeasuresQuestion {
    /// The importer.
    pub importer: Option<ImporterKey>,
    /// Whose goods hold the code, or may.
    pub goods: Option<GoodsCode>,
    /// Whose origins hold the region.
    pub origin: Option<Region>,
    /// Of this programme.
    pub programme: Option<String>,
    /// In force, or contested, on the day.
    pub in_force_on: Option<Date>,
    /// Heard of by the day.
    pub known_at: Option<Date>,
}

/// Which tariff lines are asked for. `None` in what is required: it was faulty,
/// and is reported already by whoever read it.
#[derive(Clone, Debug, Default)]
pub struct GoodsQuestion {
    /// The importer.
    pub importer: Option<ImporterKey>,
    /// Beginning of a code, or words.
    pub query: Option<String>,
    /// Day of the lines.
    pub on: Option<Date>,
}

/// Two schedules side by side.
#[derive(Clone, Debug)]
pub struct ComparedSchedules {
    /// Compared with.
    pub from: Arc<Schedule>,
    /// Compared.
    pub to: Arc<Schedule>,
    /// What is not the same, by importer, kind and id.
    pub differences: Vec<ScheduleDifference>,
}

/// Why nothing is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleDeskError {
    /// The request is faulty; may be empty where whoever read it found the
    /// faults.
    #[error("the request has {} faults", .0.len())]
    Faulty(Vec<EntryFault>),
    /// There is no such schedule.
    #[error("there is no schedule `{0}`")]
    ScheduleNotFound(String),
    /// There is such a schedule, of other revisions.
    #[error("the revision held of `{wanted}` is `{held}`")]
    RevisionNotFound {
        /// As asked.
        wanted: String,
        /// Those held, joined.
        held: String,
    },
    /// The schedule does not hold the importer's law under this name.
    #[error("the schedule holds no importer `{wanted}`; it holds {held}")]
    ImporterNotFound {
        /// As asked.
        wanted: Region,
        /// Those held, joined.
        held: String,
    },
    /// There is no such measure.
    #[error("there is no measure `{0}`")]
    MeasureNotFound(String),
    /// There is no such quota.
    #[error("there is no quota `{0}`")]
    QuotaNotFound(String),
}

impl ScheduleDesk {
    /// A desk over these schedules; several may be revisions of one.
    pub fn new(schedules: impl IntoIterator<Item = Arc<Schedule>>) -> Self {
        let mut schedules: Vec<Arc<Schedule>> = schedules.into_iter().collect();
        schedules.sort_by(|one, other| (&one.id, &one.name).cmp(&(&other.id, &other.name)));
        schedules.dedup_by(|one, other| one.name == other.name);
        Self { schedules }
    }

    /// The schedules held, by id and revision.
    pub fn schedules(&self) -> &[Arc<Schedule>] {
        &self.schedules
    }

    /// A schedule.
    ///
    /// # Errors
    /// [`ScheduleDeskError::ScheduleNotFound`],
    /// [`ScheduleDeskError::RevisionNotFound`]; the latter too where several
    /// revisions are held and none is named.
    pub fn schedule(&self, key: &ScheduleKey) -> Result<Arc<Schedule>, ScheduleDeskError> {
        let held: Vec<&Arc<Schedule>> =
            self.schedules.iter().filter(|schedule| schedule.id == key.id).collect();
        let found = match (&key.revision, held.as_slice()) {
            (_, []) => return Err(ScheduleDeskError::ScheduleNotFound(told(&key.id))),
            (None, [only]) => Some(*only),
            (None, _) => None,
            (Some(wanted), held) => {
                held.iter().find(|schedule| schedule.revision.to_string() == *wanted).copied()
            }
        };
        found.cloned().ok_or_else(|| ScheduleDeskError::RevisionNotFound {
            wanted: told(&match &key.revision {
                Some(revision) => format!("{}@{revision}", key.id),
                None => key.id.clone(),
            }),
            held: joined(held.iter().map(|schedule| schedule.name.clone())),
        })
    }

    /// The law of an importer. A member of a customs union has none of its own.
    ///
    /// # Errors
    /// As of [`Self::schedule`], and [`ScheduleDeskError::ImporterNotFound`].
    pub fn law(&self, key: &ImporterKey) -> Result<HeldLaw, ScheduleDeskError> {
        let schedule = self.schedule(&key.schedule)?;
        match schedule.tariffs.get(&key.region).cloned() {
            Some(tariff) => Ok(HeldLaw { schedule, tariff }),
            None => Err(ScheduleDeskError::ImporterNotFound {
                wanted: key.region,
                held: joined(schedule.tariffs.keys().map(ToString::to_string)),
            }),
        }
    }

    /// The measures that meet every condition of the question, in evaluation
    /// order.
    ///
    /// # Errors
    /// As of [`Self::law`], and a fault where there is no such programme.
    #[instrument(name = "list measures", skip_all)]
    pub fn measures(
        &self,
        question: &MeasuresQuestion,
    ) -> Result<(HeldLaw, Vec<MeasureIndex>), ScheduleDeskError> {
        let law = self.law(asked(question.importer.as_ref())?)?;
        let tariff = &law.tariff;
        let named = |id: &String| {
            let found = tariff.programmes.iter().position(|known| known.id == *id);
            found.ok_or_else(|| {
                let message = format!("the schedule defines no programme `{}`", told(id));
                fault("programme_id", "PROGRAMME_UNKNOWN", message)
            })
        };
        let programme = question.programme.as_ref().map(named).transpose()?;
        let meets = |measure: &Measure| {
            programme.is_none_or(|programme| measure.programme == programme)
                && question.origin.is_none_or(|origin| measure.origins.contains(origin))
                && question.goods.is_none_or(|code| measure.goods.holds(&code) != InScope::No)
                && question.known_at.is_none_or(|day| is_heard_of(measure, day))
                && question
                    .in_force_on
                    .is_none_or(|day| is_law(measure, day, question.known_at.unwrap_or(Date::MAX)))
        };
        let measures = tariff.measures.iter().enumerate();
        let found = measures.filter(|(_, measure)| meets(measure)).map(|(index, _)| index);
        let found = found.collect();
        Ok((law, found))
    }

    /// A measure by its id.
    ///
    /// # Errors
    /// As of [`Self::law`], and [`ScheduleDeskError::MeasureNotFound`].
    pub fn measure(
        &self,
        importer: Option<&ImporterKey>,
        id: &str,
    ) -> Result<(HeldLaw, MeasureIndex), ScheduleDeskError> {
        let law = self.law(asked(importer)?)?;
        let found = law.tariff.measures.iter().position(|measure| measure.id == id);
        let found = found.ok_or_else(|| ScheduleDeskError::MeasureNotFound(told(id)))?;
        Ok((law, found))
    }

    /// The quotas of an importer, by id.
    ///
    /// # Errors
    /// As of [`Self::law`].
    pub fn quotas(
        &self,
        importer: Option<&ImporterKey>,
    ) -> Result<(HeldLaw, Vec<QuotaIndex>), ScheduleDeskError> {
        let law = self.law(asked(importer)?)?;
        let mut found: Vec<QuotaIndex> = (0..law.tariff.quotas.len()).collect();
        found.sort_by_key(|index| &law.tariff.quotas[*index].id);
        Ok((law, found))
    }

    /// A quota by its id.
    ///
    /// # Errors
    /// As of [`Self::law`], and [`ScheduleDeskError::QuotaNotFound`].
    pub fn quota(
        &self,
        importer: Option<&ImporterKey>,
        id: &str,
    ) -> Result<(HeldLaw, QuotaIndex), ScheduleDeskError> {
        let law = self.law(asked(importer)?)?;
        let found = law.tariff.quotas.iter().position(|quota| quota.id == id);
        let found = found.ok_or_else(|| ScheduleDeskError::QuotaNotFound(told(id)))?;
        Ok((law, found))
    }

    /// The tariff lines a query finds, as places in the tariff; of the last day
    /// verified where no day is given.
    ///
    /// # Errors
    /// As of [`Self::law`].
    #[instrument(name = "search goods", skip_all)]
    pub fn search(
        &self,
        question: &GoodsQuestion,
    ) -> Result<(HeldLaw, Vec<usize>), ScheduleDeskError> {
        let law = self.law(asked(question.importer.as_ref())?)?;
        let query = asked(question.query.as_deref())?;
        let on = question.on.unwrap_or(law.tariff.law_verified_to);
        let found = law.tariff.search(query, on, law.schedule.as_of);
        Ok((law, found))
    }

    /// What is not the same in two schedules.
    ///
    /// # Errors
    /// As of [`Self::schedule`].
    #[instrument(name = "compare schedules", skip_all)]
    pub fn differences(
        &self,
        from: Option<&ScheduleKey>,
        to: Option<&ScheduleKey>,
    ) -> Result<ComparedSchedules, ScheduleDeskError> {
        let from = self.schedule(asked(from)?)?;
        let to = self.schedule(asked(to)?)?;
        let differences = schedule_differences(&from, &to);
        Ok(ComparedSchedules { from, to, differences })
    }
}

impl HeldLaw {
    /// The measures that draw on a quota.
    pub fn users_of(&self, quota: QuotaIndex) -> impl Iterator<Item = &Measure> {
        let draws =
            move |measure: &&Measure| measure.conditions.contains(&Condition::WithinQuota(quota));
        self.tariff.measures.iter().filter(draws)
    }
}

/// Whether some document on the measure was out.
fn is_heard_of(measure: &Measure, known_at: Date) -> bool {
    measure.history.periods().iter().any(|period| period.document.published <= known_at)
}

fn is_law(measure: &Measure, day: Date, known_at: Date) -> bool {
    match measure.history.standing(day, known_at) {
        Some(Standing::Covered(period)) => {
            matches!(period.state, LegalState::InForce | LegalState::Contested)
        }
        _ => false,
    }
}

/// What a question needs; what was faulty is reported by whoever read it.
fn asked<T>(stated: Option<T>) -> Result<T, ScheduleDeskError> {
    stated.ok_or_else(|| ScheduleDeskError::Faulty(Vec::new()))
}

fn fault(field: &str, reason: &'static str, message: String) -> ScheduleDeskError {
    ScheduleDeskError::Faulty(vec![EntryFault { field: field.to_owned(), reason, message }])
}

fn told(text: &str) -> String {
    text.chars().take(LONGEST_TOLD).collect()
}

fn joined(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
