//! A first point with whole columns, from a relaxation.

#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use super::course::{Course, Purpose, RunEnd};
use super::order::SolveEnd;
use super::relaxation::{Relaxation, TOLERANCE};
use crate::sourcing::Program;

/// A value this near a whole number is one; what the library takes for whole.
const WHOLE: f64 = 1e-6;

/// Parts above which a column is rounded up, one try each. Up is where plans become possible: a
/// site half open is opened. The higher the part the fewer are, and the cheaper the plan.
pub(super) const BY_AND_BY: [f64; 4] = [WHOLE, 0.1, 0.3, 0.5];

/// The try most likely to give a plan, if a dear one.
pub(super) const ALL_UP: [f64; 1] = [WHOLE];

/// Rounds the whole columns of a relaxation up above each of these parts, solves for the others,
/// and notes the points found. The relaxation is afterwards as it was.
///
/// # Errors
/// The end of the whole solve.
pub(super) fn round(
    course: &mut Course<'_>,
    relaxation: &mut Relaxation<'_>,
    up_above: &[f64],
) -> Result<(), SolveEnd> {
    let program = relaxation.program;
    let mut before: Option<Vec<f64>> = None;
    let mut found = false;
    for above in up_above {
        let (mut lower, mut upper) = (program.lower.clone(), program.upper.clone());
        for (column, value) in relaxation.point.values.iter().enumerate() {
            if program.whole[column] {
                let rounded = rounded(*value, *above).max(lower[column].ceil()).min(upper[column]);
                (lower[column], upper[column]) = (rounded, rounded);
            }
        }
        // Nothing fractional lies between this part and the last.
        if before.as_ref() == Some(&lower) {
            continue;
        }
        relaxation.highs.set_bounds(&lower, &upper)?;
        match course.run(&mut relaxation.highs, Purpose::Side)? {
            RunEnd::Optimal => {
                found = true;
                let mut values = relaxation.highs.point()?.values;
                for (column, value) in values.iter_mut().enumerate() {
                    if program.whole[column] {
                        *value = lower[column];
                    }
                }
                course.improve(relaxation.highs.objective(), || values);
            }
            // Fewer were too few; still fewer will not do.
            _ if found => break,
            _ => {}
        }
        before = Some(lower);
    }
    relaxation.highs.set_bounds(&program.lower, &program.upper)?;
    Ok(())
}

/// Whether a point keeps the bounds and rows of a program and is whole where it must be, within
/// the tolerance of the library.
pub(super) fn keeps(program: &Program, values: &[f64]) -> bool {
    let within = |value: f64, lower: f64, upper: f64| {
        value >= lower - TOLERANCE && value <= upper + TOLERANCE
    };
    let columns = values.iter().enumerate().all(|(column, value)| {
        within(*value, program.lower[column], program.upper[column])
            && (!program.whole[column] || (value - value.round()).abs() <= WHOLE)
    });
    columns
        && (0..program.row_count()).all(|row| {
            let activity =
                program.terms(row).map(|(column, coefficient)| coefficient * values[column]).sum();
            within(activity, program.row_lower[row], program.row_upper[row])
        })
}

fn rounded(value: f64, above: f64) -> f64 {
    let nearest = value.round();
    if (value - nearest).abs() <= WHOLE {
        nearest
    } else if value - value.floor() > above {
        value.ceil()
    } else {
        value.floor()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::float_cmp, reason = "whole numbers")]
    fn parts_above_are_rounded_up_and_whole_values_stay() {
        assert_eq!(rounded(0.2, 0.1), 1.0);
        assert_eq!(rounded(0.2, 0.3), 0.0);
        assert_eq!(rounded(3.000_000_1, WHOLE), 3.0);
        assert_eq!(rounded(2.999_999_9, 0.5), 3.0);
        assert_eq!(rounded(-0.6, 0.3), 0.0);
    }
}
