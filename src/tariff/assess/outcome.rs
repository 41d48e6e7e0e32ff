//! What an assessment finds. Provisions are named by their place in the
//! tariff, so that amounts and explanations come from one evaluation and cost
//! nothing until somebody reads them.

use crate::money::{Money, Overflow};
use crate::tariff::assess::range::Range;
use crate::tariff::condition::{FactIndex, PreferenceIndex, QuotaIndex};
use crate::tariff::measure::{ChargeKind, MeasureIndex};
use crate::tariff::tariff_line::TariffLine;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// An entry, assessed.
#[derive(Clone, Debug)]
pub struct EntryAssessment {
    /// One per line, in order.
    pub lines: Vec<LineAssessment>,
    /// Fees of the entry as a whole.
    pub fees: Vec<EntryFee>,
    /// Least and greatest duty, fees and taxes; none where unbounded.
    pub range: Option<Range>,
    /// Sums, where every line and fee is determined.
    pub totals: Option<Totals>,
    /// Plain sentences on the reach of the law held.
    pub notices: Vec<String>,
}

/// A line, assessed.
#[derive(Clone, Debug)]
pub struct LineAssessment {
    /// The caller's id.
    pub id: String,
    /// The national line, where there is one only.
    pub tariff_line: Option<usize>,
    /// Value duty is charged on.
    pub customs_value: Money,
    /// One where nothing is unknown; else one for each combination of answers;
    /// none where the law is not held or there are too many.
    pub readings: Vec<Reading>,
    /// What would settle it, the dearest first.
    pub questions: Vec<OpenQuestion>,
    /// What was presumed.
    pub presumptions: Vec<Presumption>,
    /// Elections open and not made, the greatest saving first.
    pub unclaimed: Vec<UnclaimedElection>,
    /// Least and greatest duty, fees and taxes, shares of entry fees included.
    pub range: Option<Range>,
}

impl LineAssessment {
    /// The outcome, where every reading comes to the same amounts: the only
    /// reading, or the first where they differ in headings alone.
    pub fn determined(&self) -> Option<&Reading> {
        let first = self.readings.first()?;
        let alike = |reading: &Reading| {
            reading.outcome.totals == first.outcome.totals && reading.fees == first.fees
        };
        (first.fees.is_one_amount() && self.readings.iter().all(alike)).then_some(first)
    }
}

/// One combination of answers and what it leads to.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The answers assumed; empty where nothing is unknown.
    pub answers: Vec<(Question, Answer)>,
    /// The outcome.
    pub outcome: Outcome,
    /// The line's shares of the entry's fees; a range where those of other
    /// lines are unknown.
    pub fees: Range,
}

impl Reading {
    /// Whether it answers a question otherwise than another reading does.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        self.answers.iter().any(|(question, answer)| {
            other.answers.iter().any(|(asked, given)| asked == question && given != answer)
        })
    }

    /// Duty, fees and taxes, shares of the entry's fees included.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn charges(&self) -> Result<Range, Overflow> {
        Range::exactly(self.outcome.totals.charges()?).plus(self.fees)
    }
}

/// Something unknown that may change the amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The schedule does not hold the law for the goods or the day.
    Coverage,
    /// The code is shorter than the national line.
    GoodsCode,
    /// Further digits decide whether a measure covers the goods.
    GoodsScope(MeasureIndex),
    /// A fact about the goods.
    Fact(FactIndex),
    /// Whether units are left in a quota.
    QuotaBalance(QuotaIndex),
    /// Whether the origin is eligible for a preference.
    Eligibility(PreferenceIndex),
    /// Whether a contested measure applies.
    ContestedMeasure(MeasureIndex),
    /// Whether a contested exclusion holds.
    ContestedExclusion(usize),
    /// The rate of a measure.
    Rate(MeasureIndex),
    /// What other lines add to the base of an entry fee.
    EntryFee(MeasureIndex),
}

/// An answer assumed to a [`Question`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// Yes or no.
    Truth(bool),
    /// A number, or a rate as a fraction.
    Number(Decimal),
    /// A content, as a share of the customs value from 0 to 1.
    Share(Decimal),
    /// A tariff line.
    Line(usize),
}

/// A question with the money that hangs on it.
#[derive(Clone, Copy, Debug)]
pub struct OpenQuestion {
    /// The question.
    pub question: Question,
    /// Spread of the totals over its answers; none where unbounded.
    pub at_stake: Option<Money>,
}

/// A complete outcome of a line.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What is charged or shown.
    pub layers: Vec<Layer>,
    /// Considered and not charged.
    pub rejections: Vec<Rejection>,
    /// Lines filed.
    pub filed: Vec<FiledLine>,
    /// Entry fees the line is subject to, with the value they fall on.
    pub fee_bases: Vec<(MeasureIndex, Money)>,
    /// Sums, without shares of entry fees.
    pub totals: Totals,
}

/// What a layer is charged under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargedUnder {
    /// The tariff line, by a column.
    Line(usize, Column),
    /// A measure.
    Measure(MeasureIndex),
}

/// The column a rate was chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Column 1 general.
    General,
    /// Column 1 special, by a preference.
    Special(PreferenceIndex),
    /// Column 2.
    Two,
}

impl Column {
    /// The rate printed in the column.
    pub fn rate<'a>(
        self,
        line: &'a TariffLine,
        symbol: impl Fn(PreferenceIndex) -> &'a str,
    ) -> &'a crate::tariff::duty_expression::DutyExpression {
        match self {
            Self::General => &line.general,
            Self::Special(preference) => {
                line.special_rate(symbol(preference)).unwrap_or(&line.general)
            }
            Self::Two => line.column_2.as_ref().unwrap_or(&line.general),
        }
    }
}

/// One charge.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// Provision.
    pub under: ChargedUnder,
    /// Kind of charge.
    pub kind: ChargeKind,
    /// What the rate falls on.
    pub base: Money,
    /// Charged, rounded once.
    pub amount: Money,
    /// The all-in measure that includes it, where one does.
    pub included_in: Option<MeasureIndex>,
    /// Articles it falls on.
    pub articles: Decimal,
}

/// A provision considered and not charged.
#[derive(Clone, Copy, Debug)]
pub struct Rejection {
    /// The provision; of a claim refused, the preference.
    pub provision: Rejected,
    /// Why.
    pub cause: Cause,
}

/// What is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// A measure.
    Measure(MeasureIndex),
    /// A preference claimed.
    Preference(PreferenceIndex),
}

/// Why a provision is not charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// From a later day.
    NotYetInForce(Date),
    /// Its last word ended before the entry date.
    NoLongerInForce,
    /// Announced only.
    Announced,
    /// Suspended on the day.
    Suspended,
    /// Struck down.
    Voided,
    /// By an exclusion, from a measure or a preference that applies.
    SwitchedOff {
        /// The exclusion.
        exclusion: usize,
        /// What switches it off.
        by: Rejected,
    },
    /// An election it needs is not made.
    ElectionNotMade,
    /// A condition fails: its place in the measure's list.
    ConditionNotMet(usize),
    /// The quota has no units left.
    QuotaExhausted(QuotaIndex),
    /// The origin is not eligible for the preference, or the line prints none.
    NotEligible,
    /// The reading assumes that a contested measure does not apply.
    NotOnThisReading,
}

/// A line on the entry form.
#[derive(Clone, Debug, PartialEq)]
pub struct FiledLine {
    /// Headings in order, the tariff line last.
    pub headings: Vec<String>,
    /// Value entered.
    pub entered_value: Money,
    /// Articles entered.
    pub articles: Decimal,
}

/// Sums in the importer's currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Totals {
    /// Customs value.
    pub customs_value: Money,
    /// Duties.
    pub duty: Money,
    /// Fees.
    pub fees: Money,
    /// Taxes.
    pub taxes: Money,
    /// Transaction value, freight and insurance.
    pub delivered: Money,
}

impl Totals {
    /// Duty, fees and taxes.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn charges(&self) -> Result<Money, Overflow> {
        self.duty.plus(self.fees)?.plus(self.taxes)
    }

    /// Delivered value and charges.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn landed_cost(&self) -> Result<Money, Overflow> {
        self.delivered.plus(self.charges()?)
    }

    pub(super) fn plus(&self, other: &Self) -> Result<Self, Overflow> {
        Ok(Self {
            customs_value: self.customs_value.plus(other.customs_value)?,
            duty: self.duty.plus(other.duty)?,
            fees: self.fees.plus(other.fees)?,
            taxes: self.taxes.plus(other.taxes)?,
            delivered: self.delivered.plus(other.delivered)?,
        })
    }
}

/// A value used because the request is silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presumption {
    /// What: `quantity`, `transport-mode`, `goods-code`, `fact:build-year`.
    pub subject: String,
    /// The value.
    pub value: String,
    /// Why.
    pub because: String,
}

/// Something an importer may elect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Election {
    /// Claim a preference.
    Preference(PreferenceIndex),
    /// Make a statement or hold an approval.
    Certification(usize),
    /// Enter under a quota.
    Quota(QuotaIndex),
}

/// Elections a provision waits for, and the measure they lead to; none of a
/// plain preference.
pub(super) type Unmade = (Vec<Election>, Option<MeasureIndex>);

/// Elections open together and not made.
#[derive(Clone, Debug)]
pub struct UnclaimedElection {
    /// Needed together.
    pub elections: Vec<Election>,
    /// Measure it leads to; none of a plain preference.
    pub leads_to: Option<MeasureIndex>,
    /// Saving in duty, fees and taxes.
    pub saving: Range,
}

/// A fee due once per entry.
#[derive(Clone, Debug)]
pub struct EntryFee {
    /// The measure.
    pub measure: MeasureIndex,
    /// Sum of the values it falls on, as far as they are known.
    pub base: Range,
    /// Least and greatest fee; none where a line's law is not held and the fee
    /// has no ceiling.
    pub range: Option<Range>,
    /// Shares of the lines by place, where the fee is one amount.
    pub shares: Vec<(usize, Money)>,
}

impl EntryFee {
    /// The fee, where it is one amount.
    pub fn amount(&self) -> Option<Money> {
        self.range.filter(Range::is_one_amount).map(|range| range.lowest)
    }
}
