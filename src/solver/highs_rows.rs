//! A program's arrays as the solver library takes them, checked before they are handed over.

use super::highs_run::{Done, HighsFault};
use crate::sourcing::Program;
use highs_sys::HighsInt as Int;

/// Rows of a program as the library takes them.
pub(super) struct RowPart {
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
    pub(super) starts: Vec<Int>,
    pub(super) columns: Vec<Int>,
    pub(super) coefficients: Vec<f64>,
}

impl RowPart {
    pub(super) fn of(program: &Program, rows: &[usize]) -> Done<Self> {
        let mut part = Self {
            lower: Vec::with_capacity(rows.len()),
            upper: Vec::with_capacity(rows.len()),
            starts: Vec::with_capacity(rows.len() + 1),
            columns: Vec::new(),
            coefficients: Vec::new(),
        };
        for row in rows {
            if *row >= program.row_count() {
                return Err(HighsFault(format!("there is no row {row}")));
            }
            part.lower.push(program.row_lower[*row]);
            part.upper.push(program.row_upper[*row]);
            part.starts.push(int("terms", part.columns.len())?);
            for (column, coefficient) in program.terms(*row) {
                if column >= program.column_count() {
                    return Err(HighsFault(format!("row {row}: there is no column {column}")));
                }
                part.columns.push(int("columns", column)?);
                part.coefficients.push(coefficient);
            }
        }
        // The end of the last row, which loading reads and adding does not.
        part.starts.push(int("terms", part.columns.len())?);
        Ok(part)
    }
}

/// Sees that the arrays of a program belong together: the library reads them by length alone.
pub(super) fn check(program: &Program) -> Done {
    let Program {
        cost,
        lower,
        upper,
        whole,
        first_stage,
        row_lower,
        row_upper,
        tightening,
        starts,
        columns,
        coefficients,
        offset,
    } = program;
    let by_column = [lower.len(), upper.len(), whole.len(), first_stage.len()];
    let by_row = [row_upper.len(), tightening.len(), starts.len().wrapping_sub(1)];
    let is_whole = by_column.iter().all(|length| *length == cost.len())
        && by_row.iter().all(|length| *length == row_lower.len())
        && columns.len() == coefficients.len()
        && starts.is_sorted()
        && starts.last() == Some(&columns.len());
    if !is_whole {
        return Err(HighsFault("the program's arrays do not match".to_owned()));
    }
    // The library's own comparisons let these pass.
    let is_told = |numbers: &Vec<f64>| !numbers.iter().any(|number| number.is_nan());
    if ![cost, lower, upper, row_lower, row_upper, coefficients].into_iter().all(is_told)
        || !offset.is_finite()
    {
        return Err(HighsFault("the program holds what is no number".to_owned()));
    }
    Ok(())
}

/// A number as the library counts.
pub(super) fn int<T: TryInto<Int>>(what: &str, number: T) -> Done<Int> {
    number.try_into().map_err(|_| HighsFault(format!("too many {what}")))
}

/// A number the library counts up from 0, or sets to -1 before.
pub(super) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
