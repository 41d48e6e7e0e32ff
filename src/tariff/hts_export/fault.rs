//! What could not be read, and what was read only after a repair.

use super::rate::Unread;
use crate::tariff::goods_code::GoodsCode;
use std::fmt;

/// A cell of the sheet that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFault {
    /// Row of the sheet, the header being row 1.
    pub row: usize,
    /// Line it concerns, or the last code above it.
    pub code: Option<GoodsCode>,
    /// Column of the sheet.
    pub column: &'static str,
    /// What stands there.
    pub text: String,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What is wrong with a cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// Not a code, nor repairable.
    CodeUnreadable(&'static str),
    /// Read as another code than printed.
    CodeRepaired(GoodsCode),
    /// Does not begin as the rows it stands under do, or does not follow the
    /// code above it.
    CodeOutOfPlace,
    /// A line that was there already.
    CodeRepeated,
    /// Rates without a code.
    CodeMissing,
    /// Not a number.
    IndentUnreadable,
    /// Deeper by more than one than the row above.
    IndentSkipsLevel,
    /// A line without column 2: what its general column holds is carried down
    /// from above.
    NoRates,
    /// A rate that is not a sum of ad valorem and specific terms.
    RateUnread(Unread),
    /// A special rate that another provision gives: left out of the line.
    SpecialElsewhere,
    /// Symbols separated or repeated as they should not be; read all the same.
    SymbolsRepaired,
    /// A symbol hardly any line prints; kept.
    SymbolRare,
    /// Free with special rates, or dutiable without any: perhaps the general
    /// rate is not the line's own. Kept.
    SpecialUnlikely,
    /// A statistical row with another rate than its line.
    StatisticalRateDiffers,
    /// Units that are not a list.
    UnitsUnreadable,
    /// A duty beside the three columns.
    AdditionalDuty,
}

impl FaultKind {
    /// Whether something is missing from what was read. Otherwise the fault is
    /// a remark.
    pub const fn withholds(&self) -> bool {
        matches!(
            self,
            Self::CodeUnreadable(_)
                | Self::CodeOutOfPlace
                | Self::CodeRepeated
                | Self::CodeMissing
                | Self::NoRates
                | Self::RateUnread(_)
                | Self::SpecialElsewhere
                | Self::StatisticalRateDiffers
                | Self::AdditionalDuty
        )
    }

    /// The kind without its particulars.
    pub fn title(&self) -> &'static str {
        match self {
            Self::CodeUnreadable(_) => "code not read",
            Self::CodeRepaired(_) => "code repaired",
            Self::CodeOutOfPlace => "code out of place",
            Self::CodeRepeated => "line repeated",
            Self::CodeMissing => "rates without a code",
            Self::IndentUnreadable => "indent not read",
            Self::IndentSkipsLevel => "indent skips a level",
            Self::NoRates => "line without rates of its own",
            Self::RateUnread(unread) => unread.title(),
            Self::SpecialElsewhere => "special rate stands in another provision",
            Self::SymbolsRepaired => "symbols repaired",
            Self::SymbolRare => "symbol hardly ever printed",
            Self::SpecialUnlikely => "general and special column do not go together",
            Self::StatisticalRateDiffers => "statistical row with another rate than its line",
            Self::UnitsUnreadable => "units not read",
            Self::AdditionalDuty => "duty beside the three columns",
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CodeUnreadable(reason) => write!(f, "code not read: {reason}"),
            Self::CodeRepaired(code) => write!(f, "read as {code}"),
            Self::RateUnread(unread) => write!(f, "rate not read: {unread}"),
            other => f.write_str(other.title()),
        }
    }
}

impl fmt::Display for ExportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.row)?;
        if let Some(code) = self.code {
            write!(f, ", {code}")?;
        }
        write!(f, ", {}: `{}`: {}", self.column, self.text, self.kind)
    }
}
