//! Which vehicles enter within quotas, where nobody says: those that save most,
//! as far as the tranches reach.
//!
//! Tranches and what they carry over are nested: every limit is on a tranche, or
//! on a tranche with those it carries over from. Over nested limits taking the
//! greatest saving first is the best there is (the greedy algorithm of
//! polymatroids; Edmonds 1970).

use super::Ledger;
use super::settled::Settled;
use crate::sourcing::problem::FRACTION_DIGITS;
use rust_decimal::Decimal;

/// Units drawn of each tranche.
pub(super) struct Draws<'a> {
    ledger: &'a Ledger<'a>,
    pub drawn: Vec<Decimal>,
}

impl<'a> Draws<'a> {
    pub fn new(ledger: &'a Ledger<'a>) -> Self {
        Self { ledger, drawn: vec![Decimal::ZERO; ledger.duties.tranches.len()] }
    }

    /// Units carried over into a tranche.
    pub fn carried_over(&self, tranche: usize) -> Decimal {
        let tranches = &self.ledger.duties.tranches;
        let unused = |source: &usize| {
            (tranches[*source].own_units() - self.drawn[*source]).max(Decimal::ZERO)
        };
        tranches[tranche].carried_from.iter().map(unused).sum()
    }

    /// Units left in a tranche by itself.
    pub fn left(&self, tranche: usize) -> Decimal {
        let own = self.ledger.duties.tranches[tranche].own_units();
        (own + self.carried_over(tranche) - self.drawn[tranche]).max(Decimal::ZERO)
    }

    /// Units that may still be drawn: those left, and of those that are carried
    /// on none that is drawn already where it was carried to.
    fn may_draw(&self, tranche: usize) -> Decimal {
        let tranches = &self.ledger.duties.tranches;
        let targets = tranches
            .iter()
            .enumerate()
            .filter(|(_, target)| target.carried_from.contains(&tranche))
            .filter(|(target, _)| !self.drawn[*target].is_zero())
            .map(|(target, _)| self.left(target));
        targets.fold(self.left(tranche), Decimal::min)
    }
}

impl Settled {
    /// Enters vehicles within quotas and writes it into the decisions.
    pub(super) fn enter_quotas(&mut self, ledger: &Ledger<'_>) {
        let discounts = ledger.discounts();
        // Discounted saving, flow and window.
        let mut savings: Vec<(Decimal, usize, usize)> = Vec::new();
        for (place, flow) in self.flows.iter().enumerate() {
            for window in &ledger.priced.arcs[flow.arc].cells[flow.period].quota_windows {
                savings.push((window.saving * discounts[flow.period], place, window.window));
            }
        }
        savings.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut draws = Draws::new(ledger);
        for (_, place, window) in savings {
            let flow = &mut self.flows[place];
            let entry = &ledger.duties.arcs[flow.arc][flow.period].windows[window];
            let Some(tranche) = entry.tranche else { continue };
            let mut units = flow.windows[window].0.min(draws.may_draw(tranche));
            let digits = if ledger.whole() { 0 } else { FRACTION_DIGITS };
            units = units.trunc_with_scale(digits);
            if units > Decimal::ZERO {
                draws.drawn[tranche] += units;
                flow.windows[window].1 = units;
            }
        }
        for flow in &self.flows {
            let windows = &ledger.duties.arcs[flow.arc][flow.period].windows;
            let within = windows.iter().zip(&flow.windows).filter(|(_, units)| !units.1.is_zero());
            self.decisions.flows[flow.flow].in_quota =
                within.map(|(window, units)| (window.from, units.1)).collect();
        }
    }
}
