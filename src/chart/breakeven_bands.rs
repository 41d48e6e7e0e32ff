//! Where along a parameter each plan is best, and what the plans cost there.

use super::canvas::{Axis, Canvas, Lies, MARGIN, TEXT, TOP, empty, fitted, page, text_width};
use super::numbers::{decimals, grouped, scale, ticks};
use super::palette::{FAINT, INK, RULE, ink_on, series, tint};

/// Bands of a parameter, each with the plan that is best in it.
#[derive(Clone, Debug, Default)]
pub struct BreakevenBands {
    /// Title.
    pub title: String,
    /// Line below it.
    pub subtitle: String,
    /// What varies, with its unit.
    pub parameter: String,
    /// Currency of the costs.
    pub currency: String,
    /// From the lowest value to the highest.
    pub bands: Vec<Band>,
    /// Cost of the plans along the range.
    pub lines: Vec<CostLine>,
    /// What each plan is, below the picture.
    pub notes: Vec<String>,
}

/// Values between which one plan is best.
#[derive(Clone, Debug, Default)]
pub struct Band {
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
    /// The plan's label; bands and lines of one label are one plan. None: no
    /// plan.
    pub plan: Option<String>,
    /// Whether it is proved all along.
    pub is_proved: bool,
}

/// Cost of one plan at some values.
#[derive(Clone, Debug, Default)]
pub struct CostLine {
    /// The plan's label.
    pub plan: String,
    /// Value and cost, in order of values.
    pub points: Vec<(f64, f64)>,
}

const PLOT: f64 = 330.0;
const BAND: f64 = 40.0;

impl BreakevenBands {
    /// The picture.
    pub fn svg(&self) -> String {
        let (Some(first), Some(last)) = (self.bands.first(), self.bands.last()) else {
            return empty(&self.title, &self.subtitle);
        };
        let plans = self.plans();
        let points =
            || self.lines.iter().flat_map(|line| &line.points).filter(|it| it.1.is_finite());
        let (low, high) = points().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| {
            (low.min(it.1), high.max(it.1))
        });
        let has_lines = low.is_finite() && high.is_finite();
        let room = (high - low).max(high.abs() * 1e-9);
        let plot = if has_lines { PLOT } else { 0.0 };
        let width = 980.0;
        let height = TOP + BAND + plot + 90.0 + 18.0 * self.notes.len() as f64;
        page((width, height), &self.title, &self.subtitle, |canvas| {
            let x = Axis { low: first.low, high: last.high, from: 110.0, to: width - 40.0 };
            self.bands(canvas, x, &plans);
            let (top, bottom) = (TOP + BAND + 14.0, TOP + BAND + 14.0 + plot);
            if has_lines {
                let y = Axis {
                    low: low - 0.05 * room,
                    high: high + 0.05 * room,
                    from: bottom,
                    to: top,
                };
                self.costs(canvas, x, y, &plans);
            }
            for (tick, told) in ticks(x.low, x.high, 8) {
                let at = x.at(tick);
                canvas.line(&[(at, bottom), (at, bottom + 5.0)], FAINT, 1);
                canvas.text((at, bottom + 15.0), &told, 11.0, FAINT, Lies::Middle);
            }
            let middle = f64::midpoint(x.from, x.to);
            canvas.text((middle, bottom + 36.0), &self.parameter, TEXT, INK, Lies::Middle);
            for (place, note) in self.notes.iter().enumerate() {
                let y = bottom + 60.0 + 18.0 * place as f64;
                let note = fitted(note, TEXT, width - 2.0 * MARGIN);
                canvas.text((MARGIN, y), &note, TEXT, INK, Lies::Right);
            }
        })
    }

    fn plans(&self) -> Vec<String> {
        let mut plans: Vec<String> = Vec::new();
        let of_bands = self.bands.iter().filter_map(|band| band.plan.as_ref());
        for plan in of_bands.chain(self.lines.iter().map(|line| &line.plan)) {
            if !plans.contains(plan) {
                plans.push(plan.clone());
            }
        }
        plans
    }

    fn bands(&self, canvas: &Canvas<'_>, x: Axis, plans: &[String]) {
        let mut free = f64::NEG_INFINITY;
        for (place, band) in self.bands.iter().enumerate() {
            let (from, to) = (x.at(band.low), x.at(band.high));
            let plan = band.plan.as_ref().and_then(|plan| plans.iter().position(|it| it == plan));
            let full = plan.map_or(RULE, series);
            // What is not proved is paler, and framed.
            let colour = if band.is_proved { full } else { tint(full, 0.6) };
            canvas.rectangle((from, TOP), (to, TOP + BAND - 12.0), colour);
            if !band.is_proved {
                canvas.frame((from, TOP), (to, TOP + BAND - 12.0), full, 1);
            }
            let label = band.plan.as_deref().unwrap_or("no plan");
            let note =
                if band.is_proved { label.to_owned() } else { format!("{label} (not proved)") };
            let told =
                if text_width(&note, TEXT) < to - from - 6.0 { note.as_str() } else { label };
            if text_width(told, TEXT) < to - from - 2.0 {
                let middle = (f64::midpoint(from, to), TOP + (BAND - 12.0) / 2.0);
                canvas.text(middle, told, TEXT, ink_on(colour), Lies::Middle);
            }
            if place > 0 {
                let value = grouped(band.low, decimals((x.high - x.low) / 2000.0));
                let wide = text_width(&value, 11.0);
                // Values that would lie on each other are left to the table.
                if from - wide / 2.0 > free + 6.0 {
                    canvas.text((from, TOP - 9.0), &value, 11.0, INK, Lies::Middle);
                    free = from + wide / 2.0;
                }
            }
        }
    }

    fn costs(&self, canvas: &Canvas<'_>, x: Axis, y: Axis, plans: &[String]) {
        let (unit, name) = scale(y.high.abs().max(y.low.abs()));
        for (tick, told) in ticks(y.low / unit, y.high / unit, 5) {
            let at = y.at(tick * unit);
            canvas.line(&[(x.from, at), (x.to, at)], RULE, 1);
            canvas.text((x.from - 8.0, at), &told, 11.0, FAINT, Lies::Left);
        }
        let unit_name = format!("{}{name}, discounted", self.currency);
        canvas.upwards((20.0, f64::midpoint(y.from, y.to)), &unit_name, 11.0, FAINT, Lies::Middle);
        for band in self.bands.iter().skip(1) {
            let at = x.at(band.low);
            canvas.dashes((at, TOP + BAND - 12.0), (at, y.from), FAINT);
        }
        for line in &self.lines {
            let colour = plans.iter().position(|it| *it == line.plan).map_or(FAINT, series);
            let points: Vec<(f64, f64)> = line
                .points
                .iter()
                .filter(|(value, cost)| value.is_finite() && cost.is_finite())
                .map(|(value, cost)| (x.at(*value), y.at(*cost)))
                .collect();
            canvas.line(&points, colour, 2);
            if let Some(end) = points.last() {
                let at = (end.0 - 6.0, end.1 - 10.0);
                canvas.text(at, &line.plan, 13.0, colour, Lies::Left);
            }
        }
    }
}
