//! The sheet: which column is which.

use super::text::tidy;

/// Columns the sheet must have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no column {}; is this the tariff export?", .0.join(", no column "))]
pub struct MissingColumns(pub Vec<&'static str>);

pub(super) const CODE: &str = "HTS Number";
pub(super) const INDENT: &str = "Indent";
pub(super) const DESCRIPTION: &str = "Description";
pub(super) const UNITS: &str = "Unit of Quantity";
pub(super) const GENERAL: &str = "General";
pub(super) const SPECIAL: &str = "Special";
pub(super) const COLUMN_2: &str = "Column 2";
pub(super) const ADDITIONAL: &str = "Additional Duties";

/// Where each column stands.
pub(super) struct Header {
    places: [usize; 7],
    additional: Option<usize>,
}

/// The cells of a row, tidied.
pub(super) struct Row {
    pub number: usize,
    pub code: String,
    pub indent: String,
    pub description: String,
    pub units: String,
    pub general: String,
    pub special: String,
    pub column_2: String,
    pub additional: String,
}

impl Header {
    /// Finds the columns by the start of their names: releases differ in the
    /// rest (`General`, `General Rate of Duty`).
    pub fn of(cells: &[String]) -> Result<Self, MissingColumns> {
        let find = |name: &str| {
            let name = name.to_lowercase();
            cells.iter().position(|cell| tidy(cell).to_lowercase().starts_with(&name))
        };
        let names = [CODE, INDENT, DESCRIPTION, UNITS, GENERAL, SPECIAL, COLUMN_2];
        let mut missing = Vec::new();
        let places = names.map(|name| {
            find(name).unwrap_or_else(|| {
                missing.push(name);
                0
            })
        });
        if missing.is_empty() {
            Ok(Self { places, additional: find(ADDITIONAL) })
        } else {
            Err(MissingColumns(missing))
        }
    }

    /// The cells of a row; those it lacks are empty.
    pub fn row(&self, number: usize, cells: &[String]) -> Row {
        let cell = |place: usize| cells.get(place).map(|cell| tidy(cell)).unwrap_or_default();
        let [code, indent, description, units, general, special, column_2] = self.places.map(cell);
        let additional = self.additional.map(cell).unwrap_or_default();
        Row { number, code, indent, description, units, general, special, column_2, additional }
    }
}
