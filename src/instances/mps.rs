//! A program as an MPS file: what every other solver reads.

use crate::sourcing::Program;
use std::fmt::Write;

/// The program as free MPS, for HiGHS, SCIP and CBC to find the same optimum.
///
/// Columns are `x0`, `x1` and on, rows `r0`, `r1` and on, the objective is
/// `cost`; rows that only tighten are rows like others. A cost that nothing
/// avoids stands with its sign turned on the objective's right-hand side, as
/// those solvers take it.
pub fn mps(name: &str, program: &Program) -> String {
    let mut text = format!("NAME {} FREE\nOBJSENSE\n    MIN\n", one_word(name));
    // Writing to a string cannot fail.
    rows(program, &mut text);
    columns(program, &mut text);
    right_hand_sides(program, &mut text);
    bounds(program, &mut text);
    text.push_str("ENDATA\n");
    text
}

fn one_word(name: &str) -> String {
    let word: String = name.chars().map(|c| if c.is_ascii_graphic() { c } else { '_' }).collect();
    if word.is_empty() { "instance".to_owned() } else { word }
}

/// How a row is bounded: the letter of its kind and its right-hand side.
fn sense(lower: f64, upper: f64) -> Option<(char, f64)> {
    match (lower.is_finite(), upper.is_finite()) {
        (true, true) if lower >= upper => Some(('E', upper)),
        (_, true) => Some(('L', upper)),
        (true, false) => Some(('G', lower)),
        // It bounds nothing.
        (false, false) => None,
    }
}

fn row_bounds(program: &Program) -> impl Iterator<Item = (f64, f64)> {
    program.row_lower.iter().copied().zip(program.row_upper.iter().copied())
}

fn rows(program: &Program, text: &mut String) {
    text.push_str("ROWS\n N cost\n");
    for (row, (lower, upper)) in row_bounds(program).enumerate() {
        if let Some((letter, _)) = sense(lower, upper) {
            let _ = writeln!(text, " {letter} r{row}");
        }
    }
}

fn columns(program: &Program, text: &mut String) {
    let mut terms = vec![Vec::new(); program.column_count()];
    for (row, (lower, upper)) in row_bounds(program).enumerate() {
        if sense(lower, upper).is_none() {
            continue;
        }
        for (column, coefficient) in program.terms(row) {
            if let Some(terms) = terms.get_mut(column) {
                terms.push((row, coefficient));
            }
        }
    }
    text.push_str("COLUMNS\n");
    let mut whole_before = false;
    let mut markers = 0;
    let mut marker = |whole: bool, text: &mut String| {
        let word = if whole { "INTORG" } else { "INTEND" };
        let _ = writeln!(text, "    M{markers} 'MARKER' '{word}'");
        markers += 1;
    };
    let kinds = program.whole.iter().zip(&program.cost);
    for (column, ((whole, cost), terms)) in kinds.zip(&terms).enumerate() {
        if *whole != whole_before {
            marker(*whole, text);
            whole_before = *whole;
        }
        // A column without terms is named all the same.
        if *cost != 0.0 || terms.is_empty() {
            let _ = writeln!(text, "    x{column} cost {cost:?}");
        }
        for (row, coefficient) in terms {
            let _ = writeln!(text, "    x{column} r{row} {coefficient:?}");
        }
    }
    if whole_before {
        marker(false, text);
    }
}

#[allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]
fn right_hand_sides(program: &Program, text: &mut String) {
    text.push_str("RHS\n");
    if program.offset != 0.0 {
        let _ = writeln!(text, "    rhs cost {:?}", -program.offset);
    }
    let mut ranges = String::new();
    for (row, (lower, upper)) in row_bounds(program).enumerate() {
        let Some((letter, side)) = sense(lower, upper) else { continue };
        if side != 0.0 {
            let _ = writeln!(text, "    rhs r{row} {side:?}");
        }
        if letter == 'L' && lower.is_finite() {
            let _ = writeln!(ranges, "    range r{row} {:?}", upper - lower);
        }
    }
    if !ranges.is_empty() {
        let _ = write!(text, "RANGES\n{ranges}");
    }
}

fn bounds(program: &Program, text: &mut String) {
    text.push_str("BOUNDS\n");
    let columns = program.lower.iter().zip(&program.upper).zip(&program.whole);
    for (column, ((lower, upper), whole)) in columns.enumerate() {
        let mut bound = |kind: &str, value: Option<f64>| {
            let value = value.map(|value| format!(" {value:?}")).unwrap_or_default();
            let _ = writeln!(text, " {kind} bound x{column}{value}");
        };
        match (lower.is_finite(), upper.is_finite()) {
            (true, true) if lower >= upper => bound("FX", Some(*lower)),
            (false, false) => bound("FR", None),
            (below, above) => {
                // Solvers differ in what a whole column is bounded by when nothing is said,
                // and in the least value that goes with a negative greatest one.
                if !below {
                    bound("MI", None);
                } else if *lower != 0.0 || *whole || (above && *upper <= 0.0) {
                    bound("LO", Some(*lower));
                }
                if above {
                    bound("UP", Some(*upper));
                } else if *whole {
                    bound("PL", None);
                }
            }
        }
    }
}
