//! What a vehicle costs landed from each origin, part by part.

use super::canvas::{
    Axis, Lies, MARGIN, MOST, TEXT, TOP, empty, fitted, legend_rows, page, widest,
};
use super::numbers::{grouped, ticks};
use super::palette::{FAINT, INK, MARK, RULE, series};
use std::collections::BTreeMap;

/// Ladders of origins, one for each model and market.
#[derive(Clone, Debug, Default)]
pub struct LandedCostLadder {
    /// Title.
    pub title: String,
    /// Line below it.
    pub subtitle: String,
    /// Currency of all amounts.
    pub currency: String,
    /// The ladders, from top to bottom.
    pub ladders: Vec<Ladder>,
}

/// Origins of one model for one market.
#[derive(Clone, Debug, Default)]
pub struct Ladder {
    /// Which model and market.
    pub label: String,
    /// The origins.
    pub rungs: Vec<Rung>,
}

/// One origin.
#[derive(Clone, Debug, Default)]
pub struct Rung {
    /// Plant and country.
    pub label: String,
    /// Parts of the cost of a vehicle, with what each is.
    pub parts: Vec<(String, f64)>,
    /// Whether the plan takes it.
    pub is_chosen: bool,
}

impl Rung {
    fn total(&self) -> f64 {
        self.parts.iter().map(|(_, amount)| amount).sum()
    }
}

/// Parts with a colour of their own; the others are one.
const MOST_PARTS: usize = 9;
const BAR: f64 = 22.0;

impl LandedCostLadder {
    /// The picture.
    pub fn svg(&self) -> String {
        let rungs: Vec<&Rung> = self.ladders.iter().flat_map(|ladder| &ladder.rungs).collect();
        let greatest = rungs.iter().map(|rung| rung.total()).filter(|it| it.is_finite());
        let greatest = greatest.fold(0.0, f64::max);
        if greatest <= 0.0 {
            return empty(&self.title, &self.subtitle);
        }
        let kinds = self.kinds();
        let left =
            MARGIN + widest(rungs.iter().map(|rung| rung.label.as_str()), TEXT, 260.0) + 22.0;
        let width = 1000.0;
        let legend = 20.0 * legend_rows(kinds.iter().map(String::as_str), width);
        let mut height = TOP + legend + 44.0;
        let mut shown = 0;
        for ladder in &self.ladders {
            let more = 34.0 + BAR * ladder.rungs.len() as f64;
            if height + more > MOST {
                break;
            }
            height += more;
            shown += 1;
        }
        let ladders = &self.ladders[..shown];
        page((width, height), &self.title, &self.subtitle, |canvas| {
            let entries: Vec<_> =
                kinds.iter().enumerate().map(|(at, kind)| (series(at), kind.as_str())).collect();
            let mut y = canvas.legend((MARGIN, TOP), &entries) + 14.0;
            let axis = Axis { low: 0.0, high: greatest, from: left, to: width - 210.0 };
            for (tick, told) in ticks(0.0, greatest, 5) {
                let x = axis.at(tick);
                canvas.line(&[(x, y + 8.0), (x, height - 24.0)], RULE, 1);
                canvas.text((x, height - 14.0), &told, 11.0, FAINT, Lies::Middle);
            }
            let unit = format!("{} for a vehicle", self.currency);
            canvas.text((width - MARGIN, height - 14.0), &unit, 11.0, FAINT, Lies::Left);
            if shown < self.ladders.len() {
                let told = format!("the first {shown} of {}", self.ladders.len());
                canvas.text((MARGIN, height - 14.0), &told, 11.0, FAINT, Lies::Right);
            }
            for ladder in ladders {
                canvas.text(
                    (MARGIN, y + 8.0),
                    &fitted(&ladder.label, 13.0, width - 60.0),
                    13.0,
                    INK,
                    Lies::Right,
                );
                y += 24.0;
                let totals = ladder.rungs.iter().map(Rung::total);
                let least = totals.fold(f64::INFINITY, f64::min);
                for rung in &ladder.rungs {
                    let middle = y + BAR / 2.0 - 2.0;
                    let colour = if rung.is_chosen { MARK } else { INK };
                    let label = fitted(&rung.label, TEXT, left - MARGIN - 22.0);
                    canvas.text((left - 10.0, middle), &label, TEXT, colour, Lies::Left);
                    let mut from = 0.0;
                    for (kind, amount) in grouped_parts(rung, &kinds) {
                        let (start, end) = (axis.at(from), axis.at(from + amount));
                        canvas.rectangle(
                            (start, y),
                            (end.max(start + 1.0), y + BAR - 4.0),
                            series(kind),
                        );
                        from += amount;
                    }
                    if rung.is_chosen {
                        let end = axis.at(rung.total());
                        canvas.frame((left - 1.0, y - 1.0), (end + 1.0, y + BAR - 3.0), MARK, 2);
                    }
                    let more = rung.total() - least;
                    let told = if more < 0.005 {
                        format!("{}  cheapest", grouped(rung.total(), 0))
                    } else {
                        format!("{}  +{}", grouped(rung.total(), 0), grouped(more, 0))
                    };
                    let mark = if rung.is_chosen { "  chosen" } else { "" };
                    let at = (axis.at(rung.total()) + 8.0, middle);
                    canvas.text(at, &format!("{told}{mark}"), TEXT, colour, Lies::Right);
                    y += BAR;
                }
                y += 10.0;
            }
        })
    }

    /// Kinds of parts, the greatest first, the smallest as one.
    fn kinds(&self) -> Vec<String> {
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        for rung in self.ladders.iter().flat_map(|ladder| &ladder.rungs) {
            for (kind, amount) in &rung.parts {
                *sums.entry(kind).or_default() += amount.abs();
            }
        }
        let mut kinds: Vec<(&str, f64)> = sums.into_iter().collect();
        kinds.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        let more = kinds.len() > MOST_PARTS + 1;
        let kept = kinds.iter().take(if more { MOST_PARTS } else { kinds.len() });
        let mut told: Vec<String> = kept.map(|(kind, _)| (*kind).to_owned()).collect();
        if more {
            told.push("other".to_owned());
        }
        told
    }
}

/// Parts of a rung by place of their kind.
fn grouped_parts(rung: &Rung, kinds: &[String]) -> BTreeMap<usize, f64> {
    let mut parts = BTreeMap::new();
    for (kind, amount) in rung.parts.iter().filter(|(_, amount)| amount.is_finite()) {
        let place = kinds.iter().position(|known| known == kind).unwrap_or(kinds.len() - 1);
        *parts.entry(place).or_insert(0.0) += amount.max(0.0);
    }
    parts
}
