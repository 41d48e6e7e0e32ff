//! Between messages of the wire and the types of the domain.

mod credit;
mod dates;
mod duty_request;
mod duty_response;
mod entry;
mod field_path;
mod origins;
mod provision;
mod scalar;
mod schedule_measure;
mod schedule_page;
mod schedule_request;
mod schedule_response;
mod sourcing_answer;
mod sourcing_breakeven;
mod sourcing_comparison;
mod sourcing_concession;
mod sourcing_conflict;
mod sourcing_cost;
mod sourcing_decisions;
mod sourcing_explanation;
mod sourcing_limits;
mod sourcing_plan;
mod sourcing_plant;
mod sourcing_policy;
mod sourcing_problem;
mod sourcing_question;
mod sourcing_reading;
mod world;

pub use credit::{credit_question, credit_response};
pub use dates::{dates_question, dates_response};
pub use duty_request::{Limits, duty_question};
pub use duty_response::duty_response;
pub use origins::{origin_question, origins_response};
pub use schedule_measure::MeasureTeller;
pub use schedule_page::Fingerprint;
pub use schedule_request::{
    goods_question, measures_question, provision_named, quotas_question, schedule_named,
    schedule_pair, schedules_page,
};
pub use schedule_response::{difference, importer_name, quota, schedule, tariff_line};
pub use sourcing_answer::{evaluation_response, progress_message, sourcing_response};
pub use sourcing_breakeven::{breakeven_question, breakeven_response};
pub use sourcing_comparison::{comparison_question, comparison_response};
pub use sourcing_concession::{concession_question, concession_response};
pub use sourcing_conflict::{conflict_question, conflict_response};
pub use sourcing_explanation::{explanation_question, explanation_response};
pub use sourcing_question::{Read, evaluation_question, objective_asked, sourcing_question};
