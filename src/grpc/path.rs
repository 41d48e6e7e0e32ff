//! What the path of a call tells before anything is decoded.

/// Whether the call is for a service of Portolan's own.
pub(super) fn is_domain(path: &str) -> bool {
    path.starts_with("/portolan.")
}

/// Whether the call is a stream of work, which may take long.
pub(super) fn is_bulk(path: &str) -> bool {
    path == "/portolan.tariff.v1.DutyService/StreamDuty"
}

/// Whether the call is about sourcing: it waits for a solver, or prices a whole plan.
pub(super) fn is_solve(path: &str) -> bool {
    path.starts_with("/portolan.sourcing.v1.SourcingService/")
}

/// Whether the call is a stream that stays open as long as its client wants: a health watch or a
/// reflection session.
pub(super) fn is_open_ended(path: &str) -> bool {
    path == "/grpc.health.v1.Health/Watch" || path.starts_with("/grpc.reflection.")
}
