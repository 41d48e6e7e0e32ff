//! Named rounding rules.

use super::Currency;
use rust_decimal::{Decimal, RoundingStrategy};
use std::fmt;
use std::str::FromStr;

/// How an amount becomes payable, or a base taxable. A schedule names the rule;
/// nothing else rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounding {
    direction: Direction,
    unit: RoundingUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    /// To the nearest, half away from zero.
    HalfUp,
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RoundingUnit {
    /// The currency's minor unit.
    Minor,
    /// So many major units.
    Major(u32),
}

/// A rounding rule no engine of this version knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a rounding rule: half-up, down or up, then `-minor-unit` or a number of major \
     units, such as `down-1000`"
)]
pub struct UnknownRounding(String);

impl Rounding {
    /// To the minor unit, half away from zero.
    pub const HALF_UP: Self = Self { direction: Direction::HalfUp, unit: RoundingUnit::Minor };
    /// Down to the minor unit.
    pub const DOWN: Self = Self { direction: Direction::Down, unit: RoundingUnit::Minor };

    pub(super) fn apply(self, amount: Decimal, currency: Currency) -> Decimal {
        let strategy = match self.direction {
            Direction::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Direction::Down => RoundingStrategy::ToZero,
            Direction::Up => RoundingStrategy::AwayFromZero,
        };
        match self.unit {
            RoundingUnit::Minor if amount.scale() <= currency.minor_digits() => amount,
            RoundingUnit::Minor => {
                let digits = currency.minor_digits();
                let small = self.small(amount, digits);
                small.unwrap_or_else(|| amount.round_dp_with_strategy(digits, strategy))
            }
            RoundingUnit::Major(units) => {
                let units = Decimal::from(units);
                // Whole units first, then the rest decides: no quotient is rounded on the way.
                let rest = amount % units;
                let step = match self.direction {
                    Direction::HalfUp => rest.abs() * Decimal::TWO >= units,
                    Direction::Down => false,
                    Direction::Up => !rest.is_zero(),
                };
                let sign = if amount.is_sign_negative() { -units } else { units };
                amount - rest + if step { sign } else { Decimal::ZERO }
            }
        }
    }
}

impl Rounding {
    /// Rounds an amount whose digits fit a machine word, as nearly all do: the
    /// general way costs more than all other arithmetic of an assessment.
    fn small(self, amount: Decimal, digits: u32) -> Option<Decimal> {
        let mantissa = i64::try_from(amount.mantissa()).ok()?;
        let unit = 10_i64.checked_pow(amount.scale().checked_sub(digits)?)?;
        let (whole, rest) = (mantissa / unit, mantissa % unit);
        let away = match self.direction {
            Direction::HalfUp => rest.abs() >= unit - rest.abs(),
            Direction::Down => false,
            Direction::Up => rest != 0,
        };
        Some(Decimal::new(if away { whole + mantissa.signum() } else { whole }, digits))
    }
}

impl FromStr for Rounding {
    type Err = UnknownRounding;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownRounding(text.to_owned());
        let directions =
            [("half-up-", Direction::HalfUp), ("down-", Direction::Down), ("up-", Direction::Up)];
        let (unit, direction) = directions
            .into_iter()
            .find_map(|(prefix, direction)| Some((text.strip_prefix(prefix)?, direction)))
            .ok_or_else(unknown)?;
        let unit = match unit {
            "minor-unit" => RoundingUnit::Minor,
            number => match number.parse() {
                Ok(units) if units > 0 && !number.starts_with('+') => RoundingUnit::Major(units),
                _ => return Err(unknown()),
            },
        };
        Ok(Self { direction, unit })
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.direction {
            Direction::HalfUp => "half-up",
            Direction::Down => "down",
            Direction::Up => "up",
        })?;
        match self.unit {
            RoundingUnit::Minor => f.write_str("-minor-unit"),
            RoundingUnit::Major(units) => write!(f, "-{units}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_rounds_as_its_name_says() {
        let cases = [
            ("half-up-minor-unit", "1.005", "1.01"),
            ("half-up-minor-unit", "-1.005", "-1.01"),
            ("down-minor-unit", "1.009", "1.00"),
            ("down-1000", "7733037", "7733000"),
            ("down-100", "603174", "603100"),
            ("half-up-1", "2.5", "3"),
            ("half-up-100", "149.99", "100"),
            ("up-10", "20.01", "30"),
            ("up-10", "20", "20"),
        ];
        for (rule, amount, rounded) in cases {
            let rounding: Rounding = rule.parse().unwrap();
            assert_eq!(rounding.to_string(), rule);
            let amount: Decimal = amount.parse().unwrap();
            let currency = "USD".parse().unwrap();
            assert_eq!(rounding.apply(amount, currency), rounded.parse().unwrap(), "{rule}");
        }
        // Word-sized digits and larger ones round alike.
        for rule in ["half-up-minor-unit", "down-minor-unit", "up-minor-unit"] {
            let rounding: Rounding = rule.parse().unwrap();
            let large = Decimal::from_str_exact("1000000000000000000000").unwrap();
            for small in ["0.004", "0.005", "0.0149999", "0.015", "7.999", "12.34"] {
                let small: Decimal = small.parse().unwrap();
                let currency = "USD".parse().unwrap();
                for amount in [small, -small] {
                    let shifted = if amount.is_sign_negative() { -large } else { large };
                    assert_eq!(
                        rounding.apply(amount + shifted, currency) - shifted,
                        rounding.apply(amount, currency),
                        "{rule} of {amount}"
                    );
                }
            }
        }
        for bad in ["", "down", "down-0", "down-+5", "half-up", "sideways-1", "down--1"] {
            assert!(bad.parse::<Rounding>().is_err(), "{bad}");
        }
    }
}
