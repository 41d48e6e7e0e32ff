//! Reads a question about one entry, gathering every fault with its path.

use crate::app::DutyQuestion;
use crate::grpc::FaultLimits;
use crate::grpc::convert::entry::entry;
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{Fault, Faults, date, missing};
use crate::grpc::convert::world::world;
use crate::proto::portolan::tariff::v1 as pb;
use crate::tariff::{Declaration, Detail, EntryFault};

/// Bounds on a request, from the settings.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most lines of an entry.
    pub lines: usize,
    /// Most faults reported.
    pub validation_errors: FaultLimits,
}

/// Reads a request as far as it can be read, with every fault found on the
/// way: the rest is still worth holding against the tariff, so that a caller
/// learns all faults at once.
pub fn duty_question(
    request: pb::CalculateDutyRequest,
    limits: Limits,
) -> (DutyQuestion, Vec<EntryFault>) {
    let pb::CalculateDutyRequest { entry: declared, world_state, known_at, schedule, view } =
        request;
    let mut faults = Faults::default();
    let detail = detail(view, Detail::Explained, &mut faults);
    let path = FieldPath::ROOT.field("known_at");
    let known_at = known_at.and_then(|day| faults.check(&path, date(day)));
    let world = world_state.map(|stated| world(&stated, &mut faults).0).unwrap_or_default();
    let (importer, declaration) = if let Some(declared) = declared {
        entry(&declared, true, limits.lines, &mut faults)
    } else {
        faults.push(&FieldPath::ROOT.field("entry"), missing());
        (None, Declaration::default())
    };
    let declaration = Declaration { world, ..declaration };
    (DutyQuestion { schedule, importer, known_at, declaration, detail }, faults.0)
}

/// How much a view asks for.
pub(super) fn detail(view: i32, default: Detail, faults: &mut Faults) -> Detail {
    match pb::AssessmentView::try_from(view) {
        Ok(pb::AssessmentView::Basic) => Detail::Amounts,
        Ok(pb::AssessmentView::Full) => Detail::Explained,
        Ok(pb::AssessmentView::Unspecified) => default,
        Err(_) => {
            let fault = Fault::new("UNKNOWN_ENUM_VALUE", format!("{view} is not a view"));
            faults.push(&FieldPath::ROOT.field("view"), fault);
            default
        }
    }
}
