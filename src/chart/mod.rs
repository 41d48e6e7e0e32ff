//! The pictures planners expect, as SVG. Each is a plain function of what is to
//! be seen: labels and numbers, nothing of the wire.
//!
//! Pictures are as large as what is in them asks for, the same for the same
//! input, and need no fonts to be made: widths of text are estimated.

#![allow(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "places on a page, not money"
)]

mod breakeven_bands;
mod canvas;
mod concession_curve;
mod cost_bridge;
mod flow_map;
mod landed_cost_ladder;
mod numbers;
mod palette;
mod quota_burn_down;
mod switch_map;

pub use breakeven_bands::{Band, BreakevenBands, CostLine};
pub use concession_curve::{ConcessionCurve, ConcessionRate};
pub use cost_bridge::{BridgeBar, CostBridge};
pub use flow_map::{Flow, FlowMap};
pub use landed_cost_ladder::{Ladder, LandedCostLadder, Rung};
pub use quota_burn_down::{Burned, QuotaBurnDown, Stock};
pub use switch_map::{Cell, SwitchMap};
