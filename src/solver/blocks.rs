//! A program that falls apart once its first stage is decided: the parts, each
//! with what it costs as a function of the first stage.
//!
//! The L-shaped method (Van Slyke and Wets 1969): that cost is convex, and the
//! duals of a part at one point give a plane below it, a *cut*. Rows that hold
//! one column of the part beside first-stage columns are not kept as rows but
//! as a bound of that column, and its reduced cost is their dual.

#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use super::course::{Course, Purpose, RunEnd};
use super::highs::Highs;
use super::order::SolveEnd;
use crate::sourcing::Program;

/// What a unit of a row that cannot be kept costs, as a multiple of the dearest
/// column: dear enough that it is never chosen where it can be avoided.
const SHORT: f64 = 20.0;

/// A plane below the cost of a block: at least `constant + slope · v`.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// Constant.
    pub constant: f64,
    /// Slope by first-stage column of the program; none of them zero.
    pub slope: Vec<(usize, f64)>,
}

impl Cut {
    /// Height of the plane at a point of the first stage.
    pub fn height(&self, first_stage: &[f64]) -> f64 {
        let slope = self.slope.iter().map(|(column, slope)| slope * first_stage[*column]);
        self.constant + slope.sum::<f64>()
    }
}

/// A row as an upper bound of one column: `bound - slope · v`.
#[derive(Clone, Debug)]
struct BoundRow {
    bound: f64,
    slope: Vec<(usize, f64)>,
}

/// A part of the program.
pub(super) struct Block {
    /// Its columns in the program.
    columns: Vec<usize>,
    /// Rows that bound one of its columns, by column.
    bounds: Vec<Vec<BoundRow>>,
    /// First-stage terms of its rows.
    first_stage: Vec<Vec<(usize, f64)>>,
    /// Its own program; after its columns come those that say by how much a row
    /// is not kept.
    program: Program,
    highs: Highs,
}

/// What a block costs at a point of the first stage.
pub(super) struct BlockCost {
    /// Cost.
    pub cost: f64,
    /// A plane below the cost that touches it there.
    pub cut: Cut,
    /// Values of its columns.
    pub values: Vec<f64>,
    /// Whether every row is kept.
    pub keeps: bool,
}

/// Splits a program into blocks; none where it has no first stage, where whole
/// columns lie outside it, or where it does not fall apart.
pub(super) fn split(
    program: &Program,
    course: &Course<'_>,
) -> Result<Option<Vec<Block>>, SolveEnd> {
    let is_first = |column: usize| program.first_stage[column];
    let outside =
        (0..program.column_count()).any(|column| program.whole[column] && !is_first(column));
    if outside || !program.first_stage.contains(&true) {
        return Ok(None);
    }
    let mut parts = Parts::new(program.column_count());
    for row in 0..program.row_count() {
        let mut own =
            program.terms(row).map(|(column, _)| column).filter(|column| !is_first(*column));
        if let Some(first) = own.next() {
            own.for_each(|other| parts.join(first, other));
        }
    }
    let mut number = vec![usize::MAX; program.column_count()];
    let mut columns: Vec<Vec<usize>> = Vec::new();
    for column in (0..program.column_count()).filter(|column| !is_first(*column)) {
        let root = parts.root(column);
        if number[root] == usize::MAX {
            number[root] = columns.len();
            columns.push(Vec::new());
        }
        number[column] = number[root];
        columns[number[root]].push(column);
    }
    if columns.len() < 2 {
        return Ok(None);
    }
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); columns.len()];
    for row in 0..program.row_count() {
        let own = program.terms(row).map(|(column, _)| column).find(|column| !is_first(*column));
        if let Some(column) = own {
            rows[number[column]].push(row);
        }
    }
    let blocks = columns.into_iter().zip(rows);
    blocks
        .map(|(columns, rows)| Block::of(program, columns, &rows, course))
        .collect::<Result<_, _>>()
        .map(Some)
}

impl Block {
    fn of(
        program: &Program,
        columns: Vec<usize>,
        rows: &[usize],
        course: &Course<'_>,
    ) -> Result<Self, SolveEnd> {
        let mut own = Program::new();
        let mut place = std::collections::HashMap::with_capacity(columns.len());
        let mut dearest: f64 = 1.0;
        for column in &columns {
            let (lower, upper) = (program.lower[*column], program.upper[*column]);
            place.insert(*column, own.column(program.cost[*column], lower, upper, false));
            dearest = dearest.max(program.cost[*column].abs());
        }
        let mut bounds = vec![Vec::new(); columns.len()];
        let mut first_stage = Vec::new();
        let mut shorts: Vec<(usize, f64)> = Vec::new();
        for row in rows {
            let (lower, upper) = (program.row_lower[*row], program.row_upper[*row]);
            let (mut inside, mut outside) = (Vec::new(), Vec::new());
            for (column, coefficient) in program.terms(*row) {
                match place.get(&column) {
                    Some(own) => inside.push((*own, coefficient)),
                    None => outside.push((column, coefficient)),
                }
            }
            if let ([(column, coefficient)], true, false) =
                (inside.as_slice(), lower == f64::NEG_INFINITY, outside.is_empty())
                && *coefficient > 0.0
            {
                let slope = outside.iter().map(|(v, c)| (*v, c / coefficient)).collect();
                bounds[*column].push(BoundRow { bound: upper / coefficient, slope });
                continue;
            }
            // What hangs on the first stage, or asks for something, may not be possible at every point.
            let mut signs = Vec::new();
            if upper < f64::INFINITY && (!outside.is_empty() || upper < 0.0) {
                signs.push(-1.0);
            }
            if lower > f64::NEG_INFINITY && (!outside.is_empty() || lower > 0.0) {
                signs.push(1.0);
            }
            shorts.extend(signs.into_iter().map(|sign| (first_stage.len(), sign)));
            own.row(&inside, lower, upper);
            first_stage.push(outside);
        }
        // Columns are added last, so that the block's own come first: the rows are written anew.
        let mut with_shorts = Program::new();
        for column in 0..own.column_count() {
            with_shorts.column(own.cost[column], own.lower[column], own.upper[column], false);
        }
        let mut extra: Vec<Vec<(usize, f64)>> = vec![Vec::new(); first_stage.len()];
        for (row, sign) in shorts {
            let column = with_shorts.column(SHORT * dearest, 0.0, f64::INFINITY, false);
            extra[row].push((column, sign));
        }
        for (row, extra) in extra.iter().enumerate() {
            let mut terms: Vec<(usize, f64)> = own.terms(row).collect();
            terms.extend(extra);
            with_shorts.row(&terms, own.row_lower[row], own.row_upper[row]);
        }
        let mut highs = course.highs()?;
        let all: Vec<usize> = (0..with_shorts.row_count()).collect();
        highs.load(&with_shorts, &all, true)?;
        Ok(Self { columns, bounds, first_stage, program: with_shorts, highs })
    }

    /// Its columns in the program.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// What it costs at a point of the first stage.
    ///
    /// # Errors
    /// The end of the whole solve.
    pub fn cost(&mut self, course: &mut Course<'_>, point: &[f64]) -> Result<BlockCost, SolveEnd> {
        let at = |slope: &[(usize, f64)]| -> f64 {
            slope.iter().map(|(column, slope)| slope * point[*column]).sum()
        };
        let mut upper = self.program.upper.clone();
        let mut binding: Vec<Option<usize>> = vec![None; self.columns.len()];
        for (column, bounds) in self.bounds.iter().enumerate() {
            for (place, bound) in bounds.iter().enumerate() {
                let own = (bound.bound - at(&bound.slope)).max(self.program.lower[column]);
                if own < upper[column] {
                    upper[column] = own;
                    binding[column] = Some(place);
                }
            }
        }
        let shifts: Vec<f64> = self.first_stage.iter().map(|slope| at(slope)).collect();
        let shifted = |bounds: &[f64]| -> Vec<f64> {
            bounds.iter().zip(&shifts).map(|(bound, shift)| bound - shift).collect()
        };
        self.highs.set_bounds(&self.program.lower, &upper)?;
        self.highs
            .set_row_bounds(&shifted(&self.program.row_lower), &shifted(&self.program.row_upper))?;
        match course.run(&mut self.highs, Purpose::Side)? {
            RunEnd::Optimal => {}
            _ => return Err(SolveEnd::Failed("a block has no cheapest point".to_owned())),
        }
        let solved = self.highs.point()?;
        let cost = self.highs.objective();
        let mut slope: std::collections::BTreeMap<usize, f64> = std::collections::BTreeMap::new();
        for (terms, dual) in self.first_stage.iter().zip(&solved.row_duals) {
            if *dual != 0.0 {
                for (column, coefficient) in terms {
                    *slope.entry(*column).or_default() -= dual * coefficient;
                }
            }
        }
        for (column, binding) in binding.iter().enumerate() {
            let reduced = solved.reduced_costs[column];
            if let (Some(place), true) = (binding, reduced < 0.0) {
                for (first, own) in &self.bounds[column][*place].slope {
                    *slope.entry(*first).or_default() -= reduced * own;
                }
            }
        }
        let slope: Vec<(usize, f64)> =
            slope.into_iter().filter(|(_, slope)| *slope != 0.0).collect();
        let constant = cost - at(&slope);
        let mut values = solved.values;
        let keeps = values[self.columns.len()..].iter().all(|short| *short <= 1e-7);
        values.truncate(self.columns.len());
        Ok(BlockCost { cost, cut: Cut { constant, slope }, values, keeps })
    }
}

/// Columns joined into parts.
struct Parts(Vec<usize>);

impl Parts {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, of: usize) -> usize {
        let mut root = of;
        while self.0[root] != root {
            self.0[root] = self.0[self.0[root]];
            root = self.0[root];
        }
        root
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        // The smaller stays the root: the order of the parts is that of the columns.
        self.0[one.max(other)] = one.min(other);
    }
}
