//! What an assessment finds. Provisions are named by their place in the
//! tariff, so that amounts and explanations come from one evaluation and cost
//! nothing until somebody reads them.

use crate::money::{Money, Overflow};
use crate::tariff::assess::range::Range;
use crate::tariff::condition::{FactIndex, PreferenceIndex, QuotaIndex};
use crate::tariff::credit::CreditIndex;
use crate::tariff::law_on_day::StandingCause;
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
    /// Least and greatest duty, fees and taxes if every line is entered the
    /// cheapest way; none where explanations are not asked for, or unbounded.
    pub best_lawful: Option<Range>,
    /// Plain sentences on the reach of the law held.
    pub notices: Vec<String>,
}

/// A line, assessed.
#[derive(Clone, Debug)]
pub struct LineAssessment {
    /// The national line, where there is one only.
    pub tariff_line: Option<usize>,
    /// One where nothing is unknown; else one for each combination of answers;
    /// none where the law is not held or there are too many.
    pub readings: Vec<Reading>,
    /// What would settle it, the dearest first.
    pub questions: Vec<OpenQuestion>,
    /// Every lawful way found to enter the goods, the cheapest first; only
    /// where explanations are asked for.
    pub alternatives: Vec<Alternative>,
    /// Least and greatest duty, fees and taxes, shares of entry fees included;
    /// none where the law is not held, or not all of it.
    pub range: Option<Range>,
}

impl LineAssessment {
    /// The outcome, where every reading comes to the same amounts: the only
    /// reading, or the first where they differ in headings alone.
    pub fn determined(&self) -> Option<&Reading> {
        let first = self.readings.first().filter(|_| self.range.is_some())?;
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
    /// Whether the day a fact tells is before another.
    DateBefore(FactIndex, Date),
    /// Whether money is left in a credit.
    CreditBalance(CreditIndex),
    /// Whether one article is worth more than so much, in another currency
    /// than the importer's.
    ValuePerArticle(Money),
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
    /// A credit that meets duty.
    Credit(CreditIndex),
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
    /// It is not law on the day.
    NotStanding(StandingCause),
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
    /// It would take the place of the tariff line's own duty, which is no more.
    NotLower,
}

/// A line on the entry form.
#[derive(Clone, Debug, PartialEq)]
pub struct FiledLine {
    /// Headings in order, the tariff line last.
    pub headings: Vec<FiledHeading>,
    /// Value entered.
    pub entered_value: Money,
    /// Articles entered.
    pub articles: Decimal,
}

/// A heading filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FiledHeading {
    /// A measure's.
    Measure(MeasureIndex),
    /// The one that says why another duty is not due: an exclusion's.
    Disclaimer(usize),
    /// The tariff line, with the preference claimed prefixed.
    Line(usize, Option<PreferenceIndex>),
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
    /// Duty met from credits: nothing, or negative.
    pub credits: Money,
    /// The part of the taxes a registered trader recovers.
    pub recoverable: Money,
    /// Transaction value, freight, insurance and inland freight.
    pub delivered: Money,
}

impl Totals {
    /// Duty less credits, fees and taxes.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn charges(&self) -> Result<Money, Overflow> {
        self.duty.plus(self.credits)?.plus(self.fees)?.plus(self.taxes)
    }

    /// Landed cost less what a trader recovers: the cost a sourcing decision
    /// is made on.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn sourcing_cost(&self) -> Result<Money, Overflow> {
        self.landed_cost()?.minus(self.recoverable)
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
            credits: self.credits.plus(other.credits)?,
            recoverable: self.recoverable.plus(other.recoverable)?,
            delivered: self.delivered.plus(other.delivered)?,
        })
    }
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
    /// Spend a credit.
    Credit(CreditIndex),
}

/// Elections a provision waits for, together.
pub(super) type Unmade = Vec<Election>;

/// A lawful way to enter the goods.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// Elections made; none for the way without any.
    pub elections: Vec<Election>,
    /// Whether these are the elections of the request.
    pub as_elected: bool,
    /// Least and greatest duty, fees and taxes of the line, its shares of
    /// entry fees included.
    pub charges: Range,
    /// What it saves against the elections of the request; negative where it
    /// costs more.
    pub saving: Range,
    /// Measures charged, or that keep a charge away, that are not under the
    /// elections of the request.
    pub leads_to: Vec<MeasureIndex>,
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
