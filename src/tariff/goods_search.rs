//! Finds tariff lines by the beginning of a code, or by words.

use crate::tariff::goods_code::GoodsCode;
use crate::tariff::schedule::Tariff;
use jiff::civil::Date;

impl Tariff {
    /// Places of the lines of a day, by what was known, that a query finds:
    /// first the codes that begin with it or hold it, then the texts in which
    /// every word of it begins a word; each in order of code.
    pub fn search(&self, query: &str, day: Date, known_at: Date) -> Vec<usize> {
        let code = GoodsCode::prefix(query.trim()).ok();
        let words: Vec<String> = words(query).collect();
        let rank = |index: &usize| {
            let line = &self.lines[*index];
            if code.is_some_and(|code| code.covers(&line.code) || line.code.covers(&code)) {
                return Some((0, *index));
            }
            let text: Vec<String> = self::words(&line.description).collect();
            let begins = |word: &String| text.iter().any(|known| known.starts_with(word));
            (!words.is_empty() && words.iter().all(begins)).then_some((1, *index))
        };
        let lines = (0..self.lines.len()).filter(|index| self.lines[*index].exists_on(day));
        // Of several rows of a code only the one that counts.
        let counts = |(_, index): &(u8, usize)| {
            self.lines_for(&self.lines[*index].code, day, known_at).contains(index)
        };
        let mut found: Vec<(u8, usize)> =
            lines.filter_map(|index| rank(&index)).filter(counts).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, index)| index).collect()
    }
}

/// Words in small letters; `3,000` is one.
fn words(text: &str) -> impl Iterator<Item = String> {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let digit = |c: Option<&char>| c.is_some_and(char::is_ascii_digit);
        let groups = letter == ',' && plain.ends_with(|c: char| c.is_ascii_digit());
        if !(groups && digit(letters.peek())) {
            plain.extend(letter.to_lowercase());
        }
    }
    let words: Vec<String> = plain
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.into_iter()
}
