//! Duty expressions: how schedules print a rate, and what it amounts to.

use crate::money::{Currency, Money, Overflow, Rate};
use crate::tariff::quantity::{Quantity, Unit};
use rust_decimal::Decimal;
use std::fmt;
use std::str::FromStr;

/// A rate as a provision prints it.
#[derive(Clone, Debug, PartialEq)]
pub enum DutyExpression {
    /// No duty: `free`.
    Free,
    /// Ad valorem, specific, or a sum of both: `25%`, `1.50 USD/KGM + 3%`.
    Sum(Vec<Term>),
    /// The total of the tariff line's own duty and this one is the rate,
    /// unless the line's own duty is more: `all-in 15%`.
    AllIn(Rate),
    /// The tariff line's own duty gives way to this, where this is less:
    /// `in place of column 50%`.
    InPlaceOfColumn(Rate),
    /// A tax whose own amount, and a surcharge on it, stand in its base:
    /// `tax-inclusive 9% with 10%`, r / (1 - (1 + s) r) of the base.
    TaxInclusive {
        /// The rate r on the price with tax.
        rate: Rate,
        /// The surcharge s on the tax.
        surcharge: Rate,
    },
    /// The provision is known to exist, its rate only to lie between two:
    /// `unknown 0% to 50%`.
    Unknown {
        /// Least rate.
        lowest: Rate,
        /// Greatest rate.
        highest: Rate,
    },
}

/// One term of a compound rate.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A share of the base.
    AdValorem(Rate),
    /// An exact fraction of the base, such as 22/78.
    Fraction {
        /// Above the stroke.
        numerator: u32,
        /// Below it; more than zero.
        denominator: u32,
    },
    /// An amount for each unit of goods.
    Specific {
        /// Amount for one unit.
        amount: Money,
        /// The unit counted.
        per: Unit,
    },
}

/// A text that is not a duty expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duty expression, such as `2.5%`, `1.50 USD/KGM + 3%`, `all-in 15%`")]
pub struct MalformedDutyExpression(String);

/// Why an expression has no amount for these goods.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpriceable {
    /// A specific duty counts in a unit the line does not state.
    #[error("the duty is charged by {0} and the line states no such quantity")]
    MissingQuantity(Unit),
    /// A specific duty is in another currency than the importer's.
    #[error("the duty is stated in {0}, which is not the importer's currency")]
    ForeignCurrency(Currency),
    /// See [`Overflow`].
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

impl DutyExpression {
    /// Unrounded duty on a base. An all-in rate, and one in place of the
    /// column's, are given as the whole rate on the base; an unknown one at its
    /// least.
    ///
    /// # Errors
    /// [`Unpriceable`].
    pub fn duty(&self, base: Money, quantities: &[Quantity]) -> Result<Money, Unpriceable> {
        match self {
            Self::Free => Ok(Money::zero(base.currency())),
            Self::AllIn(rate)
            | Self::InPlaceOfColumn(rate)
            | Self::Unknown { lowest: rate, .. } => Ok(base.times(rate.fraction())?),
            Self::TaxInclusive { rate, surcharge } => {
                let inside = (Decimal::ONE + surcharge.fraction()) * rate.fraction();
                Ok(base.times(rate.fraction())?.divided_by(Decimal::ONE - inside)?)
            }
            Self::Sum(terms) => terms.iter().try_fold(Money::zero(base.currency()), |sum, term| {
                Ok(sum.plus(term.duty(base, quantities)?)?)
            }),
        }
    }

    /// The ad valorem rate, where the expression is one and nothing else; of an
    /// all-in rate, the whole; of one in place of the column's, that one.
    pub fn ad_valorem(&self) -> Option<Rate> {
        match self {
            Self::Free => Some(Rate::ZERO),
            Self::Sum(terms) => match terms.as_slice() {
                [Term::AdValorem(rate)] => Some(*rate),
                _ => None,
            },
            Self::AllIn(rate) | Self::InPlaceOfColumn(rate) => Some(*rate),
            Self::TaxInclusive { .. } | Self::Unknown { .. } => None,
        }
    }
}

impl Term {
    fn duty(&self, base: Money, quantities: &[Quantity]) -> Result<Money, Unpriceable> {
        match self {
            Self::AdValorem(rate) => Ok(base.times(rate.fraction())?),
            Self::Fraction { numerator, denominator } => {
                Ok(base.times((*numerator).into())?.divided_by((*denominator).into())?)
            }
            Self::Specific { amount, per } => {
                if amount.currency() != base.currency() {
                    return Err(Unpriceable::ForeignCurrency(amount.currency()));
                }
                let counted = quantities
                    .iter()
                    .find(|quantity| quantity.unit == *per)
                    .ok_or(Unpriceable::MissingQuantity(*per))?;
                Ok(amount.times(counted.amount)?)
            }
        }
    }
}

impl FromStr for Term {
    type Err = MalformedDutyExpression;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || MalformedDutyExpression(text.to_owned());
        if let Some((above, below)) = text.split_once('/')
            && let (Ok(numerator), Ok(denominator)) = (above.parse(), below.parse())
        {
            return if denominator > 0 {
                Ok(Self::Fraction { numerator, denominator })
            } else {
                Err(malformed())
            };
        }
        if let Some((amount, per)) = text.split_once('/') {
            let amount: Money = amount.parse().map_err(|_| malformed())?;
            if amount.amount() < Decimal::ZERO {
                return Err(malformed());
            }
            return Ok(Self::Specific {
                amount,
                per: per.trim().parse().map_err(|_| malformed())?,
            });
        }
        text.parse().map(Self::AdValorem).map_err(|_| malformed())
    }
}

impl FromStr for DutyExpression {
    type Err = MalformedDutyExpression;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || MalformedDutyExpression(text.to_owned());
        let text = text.trim();
        if text.eq_ignore_ascii_case("free") {
            return Ok(Self::Free);
        }
        if let Some(rate) = text.strip_prefix("all-in ") {
            return rate.parse().map(Self::AllIn).map_err(|_| malformed());
        }
        if let Some(rate) = text.strip_prefix("in place of column ") {
            let rate = if rate.eq_ignore_ascii_case("free") { "0%" } else { rate };
            return rate.parse().map(Self::InPlaceOfColumn).map_err(|_| malformed());
        }
        if let Some(tax) = text.strip_prefix("tax-inclusive ") {
            let (rate, surcharge) = tax.split_once(" with ").ok_or_else(malformed)?;
            let rate: Rate = rate.parse().map_err(|_| malformed())?;
            let surcharge: Rate = surcharge.parse().map_err(|_| malformed())?;
            let inside = (Decimal::ONE + surcharge.fraction()) * rate.fraction();
            return if inside < Decimal::ONE {
                Ok(Self::TaxInclusive { rate, surcharge })
            } else {
                Err(malformed())
            };
        }
        if let Some(range) = text.strip_prefix("unknown ") {
            let (lowest, highest) = range.split_once(" to ").ok_or_else(malformed)?;
            let lowest: Rate = lowest.parse().map_err(|_| malformed())?;
            let highest: Rate = highest.parse().map_err(|_| malformed())?;
            return if lowest <= highest {
                Ok(Self::Unknown { lowest, highest })
            } else {
                Err(malformed())
            };
        }
        let terms: Result<Vec<Term>, _> = text.split(" + ").map(str::parse).collect();
        terms.map(Self::Sum).map_err(|_| malformed())
    }
}

impl fmt::Display for DutyExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free => f.write_str("free"),
            Self::AllIn(rate) => write!(f, "all-in {rate}"),
            Self::InPlaceOfColumn(rate) if *rate == Rate::ZERO => {
                f.write_str("in place of column free")
            }
            Self::InPlaceOfColumn(rate) => write!(f, "in place of column {rate}"),
            Self::TaxInclusive { rate, surcharge } => {
                write!(f, "tax-inclusive {rate} with {surcharge}")
            }
            Self::Unknown { lowest, highest } => write!(f, "unknown {lowest} to {highest}"),
            Self::Sum(terms) => {
                for (place, term) in terms.iter().enumerate() {
                    if place > 0 {
                        f.write_str(" + ")?;
                    }
                    match term {
                        Term::AdValorem(rate) => write!(f, "{rate}")?,
                        Term::Fraction { numerator, denominator } => {
                            write!(f, "{numerator}/{denominator}")?;
                        }
                        Term::Specific { amount, per } => write!(f, "{amount}/{per}")?,
                    }
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_print_as_they_are_read() {
        for text in [
            "free",
            "2.5%",
            "1.50 USD/KGM",
            "1.50 USD/KGM + 3%",
            "all-in 15%",
            "unknown 0% to 50%",
            "22/78",
            "in place of column 50%",
            "in place of column free",
            "tax-inclusive 9% with 10%",
        ] {
            assert_eq!(text.parse::<DutyExpression>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "2.5",
            "-3%",
            "15% all-in",
            "1.50/KGM",
            "3% +",
            "unknown 5% to 1%",
            "1e3%",
            "1/0",
            "tax-inclusive 95% with 10%",
        ] {
            assert!(bad.parse::<DutyExpression>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_tax_inclusive_rate_holds_itself_and_its_surcharge() {
        // 1,530,000 x 9 % / (1 - 1.1 x 9 %) = 137,700 / 0.901
        let expression: DutyExpression = "tax-inclusive 9% with 10%".parse().unwrap();
        let tax = expression.duty("1530000.00 THB".parse().unwrap(), &[]).unwrap();
        assert_eq!(tax.rounded(crate::money::Rounding::HALF_UP).to_string(), "152830.19 THB");
    }

    #[test]
    fn a_compound_duty_adds_its_terms() {
        // 50 kg x 1.50 + 1,000.00 x 3 % = 75.00 + 30.00
        let expression: DutyExpression = "1.50 USD/KGM + 3%".parse().unwrap();
        let base = "1000.00 USD".parse().unwrap();
        let weight = Quantity { amount: Decimal::from(50), unit: "KGM".parse().unwrap() };
        assert_eq!(expression.duty(base, &[weight]).unwrap().to_string(), "105.00 USD");
        assert_eq!(
            expression.duty(base, &[]),
            Err(Unpriceable::MissingQuantity("KGM".parse().unwrap()))
        );
    }
}
