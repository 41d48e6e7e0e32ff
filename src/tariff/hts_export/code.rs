//! Codes that a spreadsheet took for numbers or days.

use crate::tariff::goods_code::GoodsCode;

/// A code as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodeReading {
    /// As printed.
    Plain(GoodsCode),
    /// With the zeros a number lost.
    Repaired(GoodsCode),
}

/// Reads a code cell that is not empty: chapters of two digits, headings of
/// four, and pairs beneath them.
///
/// # Errors
/// Why it is not read.
pub(super) fn read_code(text: &str) -> Result<CodeReading, &'static str> {
    let bare = text.trim_start_matches(['\'', '=']).trim_matches('"').trim();
    if bare.contains(['E', 'e']) && bare.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err("a number in powers of ten: its last digits are lost");
    }
    if bare.contains(['-', '/']) || bare.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return Err("not digits and dots; perhaps taken for a day");
    }
    if !bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err("not digits and dots");
    }
    let mut groups: Vec<&str> = bare.split('.').collect();
    // 87032301.0 is a number; 8703.0 may be a heading or its only subheading, one code to us.
    if groups.len() == 2 && groups[1] == "0" && groups[0].len() >= 4 {
        groups.pop();
    }
    let (first, rest) = groups.split_first().ok_or("empty")?;
    let dotted_right = rest.iter().all(|group| group.len() == 2);
    let mut digits: String = groups.concat();
    let mut repaired = digits.len() != bare.bytes().filter(u8::is_ascii_digit).count();
    let lost_first = if rest.is_empty() { first.len() % 2 == 1 } else { first.len() == 3 };
    if lost_first {
        digits.insert(0, '0');
        repaired = true;
    }
    if !rest.is_empty() && first.len() != 4 && !lost_first {
        return Err("the dots stand where no code has them");
    }
    if !dotted_right {
        // One dot was the decimal point, and a last zero went with it.
        if rest.len() != 1 {
            return Err("the dots stand where no code has them");
        }
        if digits.len() % 2 == 1 {
            digits.push('0');
        }
        repaired = true;
    }
    if digits.len() < 4 || digits.len() > 10 {
        return Err("no code has so many digits");
    }
    if digits.starts_with("00") {
        return Err("there is no chapter 00");
    }
    let code = GoodsCode::prefix(&digits).map_err(|_| "not digits and dots")?;
    Ok(if repaired { CodeReading::Repaired(code) } else { CodeReading::Plain(code) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_zeros_come_back() {
        for (text, code, repaired) in [
            ("0101.21.00", "0101.21.00", false),
            ("8703.23.01.10", "8703.23.01.10", false),
            ("87032301", "8703.23.01", false),
            ("'0101.21", "0101.21", false),
            ("1003.9", "1003.90", true),
            ("101.21.00", "0101.21.00", true),
            ("101.2", "0101.20", true),
            ("101", "0101", true),
            ("1012100", "0101.21.00", true),
            ("87032301.0", "8703.23.01", true),
            ("8703.0", "8703", true),
        ] {
            let read = read_code(text).unwrap();
            let expected = GoodsCode::prefix(code).unwrap();
            let expected = if repaired {
                CodeReading::Repaired(expected)
            } else {
                CodeReading::Plain(expected)
            };
            assert_eq!(read, expected, "{text}");
        }
        for bad in [
            "1.0121E+09",
            "Jan-01",
            "2025-01-02",
            "1/2/2025",
            "87032301101",
            "0001",
            "x",
            "8703.2.1",
        ] {
            assert!(read_code(bad).is_err(), "{bad}");
        }
    }
}
