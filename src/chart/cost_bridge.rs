//! From the cost of one plan to that of another, step by step.

use super::canvas::{Axis, Lies, MARGIN, TEXT, TOP, empty, fitted, page, widest};
use super::numbers::{decimals, grouped, scale, ticks};
use super::palette::{CHEAPER, DEARER, FAINT, INK, MARK, RULE};

/// A bridge from one cost to another.
#[derive(Clone, Debug, Default)]
pub struct CostBridge {
    /// Title.
    pub title: String,
    /// Line below it.
    pub subtitle: String,
    /// Currency.
    pub currency: String,
    /// What it begins at.
    pub from: BridgeBar,
    /// What it ends at.
    pub to: BridgeBar,
    /// Steps between them, which add up to the difference.
    pub steps: Vec<BridgeBar>,
}

/// A bar with its label.
#[derive(Clone, Debug, Default)]
pub struct BridgeBar {
    /// Label.
    pub label: String,
    /// Amount: of a step, the change.
    pub amount: f64,
}

/// Steps with a bar of their own; the smallest others are one.
const MOST_STEPS: usize = 24;
const BAR: f64 = 26.0;

impl CostBridge {
    /// The picture.
    pub fn svg(&self) -> String {
        let steps = self.shown();
        let all = [self.from.amount, self.to.amount];
        if !all.iter().all(|amount| amount.is_finite()) {
            return empty(&self.title, &self.subtitle);
        }
        let mut levels = vec![self.from.amount];
        for step in &steps {
            levels.push(levels.last().copied().unwrap_or_default() + step.amount);
        }
        levels.push(self.to.amount);
        let (low, high) =
            levels.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| {
                (low.min(*it), high.max(*it))
            });
        // Where the steps are a small part of the whole, the axis does not begin at nothing.
        let is_broken = low > 0.0 && high - low < 0.25 * high;
        let room = (high - low).max(high.abs() * 1e-6).max(1e-9);
        let low = if is_broken { low - 0.15 * room } else { low.min(0.0) };
        let labels = steps.iter().map(|step| step.label.as_str());
        let ends = [self.from.label.as_str(), self.to.label.as_str()];
        let left = MARGIN + widest(labels.chain(ends), TEXT, 330.0) + 18.0;
        let width = 1000.0;
        let height = TOP + BAR * (steps.len() as f64 + 2.0) + 62.0;
        let (unit, name) = scale(high.abs().max(low.abs()));
        let digits = decimals((high - low) / unit / 2_000.0).clamp(0, 6);
        page((width, height), &self.title, &self.subtitle, |canvas| {
            let axis = Axis { low, high: high + 0.02 * room, from: left, to: width - 150.0 };
            let bottom = TOP + BAR * (steps.len() as f64 + 2.0);
            for (tick, told) in ticks(low / unit, high / unit, 5) {
                let x = axis.at(tick * unit);
                canvas.line(&[(x, TOP - 6.0), (x, bottom)], RULE, 1);
                canvas.text((x, bottom + 14.0), &told, 11.0, FAINT, Lies::Middle);
            }
            let unit_name = format!("{}{name}", self.currency);
            canvas.text((width - MARGIN, bottom + 14.0), &unit_name, 11.0, FAINT, Lies::Left);
            if is_broken {
                let told = "The axis does not begin at zero.";
                canvas.text((left, bottom + 34.0), told, 11.0, FAINT, Lies::Right);
            }
            let mut y = TOP;
            let mut bar = |label: &str, from: f64, to: f64, colour, told: String| {
                let middle = y + BAR / 2.0 - 3.0;
                let label = fitted(label, TEXT, left - MARGIN - 18.0);
                canvas.text((left - 10.0, middle), &label, TEXT, INK, Lies::Left);
                let (start, end) = (axis.at(from.min(to)), axis.at(from.max(to)));
                canvas.rectangle((start, y), (end.max(start + 1.0), y + BAR - 6.0), colour);
                canvas.text((end + 8.0, middle), &told, TEXT, INK, Lies::Right);
                let x = axis.at(to);
                canvas.line(&[(x, y + BAR - 6.0), (x, y + BAR)], FAINT, 1);
                y += BAR;
            };
            let told = |amount: f64| grouped(amount / unit, digits);
            bar(&self.from.label, low, self.from.amount, MARK, told(self.from.amount));
            let mut level = self.from.amount;
            for step in &steps {
                let colour = if step.amount > 0.0 { DEARER } else { CHEAPER };
                let sign = if step.amount > 0.0 { "+" } else { "" };
                let text = format!("{sign}{}", told(step.amount));
                bar(&step.label, level, level + step.amount, colour, text);
                level += step.amount;
            }
            bar(&self.to.label, low, self.to.amount, MARK, told(self.to.amount));
        })
    }

    /// Steps as they are shown: the smallest together where there are many.
    fn shown(&self) -> Vec<BridgeBar> {
        let mut steps: Vec<BridgeBar> = self
            .steps
            .iter()
            .filter(|step| step.amount.is_finite() && step.amount != 0.0)
            .cloned()
            .collect();
        if steps.len() <= MOST_STEPS {
            return steps;
        }
        let mut sizes: Vec<f64> = steps.iter().map(|step| step.amount.abs()).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        let least = sizes[MOST_STEPS - 2];
        let rest: f64 =
            steps.iter().filter(|step| step.amount.abs() < least).map(|step| step.amount).sum();
        steps.retain(|step| step.amount.abs() >= least);
        steps.push(BridgeBar { label: "all others".to_owned(), amount: rest });
        steps
    }
}
