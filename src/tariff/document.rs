//! Official documents, places in them, and how well a figure is attested.

use jiff::civil::Date;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// An official text the schedule relies on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Id in the schedule.
    pub id: String,
    /// Title.
    pub title: String,
    /// Official citation: `90 FR 14705`.
    pub citation: String,
    /// Day the public could first read it: what `known_at` is compared with.
    pub published: Date,
}

/// A place in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The document.
    pub document: Arc<Document>,
    /// Place in it: `note 33(b)`; may be empty.
    pub pinpoint: String,
}

/// How well a figure of the schedule is attested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Read in an official text: `A`.
    OfficialText,
    /// Read in trade summaries of an official text: `B`.
    Summary,
    /// One secondary source, or an inference: `C`.
    Secondary,
    /// From memory, unverified: `M`.
    Memory,
}

/// A confidence letter that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a confidence: A, B, C or M")]
pub struct UnknownConfidence(String);

impl FromStr for Confidence {
    type Err = UnknownConfidence;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "A" => Ok(Self::OfficialText),
            "B" => Ok(Self::Summary),
            "C" => Ok(Self::Secondary),
            "M" => Ok(Self::Memory),
            _ => Err(UnknownConfidence(text.to_owned())),
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OfficialText => "A",
            Self::Summary => "B",
            Self::Secondary => "C",
            Self::Memory => "M",
        })
    }
}
