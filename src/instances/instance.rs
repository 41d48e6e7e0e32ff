//! An instance read from a file.

use super::file_text::file_text;
use super::sourcing_file::SourcingFile;
use super::{InstanceFault, InstanceFormat, location_files, pricing};
use crate::sourcing::PricedProblem;
use rust_decimal::Decimal;
use std::path::Path;

/// A problem of a published file.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The problem; its vehicles are not whole.
    pub problem: PricedProblem,
    /// Money in one unit of the cost others state for this format: thousands
    /// for `sourcing-problem/1`, otherwise the file's own unit.
    pub cost_unit: Decimal,
}

impl Instance {
    /// The instance a text holds, in the format its content tells if none is
    /// given. `capacity` stands for each capacity the text leaves open.
    ///
    /// # Errors
    /// [`InstanceFault`].
    pub fn of_text(
        text: &str,
        format: Option<InstanceFormat>,
        capacity: Option<Decimal>,
    ) -> Result<Self, InstanceFault> {
        let format = format.map_or_else(|| InstanceFormat::of_text(text), Ok)?;
        let table = match format {
            InstanceFormat::Sourcing => {
                let problem = pricing::priced(&SourcingFile::of_text(text)?)?;
                return Ok(Self { problem, cost_unit: Decimal::ONE_THOUSAND });
            }
            InstanceFormat::CapacitatedByCustomer => {
                location_files::by_customer(text, capacity, true)?
            }
            InstanceFormat::Uncapacitated => location_files::by_customer(text, None, false)?,
            InstanceFormat::CapacitatedByFacility => location_files::by_facility(text, false)?,
            InstanceFormat::SingleSourceByFacility => location_files::by_facility(text, true)?,
            InstanceFormat::SingleSourceInLists => location_files::in_lists(text, true)?,
        };
        Ok(Self { problem: table.priced()?, cost_unit: Decimal::ONE })
    }
}

/// Reads an instance; see [`Instance::of_text`].
///
/// # Errors
/// [`InstanceFault`].
pub fn read_instance(
    path: &Path,
    format: Option<InstanceFormat>,
    capacity: Option<Decimal>,
) -> Result<Instance, InstanceFault> {
    Instance::of_text(&file_text(path)?, format, capacity)
}
