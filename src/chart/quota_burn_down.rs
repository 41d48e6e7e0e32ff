//! What is left of each tranche of a quota, and who takes it.

use super::canvas::{Axis, Lies, MARGIN, TEXT, TOP, empty, fitted, page, widest};
use super::numbers::{grouped, ticks};
use super::palette::{FAINT, INK, RULE, series};

/// Tranches of quotas.
#[derive(Clone, Debug, Default)]
pub struct QuotaBurnDown {
    /// Title.
    pub title: String,
    /// Line below it.
    pub subtitle: String,
    /// Unit of all amounts.
    pub unit: String,
    /// Tranches, in order of time.
    pub stocks: Vec<Stock>,
}

/// A tranche and what becomes of it.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    /// Importer, quota and first day.
    pub label: String,
    /// Units opened, with what is carried over.
    pub volume: f64,
    /// Units others use.
    pub others: f64,
    /// Units the plan enters, by period, in order.
    pub burned: Vec<Burned>,
}

/// Units entered in a period.
#[derive(Clone, Debug, Default)]
pub struct Burned {
    /// Period.
    pub period: String,
    /// Units.
    pub units: f64,
}

const BAR: f64 = 30.0;
/// Tranches of one picture.
const MOST: usize = 120;

impl QuotaBurnDown {
    /// The picture.
    pub fn svg(&self) -> String {
        let stocks: Vec<&Stock> = self.stocks.iter().take(MOST).collect();
        let most = stocks.iter().map(|stock| stock.volume).filter(|it| it.is_finite());
        let most = most.fold(0.0, f64::max);
        if most <= 0.0 {
            return empty(&self.title, &self.subtitle);
        }
        let left =
            MARGIN + widest(stocks.iter().map(|stock| stock.label.as_str()), TEXT, 300.0) + 18.0;
        let width = 1000.0;
        let height = TOP + 40.0 + BAR * stocks.len() as f64 + 40.0;
        page((width, height), &self.title, &self.subtitle, |canvas| {
            let entries =
                [(series(7), "used by others"), (series(0), "entered by the plan"), (RULE, "left")];
            let top = canvas.legend((MARGIN, TOP), &entries) + 12.0;
            let axis = Axis { low: 0.0, high: most, from: left, to: width - 150.0 };
            let bottom = top + BAR * stocks.len() as f64;
            for (tick, told) in ticks(0.0, most, 5) {
                let x = axis.at(tick);
                canvas.line(&[(x, top - 4.0), (x, bottom)], RULE, 1);
                canvas.text((x, bottom + 12.0), &told, 11.0, FAINT, Lies::Middle);
            }
            canvas.text((width - MARGIN, bottom + 12.0), &self.unit, 11.0, FAINT, Lies::Left);
            for (place, stock) in stocks.iter().enumerate() {
                let y = top + BAR * place as f64;
                let middle = y + BAR / 2.0 - 4.0;
                let label = fitted(&stock.label, TEXT, left - MARGIN - 18.0);
                canvas.text((left - 10.0, middle), &label, TEXT, INK, Lies::Left);
                let volume = stock.volume.max(0.0);
                let end = axis.at(volume);
                canvas.rectangle((left, y), (end, y + BAR - 8.0), RULE);
                let mut from = stock.others.clamp(0.0, volume);
                canvas.rectangle((left, y), (axis.at(from), y + BAR - 8.0), series(7));
                for burned in &stock.burned {
                    let to = (from + burned.units.max(0.0)).min(volume);
                    let (start, stop) = (axis.at(from), axis.at(to));
                    canvas.rectangle((start, y), (stop, y + BAR - 8.0), series(0));
                    // A line between periods.
                    canvas.line(&[(stop, y), (stop, y + BAR - 8.0)], super::palette::PAPER, 1);
                    from = to;
                }
                let rest = volume - from;
                let told = if rest < 0.5 {
                    "used up: over quota".to_owned()
                } else {
                    format!("{} left", grouped(rest, 0))
                };
                canvas.text((end + 8.0, middle), &told, TEXT, INK, Lies::Right);
            }
        })
    }
}
