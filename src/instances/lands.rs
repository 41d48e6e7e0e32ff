//! Countries of the generator: figures of the right size, not anybody's
//! statistics.

use super::figures::Figure;
use super::sourcing_file::Country;
use rust_decimal::Decimal;

/// A country as the draws see it.
pub(super) struct Land {
    /// CLDR region code.
    pub(super) id: &'static str,
    currency: &'static str,
    /// Millionths of the base currency in one unit of its own.
    worth: i64,
    /// Labour, thousandths of the dearest.
    pub(super) labour: i64,
    /// What standing costs, thousandths of the home country's.
    pub(super) standing: i64,
    /// Place on a map of a hundred by a hundred.
    place: (i64, i64),
}

const fn land(
    id: &'static str,
    currency: &'static str,
    worth: i64,
    labour: i64,
    standing: i64,
    place: (i64, i64),
) -> Land {
    Land { id, currency, worth, labour, standing, place }
}

/// Those there are, the first the home of the base currency.
pub(super) const LANDS: [Land; 12] = [
    land("US", "USD", 1_000_000, 1000, 1000, (10, 60)),
    land("MX", "MXN", 54_000, 620, 560, (12, 48)),
    land("JP", "JPY", 6_500, 900, 950, (95, 62)),
    land("DE", "EUR", 1_120_000, 1050, 1080, (50, 72)),
    land("KR", "KRW", 720, 840, 860, (91, 61)),
    land("IN", "INR", 11_600, 430, 460, (75, 46)),
    land("CA", "CAD", 730_000, 960, 940, (14, 72)),
    land("TH", "THB", 30_000, 500, 520, (82, 42)),
    land("GB", "GBP", 1_290_000, 1020, 1050, (46, 74)),
    land("BR", "BRL", 185_000, 600, 640, (30, 30)),
    land("CZ", "CZK", 46_000, 640, 680, (53, 71)),
    land("ID", "IDR", 61, 420, 480, (85, 36)),
];

impl Land {
    /// Hundredths of the base currency as hundredths of its own.
    pub(super) fn local(&self, base: i64) -> i64 {
        i64::try_from(i128::from(base) * 1_000_000 / i128::from(self.worth)).unwrap_or(i64::MAX)
    }

    /// Tenths of the map's unit to another.
    pub(super) fn distance(&self, other: &Self) -> i64 {
        let (x, y) = (self.place.0 - other.place.0, self.place.1 - other.place.1);
        (100 * (x * x + y * y)).isqrt()
    }

    /// Its currency, and units of the base currency in one of it.
    pub(super) fn worth(&self) -> (String, Figure) {
        (self.currency.to_owned(), Figure(Decimal::new(self.worth, 6).normalize()))
    }

    /// It as a file names it.
    pub(super) fn country(&self) -> Country {
        Country { id: self.id.to_owned(), currency: self.currency.to_owned() }
    }
}
