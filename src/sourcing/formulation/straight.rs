//! Whether a problem's numbers move along straight lines as one of its
//! parameters does.

#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use super::Formulation;

/// By how much a coefficient may be off, as a share of the greatest of its
/// kind: what rounding to minor units does.
const ROUNDING: f64 = 1e-7;

impl Formulation {
    /// Whether this program lies on the straight line between two others, a
    /// part of the way from the first: every cost on it, all else the same.
    /// Where programs along a range do, the least cost is a concave function of
    /// the place on it, and a plan that is best at two places is best between
    /// them (Eisner and Severance 1976).
    pub fn lies_between(&self, from: &Self, to: &Self, part: f64) -> bool {
        let (own, from_program, to_program) = (&self.program, &from.program, &to.program);
        let alike = |program: &crate::sourcing::Program| {
            program.lower == own.lower
                && program.upper == own.upper
                && program.whole == own.whole
                && program.columns == own.columns
                && program.row_lower == own.row_lower
                && program.row_upper == own.row_upper
                && program.coefficients == own.coefficients
        };
        if !alike(from_program) || !alike(to_program) {
            return false;
        }
        let money = |formulation: &Self, column: usize| {
            formulation.program.cost[column] * formulation.money_unit
        };
        let columns = 0..own.column_count();
        let greatest = columns.clone().map(|column| money(self, column).abs()).fold(0.0, f64::max);
        columns.into_iter().all(|column| {
            let (from, to) = (money(from, column), money(to, column));
            let straight = from + part * (to - from);
            (money(self, column) - straight).abs() <= ROUNDING * greatest.max(1.0)
        })
    }
}
