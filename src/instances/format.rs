//! The formats instances are published in.

use super::InstanceFault;
use std::fmt;
use std::str::FromStr;

/// A format instances are published in.
///
/// The facility location formats state the cost of serving a customer's whole
/// demand from a facility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceFormat {
    /// `sourcing-problem/1`: a JSON file of models, sites, markets and periods.
    Sourcing,
    /// `cflp-cap`: `m n`, `m` times capacity and fixed cost, `n` times demand
    /// and `m` costs. A capacity may read `capacity`: it is then a parameter.
    CapacitatedByCustomer,
    /// `cflp-hr`: `m n`, `m` times capacity and fixed cost, `n` demands, `m`
    /// rows of `n` costs.
    CapacitatedByFacility,
    /// `ufl-cap`: as `cflp-cap`; capacities are read over.
    Uncapacitated,
    /// `sscflp-hr`: as `cflp-hr`; each customer is served by one facility.
    SingleSourceByFacility,
    /// `sscflp-tbed`: `m n`, `n` demands, `m` capacities, `m` fixed costs, `m`
    /// rows of `n` costs; each customer is served by one facility.
    SingleSourceInLists,
}

impl InstanceFormat {
    /// All formats.
    pub const ALL: [Self; 6] = [
        Self::Sourcing,
        Self::CapacitatedByCustomer,
        Self::CapacitatedByFacility,
        Self::Uncapacitated,
        Self::SingleSourceByFacility,
        Self::SingleSourceInLists,
    ];

    /// Name on the command line and in manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sourcing => "sourcing-problem/1",
            Self::CapacitatedByCustomer => "cflp-cap",
            Self::CapacitatedByFacility => "cflp-hr",
            Self::Uncapacitated => "ufl-cap",
            Self::SingleSourceByFacility => "sscflp-hr",
            Self::SingleSourceInLists => "sscflp-tbed",
        }
    }

    /// The format the content tells.
    pub(super) fn of_text(text: &str) -> Result<Self, InstanceFault> {
        // The others are bare numbers, which nothing tells apart.
        if text.trim_start().starts_with('{') {
            Ok(Self::Sourcing)
        } else {
            Err(InstanceFault::FormatUnknown)
        }
    }
}

impl fmt::Display for InstanceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for InstanceFormat {
    type Err = InstanceFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or_else(|| InstanceFault::FormatNotSupported(text.to_owned()))
    }
}
