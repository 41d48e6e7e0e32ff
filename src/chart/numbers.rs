//! Numbers as a reader of a picture wants them.

/// A number with thousands separated and so many decimals.
pub(super) fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), ""), |parts| parts);
    let mut told = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    let is_zero = text.chars().all(|digit| digit == '0' || digit == '.');
    let sign = if value < 0.0 && !is_zero { "-" } else { "" };
    if rest.is_empty() { format!("{sign}{told}") } else { format!("{sign}{told}.{rest}") }
}

/// A unit of money for numbers as large as these: what to divide by, and its
/// name.
pub(super) fn scale(greatest: f64) -> (f64, &'static str) {
    match greatest.abs() {
        large if large >= 2e9 => (1e9, " billion"),
        large if large >= 2e6 => (1e6, " million"),
        _ => (1.0, ""),
    }
}

/// Decimals that tell numbers so far apart from each other.
pub(super) fn decimals(step: f64) -> usize {
    if step <= 0.0 || !step.is_finite() {
        return 0;
    }
    (-step.log10().floor()).clamp(0.0, 9.0) as usize
}

/// About so many round numbers between two, each as it is told.
pub(super) fn ticks(low: f64, high: f64, about: usize) -> Vec<(f64, String)> {
    let width = high - low;
    if width <= 0.0 || !width.is_finite() {
        return vec![(low, grouped(low, decimals(low.abs())))];
    }
    let rough = width / about.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|each| each * power);
    let step = step.into_iter().find(|step| *step >= rough).unwrap_or(power * 10.0);
    // An end that is a tick but for its last digit is one.
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    // 2.5 needs a decimal more than its power of ten.
    let is_round = |digits: &u8| {
        let told = step * 10_f64.powi(i32::from(*digits));
        (told - told.round()).abs() < 1e-6
    };
    let digits = usize::from((0..9).find(is_round).unwrap_or(9));
    let ticks = (first..=last).map(|place| place as f64 * step);
    ticks.map(|tick| (tick, grouped(tick, digits))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_with_thousands_separated() {
        assert_eq!(grouped(1_234_567.891, 1), "1,234,567.9");
        assert_eq!(grouped(-0.001, 1), "0.0");
        assert_eq!(grouped(-1234.0, 0), "-1,234");
        assert_eq!(decimals(0.02), 2);
        assert_eq!(decimals(500.0), 0);
    }

    #[test]
    fn ticks_are_round_and_within() {
        let told = |low, high, about| -> Vec<String> {
            ticks(low, high, about).into_iter().map(|(_, told)| told).collect()
        };
        assert_eq!(told(0.0, 0.3, 6), ["0.00", "0.05", "0.10", "0.15", "0.20", "0.25", "0.30"]);
        assert_eq!(told(5.0, 5.0, 4), ["5"]);
        assert_eq!(told(100.0, 220.0, 6), ["100", "120", "140", "160", "180", "200", "220"]);
        // Half steps are told as such, and no two ticks alike.
        assert_eq!(told(46.0, 58.1, 5), ["47.5", "50.0", "52.5", "55.0", "57.5"]);
        assert!((ticks(0.0, 0.3, 6)[6].0 - 0.3).abs() < 1e-12);
    }
}
