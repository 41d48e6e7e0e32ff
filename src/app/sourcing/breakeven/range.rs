//! Cutting the range.

use super::super::case::Case;
use super::super::search::{Known, SearchEnd, blocking};
use super::super::{SourcingCall, SourcingError};
use super::costs::Figure;
use super::{BreakevenAnswer, BreakevenQuestion};
use crate::sourcing::{
    Decisions, Parameter, PlanIdentity, PricingError, TerminationReason, Tranche,
};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

/// Problems held ready at values.
const MOST_CASES: usize = 48;
/// Parts of the way at which costs are looked at for straightness: none that
/// two kinks of a symmetric curve would hit alike.
const LOOKED_AT: [Decimal; 2] =
    [Decimal::from_parts(381_966, 0, 0, false, 6), Decimal::from_parts(7, 0, 0, false, 1)];

/// Decisions whose cost is known along the range.
pub(super) struct Line {
    pub(super) decisions: Decisions,
    pub(super) identity: PlanIdentity,
    pub(super) found_at: Decimal,
}

/// A value that was solved at.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Solved {
    /// The best line there; none where there is no plan.
    line: Option<usize>,
    /// What no plan is better than there.
    bound: Option<Decimal>,
    is_proved: bool,
}

/// A piece of the range on which one line is best.
pub(super) struct Piece {
    pub(super) low: Decimal,
    pub(super) high: Decimal,
    pub(super) line: Option<usize>,
    pub(super) is_proved: bool,
}

pub(super) struct Range<'a> {
    pub(super) call: &'a SourcingCall,
    pub(super) question: BreakevenQuestion,
    pub(super) deadline: Instant,
    pub(super) base: Arc<Case>,
    pub(super) tranches: Vec<Tranche>,
    /// Decimals of a value.
    pub(super) digits: u32,
    /// Whether all costs move along straight lines over the whole range.
    pub(super) all_straight: bool,
    pub(super) solves: usize,
    pub(super) is_cut_short: bool,
    pub(super) lines: Vec<Line>,
    pub(super) cases: HashMap<Decimal, Arc<Case>>,
    /// Costs of a line's own decisions; none where they are no plan.
    pub(super) costs: HashMap<(usize, Decimal), Option<Decimal>>,
    /// The same with the best volumes, where its own are no plan.
    pub(super) best_costs: HashMap<(usize, Decimal), Option<Decimal>>,
    pub(super) solved: BTreeMap<Decimal, Solved>,
    /// Points at which each solve closed in.
    pub(super) waypoints: BTreeMap<Decimal, Vec<Vec<f64>>>,
    /// Where the line of one solved value gives way to that of the next.
    pub(super) switches: BTreeMap<Decimal, Decimal>,
    /// Solved values above which the budget ended before the next was reached.
    pub(super) unresolved: BTreeSet<Decimal>,
}

impl<'a> Range<'a> {
    pub(super) async fn new(
        call: &'a SourcingCall,
        question: BreakevenQuestion,
        deadline: Instant,
    ) -> Result<Self, SourcingError> {
        SourcingCall::without_reliefs(&question.problem)?;
        let base = Arc::new(call.case(question.problem.clone()).await?);
        if let Parameter::MeasureRate(measure) = &question.parameter {
            base.holds_measure(measure, "parameter.measure_rate")?;
        }
        let tranches = base.tranches().to_vec();
        let digits = question.tolerance.normalize().scale().saturating_add(2).min(18);
        Ok(Self {
            call,
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
            best_costs: HashMap::new(),
            solved: BTreeMap::new(),
            waypoints: BTreeMap::new(),
            switches: BTreeMap::new(),
            unresolved: BTreeSet::new(),
        })
    }

    pub(super) async fn answer(mut self) -> Result<BreakevenAnswer, SourcingError> {
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
        let middle = self.between(from, to, Decimal::new(5, 1));
        if !self.all_straight && self.are_one_plan(below.line, above.line) {
            // Volumes move with the value: cut after cut would find them moved a little.
            let is_range = (from, to) == (self.question.low, self.question.high);
            if !is_range || !self.may_solve() {
                return Ok(None);
            }
            self.solve(middle, below.line).await?;
            return Ok(Some(middle));
        }
        let narrow = to - from <= self.question.tolerance;
        let (Some(one), Some(other)) = (below.line, above.line) else {
            // On one side there is no plan: the edge is closed in on by halves.
            if narrow {
                self.switches.insert(from, middle);
                return Ok(None);
            }
            if !self.may_solve() {
                return Ok(self.left_at(from, middle));
            }
            self.solve(middle, below.line.or(above.line)).await?;
            return Ok(Some(middle));
        };
        let Some(tie) = self.tie(one, other, from, to).await? else {
            return Ok(self.left_at(from, middle));
        };
        let margin = self.question.tolerance / Decimal::TWO;
        let at_end = tie - from <= margin || to - tie <= margin;
        if narrow || at_end || self.is_settled(one, from, to, tie).await? {
            self.switches.insert(from, tie);
            return Ok(None);
        }
        if !self.may_solve() {
            return Ok(self.left_at(from, tie));
        }
        let found = self.solve(tie, Some(one)).await?;
        if self.stands_for(one, found, tie).await? || self.stands_for(other, found, tie).await? {
            self.switches.extend([(from, tie), (tie, tie)]);
            return Ok(None);
        }
        Ok(Some(tie))
    }

    /// Where one line gives way to another as far as the budget went: nothing
    /// more is looked for.
    fn left_at(&mut self, from: Decimal, switch: Decimal) -> Option<Decimal> {
        self.is_cut_short = true;
        self.switches.insert(from, switch);
        self.unresolved.insert(from);
        None
    }

    fn are_one_plan(&self, one: Option<usize>, other: Option<usize>) -> bool {
        one.zip(other)
            .is_some_and(|(one, other)| self.lines[one].identity == self.lines[other].identity)
    }

    /// Whether a line is what was found at a value: the line itself, or the same
    /// plan, no dearer with its best volumes than the tolerance.
    async fn stands_for(
        &mut self,
        line: usize,
        found: Solved,
        at: Decimal,
    ) -> Result<bool, SourcingError> {
        if found.line == Some(line) {
            return Ok(true);
        }
        let Some(best) = found.line.filter(|_| self.are_one_plan(found.line, Some(line))) else {
            return Ok(false);
        };
        let (Figure::Of(cost), Figure::Of(least)) =
            (self.cost(line, at).await?, self.cost(best, at).await?)
        else {
            return Ok(false);
        };
        let least = found.bound.filter(|_| found.is_proved).unwrap_or(least);
        Ok(cost.checked_sub(least).is_some_and(|more| more <= self.tolerable(cost)))
    }

    /// What a cost may lie above its bound.
    fn tolerable(&self, cost: Decimal) -> Decimal {
        self.question.budget.relative_gap * cost.abs()
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
        let Figure::Of(cost) = self.cost(line, at).await? else { return Ok(false) };
        let rise = above.checked_sub(below).and_then(|rise| rise.checked_mul(part));
        let least = rise.and_then(|rise| below.checked_add(rise));
        let gap = least.and_then(|least| cost.checked_sub(least));
        Ok(gap.is_some_and(|gap| gap <= self.tolerable(cost)))
    }

    pub(super) fn may_solve(&mut self) -> bool {
        let may = self.solves < self.question.most_solves && Instant::now() < self.deadline;
        self.is_cut_short |= !may;
        may
    }

    /// Solves at a value, beginning with a line known; keeps to a line known
    /// where nothing is better, or is proved to be by more than the tolerance.
    async fn solve(&mut self, at: Decimal, start: Option<usize>) -> Result<Solved, SourcingError> {
        let case = self.case(at).await?;
        // What the nearest solves on both sides closed in at.
        let below = self.waypoints.range(..at).next_back();
        let above = self.waypoints.range(at..).next();
        let near = below.into_iter().chain(above).flat_map(|(_, points)| points.iter().cloned());
        let decisions = start.map(|line| self.lines[line].decisions.clone());
        let known = Known { decisions, waypoints: near.collect() };
        let found = self.call.solved(case, &self.question.budget, self.deadline, known).await?;
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
        let is_proved = termination.reason == TerminationReason::Optimal;
        let least = termination.bound.filter(|_| is_proved).unwrap_or(found);
        let most = least.checked_add(self.tolerable(found)).map_or(found, |most| most.max(found));
        let mut best: Option<(Decimal, usize)> = None;
        self.price((0..self.lines.len()).map(|line| (line, at))).await?;
        for line in 0..self.lines.len() {
            if let Some(Some(cost)) = self.costs.get(&(line, at)).copied()
                && best.is_none_or(|(known, _)| cost < known)
            {
                best = Some((cost, line));
            }
        }
        let line = match best {
            Some((cost, line)) if cost <= most => line,
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
        let solved = Solved { line: Some(line), bound: termination.bound, is_proved };
        self.solved.insert(at, solved);
        Ok(solved)
    }

    pub(super) async fn case(&mut self, at: Decimal) -> Result<Arc<Case>, SourcingError> {
        if let Some(case) = self.cases.get(&at) {
            return Ok(case.clone());
        }
        let BreakevenQuestion { problem, parameter, .. } = &self.question;
        let changed = parameter.set(problem, &self.tranches, at);
        let overflow = |overflow| SourcingError::from(PricingError::Overflow(overflow));
        let changed = changed.map_err(overflow)?;
        let case = Arc::new(self.call.case(changed).await?);
        if self.cases.len() >= MOST_CASES {
            let ends = [self.question.low, self.question.high];
            self.cases.retain(|value, _| ends.contains(value));
        }
        self.cases.insert(at, case.clone());
        Ok(case)
    }

    pub(super) fn between(&self, from: Decimal, to: Decimal, part: Decimal) -> Decimal {
        let value = self.question.parameter.between(from, to, part).unwrap_or(from);
        let half_up = RoundingStrategy::MidpointAwayFromZero;
        value.round_dp_with_strategy(self.digits, half_up).normalize().clamp(from, to)
    }

    /// Whether every cost moves along a straight line between two values, as
    /// far as two values between them tell.
    pub(super) async fn is_straight(
        &mut self,
        from: Decimal,
        to: Decimal,
    ) -> Result<bool, SourcingError> {
        if Instant::now() >= self.deadline {
            return Ok(false);
        }
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
    pub(super) fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let solved: Vec<(Decimal, Solved)> =
            self.solved.iter().map(|(value, solved)| (*value, *solved)).collect();
        for pair in solved.windows(2) {
            let [(low, below), (high, above)] = pair else { continue };
            let is_resolved = !self.unresolved.contains(low);
            let is_proved = below.is_proved && above.is_proved && is_resolved;
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
}
