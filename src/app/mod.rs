//! Use cases: what the service does for a caller, free of any wire.

mod credits;
mod dates;
mod duties;
mod law_shelf;
mod origins;

pub use credits::{CreditAnswer, CreditEarned, CreditQuestion};
pub use dates::{Charge, ChargeChange, DateChange, DatePair, DatedAnswers, LegalLayer};
pub use duties::{DutyAnswer, DutyDesk, DutyError, DutyQuestion, ResolvedQuestion};
pub use origins::{
    Candidate, ChargeCost, ChargeKinds, OriginCost, OriginQuestion, OriginRanking, told_cost,
};
