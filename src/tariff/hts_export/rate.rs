//! Rates as the sheet words them: `Free`, `2.4¢/kg`, `$1.61/m3 + 5%`.

use super::text::{tidy, unbroken};
use super::unit::unit;
use crate::money::Money;
use crate::tariff::duty_expression::{DutyExpression, Term};
use rust_decimal::Decimal;

/// Why a rate is not a sum of ad valorem and specific terms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Unread {
    /// There is none.
    #[error("no rate")]
    Blank,
    /// Another provision gives it.
    #[error("another provision gives it")]
    OtherProvision,
    /// A term is charged on a part of the goods: a case, a battery.
    #[error("a part of the goods is the base")]
    Part,
    /// A term is charged on a content, or on more than the goods.
    #[error("a content, or more than the goods, is the base")]
    Content,
    /// It goes down with a degree of purity.
    #[error("it varies with a degree")]
    Degree,
    /// Free or not on a condition.
    #[error("it stands on a condition")]
    Condition,
    /// Counted in a unit without a code.
    #[error("the unit has no code")]
    NoUnit,
    /// A number without a sign: a fraction or a percentage.
    #[error("a number without sign may be a fraction or a percentage")]
    BareNumber,
    /// A spreadsheet took it for a day.
    #[error("taken for a day")]
    Day,
    /// A character was lost on the way.
    #[error("a character was lost")]
    LostCharacter,
    /// Anything else.
    #[error("not understood")]
    Words,
}

impl Unread {
    /// For a list of kinds.
    pub(super) const fn title(&self) -> &'static str {
        match self {
            Self::Blank => "rate not read: blank",
            Self::OtherProvision => "rate not read: another provision gives it",
            Self::Part => "rate not read: on a part of the goods",
            Self::Content => "rate not read: on a content, or on more than the goods",
            Self::Degree => "rate not read: varies with a degree",
            Self::Condition => "rate not read: on a condition",
            Self::NoUnit => "rate not read: unit without a code",
            Self::BareNumber => "rate not read: number without sign",
            Self::Day => "rate not read: taken for a day",
            Self::LostCharacter => "rate not read: character lost",
            Self::Words => "rate not read: not understood",
        }
    }
}

/// Sentences that send the reader elsewhere.
const ELSEWHERE: [&str; 5] = ["see ", "the rate ", "the duty ", "a duty ", "no change"];

/// Reads a rate.
///
/// # Errors
/// [`Unread`].
pub fn read_rate(text: &str) -> Result<DutyExpression, Unread> {
    // UTF-8 that was taken for Latin-1 on the way.
    let text = unbroken(&tidy(text)).replace("Â¢", "¢");
    let lower = text.to_lowercase();
    if text.is_empty() {
        return Err(Unread::Blank);
    }
    if lower == "free" {
        return Ok(DutyExpression::Free);
    }
    if text.contains('\u{fffd}') {
        return Err(Unread::LostCharacter);
    }
    if ELSEWHERE.iter().any(|start| lower.starts_with(start)) {
        return Err(Unread::OtherProvision);
    }
    if lower.starts_with("free") {
        return Err(Unread::Condition);
    }
    if lower.contains(" degree") {
        return Err(Unread::Degree);
    }
    if is_day(&lower) {
        return Err(Unread::Day);
    }
    text.split('+')
        .map(|term| read_term(term.trim()))
        .collect::<Result<_, _>>()
        .map(DutyExpression::Sum)
}

fn read_term(text: &str) -> Result<Term, Unread> {
    let (dollars, text) = match text.strip_prefix('$') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let amount = Decimal::from_str_exact(number).map_err(|_| Unread::Words)?;
    let rest = rest.trim();
    if dollars {
        return specific(amount, rest);
    }
    if let Some(rest) = rest.strip_prefix('¢') {
        return specific(amount / Decimal::ONE_HUNDRED, rest.trim());
    }
    let Some(of) = rest.strip_prefix('%').map(str::trim) else {
        return Err(if rest.is_empty() { Unread::BareNumber } else { Unread::Words });
    };
    match of {
        "" => format!("{number}%").parse().map(Term::AdValorem).map_err(|_| Unread::Words),
        _ if of.contains("content") => Err(Unread::Content),
        _ if of.starts_with("on ") => Err(Unread::Part),
        _ => Err(Unread::Words),
    }
}

/// A specific term: `each`, or `/unit` and perhaps what is counted.
fn specific(amount: Decimal, per: &str) -> Result<Term, Unread> {
    let name = match per.strip_prefix('/') {
        Some(unit) => unit.trim(),
        None if per == "each" => per,
        None => return Err(Unread::Words),
    };
    let per = unit(name).ok_or_else(|| {
        if [" on ", " of ", ","].iter().any(|sign| name.contains(sign)) && !name.starts_with('1') {
            Unread::Content
        } else {
            Unread::NoUnit
        }
    })?;
    let currency = "USD".parse().map_err(|_| Unread::Words)?;
    Ok(Term::Specific { amount: Money::new(amount, currency), per })
}

/// `2025-05-01`, `5-May`, `5/1/2025`: what spreadsheets make of short texts.
fn is_day(lower: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let parts: Vec<&str> = lower.split(['-', '/', ' ']).collect();
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let month = |part: &&str| MONTHS.iter().any(|name| part.starts_with(name));
    (2..=4).contains(&parts.len())
        && parts.iter().any(number)
        && parts.iter().filter(|part| !part.contains(':')).all(|part| number(part) || month(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_printed() {
        for (printed, rate) in [
            ("Free", "free"),
            ("6.80%", "6.8%"),
            ("2.4¢/kg", "0.024 USD/KGM"),
            ("2.4Â¢/kg", "0.024 USD/KGM"),
            ("$1.61/m3 + 5%", "1.61 USD/MTQ + 5%"),
            ("$1.035/kg +11.50%", "1.035 USD/KGM + 11.5%"),
            ("12¢ each+ 3.5%", "0.12 USD/NAR + 3.5%"),
            ("1.8¢/ liter", "0.018 USD/LTR"),
            ("89.6¢/1000", "0.896 USD/MIL"),
            ("$2/1,000 + 60%", "2.00 USD/MIL + 60%"),
            ("$1.20/thou- sand", "1.20 USD/MIL"),
            ("14.1¢/kg on drained weight", "0.141 USD/KDW"),
        ] {
            assert_eq!(read_rate(printed).unwrap().to_string(), rate, "{printed}");
        }
    }

    #[test]
    fn what_cannot_be_priced_says_why() {
        for (printed, why) in [
            ("", Unread::Blank),
            ("The rate applicable to the set", Unread::OtherProvision),
            ("See 9903.01.25", Unread::OtherProvision),
            ("5% on the case + 2%", Unread::Part),
            ("1.5¢/kg on lead content", Unread::Content),
            ("$1/t, including weight of container", Unread::Content),
            ("10% on the value of the lead content", Unread::Content),
            ("3¢/kg less 0.02¢/kg for each degree", Unread::Degree),
            ("Free, under bond", Unread::Condition),
            ("10¢/pf. liter", Unread::NoUnit),
            ("$1/1,000 pins", Unread::NoUnit),
            ("0.025", Unread::BareNumber),
            ("2.5", Unread::BareNumber),
            ("2-May", Unread::Day),
            ("5/1/2025 0:00", Unread::Day),
            ("2.4\u{fffd}/kg", Unread::LostCharacter),
            ("2,5%", Unread::Words),
            ("ten per cent", Unread::Words),
        ] {
            assert_eq!(read_rate(printed), Err(why), "{printed}");
        }
    }
}
