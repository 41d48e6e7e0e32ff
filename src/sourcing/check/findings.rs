//! What the check found.

use super::exact::{Sound, Unsound};
use super::reason;
use super::tolerance::one_sum;
use crate::money::Money;
use crate::sourcing::Violation;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What a violation is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Subject {
    /// Ids.
    pub ids: Vec<String>,
    /// Period, or the first day of a tranche.
    pub period: Option<String>,
}

impl Subject {
    pub fn of(ids: &[&str]) -> Self {
        Self { ids: ids.iter().map(|id| (*id).to_owned()).collect(), period: None }
    }

    pub fn in_period(self, period: &str) -> Self {
        Self { period: Some(period.to_owned()), ..self }
    }
}

/// By how much.
#[derive(Clone, Copy, Debug)]
pub(super) enum Excess {
    Nothing,
    Units(Decimal),
    Money(Money),
}

/// Violations, in the order found.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Violation>);

impl Findings {
    pub fn into_violations(self) -> Vec<Violation> {
        self.0
    }

    pub fn report(
        &mut self,
        reason: &'static str,
        subject: Subject,
        excess: Excess,
        message: impl Into<String>,
    ) {
        let (excess, money) = match excess {
            Excess::Nothing => (None, None),
            Excess::Units(units) => (Some(units), None),
            Excess::Money(money) => (None, Some(money)),
        };
        let Subject { ids, period } = subject;
        let message = message.into();
        self.0.push(Violation { reason, ids, period, excess, money, message });
    }

    /// Reports what could not be calculated.
    pub fn unsound(&mut self, outcome: Sound<()>) {
        match outcome {
            Ok(()) => {}
            Err(Unsound::TooLarge) => self.report(
                reason::NUMBER_TOO_LARGE,
                Subject::of(&[]),
                Excess::Nothing,
                "a number is too large to be calculated exactly",
            ),
            Err(Unsound::NoRate(currency)) => self.report(
                reason::RATE_MISSING,
                Subject::of(&[currency.code()]),
                Excess::Nothing,
                format!("{currency} has no planning rate"),
            ),
        }
    }

    /// Holds money told against money due; tells whether they are one.
    pub fn money(
        &mut self,
        reason: &'static str,
        subject: impl FnOnce() -> Subject,
        what: &str,
        told: Money,
        due: Money,
    ) -> bool {
        if told == due {
            return true;
        }
        let excess = told.minus(due).map_or(Excess::Nothing, Excess::Money);
        self.report(reason, subject(), excess, format!("{what}: {told} is told, {due} is due"));
        false
    }

    /// Holds a number told against the number due; tells whether they are one.
    pub fn number(
        &mut self,
        reason: &'static str,
        subject: impl FnOnce() -> Subject,
        what: &str,
        told: Decimal,
        due: Decimal,
    ) -> bool {
        if told == due {
            return true;
        }
        let excess = told.checked_sub(due).map_or(Excess::Nothing, Excess::Units);
        self.report(reason, subject(), excess, format!("{what}: {told} is told, {due} is due"));
        false
    }

    /// The same for a discounted amount.
    pub fn discounted(
        &mut self,
        reason: &'static str,
        subject: impl FnOnce() -> Subject,
        what: &str,
        told: Decimal,
        due: Decimal,
    ) -> bool {
        one_sum(told, due) || self.number(reason, subject, what, told, due)
    }

    /// Holds the rows of a report against those due. A row left out says zero
    /// of everything; a row without figures is in the wrong currency.
    pub fn rows<const N: usize>(
        &mut self,
        reason: &'static str,
        what: &str,
        told: impl IntoIterator<Item = (Subject, Option<[Decimal; N]>)>,
        mut due: BTreeMap<Subject, [Decimal; N]>,
    ) {
        const WITHIN: &str = " / ";
        let shown = |figures: &[Decimal; N]| {
            figures.iter().map(ToString::to_string).collect::<Vec<_>>().join(WITHIN)
        };
        let mut seen = std::collections::BTreeSet::new();
        for (subject, figures) in told {
            if !seen.insert(subject.clone()) {
                let message = format!("{what} is told twice");
                self.report(reason::DUPLICATE, subject, Excess::Nothing, message);
                continue;
            }
            let right = due.remove(&subject).unwrap_or([Decimal::ZERO; N]);
            if figures != Some(right) {
                let told = figures.map_or("another currency".to_owned(), |told| shown(&told));
                let message = format!("{what}: {told} is told, {} is due", shown(&right));
                self.report(reason, subject, Excess::Nothing, message);
            }
        }
        for (subject, right) in due {
            if right.iter().any(|figure| !figure.is_zero()) {
                let message = format!("{what}: nothing is told, {} is due", shown(&right));
                self.report(reason, subject, Excess::Nothing, message);
            }
        }
    }
}
