//! Numbers as they stand in a file: exact decimals, never through binary
//! floating point.

use super::InstanceFault;
use rust_decimal::Decimal;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::str::FromStr;

/// Longest number read, in characters.
const MOST_CHARACTERS: usize = 30;

/// Largest number that is read or comes of a product: a decimal holds ten
/// thousand times as much, so that what is made of a few of them can be held.
const MOST: Decimal = Decimal::from_parts(0xA100_0000, 0x1BCE_CCED, 0xD3C2, false, 0);

/// Most facilities, customers or periods: a count that is no count of an
/// instance is refused before it takes memory.
const MOST_COUNTED: usize = 100_000;

/// A number of a JSON file, with the digits it is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figure(pub(super) Decimal);

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = <&RawValue>::deserialize(deserializer)?.get();
        decimal(written)
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("`{written}` is no number to reckon with")))
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error;
        let written = RawValue::from_string(self.0.to_string()).map_err(S::Error::custom)?;
        written.serialize(serializer)
    }
}

impl From<i64> for Figure {
    fn from(value: i64) -> Self {
        Self(value.into())
    }
}

/// `12`, `-7.5`, `7500.` or `1.5e3`; none if it is no number or too long.
pub(super) fn decimal(written: &str) -> Option<Decimal> {
    if written.len() > MOST_CHARACTERS {
        return None;
    }
    let value = if written.contains(['e', 'E']) {
        Decimal::from_scientific(written)
    } else {
        Decimal::from_str(written.strip_suffix('.').unwrap_or(written))
    };
    value.ok().filter(|value| value.abs() <= MOST)
}

/// A product of the file's numbers.
pub(super) fn product(
    what: &'static str,
    factors: impl IntoIterator<Item = Decimal>,
) -> Result<Decimal, InstanceFault> {
    held(what, factors.into_iter().try_fold(Decimal::ONE, Decimal::checked_mul))
}

/// A sum of the file's numbers.
pub(super) fn sum(
    what: &'static str,
    terms: impl IntoIterator<Item = Decimal>,
) -> Result<Decimal, InstanceFault> {
    held(what, terms.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add))
}

/// What the file's numbers come to, if it can be reckoned with.
pub(super) fn held(what: &'static str, value: Option<Decimal>) -> Result<Decimal, InstanceFault> {
    value.filter(|value| value.abs() <= MOST).ok_or(InstanceFault::Overflow(what))
}

/// The number, if it lies between the bounds, both included.
pub(super) fn within(
    value: Decimal,
    least: Decimal,
    most: Decimal,
    what: impl FnOnce() -> String,
) -> Result<Decimal, InstanceFault> {
    if value >= least && value <= most {
        return Ok(value);
    }
    Err(InstanceFault::OutOfBounds { what: what(), found: value })
}

/// The number, if it is zero or more.
pub(super) fn not_negative(
    value: Decimal,
    what: impl FnOnce() -> String,
) -> Result<Decimal, InstanceFault> {
    within(value, Decimal::ZERO, Decimal::MAX, what)
}

/// The words of a file of numbers, one after the other. Bytes of zero, which
/// some published files end in, part words as blanks do.
pub(super) struct Words<'a> {
    rest: Box<dyn Iterator<Item = &'a str> + 'a>,
}

impl<'a> Words<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let words = text.split(|c: char| c.is_whitespace() || c == '\0');
        Self { rest: Box::new(words.filter(|word| !word.is_empty())) }
    }

    /// The next word, whatever it is.
    pub(super) fn word(&mut self, what: &str) -> Result<&'a str, InstanceFault> {
        self.rest.next().ok_or_else(|| InstanceFault::Ended(what.to_owned()))
    }

    /// The next word as a number.
    pub(super) fn number(&mut self, what: &str) -> Result<Decimal, InstanceFault> {
        let word = self.word(what)?;
        number(word, what)
    }

    /// The next word as a number of zero or more.
    pub(super) fn amount(&mut self, what: &str) -> Result<Decimal, InstanceFault> {
        not_negative(self.number(what)?, || what.to_owned())
    }

    /// The next word as a count, 1 to 100,000.
    pub(super) fn count(&mut self, what: &str) -> Result<usize, InstanceFault> {
        let number = self.number(what)?;
        usize::try_from(number)
            .ok()
            .filter(|count| number.fract().is_zero() && (1..=MOST_COUNTED).contains(count))
            .ok_or_else(|| InstanceFault::OutOfBounds { what: what.to_owned(), found: number })
    }
}

/// A word as a number.
pub(super) fn number(word: &str, what: &str) -> Result<Decimal, InstanceFault> {
    decimal(word).ok_or_else(|| InstanceFault::Figure {
        what: what.to_owned(),
        found: word.chars().take(MOST_CHARACTERS).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_written() {
        let read = |text: &str| decimal(text).map(|value| value.normalize().to_string());
        assert_eq!(read("7500.").as_deref(), Some("7500"));
        assert_eq!(read("6739.72500").as_deref(), Some("6739.725"));
        assert_eq!(read(".5").as_deref(), Some("0.5"));
        assert_eq!(read("-3").as_deref(), Some("-3"));
        assert_eq!(read("1.5E+3").as_deref(), Some("1500"));
        assert_eq!(read("1e-06").as_deref(), Some("0.000001"));
        for none in ["", ".", "-", "capacity", "nan", "inf", "1e400", "1e-400", "1e", "\"1\""] {
            assert_eq!(read(none), None, "{none}");
        }
        assert_eq!(read("1e24").as_deref(), Some("1000000000000000000000000"));
        assert_eq!(read("1.001e24"), None);
        assert_eq!(read(&"9".repeat(29)), None);
    }

    #[test]
    fn zero_bytes_part_words_and_counts_are_whole() {
        let mut words = Words::of("3 \0 2.5\0\0");
        assert_eq!(words.count("m").unwrap(), 3);
        assert!(words.count("n").is_err());
        assert!(matches!(words.number("x"), Err(InstanceFault::Ended(_))));
    }
}
