//! The special column: rates, and the symbols of the programmes they are for.

use super::fault::FaultKind;
use super::rate::{Unread, read_rate};
use super::text::tidy;
use crate::tariff::tariff_line::SpecialRate;

/// The column as read.
pub(super) struct SpecialReading {
    /// Rates that were read.
    pub rates: Vec<SpecialRate>,
    /// Whatever was not as it should be, with its text.
    pub faults: Vec<(FaultKind, String)>,
}

/// Reads a special column: `Free (A+,AU) 5% (JP) See 9822.05.20 (P+)`.
pub(super) fn read_special(text: &str) -> SpecialReading {
    let mut reading = SpecialReading { rates: Vec::new(), faults: Vec::new() };
    let text = tidy(text);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let Some((printed, after)) = rest.split_once('(') else {
            reading.faults.push((FaultKind::RateUnread(Unread::Words), rest.to_owned()));
            break;
        };
        let Some((inside, after)) = after.split_once(')') else {
            reading.faults.push((FaultKind::RateUnread(Unread::Words), rest.to_owned()));
            break;
        };
        rest = after.trim_start();
        let entry = || format!("{} ({inside})", printed.trim());
        let Some(symbols) = symbols(inside, &mut reading.faults) else {
            reading.faults.push((FaultKind::RateUnread(Unread::Words), entry()));
            continue;
        };
        match read_rate(printed) {
            Ok(rate) => reading.rates.push(SpecialRate { symbols, rate }),
            // The line gives these programmes no rate: they have one elsewhere.
            Err(Unread::OtherProvision) if printed.trim_start().starts_with("See ") => {
                reading.faults.push((FaultKind::SpecialElsewhere, entry()));
            }
            Err(unread) => reading.faults.push((FaultKind::RateUnread(unread), entry())),
        }
    }
    reading
}

/// The symbols of one entry, each once; none where one is no symbol.
fn symbols(inside: &str, faults: &mut Vec<(FaultKind, String)>) -> Option<Vec<String>> {
    let mut symbols: Vec<String> = Vec::new();
    let mut repaired = inside.contains('(');
    for piece in inside.split(',') {
        let words: Vec<&str> = piece.split([' ', '(']).filter(|word| !word.is_empty()).collect();
        repaired |= words.len() != 1;
        for word in words {
            let symbol = word.trim_matches('.');
            if !is_symbol(symbol) {
                return None;
            }
            repaired |= symbol != word || symbols.iter().any(|known| known == symbol);
            if !symbols.iter().any(|known| known == symbol) {
                symbols.push(symbol.to_owned());
            }
        }
    }
    if repaired {
        faults.push((FaultKind::SymbolsRepaired, format!("({inside})")));
    }
    Some(symbols).filter(|symbols| !symbols.is_empty())
}

/// One or two capitals and perhaps a mark: `A+`, `E*`, `JP`.
fn is_symbol(text: &str) -> bool {
    let letters = text.strip_suffix(['+', '*']).unwrap_or(text);
    (1..=2).contains(&letters.len()) && letters.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The column as schedules print it.
pub(super) fn printed(rates: &[SpecialRate]) -> String {
    let entries: Vec<String> = rates
        .iter()
        .map(|special| format!("{} ({})", special.rate, special.symbols.join(",")))
        .collect();
    entries.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_one_by_one() {
        let reading = read_special("Free (A+,AU, BH)2.50%(JP) See 9822.05.20 (P+)");
        assert_eq!(printed(&reading.rates), "free (A+,AU,BH) 2.5% (JP)");
        assert_eq!(
            reading.faults,
            [(FaultKind::SpecialElsewhere, "See 9822.05.20 (P+)".to_owned())]
        );
        assert!(SpecialRate::column(&printed(&reading.rates)).is_ok());
    }

    #[test]
    fn slips_between_symbols_are_repaired_and_told() {
        for (slip, read) in [
            ("Free (A,E IL)", "free (A,E,IL)"),
            ("Free (MA,.OM)", "free (MA,OM)"),
            ("Free (L,KR,L)", "free (L,KR)"),
            ("Free (PA (PA)", "free (PA)"),
        ] {
            let reading = read_special(slip);
            assert_eq!(printed(&reading.rates), read);
            assert!(matches!(reading.faults.as_slice(), [(FaultKind::SymbolsRepaired, _)]));
        }
        for bad in ["Free", "Free (A", "Free (abc)", "0.05 (JP)", "Free ()"] {
            let reading = read_special(bad);
            assert!(reading.rates.is_empty() && !reading.faults.is_empty(), "{bad}");
        }
    }
}
