//! What a statement about plans rests on.

/// What a statement about plans rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// No plan is better by more than the tolerance of the search.
    Proved,
    /// Proved at some values; between them better plans are not ruled out.
    Sampled,
    /// A solve ended before its proof.
    Unproved,
}
