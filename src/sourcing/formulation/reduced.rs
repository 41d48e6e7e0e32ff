//! A program without what is fixed: fewer columns and rows, the same points.

#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use super::solution::LEAST_FLOW;
use crate::sourcing::program::Program;

/// A program without the columns that are fixed and the rows that cannot bind.
#[derive(Clone, Debug)]
pub(super) struct Reduced {
    program: Program,
    /// Columns of the whole program that are free here.
    free: Vec<usize>,
    /// Rows of the whole program that are rows here.
    rows: Vec<usize>,
    /// The point, at which all other columns are fixed.
    point: Vec<f64>,
    /// So much of a column here is one of the whole program's.
    units: Vec<f64>,
}

impl Reduced {
    /// Leaves out columns whose bounds meet and rows that no point within the
    /// bounds breaks; of those `may_meet` names, also such as a point may meet.
    /// Columns are counted in `units`, and are whole where `integral`.
    pub fn of(
        whole: &Program,
        (lower, upper): (&[f64], &[f64]),
        integral: &[bool],
        units: Vec<f64>,
        mut point: Vec<f64>,
        may_meet: impl Fn(usize) -> bool,
    ) -> Self {
        let mut program = Program::new();
        program.offset = whole.offset;
        let mut free = Vec::new();
        let mut places = vec![usize::MAX; whole.column_count()];
        for column in 0..whole.column_count() {
            if lower[column] >= upper[column] {
                point[column] = lower[column];
                program.offset += whole.cost[column] * point[column];
                continue;
            }
            let unit = units[column];
            let cost = whole.cost[column] / unit;
            let (mut least, mut most) = (lower[column] * unit, upper[column] * unit);
            if integral[column] {
                least = (least - LEAST_FLOW).ceil();
                most = (most + LEAST_FLOW).floor();
            }
            places[column] = program.column(cost, least, most, integral[column]);
            free.push(column);
        }
        let mut rows = Vec::new();
        let mut terms = Vec::new();
        for row in 0..whole.row_count() {
            terms.clear();
            let mut fixed = 0.0;
            let mut greatest: f64 = 0.0;
            for (column, coefficient) in whole.terms(row) {
                if places[column] == usize::MAX {
                    fixed += coefficient * point[column];
                } else {
                    let each = coefficient / units[column];
                    terms.push((places[column], each));
                    // What is whole already is a switch, and no vehicle.
                    if integral[column] && !whole.whole[column] {
                        greatest = greatest.max(each.abs());
                    }
                }
            }
            let (least, most) = (whole.row_lower[row] - fixed, whole.row_upper[row] - fixed);
            if !terms.is_empty() && can_bind(&program, &terms, (least, most), may_meet(row)) {
                // In vehicles, so that the solver's tolerance is a small part of one.
                let unit = if greatest > 0.0 { greatest } else { 1.0 };
                for (_, each) in &mut terms {
                    *each /= unit;
                }
                program.row(&terms, least / unit, most / unit);
                rows.push(row);
            }
        }
        Self { program, free, rows, point, units }
    }

    /// The program. Its cost is that of the whole one.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Lifts the upper bound of columns that other rows bound as well.
    pub fn lift(&mut self, is_bounded: impl Fn(usize) -> bool) {
        for (place, column) in self.free.iter().enumerate() {
            if is_bounded(*column) {
                self.program.upper[place] = f64::INFINITY;
            }
        }
    }

    /// A point of this program from one of the whole one.
    pub fn start(&self, point: &[f64]) -> Vec<f64> {
        self.free.iter().map(|column| point[*column] * self.units[*column]).collect()
    }

    /// A point of the whole program from one of this.
    pub fn point(&self, values: &[f64]) -> Vec<f64> {
        let mut point = self.point.clone();
        for (column, value) in self.free.iter().zip(values) {
            point[*column] = value / self.units[*column];
        }
        point
    }

    /// Rows of the whole program that are rows here, in order.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }
}

/// Whether some point within the bounds of the columns breaks a row, or meets
/// it.
fn can_bind(
    program: &Program,
    terms: &[(usize, f64)],
    (least, most): (f64, f64),
    may_meet: bool,
) -> bool {
    let (mut low, mut high) = (0.0, 0.0);
    for (column, each) in terms {
        let ends = [each * program.lower[*column], each * program.upper[*column]];
        low += ends[0].min(ends[1]);
        high += ends[0].max(ends[1]);
    }
    if may_meet {
        let slack = 1e-9 * (high - low);
        return !(low >= least - slack && high <= most + slack);
    }
    // A bound that is met exactly may bind: sums are not exact either.
    !(low > least && high < most)
}
