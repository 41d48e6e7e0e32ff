//! By how much a vehicle from elsewhere would make a plan dearer.

#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use super::{FixedDecisions, Formulation};

impl Formulation {
    /// By arc: discounted cost, in major units of the reporting currency, by
    /// which a plan is dearer at least for each vehicle of the demand if it
    /// takes this arc instead; the mean of the periods by demand; none where
    /// nothing can flow. Reduced costs of a program with what is built up
    /// fixed, less `slack`, the program's own unit of cost by which its best
    /// point is cheaper than the plan: never more than what it truly costs as
    /// long as what is built up stays as it is.
    pub fn gaps(&self, fixed: &FixedDecisions, row_duals: &[f64], slack: f64) -> Vec<Option<f64>> {
        let mut reduced = self.program.cost.clone();
        for (row, dual) in fixed.rows().iter().zip(row_duals) {
            if *dual != 0.0 {
                for (column, coefficient) in self.program.terms(*row) {
                    reduced[column] -= dual * coefficient;
                }
            }
        }
        let gap = |(arc, cells): (usize, &Vec<Option<super::flows::CellColumns>>)| {
            let volumes = &self.flows.volumes[self.flows.demand_of[arc]];
            let (mut sum, mut vehicles) = (0.0, 0.0);
            for (cell, volume) in cells.iter().zip(volumes) {
                let Some(cell) = cell else { continue };
                sum += cell.all().map(|column| reduced[column]).fold(f64::INFINITY, f64::min);
                vehicles += volume;
            }
            (vehicles > 0.0).then(|| (sum - slack) * self.money_unit / vehicles)
        };
        self.flows.cells.iter().enumerate().map(gap).collect()
    }
}
