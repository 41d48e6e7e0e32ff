//! The one place where errors become a gRPC status: code, stable reason, every value of the message
//! in the metadata as well.

use std::{collections::HashMap, time::Duration};

use http::Response;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::{
    app::{DutyError, ScheduleDeskError, SourcingError},
    tariff::EntryFault,
};

/// `google.rpc.ErrorInfo.domain` of every reason.
const DOMAIN: &str = "portolan";

/// gRPC proposal A6: when to retry, in milliseconds.
const RETRY_PUSHBACK: &str = "grpc-retry-pushback-ms";

/// Bytes around the texts of a fault.
const FIELD_TAGS: usize = 16;

/// How many faults of a request are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultLimits {
    /// Most faults.
    pub count: usize,
    /// Most bytes of their texts; one fault is told in any case.
    pub bytes: usize,
}

/// A call refused by a layer, before or in place of its handler.
#[derive(Debug)]
pub(super) struct Refusal {
    code: Code,
    reason: &'static str,
    message: String,
    metadata: HashMap<String, String>,
    retry_after: Option<Duration>,
    violations: Vec<FieldViolation>,
}

impl Refusal {
    /// Refuses a request for its faults, the first of them told as far as they fit.
    pub(super) fn faulty(faults: Vec<EntryFault>, most: FaultLimits) -> Self {
        let count = faults.len();
        let mut bytes = 0;
        let fits = |fault: &&EntryFault| {
            bytes += fault.field.len() + fault.message.len() + fault.reason.len() + FIELD_TAGS;
            bytes <= most.bytes
        };
        let told = faults.iter().take(most.count).take_while(fits).count().max(1);
        let message = match faults.first() {
            Some(first) if count == 1 => format!("{}: {}", first.field, first.message),
            _ if told < count => format!("the request has {count} faults; the first {told} follow"),
            _ => format!("the request has {count} faults"),
        };
        let violations = faults.into_iter().take(told).map(|fault| FieldViolation {
            field: fault.field,
            description: fault.message,
            reason: fault.reason.to_owned(),
            localized_message: None,
        });
        let mut refusal =
            Self::new(Code::InvalidArgument, "INVALID_REQUEST", message).with("faultCount", &count);
        refusal.violations = violations.collect();
        refusal
    }

    /// Refuses for a use case's error.
    pub(super) fn of(error: DutyError, most_faults: FaultLimits) -> Self {
        let message = error.to_string();
        match error {
            DutyError::Faulty(faults) => Self::faulty(faults, most_faults),
            DutyError::ScheduleNotFound(schedule) => {
                Self::new(Code::NotFound, "SCHEDULE_NOT_FOUND", message).with("schedule", &schedule)
            }
            DutyError::RevisionNotFound { wanted, held } => {
                Self::new(Code::NotFound, "SCHEDULE_REVISION_NOT_FOUND", message)
                    .with("schedule", &wanted)
                    .with("heldRevision", &held)
            }
            DutyError::Unassessable(_) => {
                Self::new(Code::FailedPrecondition, "NOT_ASSESSABLE", message)
            }
        }
    }

    /// Refuses for what the schedules do not hold, or a question about them that is faulty.
    pub(super) fn unheld(error: ScheduleDeskError, most_faults: FaultLimits) -> Self {
        let message = error.to_string();
        let not_found = |reason| Self::new(Code::NotFound, reason, message);
        match error {
            ScheduleDeskError::Faulty(faults) => Self::faulty(faults, most_faults),
            ScheduleDeskError::ScheduleNotFound(id) => {
                not_found("SCHEDULE_NOT_FOUND").with("schedule", &id)
            }
            ScheduleDeskError::RevisionNotFound { wanted, held } => {
                not_found("SCHEDULE_REVISION_NOT_FOUND")
                    .with("schedule", &wanted)
                    .with("heldRevision", &held)
            }
            ScheduleDeskError::ImporterNotFound { wanted, held } => not_found("IMPORTER_NOT_FOUND")
                .with("importer", &wanted)
                .with("heldImporters", &held),
            ScheduleDeskError::MeasureNotFound(id) => {
                not_found("MEASURE_NOT_FOUND").with("measure", &id)
            }
            ScheduleDeskError::QuotaNotFound(id) => not_found("QUOTA_NOT_FOUND").with("quota", &id),
        }
    }

    /// Refuses for what became of a sourcing problem. What a solver said, and where a plan is
    /// wrong, is not for the caller.
    pub(super) fn unsolved(error: SourcingError, most_faults: FaultLimits, wait: Duration) -> Self {
        match error {
            SourcingError::Duty(error) => Self::of(error, most_faults),
            SourcingError::Busy => {
                let message = "as many calls wait for a solver as may; try again later";
                Self::new(Code::ResourceExhausted, "SOLVER_BUSY", message).retry_after(wait)
            }
            SourcingError::Stopped => {
                Self::new(Code::Unavailable, "DRAINING", "the server stops; ask again")
            }
            SourcingError::Crashed(_) => {
                let message = "the solver's process ended without a plan";
                Self::new(Code::Internal, "SOLVER_CRASHED", message)
            }
            SourcingError::Rejected(violations) => {
                let count = violations.len();
                let message = format!("the plan found failed its check in {count} places");
                Self::new(Code::Internal, "PLAN_REJECTED", message).with("violations", &count)
            }
        }
    }

    /// Refuses while the schedules are on their way.
    pub(super) fn starting() -> Self {
        Self::new(Code::Unavailable, "STARTING", "the schedules are being loaded")
    }

    pub(super) fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            metadata: HashMap::new(),
            retry_after: None,
            violations: Vec::new(),
        }
    }

    /// Adds a value to `ErrorInfo.metadata`; every value of the message belongs there as well.
    pub(super) fn with(mut self, key: &str, value: &impl ToString) -> Self {
        self.metadata.insert(key.to_owned(), value.to_string());
        self
    }

    /// Advises the client to wait before it tries again.
    pub(super) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// A response of headers alone, as gRPC wants it when there is no message.
    pub(super) fn into_response<B: Default>(self) -> Response<B> {
        self.into_status().into_http()
    }

    /// The status with its details.
    pub(super) fn into_status(self) -> Status {
        let mut details = ErrorDetails::with_error_info(self.reason, DOMAIN, self.metadata);
        if let Some(wait) = self.retry_after {
            details.set_retry_info(Some(wait));
        }
        if !self.violations.is_empty() {
            details.set_bad_request(self.violations);
        }
        let mut status = Status::with_error_details(self.code, self.message, details);
        if let Some(wait) = self.retry_after {
            // What gRPC's own retries keep to; details are for people and programs.
            status
                .metadata_mut()
                .insert(RETRY_PUSHBACK, u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).into());
        }
        status
    }
}
