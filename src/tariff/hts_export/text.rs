//! Cells as they should have been typed.

/// The text without what cannot be seen: one space for every run of blanks and
/// line breaks, no zero-width characters.
pub(super) fn tidy(text: &str) -> String {
    let seen: String =
        text.chars().filter(|c| !matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}')).collect();
    let mut tidy = String::with_capacity(seen.len());
    for word in seen.split_whitespace() {
        if !tidy.is_empty() {
            tidy.push(' ');
        }
        tidy.push_str(word);
    }
    tidy
}

/// The text with its percentages written the shortest way: `6.80%` is `6.8%`.
pub(super) fn short_percentages(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    let mut pieces = text.split('%').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            short.push_str(piece);
            break;
        }
        let start = piece
            .rfind(|c: char| !c.is_ascii_digit() && c != '.')
            .map_or(0, |place| place + piece[place..].chars().next().map_or(1, char::len_utf8));
        let (before, digits) = piece.split_at(start);
        short.push_str(before);
        short.push_str(if digits.contains('.') {
            digits.trim_end_matches('0').trim_end_matches('.')
        } else {
            digits
        });
        short.push('%');
    }
    short
}

/// The text without the hyphens of a narrow column: `thou- sand`.
pub(super) fn unbroken(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("- ") {
        joined.push_str(before);
        let inside_word = before.ends_with(|c: char| c.is_ascii_lowercase())
            && after.starts_with(|c: char| c.is_ascii_lowercase());
        if !inside_word {
            joined.push_str("- ");
        }
        rest = after;
    }
    joined.push_str(rest);
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_dropped() {
        assert_eq!(tidy(" Free \n(A,\u{a0}B\u{200b}) "), "Free (A, B)");
        assert_eq!(unbroken("$1/thou- sand - net"), "$1/thousand - net");
    }

    #[test]
    fn percentages_are_short() {
        for (long, short) in [
            ("6.80%", "6.8%"),
            ("20.00%", "20%"),
            ("20%", "20%"),
            ("1¢/kg + 5.50% on the case", "1¢/kg + 5.5% on the case"),
            ("10.10¢/kg", "10.10¢/kg"),
        ] {
            assert_eq!(short_percentages(long), short);
        }
    }
}
