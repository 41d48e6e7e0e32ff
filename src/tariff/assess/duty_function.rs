//! What an entry of alike articles costs, as a function of how many it holds
//! and whether they fall within a quota: what a quote and a plan share.

use crate::money::{Money, Overflow};
use crate::tariff::assess::outcome::{ChargedUnder, Election, Layer, Question, Reading};
use crate::tariff::assess::resolved::{ResolvedEntry, ResolvedLine};
use crate::tariff::assess::{AssessError, Detail, assess};
use crate::tariff::condition::{Condition, QuotaIndex};
use crate::tariff::entry::FactValue;
use crate::tariff::law_on_day::LawOnDay;
use crate::tariff::measure::ChargeKind;
use crate::tariff::quota::QuotaStock;
use crate::tariff::schedule::Tariff;
use rust_decimal::Decimal;
use std::sync::Arc;

/// The charges on entries of alike articles under one law. Not an average
/// rate: every rate, base, cap, content and per-entry bound is evaluated for
/// the entry asked about, by the same [`assess`] that answers a quote.
#[derive(Clone, Debug)]
pub struct DutyFunction {
    law: Arc<LawOnDay>,
    article: ResolvedEntry,
    quotas: Vec<QuotaIndex>,
}

/// What is done where several readings of the law remain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadingChoice {
    /// Only what is one amount is told.
    OneAmount,
    /// The dearest reading.
    Highest,
    /// The cheapest reading.
    Lowest,
}

/// What one entry costs, in the importer's currency.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryQuote {
    /// Charges that are borne: all but recovered taxes. The sum of the layers.
    pub charges: Money,
    /// Taxes that a trader recovers.
    pub recovered: Money,
    /// Customs value.
    pub customs_value: Money,
    /// Borne charges by layer; none of them zero.
    pub layers: Vec<QuoteLayer>,
    /// Whether the law leaves nothing open.
    pub determined: bool,
}

/// A borne charge of an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct QuoteLayer {
    /// Kind.
    pub kind: ChargeKind,
    /// Programme, or `column` for the tariff line's own duty.
    pub programme: String,
    /// Heading charged under.
    pub heading: String,
    /// Amount.
    pub amount: Money,
}

/// Why an entry has no quote.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NoQuote {
    /// The law leaves the amount open; these questions would settle it.
    #[error("the law leaves the charges open: {}", .0.join("; "))]
    Open(Vec<String>),
    /// A rate has no amount for the goods.
    #[error(transparent)]
    Unassessable(#[from] AssessError),
}

impl From<Overflow> for NoQuote {
    fn from(overflow: Overflow) -> Self {
        Self::Unassessable(overflow.into())
    }
}

impl DutyFunction {
    /// The function of goods under a law, from the entry of one article.
    ///
    /// # Errors
    /// [`AssessError`].
    pub fn of(law: Arc<LawOnDay>, article: ResolvedEntry) -> Result<Self, AssessError> {
        let mut function = Self { law, article, quotas: Vec::new() };
        let elected = function.article.lines.iter().flat_map(|line| &line.elected);
        if elected.clone().any(|election| matches!(election, Election::Quota(_))) {
            let within =
                assess(&function.law, &function.entry(Decimal::ONE, true)?, Detail::Amounts)?;
            let readings = within.lines.iter().flat_map(|line| &line.readings);
            let layers = readings.flat_map(|reading| &reading.outcome.layers);
            let measures = layers.filter_map(|layer| match layer.under {
                ChargedUnder::Measure(index) => Some(&function.law.tariff.measures[index]),
                _ => None,
            });
            let mut quotas: Vec<QuotaIndex> = measures
                .flat_map(|measure| &measure.conditions)
                .filter_map(|condition| match condition {
                    Condition::WithinQuota(quota) => Some(*quota),
                    _ => None,
                })
                .collect();
            quotas.sort_unstable();
            quotas.dedup();
            function.quotas = quotas;
        }
        Ok(function)
    }

    /// Quotas the goods draw on when they are entered within them.
    pub fn quotas(&self) -> &[QuotaIndex] {
        &self.quotas
    }

    /// The law it is of.
    pub fn tariff(&self) -> &Tariff {
        &self.law.tariff
    }

    /// What one entry of so many articles costs.
    ///
    /// # Errors
    /// [`NoQuote`].
    pub fn quote(
        &self,
        articles: Decimal,
        within_quota: bool,
        choice: ReadingChoice,
    ) -> Result<EntryQuote, NoQuote> {
        let tariff = self.tariff();
        let entry = self.entry(articles, within_quota)?;
        let assessment = assess(&self.law, &entry, Detail::Amounts)?;
        let determined = assessment.totals.is_some();
        let line = assessment.lines.first();
        let settled = |reading: &&Reading| {
            choice != ReadingChoice::OneAmount || {
                // One amount though several readings: any of them tells it.
                determined && reading.fees.is_one_amount()
            }
        };
        let bounded = line.filter(|line| line.range.is_some());
        let readings = bounded.map(|line| line.readings.as_slice()).unwrap_or_default();
        let borne = |reading: &Reading| -> Decimal {
            let totals = &reading.outcome.totals;
            let charges = totals.charges().map(Money::amount).unwrap_or_default();
            charges + reading.fees.highest.amount() - totals.recoverable.amount()
        };
        let readings = readings.iter().filter(settled);
        let chosen = match choice {
            ReadingChoice::Lowest => readings.min_by_key(|reading| borne(reading)),
            _ => readings.max_by_key(|reading| borne(reading)),
        };
        let Some(reading) = chosen else {
            let open = line.into_iter().flat_map(|line| &line.questions);
            let told = |question: Question| question.text(tariff, entry.days.known_at);
            return Err(NoQuote::Open(open.map(|open| told(open.question)).collect()));
        };
        let mut quote = EntryQuote {
            charges: Money::zero(tariff.currency),
            recovered: reading.outcome.totals.recoverable,
            customs_value: reading.outcome.totals.customs_value,
            layers: Vec::with_capacity(reading.outcome.layers.len() + 2),
            determined,
        };
        for layer in &reading.outcome.layers {
            quote.add(self.layer(layer))?;
        }
        for fee in &assessment.fees {
            let measure = &tariff.measures[fee.measure];
            let lowest = choice == ReadingChoice::Lowest;
            let amount = fee.range.map(|range| if lowest { range.lowest } else { range.highest });
            quote.add(Some(QuoteLayer {
                kind: tariff.programme_of(measure).kind,
                programme: tariff.programme_of(measure).id.clone(),
                heading: measure.heading.clone(),
                amount: amount.unwrap_or(Money::zero(tariff.currency)),
            }))?;
        }
        Ok(quote)
    }

    /// A borne layer; none where it is recovered.
    fn layer(&self, layer: &Layer) -> Option<QuoteLayer> {
        let tariff = self.tariff();
        let (programme, heading) = match layer.under {
            ChargedUnder::Line(line, _) => {
                ("column".to_owned(), tariff.lines[line].code.to_string())
            }
            ChargedUnder::Measure(index) => {
                let measure = &tariff.measures[index];
                let programme = tariff.programme_of(measure);
                if programme.recoverable {
                    return None;
                }
                (programme.id.clone(), measure.heading.clone())
            }
            ChargedUnder::Credit(index) => {
                (tariff.credits[index].id.clone(), tariff.credits[index].id.clone())
            }
        };
        Some(QuoteLayer { kind: layer.kind, programme, heading, amount: layer.amount })
    }

    /// The entry of so many articles.
    fn entry(&self, articles: Decimal, within_quota: bool) -> Result<ResolvedEntry, Overflow> {
        let mut entry = self.article.clone();
        let lines = self.article.lines.iter().map(|line| line.times(articles));
        entry.lines = lines.collect::<Result<_, _>>()?;
        // Enough for any entry, whatever the quota counts in.
        let units = if within_quota { Decimal::from(i64::MAX) } else { Decimal::ZERO };
        entry.quotas.fill(QuotaStock::exactly(units));
        Ok(entry)
    }
}

impl EntryQuote {
    fn add(&mut self, layer: Option<QuoteLayer>) -> Result<(), Overflow> {
        let Some(layer) = layer.filter(|layer| !layer.amount.is_zero()) else { return Ok(()) };
        self.charges = self.charges.plus(layer.amount)?;
        self.layers.push(layer);
        Ok(())
    }
}

impl ResolvedLine {
    /// The line with so many times its articles: values, quantities and
    /// contents follow.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn times(&self, articles: Decimal) -> Result<Self, Overflow> {
        let mut line = self.clone();
        for amount in [
            &mut line.transaction_value,
            &mut line.carriage,
            &mut line.inland_freight,
            &mut line.customs_value,
        ] {
            *amount = amount.times(articles)?;
        }
        for quantity in &mut line.quantities {
            quantity.amount = quantity.amount.checked_mul(articles).ok_or(Overflow)?;
        }
        for (_, value) in &mut line.facts {
            if let FactValue::Content(content) = value {
                *content = content.times(articles)?;
            }
        }
        Ok(line)
    }
}
