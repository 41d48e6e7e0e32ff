//! Costs of plans along the range, and where two of them meet.

use super::super::SourcingError;
use super::super::search::blocking;
use super::range::Range;
use crate::sourcing::TerminationReason;
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinSet;
use tracing::Instrument;

/// Steps in which the place where two cost lines meet is closed in on.
const MOST_STEPS: usize = 60;
/// Lines priced at once: checking a large plan takes as long as a small solve.
const AT_ONCE: usize = 4;

/// Cost of a line, or what one line costs more than another.
#[derive(Clone, Copy)]
pub(super) enum Figure {
    Of(Decimal),
    NoPlan,
    /// The budget ended before.
    Unknown,
}

impl Figure {
    /// A cost; none where there is no plan.
    fn of(cost: Option<Decimal>) -> Self {
        cost.map_or(Self::NoPlan, Self::Of)
    }

    pub(super) fn known(self) -> Option<Decimal> {
        match self {
            Self::Of(figure) => Some(figure),
            Self::NoPlan | Self::Unknown => None,
        }
    }
}

impl Range<'_> {
    /// Where two lines meet between two values, the first better at the lower
    /// one: closed in on by their costs, in a straight line where both are, and
    /// by halves where one is no plan. None where the budget ends before.
    pub(super) async fn tie(
        &mut self,
        one: usize,
        other: usize,
        from: Decimal,
        to: Decimal,
    ) -> Result<Option<Decimal>, SourcingError> {
        let (mut low, mut high) = (from, to);
        let mut below = self.lead(one, other, low).await?.known();
        let mut above = self.lead(one, other, high).await?.known();
        let mut kept = 0_i32;
        for _ in 0..MOST_STEPS {
            if high - low <= self.question.tolerance {
                break;
            }
            let part = match (below, above) {
                (Some(below), Some(above)) if below < above => {
                    (-below).checked_div(above - below).unwrap_or(Decimal::new(5, 1))
                }
                _ => Decimal::new(5, 1),
            };
            let mut at = self.between(low, high, part);
            if at <= low || at >= high {
                at = self.between(low, high, Decimal::new(5, 1));
            }
            if at <= low || at >= high {
                break;
            }
            if Instant::now() >= self.deadline {
                return Ok(None);
            }
            let lead = match self.lead(one, other, at).await? {
                Figure::Of(lead) => lead,
                Figure::Unknown => return Ok(None),
                Figure::NoPlan => {
                    let one = self.cost(one, at).await?.known();
                    let other = self.cost(other, at).await?.known();
                    match (one, other) {
                        (Some(_), _) => (low, below) = (at, None),
                        (None, Some(_)) => (high, above) = (at, None),
                        (None, None) => return Ok(Some(at)),
                    }
                    continue;
                }
            };
            // Costs are rounded: what moves the value by less than the tolerance is nothing.
            let slope = below.zip(above).and_then(|(below, above)| {
                (above - below).checked_div(high - low).map(|slope| slope.abs())
            });
            let off = slope.and_then(|slope| lead.abs().checked_div(slope));
            let margin = self.question.tolerance / Decimal::TWO;
            if lead.abs() <= self.indifferent() || off.is_some_and(|off| off <= margin) {
                return Ok(Some(at));
            }
            // The Illinois rule: an end kept twice weighs half.
            if lead < Decimal::ZERO {
                (low, below) = (at, Some(lead));
                if kept < 0 {
                    above = above.map(|above| above / Decimal::TWO);
                }
                kept = -1;
            } else {
                (high, above) = (at, Some(lead));
                if kept > 0 {
                    below = below.map(|below| below / Decimal::TWO);
                }
                kept = 1;
            }
        }
        Ok(Some(self.between(low, high, Decimal::new(5, 1))))
    }

    /// A difference in cost that is rounding.
    fn indifferent(&self) -> Decimal {
        self.question.problem.reporting_currency.minor_unit()
    }

    /// Cost of one line less that of another; no plan where one is none.
    pub(super) async fn lead(
        &mut self,
        one: usize,
        other: usize,
        at: Decimal,
    ) -> Result<Figure, SourcingError> {
        self.price([(one, at), (other, at)]).await?;
        let one = self.cost(one, at).await?;
        let other = self.cost(other, at).await?;
        Ok(match (one, other) {
            (Figure::Of(one), Figure::Of(other)) => {
                one.checked_sub(other).map_or(Figure::Unknown, Figure::Of)
            }
            (Figure::Unknown, _) | (_, Figure::Unknown) => Figure::Unknown,
            _ => Figure::NoPlan,
        })
    }

    /// Cost of a line at a value: of its decisions, or where they are no plan
    /// there, of the best volumes with all else as it is.
    pub(super) async fn cost(&mut self, line: usize, at: Decimal) -> Result<Figure, SourcingError> {
        self.price([(line, at)]).await?;
        if let Some(Some(cost)) = self.costs.get(&(line, at)) {
            return Ok(Figure::Of(*cost));
        }
        // Another line of the same plan may be known here.
        let identity = self.lines[line].identity.clone();
        for other in 0..self.lines.len() {
            if self.lines[other].identity == identity {
                let stated = self.costs.get(&(other, at)).copied().flatten();
                let best = self.best_costs.get(&(other, at)).copied();
                if let Some(cost) = stated.map(Some).or(best) {
                    return Ok(Figure::of(cost));
                }
            }
        }
        if !self.may_solve() {
            return Ok(Figure::Unknown);
        }
        self.solves += 1;
        let mut problem = self.case(at).await?.problem.as_ref().clone();
        identity.restrict(&mut problem);
        let case = Arc::new(self.call.case(problem).await?);
        let end = self.call.solved(case, &self.question.budget, self.deadline, None).await?;
        let cost = end.plan.map(|plan| plan.cost.objective());
        if cost.is_none() && end.termination.reason != TerminationReason::Infeasible {
            self.is_cut_short = true;
            return Ok(Figure::Unknown);
        }
        self.best_costs.insert((line, at), cost);
        Ok(Figure::of(cost))
    }

    /// Prices the decisions of lines at values, several at once.
    pub(super) async fn price(
        &mut self,
        cells: impl IntoIterator<Item = (usize, Decimal)>,
    ) -> Result<(), SourcingError> {
        let mut running = JoinSet::new();
        let cells = cells.into_iter().filter(|cell| !self.costs.contains_key(cell));
        let mut left: BTreeSet<(usize, Decimal)> = cells.collect();
        while !left.is_empty() || !running.is_empty() {
            while running.len() < AT_ONCE
                && let Some(cell) = left.pop_first()
            {
                let case = self.case(cell.1).await?;
                let decisions = self.lines[cell.0].decisions.unsettled();
                let priced = blocking(move || case.evaluated(decisions));
                running.spawn(async move { (cell, priced.await) }.in_current_span());
            }
            let Some(done) = running.join_next().await else { break };
            let (cell, priced) = done.map_err(|error| SourcingError::Crashed(error.to_string()))?;
            let (plan, violations) = priced??;
            self.costs.insert(cell, violations.is_empty().then(|| plan.cost.objective()));
        }
        Ok(())
    }
}
