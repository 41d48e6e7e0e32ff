//! The rate at which earning a relief pays, by volume.

use super::canvas::{Axis, Lies, TEXT, TOP, empty, page};
use super::numbers::{grouped, ticks};
use super::palette::{FAINT, INK, RULE, series, tint};

/// Rates by volume.
#[derive(Clone, Debug, Default)]
pub struct ConcessionCurve {
    /// Title.
    pub title: String,
    /// Line below it.
    pub subtitle: String,
    /// Highest rate asked about, a share.
    pub most_rate: f64,
    /// By volume, in order.
    pub points: Vec<ConcessionRate>,
}

/// The highest rate at which so many vehicles pay.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConcessionRate {
    /// Vehicles a year.
    pub volume: f64,
    /// Share of the base; none where no rate pays.
    pub rate: Option<f64>,
    /// What is said where there is no rate.
    pub otherwise: &'static str,
}

impl ConcessionCurve {
    /// The picture.
    pub fn svg(&self) -> String {
        let volumes = self.points.iter().map(|point| point.volume);
        let most = volumes.filter(|volume| volume.is_finite()).fold(0.0, f64::max);
        if most <= 0.0 || self.most_rate <= 0.0 {
            return empty(&self.title, &self.subtitle);
        }
        let (width, height) = (900.0, 460.0);
        page((width, height), &self.title, &self.subtitle, |canvas| {
            let x = Axis { low: 0.0, high: most * 1.05, from: 80.0, to: width - 40.0 };
            let y = Axis { low: 0.0, high: self.most_rate, from: height - 70.0, to: TOP + 10.0 };
            for (tick, told) in ticks(0.0, self.most_rate * 100.0, 6) {
                let at = y.at(tick / 100.0);
                canvas.line(&[(x.from, at), (x.to, at)], RULE, 1);
                let told = format!("{told} %");
                canvas.text((x.from - 8.0, at), &told, 11.0, FAINT, Lies::Left);
            }
            for (tick, told) in ticks(0.0, x.high, 7) {
                let at = x.at(tick);
                canvas.text((at, y.from + 16.0), &told, 11.0, FAINT, Lies::Middle);
            }
            let axis = (f64::midpoint(x.from, x.to), y.from + 40.0);
            canvas.text(axis, "vehicles a year that earn it", TEXT, INK, Lies::Middle);
            // Volumes next to each other that pay; between others nothing is known.
            let mut is_told = false;
            for run in self.points.split(|point| point.rate.is_none()) {
                let at = run.iter().filter_map(|it| Some((x.at(it.volume), y.at(it.rate?))));
                let paid: Vec<(f64, f64)> = at.collect();
                let (Some(first), Some(last)) = (paid.first(), paid.last()) else { continue };
                let mut under = paid.clone();
                under.extend([(last.0, y.from), (first.0, y.from)]);
                canvas.polygon(&under, tint(series(0), 0.7), 1.0);
                canvas.line(&paid, series(0), 2);
                if !is_told {
                    let at = (first.0 + 8.0, y.from - 14.0);
                    canvas.text(at, "earning it pays", TEXT, INK, Lies::Right);
                    is_told = true;
                }
            }
            for point in &self.points {
                let at = x.at(point.volume);
                match point.rate {
                    Some(rate) => {
                        let told = format!("{} %", grouped(rate * 100.0, 2));
                        let y = y.at(rate);
                        canvas.rectangle((at - 3.0, y - 3.0), (at + 3.0, y + 3.0), series(0));
                        canvas.text((at + 6.0, y - 12.0), &told, 11.0, INK, Lies::Right);
                    }
                    None => {
                        canvas.text((at, y.from - 8.0), point.otherwise, 11.0, FAINT, Lies::Middle);
                    }
                }
            }
        })
    }
}
