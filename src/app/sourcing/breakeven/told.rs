//! The answer: plans, intervals and ties.

use super::super::SourcingError;
use super::super::evidence::Evidence;
use super::costs::Figure;
use super::range::{Line, Range};
use super::{BreakevenAnswer, BreakevenInterval, BreakevenPlan, PlanTie};
use rust_decimal::Decimal;
use std::time::Instant;

/// Plans of which all pairs are looked at, not neighbours alone.
const MOST_PAIRED: usize = 8;

impl Range<'_> {
    pub(super) async fn told(mut self) -> Result<BreakevenAnswer, SourcingError> {
        let mut plans: Vec<BreakevenPlan> = Vec::new();
        let mut intervals: Vec<(BreakevenInterval, Option<usize>)> = Vec::new();
        let pieces = self.pieces();
        let ends = pieces.iter().filter_map(|piece| Some((piece.line?, piece.low, piece.high)));
        let ends = ends.flat_map(|(line, low, high)| [(line, low), (line, high)]);
        self.price(ends.collect::<Vec<_>>()).await?;
        for piece in pieces {
            let straight = self.all_straight || self.is_straight(piece.low, piece.high).await?;
            let evidence = match (piece.is_proved, straight) {
                (false, _) => Evidence::Unproved,
                (true, true) => Evidence::Proved,
                (true, false) => Evidence::Sampled,
            };
            let plan = piece.line.map(|line| {
                let Line { identity, decisions, found_at } = &self.lines[line];
                let known = plans.iter().position(|plan| plan.identity == *identity);
                known.unwrap_or_else(|| {
                    plans.push(BreakevenPlan {
                        decisions: decisions.clone(),
                        found_at: *found_at,
                        identity: identity.clone(),
                        cost_line: Vec::new(),
                    });
                    plans.len() - 1
                })
            });
            let mut objectives = None;
            if let Some(line) = piece.line {
                let start = self.cost(line, piece.low).await?.known();
                objectives = start.zip(self.cost(line, piece.high).await?.known());
            }
            if let Some((last, _)) = intervals.last_mut()
                && last.plan == plan
            {
                last.high = piece.high;
                let end = objectives.map(|(_, end)| end);
                last.objectives = last.objectives.zip(end).map(|((start, _), end)| (start, end));
                last.evidence = last.evidence.max(evidence);
                continue;
            }
            let (low, high) = (piece.low, piece.high);
            intervals
                .push((BreakevenInterval { low, high, plan, objectives, evidence }, piece.line));
        }
        let ties = self.ties(&plans, &intervals).await?;
        self.cost_lines(&mut plans, &intervals).await?;
        let intervals: Vec<BreakevenInterval> =
            intervals.into_iter().map(|(interval, _)| interval).collect();
        let message = self.message(&intervals);
        Ok(BreakevenAnswer {
            problem: self.base.problem.clone(),
            provenance: self.base.provenance.clone(),
            plans,
            intervals,
            ties,
            solves: self.solves,
            message,
        })
    }

    /// Costs of the first plans at the first ends of intervals.
    async fn cost_lines(
        &mut self,
        plans: &mut [BreakevenPlan],
        intervals: &[(BreakevenInterval, Option<usize>)],
    ) -> Result<(), SourcingError> {
        let mut values: Vec<Decimal> =
            intervals.iter().skip(1).take(MOST_PAIRED).map(|(interval, _)| interval.low).collect();
        values.insert(0, self.question.low);
        values.push(self.question.high);
        let line_of = |plan: &BreakevenPlan| {
            self.lines.iter().position(|line| line.decisions == plan.decisions)
        };
        let lines: Vec<Option<usize>> = plans.iter().take(MOST_PAIRED).map(line_of).collect();
        let known = lines.iter().flatten();
        let cells = known.flat_map(|line| values.iter().map(|value| (*line, *value)));
        let is_over = Instant::now() >= self.deadline;
        self.price(cells.filter(|_| !is_over).collect::<Vec<_>>()).await?;
        for (plan, line) in plans.iter_mut().zip(lines) {
            for value in &values {
                if let Some(line) = line
                    && let Some(Some(cost)) = self.costs.get(&(line, *value))
                {
                    plan.cost_line.push((*value, *cost));
                }
            }
        }
        Ok(())
    }

    async fn ties(
        &mut self,
        plans: &[BreakevenPlan],
        intervals: &[(BreakevenInterval, Option<usize>)],
    ) -> Result<Vec<PlanTie>, SourcingError> {
        let mut ties = Vec::new();
        for pair in intervals.windows(2) {
            let [(below, _), (above, _)] = pair else { continue };
            if let (Some(plan_below), Some(plan_above), Some((_, objective))) =
                (below.plan, above.plan, below.objectives)
            {
                ties.push(PlanTie {
                    below: plan_below,
                    above: plan_above,
                    value: above.low,
                    objective,
                    is_switch: true,
                });
            }
        }
        let is_over = Instant::now() >= self.deadline;
        if !self.all_straight || plans.len() > MOST_PAIRED || is_over {
            return Ok(ties);
        }
        let (low, high) = (self.question.low, self.question.high);
        let line_of = |lines: &[Line], plan: usize| {
            lines.iter().position(|line| line.decisions == plans[plan].decisions)
        };
        for one in 0..plans.len() {
            for other in one + 1..plans.len() {
                if ties.iter().any(|tie| [tie.below, tie.above] == [one, other]) {
                    continue;
                }
                let (Some(below), Some(above)) =
                    (line_of(&self.lines, one), line_of(&self.lines, other))
                else {
                    continue;
                };
                let leads =
                    (self.lead(below, above, low).await?, self.lead(below, above, high).await?);
                if let (Figure::Of(first), Figure::Of(last)) = leads
                    && first < Decimal::ZERO
                    && last > Decimal::ZERO
                    && let Some(value) = self.tie(below, above, low, high).await?
                    && let Figure::Of(objective) = self.cost(below, value).await?
                {
                    ties.push(PlanTie {
                        below: one,
                        above: other,
                        value,
                        objective,
                        is_switch: false,
                    });
                }
            }
        }
        Ok(ties)
    }

    fn message(&self, intervals: &[BreakevenInterval]) -> String {
        let worst = intervals.iter().map(|interval| interval.evidence).max();
        match worst {
            _ if self.is_cut_short => {
                "The budget ended before every interval was cut to the end.".to_owned()
            }
            None | Some(Evidence::Proved) => "Every interval is proved.".to_owned(),
            Some(Evidence::Sampled) => {
                "Plans are proved where they were solved for; between, costs or limits do not move \
                 along straight lines, and a better plan is not ruled out."
                    .to_owned()
            }
            Some(Evidence::Unproved) => {
                "Some solves ended before their proof: better plans are not ruled out.".to_owned()
            }
        }
    }
}
