//! Whole vehicles: the program again with flows in whole units, near a point
//! or everywhere.

use super::Formulation;
use super::reduced::Reduced;
use super::solution::{CellFlow, Solution};
use crate::sourcing::program::Program;

/// How far whole vehicles may lie from the point they are looked for near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Fractions are rounded up or down; what is whole stays.
    Rounding,
    /// Every flow may move by some vehicles, and idle arcs may carry some.
    Nearby,
    /// Flows are free; what is open, launched and expanded stays.
    SameBuildUp,
    /// Everything is free.
    Anywhere,
}

/// Vehicles that a flow may move by within [`Reach::Nearby`].
const NEARBY: f64 = 3.0;

/// A program in whole vehicles.
#[derive(Clone, Debug)]
pub struct WholeUnits(Reduced);

impl WholeUnits {
    /// The program of whole vehicles within reach of a point.
    pub fn near(formulation: &Formulation, values: &[f64], reach: Reach) -> Self {
        let whole = &formulation.program;
        let mut lower = whole.lower.clone();
        let mut upper = whole.upper.clone();
        let mut units = vec![1.0; whole.column_count()];
        let mut integral = whole.whole.clone();
        let mut point = values.to_vec();
        if reach != Reach::Anywhere {
            for column in (0..whole.column_count()).filter(|column| whole.whole[*column]) {
                point[column] = values[column].round();
                lower[column] = point[column];
                upper[column] = point[column];
            }
        }
        for (volumes, cell, period) in formulation.cells() {
            let volume = volumes[period];
            for column in cell.all() {
                if whole.whole[column] {
                    // All or nothing of a demand: whole vehicles either way.
                    continue;
                }
                units[column] = volume;
                integral[column] = true;
                let vehicles = values[column] * volume;
                let near = vehicles.round();
                let is_whole = (vehicles - near).abs() <= off_whole(vehicles);
                let (least, most) = match reach {
                    Reach::Rounding if is_whole => (near, near),
                    Reach::Rounding => (vehicles.floor(), vehicles.ceil()),
                    Reach::Nearby => (near - NEARBY, near + NEARBY),
                    Reach::SameBuildUp | Reach::Anywhere => (f64::NEG_INFINITY, f64::INFINITY),
                };
                point[column] = if is_whole { near / volume } else { values[column] };
                lower[column] = lower[column].max(least / volume);
                upper[column] = upper[column].min(most / volume);
                if lower[column] > upper[column] {
                    lower[column] = upper[column];
                }
            }
        }
        Self(Reduced::of(whole, (&lower, &upper), &integral, units, point, |_| false))
    }

    /// The program. Its cost is that of the whole formulation.
    pub fn program(&self) -> &Program {
        self.0.program()
    }

    /// A point of this program from one of the whole formulation.
    pub fn start(&self, point: &[f64]) -> Vec<f64> {
        self.0.start(point)
    }

    /// A point of the whole formulation from one of this program.
    pub fn point(&self, values: &[f64]) -> Vec<f64> {
        self.0.point(values)
    }
}

/// How far so many vehicles may lie from whole ones and be them: less than could
/// carry a sum of some past a limit.
fn off_whole(vehicles: f64) -> f64 {
    (1e-5 + 1e-9 * vehicles.abs()).min(1e-2)
}

impl Solution {
    /// Whether every flow is whole to the solver's precision.
    pub fn is_whole(&self) -> bool {
        let off = |flow: &CellFlow| (flow.units - flow.units.round()).abs();
        self.flows.iter().all(|flow| off(flow) <= off_whole(flow.units))
    }
}

impl Formulation {
    /// Columns of every arc and period that anything can flow in.
    pub(super) fn cells(
        &self,
    ) -> impl Iterator<Item = (&[f64], &super::flows::CellColumns, usize)> {
        self.flows.cells.iter().enumerate().flat_map(move |(arc, cells)| {
            let volumes = self.flows.volumes[self.flows.demand_of[arc]].as_slice();
            cells
                .iter()
                .enumerate()
                .filter_map(move |(period, cell)| Some((volumes, cell.as_ref()?, period)))
        })
    }

    /// Number of flows the program has columns for.
    pub fn cell_count(&self) -> usize {
        self.cells().count()
    }
}
