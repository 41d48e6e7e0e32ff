//! A mixed-integer linear program as plain arrays: what a sourcing problem is
//! turned into, and what a solver takes.

use serde::{Deserialize, Serialize};

/// minimise `offset + cost · x` where `row_lower <= A x <= row_upper`,
/// `lower <= x <= upper`, and x is whole where `whole` says so.
///
/// Rows are kept one after the other (compressed sparse rows). Bounds may be
/// infinite. A *tightening* row is implied by the others at every point that is
/// whole where it must be: a solver may leave it out until a relaxation
/// violates it.
///
/// A *first-stage* column joins parts of the program that have nothing else in
/// common: with all of them fixed it falls apart into blocks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// Cost of every column.
    pub cost: Vec<f64>,
    /// Least value of every column.
    pub lower: Vec<f64>,
    /// Greatest value of every column.
    pub upper: Vec<f64>,
    /// Whether the column takes whole values only.
    pub whole: Vec<bool>,
    /// Whether the column is of the first stage.
    pub first_stage: Vec<bool>,
    /// Least value of every row.
    pub row_lower: Vec<f64>,
    /// Greatest value of every row.
    pub row_upper: Vec<f64>,
    /// Whether the row only tightens.
    pub tightening: Vec<bool>,
    /// First term of every row, and the number of terms: one more than rows.
    pub starts: Vec<usize>,
    /// Column of every term.
    pub columns: Vec<usize>,
    /// Coefficient of every term.
    pub coefficients: Vec<f64>,
    /// A cost that nothing avoids.
    pub offset: f64,
}

impl Program {
    /// A program without columns or rows.
    pub fn new() -> Self {
        Self { starts: vec![0], ..Self::default() }
    }

    /// Adds a column; tells its place.
    pub fn column(&mut self, cost: f64, lower: f64, upper: f64, whole: bool) -> usize {
        self.cost.push(cost);
        self.lower.push(lower);
        self.upper.push(upper);
        self.whole.push(whole);
        self.first_stage.push(false);
        self.cost.len() - 1
    }

    /// Adds a column of the first stage; tells its place.
    pub fn first_stage_column(&mut self, cost: f64, lower: f64, upper: f64, whole: bool) -> usize {
        let place = self.column(cost, lower, upper, whole);
        self.first_stage[place] = true;
        place
    }

    /// Adds a row; tells its place. Terms of zero are left out.
    pub fn row(&mut self, terms: &[(usize, f64)], lower: f64, upper: f64) -> usize {
        self.row_of(terms, lower, upper, false)
    }

    /// Adds a row that only tightens; tells its place.
    pub fn tightening_row(&mut self, terms: &[(usize, f64)], lower: f64, upper: f64) -> usize {
        self.row_of(terms, lower, upper, true)
    }

    /// Adds a row with bounds as a row of another program has them.
    pub fn row_like(&mut self, other: &Self, row: usize, terms: &[(usize, f64)]) -> usize {
        self.row_of(terms, other.row_lower[row], other.row_upper[row], other.tightening[row])
    }

    fn row_of(
        &mut self,
        terms: &[(usize, f64)],
        lower: f64,
        upper: f64,
        tightening: bool,
    ) -> usize {
        for (column, coefficient) in terms.iter().filter(|(_, coefficient)| *coefficient != 0.0) {
            self.columns.push(*column);
            self.coefficients.push(*coefficient);
        }
        self.starts.push(self.columns.len());
        self.row_lower.push(lower);
        self.row_upper.push(upper);
        self.tightening.push(tightening);
        self.row_lower.len() - 1
    }

    /// Number of columns.
    pub fn column_count(&self) -> usize {
        self.cost.len()
    }

    /// Number of rows.
    pub fn row_count(&self) -> usize {
        self.row_lower.len()
    }

    /// The terms of a row.
    pub fn terms(&self, row: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.starts[row]..self.starts[row + 1];
        self.columns[range.clone()].iter().copied().zip(self.coefficients[range].iter().copied())
    }

    /// Cost of a point.
    #[allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]
    pub fn cost_of(&self, values: &[f64]) -> f64 {
        self.offset + self.cost.iter().zip(values).map(|(cost, value)| cost * value).sum::<f64>()
    }
}
