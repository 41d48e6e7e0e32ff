//! Who flips first: models by markets, the smaller the gap to the runner-up the
//! stronger the colour.

use super::canvas::{Lies, MARGIN, MOST, TEXT, TOP, empty, fitted, page, text_width, widest};
use super::numbers::grouped;
use super::palette::{FAINT, INK, RULE, ink_on, strength};

/// Models by markets.
#[derive(Clone, Debug, Default)]
pub struct SwitchMap {
    /// Title.
    pub title: String,
    /// Line below it.
    pub subtitle: String,
    /// Currency of the gaps.
    pub currency: String,
    /// Models, from top to bottom.
    pub models: Vec<String>,
    /// Markets, from left to right.
    pub markets: Vec<String>,
    /// Cells that are wanted.
    pub cells: Vec<Cell>,
}

/// A model in a market.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Model, by place.
    pub model: usize,
    /// Market, by place.
    pub market: usize,
    /// Where it comes from.
    pub origin: String,
    /// The next-best origin; empty where there is none.
    pub runner_up: String,
    /// By how much a vehicle from there is dearer; none where it is not known.
    pub gap: Option<f64>,
}

const ROW: f64 = 34.0;

impl SwitchMap {
    /// The picture.
    pub fn svg(&self) -> String {
        if self.cells.is_empty() || self.models.is_empty() || self.markets.is_empty() {
            return empty(&self.title, &self.subtitle);
        }
        let left = MARGIN + widest(self.models.iter().map(String::as_str), TEXT, 220.0) + 14.0;
        let names =
            self.cells.iter().flat_map(|cell| [cell.origin.as_str(), cell.runner_up.as_str()]);
        let column = (widest(names, 11.0, 110.0) + 34.0).max(64.0);
        let head = widest(self.markets.iter().map(String::as_str), TEXT, 140.0) + 12.0;
        let slanted = head > column;
        let head = if slanted { head } else { 22.0 };
        let fits = |room: f64, each: f64| (room / each).floor().max(1.0) as usize;
        let markets = &self.markets[..self.markets.len().min(fits(MOST - left - MARGIN, column))];
        let models = &self.models[..self.models.len().min(fits(MOST - TOP - head - 90.0, ROW))];
        let width = (left + column * markets.len() as f64 + MARGIN).max(620.0);
        let height = TOP + head + ROW * models.len() as f64 + 90.0;
        let mut gaps: Vec<f64> = self.cells.iter().filter_map(|cell| cell.gap).collect();
        gaps.retain(|gap| gap.is_finite());
        gaps.sort_by(f64::total_cmp);
        page((width, height), &self.title, &self.subtitle, |canvas| {
            for (place, market) in markets.iter().enumerate() {
                let x = left + column * (place as f64 + 0.5);
                if slanted {
                    let market = fitted(market, TEXT, 140.0);
                    canvas.upwards((x, TOP + head - 8.0), &market, TEXT, INK, Lies::Right);
                } else {
                    canvas.text((x, TOP + head - 10.0), market, TEXT, INK, Lies::Middle);
                }
            }
            let top = TOP + head;
            for (place, model) in models.iter().enumerate() {
                let y = top + ROW * (place as f64 + 0.5);
                let model = fitted(model, TEXT, left - MARGIN - 14.0);
                canvas.text((left - 8.0, y), &model, TEXT, INK, Lies::Left);
            }
            let is_shown = |cell: &&Cell| cell.market < markets.len() && cell.model < models.len();
            for cell in self.cells.iter().filter(is_shown) {
                let x = left + column * cell.market as f64;
                let y = top + ROW * cell.model as f64;
                // By rank: a few large gaps must not make all others alike.
                let share = cell.gap.map(|gap| {
                    let below = gaps.partition_point(|known| *known < gap);
                    1.0 - below as f64 / gaps.len().max(1) as f64
                });
                let colour = share.map_or(RULE, |share| strength(share * share));
                canvas.rectangle((x + 1.0, y + 1.0), (x + column - 1.0, y + ROW - 1.0), colour);
                let ink = ink_on(colour);
                let room = column - 8.0;
                let middle = x + column / 2.0;
                let origin = fitted(&cell.origin, 11.0, room);
                canvas.text((middle, y + 11.0), &origin, 11.0, ink, Lies::Middle);
                let gap = cell.gap.map(short).unwrap_or_default();
                let next = match (cell.runner_up.is_empty(), gap.is_empty()) {
                    (true, _) => "no other".to_owned(),
                    (false, true) => cell.runner_up.clone(),
                    (false, false) => {
                        let name =
                            fitted(&cell.runner_up, 10.0, room - text_width(&gap, 10.0) - 8.0);
                        let sign = if gap.starts_with('-') { "" } else { "+" };
                        format!("{name} {sign}{gap}")
                    }
                };
                canvas.text(
                    (middle, y + 24.0),
                    &fitted(&next, 10.0, room),
                    10.0,
                    ink,
                    Lies::Middle,
                );
            }
            let y = top + ROW * models.len() as f64 + 26.0;
            for step in 0..10 {
                let x = MARGIN + 24.0 * f64::from(step);
                let share = f64::from(step) / 9.0;
                canvas.rectangle((x, y - 8.0), (x + 24.0, y + 8.0), strength(share * share));
            }
            let told = format!(
                "stronger: smaller gap, switches first. First line the origin, second the next best and what a vehicle from it costs more, {}",
                self.currency
            );
            let told = fitted(&told, 11.0, width - 2.0 * MARGIN - 260.0);
            canvas.text((MARGIN + 252.0, y), &told, 11.0, FAINT, Lies::Right);
            let all = (self.models.len(), self.markets.len());
            if (models.len(), markets.len()) != all {
                let (models, markets) = (models.len(), markets.len());
                let told = format!(
                    "the first {models} of {} models, {markets} of {} markets",
                    all.0, all.1
                );
                canvas.text((MARGIN, y + 22.0), &told, 11.0, FAINT, Lies::Right);
            }
        })
    }
}

/// A number in a few letters.
fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 1e6 => format!("{}M", grouped(value / 1e6, 1)),
        large if large >= 1e4 => format!("{}k", grouped(value / 1e3, 0)),
        _ => grouped(value, 0),
    }
}
