//! Use cases: what the service does for a caller, free of any wire.

mod credits;
mod dates;
mod duties;
mod hts_import;
mod law_shelf;
mod origins;
mod schedule_desk;
mod sourcing;

pub use credits::{CreditAnswer, CreditEarned, CreditQuestion};
pub use dates::{Charge, ChargeChange, DateChange, DatePair, DatedAnswers, LegalLayer};
pub use duties::{DutyAnswer, DutyDesk, DutyError, DutyQuestion, ResolvedQuestion};
pub use hts_import::{HtsImport, HtsImportError, HtsImportOrder};
pub use origins::{
    Candidate, ChargeCost, ChargeKinds, OriginCost, OriginQuestion, OriginRanking, told_cost,
};
pub use schedule_desk::{
    ComparedSchedules, GoodsQuestion, HeldLaw, ImporterKey, MeasuresQuestion, ScheduleDesk,
    ScheduleDeskError, ScheduleKey,
};
pub use sourcing::{
    BreakevenAnswer, BreakevenInterval, BreakevenPlan, BreakevenQuestion, ComparedPlans,
    Concession, ConcessionAnswer, ConcessionOutcome, ConcessionPoint, ConcessionQuestion,
    ConflictAnswer, ConflictQuestion, ConflictStatus, Counterfactual, Evaluation, Evidence,
    Explanation, ExplanationQuestion, ForcedOrigin, OriginCandidate, OriginExplanation,
    PlanProvenance, PlanTie, PricedDecisions, Repair, RepairCost, SearchBudget, SearchLimits,
    SearchPhase, SearchProgress, SourcingAnswer, SourcingCall, SourcingDesk, SourcingError,
    SourcingMode, SourcingQuestion,
};
