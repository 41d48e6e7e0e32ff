//! What rows stand for.

use crate::sourcing::priced::FlowLimitKind;

/// What a row stands for, by places in the priced problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowName {
    /// It holds the decisions together and has no meaning of its own.
    Structure,
    /// Capacity of a plant in a period.
    Capacity {
        /// Plant.
        plant: usize,
        /// Period.
        period: usize,
    },
    /// A demand in a period.
    Demand {
        /// Demand.
        demand: usize,
        /// Period.
        period: usize,
    },
    /// Units of a tranche.
    Tranche(usize),
    /// A limit on flows, by its place in the list.
    FlowLimit(FlowLimitKind, usize),
    /// Money of a credit, up to a period.
    Credit {
        /// Credit.
        credit: usize,
        /// Period.
        period: usize,
    },
    /// A budget.
    Budget(usize),
    /// Model lines that move.
    Moves,
    /// Least run of a plant in a period.
    LeastRun {
        /// Plant.
        plant: usize,
        /// Period.
        period: usize,
    },
    /// Capacity of a plant with all its steps: implied by its capacity.
    Grown {
        /// Plant.
        plant: usize,
        /// Period.
        period: usize,
    },
    /// Capacity of all plants: implied by demand and capacity.
    Cover,
}
