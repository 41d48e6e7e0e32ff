//! Where along a range of one parameter the best plan changes.
//!
//! Plans are solved for at both ends and where the cost lines of two plans
//! meet: if nothing is better there, the best plan changes there; if something
//! is, both halves are cut again. Where every cost moves along a straight line
//! the least cost is concave, so that what is found is all there is (Eisner and
//! Severance 1976, "Mathematical techniques for efficient record segmentation"),
//! and no lower between two values than the line between its bounds there: what
//! that line rules out within the tolerance is not solved for.

use super::case::Case;
use super::evidence::Evidence;
use super::search::{Known, SearchEnd, blocking};
use super::{PlanProvenance, SearchBudget, SourcingDesk, SourcingError};
use crate::sourcing::{
    Decisions, Parameter, PlanIdentity, PricingError, SourcingProblem, TerminationReason, Tranche,
};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinSet;
use tracing::Instrument;

/// Steps in which the place where two cost lines meet is closed in on.
const MOST_STEPS: usize = 60;
/// Plans of which all pairs are looked at, not neighbours alone.
const MOST_PAIRED: usize = 8;
/// Lines priced at once: checking a large plan takes as long as a small solve.
const AT_ONCE: usize = 4;
/// Parts of the way at which costs are looked at for straightness: none that
/// two kinks of a symmetric curve would hit alike.
const LOOKED_AT: [Decimal; 2] =
    [Decimal::from_parts(381_966, 0, 0, false, 6), Decimal::from_parts(7, 0, 0, false, 1)];

/// Where does the best plan change?
#[derive(Clone, Debug)]
pub struct BreakevenQuestion {
    /// The problem.
    pub problem: SourcingProblem,
    /// What varies.
    pub parameter: Parameter,
    /// Lowest value.
    pub low: Decimal,
    /// Highest value, above it.
    pub high: Decimal,
    /// Width to which ends are located.
    pub tolerance: Decimal,
    /// Of the whole analysis, but for work, which is of each solve.
    pub budget: SearchBudget,
    /// Most solves.
    pub most_solves: usize,
}

/// The range, cut where the best plan changes.
#[derive(Clone, Debug)]
pub struct BreakevenAnswer {
    /// The problem.
    pub problem: Arc<SourcingProblem>,
    /// What the answer is a function of.
    pub provenance: PlanProvenance,
    /// Plans that are best somewhere, in order of their first intervals.
    pub plans: Vec<BreakevenPlan>,
    /// From the lowest value to the highest.
    pub intervals: Vec<BreakevenInterval>,
    /// Neighbours first.
    pub ties: Vec<PlanTie>,
    /// Solves it took.
    pub solves: usize,
    /// One sentence.
    pub message: String,
}

/// A plan that is best somewhere.
#[derive(Clone, Debug)]
pub struct BreakevenPlan {
    /// Decisions where it was found.
    pub decisions: Decisions,
    /// Value it was found at.
    pub found_at: Decimal,
    /// What makes it the plan it is.
    pub identity: PlanIdentity,
    /// Value and objective, to be minimised, where its decisions are a plan.
    pub cost_line: Vec<(Decimal, Decimal)>,
}

/// Values between which one plan is best.
#[derive(Clone, Debug)]
pub struct BreakevenInterval {
    /// Lowest value.
    pub low: Decimal,
    /// Highest value.
    pub high: Decimal,
    /// The plan, by place; none where there is no plan.
    pub plan: Option<usize>,
    /// Objective at both ends, to be minimised.
    pub objectives: Option<(Decimal, Decimal)>,
    /// What it rests on.
    pub evidence: Evidence,
}

/// A value at which two plans cost the same.
#[derive(Clone, Debug)]
pub struct PlanTie {
    /// The plan that is better below, by place.
    pub below: usize,
    /// The plan that is better above.
    pub above: usize,
    /// The value.
    pub value: Decimal,
    /// Objective of both, to be minimised.
    pub objective: Decimal,
    /// Whether the best plan changes there.
    pub is_switch: bool,
}

impl SourcingDesk {
    /// Finds where the best plan changes.
    ///
    /// # Errors
    /// [`SourcingError`].
    pub async fn breakeven(
        &self,
        question: BreakevenQuestion,
        deadline: Instant,
    ) -> Result<BreakevenAnswer, SourcingError> {
        let longest = question.budget.time.unwrap_or(self.limits.default_time);
        let ends = Instant::now() + longest.min(self.limits.max_time);
        let range = Range::new(self, question, deadline.min(ends)).await?;
        Box::pin(range.answer()).await
    }
}

/// Decisions whose cost is known along the range.
struct Line {
    decisions: Decisions,
    identity: PlanIdentity,
    found_at: Decimal,
}

/// A value that was solved at.
#[derive(Clone, Copy, PartialEq)]
struct Solved {
    /// The best line there; none where there is no plan.
    line: Option<usize>,
    /// What no plan is better than there.
    bound: Option<Decimal>,
    is_proved: bool,
}

/// A piece of the range on which one line is best.
struct Piece {
    low: Decimal,
    high: Decimal,
    line: Option<usize>,
    is_proved: bool,
}

struct Range<'a> {
    desk: &'a SourcingDesk,
    question: BreakevenQuestion,
    deadline: Instant,
    base: Arc<Case>,
    tranches: Vec<Tranche>,
    /// Decimals of a value.
    digits: u32,
    /// Whether all costs move along straight lines over the whole range.
    all_straight: bool,
    solves: usize,
    is_cut_short: bool,
    lines: Vec<Line>,
    cases: HashMap<Decimal, Arc<Case>>,
    costs: HashMap<(usize, Decimal), Option<Decimal>>,
    solved: BTreeMap<Decimal, Solved>,
    /// Points at which each solve closed in.
    waypoints: BTreeMap<Decimal, Vec<Vec<f64>>>,
    /// Where the line of one solved value gives way to that of the next.
    switches: BTreeMap<Decimal, Decimal>,
}

impl<'a> Range<'a> {
    async fn new(
        desk: &'a SourcingDesk,
        question: BreakevenQuestion,
        deadline: Instant,
    ) -> Result<Self, SourcingError> {
        SourcingDesk::without_reliefs(&question.problem)?;
        let base = Arc::new(desk.case(question.problem.clone()).await?);
        if let Parameter::MeasureRate(measure) = &question.parameter {
            base.holds_measure(measure, "parameter.measure_rate")?;
        }
        let tranches = base.tranches().to_vec();
        let digits = question.tolerance.normalize().scale().saturating_add(2).min(18);
        Ok(Self {
            desk,
            question,
            deadline,
            base,
            tranches,
            digits,
            all_straight: false,
            solves: 0,
            is_cut_short: false,
            lines: Vec::new(),
            cases: HashMap::new(),
            costs: HashMap::new(),
            solved: BTreeMap::new(),
            waypoints: BTreeMap::new(),
            switches: BTreeMap::new(),
        })
    }

    async fn answer(mut self) -> Result<BreakevenAnswer, SourcingError> {
        let (low, high) = (self.question.low, self.question.high);
        let first = self.solve(low, None).await?;
        self.solve(high, first.line).await?;
        self.all_straight = self.is_straight(low, high).await?;
        let mut open = vec![(low, high)];
        while let Some((from, to)) = open.pop() {
            if let Some(between) = self.cut(from, to).await? {
                open.push((between, to));
                open.push((from, between));
            }
        }
        self.told().await
    }

    /// Looks at what lies between two values solved at; a value between them
    /// where something else is best, if there is one.
    async fn cut(&mut self, from: Decimal, to: Decimal) -> Result<Option<Decimal>, SourcingError> {
        let (Some(below), Some(above)) =
            (self.solved.get(&from).copied(), self.solved.get(&to).copied())
        else {
            return Ok(None);
        };
        if below.line == above.line {
            return Ok(None);
        }
        let narrow = to - from <= self.question.tolerance;
        let (Some(one), Some(other)) = (below.line, above.line) else {
            // On one side there is no plan: the edge is closed in on by halves.
            let middle = self.between(from, to, Decimal::new(5, 1));
            if narrow || !self.may_solve() {
                self.switches.insert(from, middle);
                return Ok(None);
            }
            self.solve(middle, below.line.or(above.line)).await?;
            return Ok(Some(middle));
        };
        let tie = self.tie(one, other, from, to).await?;
        let margin = self.question.tolerance / Decimal::TWO;
        let at_end = tie - from <= margin || to - tie <= margin;
        if narrow || at_end || self.is_settled(one, from, to, tie).await? || !self.may_solve() {
            self.switches.insert(from, tie);
            return Ok(None);
        }
        let found = self.solve(tie, Some(one)).await?;
        if found.line == Some(one) {
            self.switches.insert(tie, tie);
            return Ok(None);
        }
        if found.line == Some(other) {
            self.switches.insert(from, tie);
            return Ok(None);
        }
        Ok(Some(tie))
    }

    /// Whether the bounds at two values rule out that anything is better than a
    /// line at a value between them by more than the tolerance.
    async fn is_settled(
        &mut self,
        line: usize,
        from: Decimal,
        to: Decimal,
        at: Decimal,
    ) -> Result<bool, SourcingError> {
        let bound = |value| self.solved.get(value).and_then(|solved: &Solved| solved.bound);
        let (Some(below), Some(above), Some(part)) =
            (bound(&from), bound(&to), self.question.parameter.part(from, to, at))
        else {
            return Ok(false);
        };
        if !self.all_straight {
            return Ok(false);
        }
        let Some(cost) = self.cost(line, at).await? else { return Ok(false) };
        let rise = above.checked_sub(below).and_then(|rise| rise.checked_mul(part));
        let least = rise.and_then(|rise| below.checked_add(rise));
        let tolerance = self.question.budget.relative_gap * cost.abs();
        Ok(least.and_then(|least| cost.checked_sub(least)).is_some_and(|gap| gap <= tolerance))
    }

    fn may_solve(&mut self) -> bool {
        let may = self.solves < self.question.most_solves && Instant::now() < self.deadline;
        self.is_cut_short |= !may;
        may
    }

    /// Solves at a value, beginning with a line known; keeps to a line known
    /// where nothing is better by more than the tolerance.
    async fn solve(&mut self, at: Decimal, start: Option<usize>) -> Result<Solved, SourcingError> {
        let case = self.case(at).await?;
        // What the nearest solves on both sides closed in at.
        let below = self.waypoints.range(..at).next_back();
        let above = self.waypoints.range(at..).next();
        let near = below.into_iter().chain(above).flat_map(|(_, points)| points.iter().cloned());
        let decisions = start.map(|line| self.lines[line].decisions.clone());
        let known = Known { decisions, waypoints: near.collect() };
        let found = self.desk.solved(case, &self.question.budget, self.deadline, known).await?;
        self.keep(at, found).await
    }

    async fn keep(
        &mut self,
        at: Decimal,
        SearchEnd { termination, plan, waypoints }: SearchEnd,
    ) -> Result<Solved, SourcingError> {
        self.solves += 1;
        self.waypoints.insert(at, waypoints);
        let Some(plan) = plan else {
            let is_proved = termination.reason == TerminationReason::Infeasible;
            let solved = Solved { line: None, bound: None, is_proved };
            self.solved.insert(at, solved);
            return Ok(solved);
        };
        let found = plan.cost.objective();
        let tolerance = self.question.budget.relative_gap * found.abs();
        let mut best: Option<(Decimal, usize)> = None;
        self.price((0..self.lines.len()).map(|line| (line, at))).await?;
        for line in 0..self.lines.len() {
            if let Some(cost) = self.stated_cost(line, at).await?
                && best.is_none_or(|(known, _)| cost < known)
            {
                best = Some((cost, line));
            }
        }
        let line = match best {
            Some((cost, line)) if cost <= found + tolerance => line,
            _ => {
                self.lines.push(Line {
                    identity: PlanIdentity::of(&plan.decisions),
                    decisions: plan.decisions,
                    found_at: at,
                });
                self.costs.insert((self.lines.len() - 1, at), Some(found));
                self.lines.len() - 1
            }
        };
        let is_proved = termination.reason == TerminationReason::Optimal;
        let solved = Solved { line: Some(line), bound: termination.bound, is_proved };
        self.solved.insert(at, solved);
        Ok(solved)
    }

    /// Where two lines meet between two values, the first better at the lower
    /// one: closed in on by their costs, in a straight line where both are.
    async fn tie(
        &mut self,
        one: usize,
        other: usize,
        from: Decimal,
        to: Decimal,
    ) -> Result<Decimal, SourcingError> {
        let (mut low, mut high) = (from, to);
        let mut below = self.lead(one, other, low).await?;
        let mut above = self.lead(one, other, high).await?;
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
            let Some(lead) = self.lead(one, other, at).await? else {
                // One of them is no plan here: nearer to where both are.
                if below.is_none() {
                    low = at;
                } else {
                    high = at;
                }
                continue;
            };
            // Costs are rounded: what moves the value by less than the tolerance is nothing.
            let slope = below.zip(above).and_then(|(below, above)| {
                (above - below).checked_div(high - low).map(|slope| slope.abs())
            });
            let off = slope.and_then(|slope| lead.abs().checked_div(slope));
            let margin = self.question.tolerance / Decimal::TWO;
            if lead.abs() <= self.indifferent() || off.is_some_and(|off| off <= margin) {
                return Ok(at);
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
        Ok(self.between(low, high, Decimal::new(5, 1)))
    }

    /// A difference in cost that is rounding.
    fn indifferent(&self) -> Decimal {
        self.question.problem.reporting_currency.minor_unit()
    }

    /// Cost of one line less that of another; none where one is no plan.
    async fn lead(
        &mut self,
        one: usize,
        other: usize,
        at: Decimal,
    ) -> Result<Option<Decimal>, SourcingError> {
        self.price([(one, at), (other, at)]).await?;
        let one = self.cost(one, at).await?;
        let other = self.cost(other, at).await?;
        Ok(one.zip(other).and_then(|(one, other)| one.checked_sub(other)))
    }

    /// Cost of a line at a value: of its decisions, or where they are no plan
    /// there, of the best volumes with all else as it is.
    async fn cost(&mut self, line: usize, at: Decimal) -> Result<Option<Decimal>, SourcingError> {
        if let Some(cost) = self.stated_cost(line, at).await? {
            return Ok(Some(cost));
        }
        // Another line of the same plan may be known here.
        let identity = self.lines[line].identity.clone();
        for other in 0..self.lines.len() {
            if self.lines[other].identity == identity
                && let Some(Some(cost)) = self.costs.get(&(other, at))
            {
                return Ok(Some(*cost));
            }
        }
        if !self.may_solve() {
            return Ok(None);
        }
        self.solves += 1;
        let mut problem = self.case(at).await?.problem.as_ref().clone();
        identity.restrict(&mut problem);
        let case = Arc::new(self.desk.case(problem).await?);
        let end = self.desk.solved(case, &self.question.budget, self.deadline, None).await?;
        let cost = end.plan.map(|plan| plan.cost.objective());
        self.costs.insert((line, at), cost);
        Ok(cost)
    }

    /// Cost of a line's own decisions at a value; none where they are no plan.
    async fn stated_cost(
        &mut self,
        line: usize,
        at: Decimal,
    ) -> Result<Option<Decimal>, SourcingError> {
        self.price([(line, at)]).await?;
        Ok(self.costs.get(&(line, at)).copied().flatten())
    }

    /// Prices the decisions of lines at values, several at once.
    async fn price(
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

    async fn case(&mut self, at: Decimal) -> Result<Arc<Case>, SourcingError> {
        if let Some(case) = self.cases.get(&at) {
            return Ok(case.clone());
        }
        let BreakevenQuestion { problem, parameter, .. } = &self.question;
        let changed = parameter.set(problem, &self.tranches, at);
        let overflow = |overflow| SourcingError::from(PricingError::Overflow(overflow));
        let changed = changed.map_err(overflow)?;
        let case = Arc::new(self.desk.case(changed).await?);
        self.cases.insert(at, case.clone());
        Ok(case)
    }

    fn between(&self, from: Decimal, to: Decimal, part: Decimal) -> Decimal {
        let value = self.question.parameter.between(from, to, part).unwrap_or(from);
        let half_up = RoundingStrategy::MidpointAwayFromZero;
        value.round_dp_with_strategy(self.digits, half_up).normalize()
    }

    /// Whether every cost moves along a straight line between two values, as
    /// far as two values between them tell.
    async fn is_straight(&mut self, from: Decimal, to: Decimal) -> Result<bool, SourcingError> {
        let (start, end) = (self.case(from).await?, self.case(to).await?);
        for part in LOOKED_AT {
            let parameter = &self.question.parameter;
            let Some(at) = parameter.between(from, to, part) else { return Ok(false) };
            let between = self.case(at).await?;
            let (start, end) = (start.clone(), end.clone());
            let straight = blocking(move || {
                let part = rust_decimal::prelude::ToPrimitive::to_f64(&part).unwrap_or_default();
                between.formulation().lies_between(&start.formulation(), &end.formulation(), part)
            });
            if !straight.await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Pieces of the range, each with one line.
    fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let solved: Vec<(Decimal, Solved)> =
            self.solved.iter().map(|(value, solved)| (*value, *solved)).collect();
        for pair in solved.windows(2) {
            let [(low, below), (high, above)] = pair else { continue };
            let is_proved = below.is_proved && above.is_proved;
            let (low, high) = (*low, *high);
            let switch = match self.switches.get(&low) {
                _ if below.line == above.line => high,
                Some(switch) => *switch,
                None => self.between(low, high, Decimal::new(5, 1)),
            };
            pieces.push(Piece { low, high: switch, line: below.line, is_proved });
            pieces.push(Piece { low: switch, high, line: above.line, is_proved });
        }
        pieces.retain(|piece| piece.low < piece.high);
        pieces
    }

    async fn told(mut self) -> Result<BreakevenAnswer, SourcingError> {
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
                let start = self.cost(line, piece.low).await?;
                objectives = start.zip(self.cost(line, piece.high).await?);
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
        if !self.all_straight || plans.len() > MOST_PAIRED {
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
                if let (Some(first), Some(last)) = leads
                    && first < Decimal::ZERO
                    && last > Decimal::ZERO
                {
                    let value = self.tie(below, above, low, high).await?;
                    if let Some(objective) = self.cost(below, value).await? {
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
