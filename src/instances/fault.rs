//! Why a file is no instance.

use rust_decimal::Decimal;
use std::io;

/// Why a file is no instance. Every case but the first begins with its name in
/// capitals, for programs to tell them apart.
#[derive(Debug, thiserror::Error)]
pub enum InstanceFault {
    /// The file cannot be read.
    #[error("UNREADABLE: {0}")]
    Unreadable(#[from] io::Error),
    /// The file is larger than any instance.
    #[error("TOO_LARGE: more than {0} bytes unpacked")]
    TooLarge(u64),
    /// A format nobody here reads.
    #[error("FORMAT_NOT_SUPPORTED: `{0}`")]
    FormatNotSupported(String),
    /// The content does not tell the format, and nobody named it.
    #[error("FORMAT_UNKNOWN: only `sourcing-problem/1` is known by its content; name the format")]
    FormatUnknown,
    /// A size the generator does not know.
    #[error("SIZE_UNKNOWN: `{0}`")]
    SizeUnknown(String),
    /// The file leaves the capacity open, and nobody named one.
    #[error("CAPACITY_MISSING: the file leaves the capacity open; name one")]
    CapacityMissing,
    /// Several scenarios.
    #[error("SCENARIOS_NOT_SUPPORTED: {0} scenarios; a problem with one can be solved")]
    ScenariosNotSupported(usize),
    /// A number that is none, or none that can be reckoned with.
    #[error("MALFORMED: {what}: `{found}` is no number that can be reckoned with")]
    Figure {
        /// What the number is.
        what: String,
        /// What stands there.
        found: String,
    },
    /// A number out of its bounds.
    #[error("MALFORMED: {what}: {found} is out of bounds")]
    OutOfBounds {
        /// What the number is.
        what: String,
        /// What stands there.
        found: Decimal,
    },
    /// The file ends too soon.
    #[error("MALFORMED: the file ends before {0}")]
    Ended(String),
    /// An id nobody has.
    #[error("MALFORMED: {what} `{id}` is not in the file")]
    Unknown {
        /// What is named.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A list with too few or too many values.
    #[error("MALFORMED: {what}: {found} values for {periods} periods")]
    Periods {
        /// What the list is.
        what: String,
        /// Values found.
        found: usize,
        /// Periods of the problem.
        periods: usize,
    },
    /// A product too large to be held.
    #[error("MALFORMED: {0} is too large to be reckoned")]
    Overflow(&'static str),
    /// No JSON of the format.
    #[error("MALFORMED: {0}")]
    Json(#[from] serde_json::Error),
}
