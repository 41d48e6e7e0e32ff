//! How large a generated problem is, and how hard.

use super::InstanceFault;
use std::fmt;
use std::str::FromStr;

/// A named shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceSize {
    /// 1 model line, 4 plants, 2 markets, 1 year.
    Tiny,
    /// 6 model lines, 8 plants, 10 markets, 4 years.
    Small,
    /// 20 model lines, 20 plants, 30 markets, 12 years.
    Medium,
    /// 100 model lines, 40 plants, 60 markets, 20 years.
    Large,
    /// A planner's case: 30 model lines, 10 plants, 15 markets, 24 months.
    Planner,
}

/// How large a generated problem is, and how hard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceShape {
    /// Its name.
    pub size: InstanceSize,
    /// Model lines.
    pub models: usize,
    /// Plants.
    pub plants: usize,
    /// Markets.
    pub markets: usize,
    /// Periods.
    pub periods: usize,
    /// Plants each model may be built in.
    pub plants_per_model: usize,
    /// Markets that want each model.
    pub markets_per_model: usize,
    /// Periods in a year: 1 or 12.
    pub periods_per_year: i64,
    /// Cost of a launch in thousandths of what launching a line costs where
    /// nothing of it is there.
    pub launch_thousandths: i64,
    /// Capacity of a bit less than half of the plants as a share of demand, in
    /// basis points: the lower, the tighter.
    pub tight_bp: i64,
    /// Mean share of the domestic floors, in basis points; none where zero.
    pub floor_bp: i64,
    /// Size of quotas: about two to three times the mean share of a country's
    /// demand, in basis points.
    pub quota_bp: i64,
}

impl InstanceSize {
    /// All named shapes.
    pub const ALL: [Self; 5] = [Self::Tiny, Self::Small, Self::Medium, Self::Large, Self::Planner];

    /// Name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
            Self::Planner => "planner",
        }
    }

    /// What the name stands for.
    pub fn shape(self) -> InstanceShape {
        let [models, plants, markets, periods, plants_per_model, markets_per_model] = match self {
            Self::Tiny => [1, 4, 2, 1, 4, 2],
            Self::Small => [6, 8, 10, 4, 5, 6],
            Self::Medium => [20, 20, 30, 12, 6, 10],
            Self::Large => [100, 40, 60, 20, 6, 12],
            Self::Planner => [30, 10, 15, 24, 5, 8],
        };
        InstanceShape {
            size: self,
            models,
            plants,
            markets,
            periods,
            plants_per_model,
            markets_per_model,
            periods_per_year: if self == Self::Planner { 12 } else { 1 },
            launch_thousandths: match self {
                Self::Tiny | Self::Small => 120,
                Self::Medium | Self::Large | Self::Planner => 350,
            },
            tight_bp: 13_500,
            floor_bp: 2500,
            quota_bp: 3500,
        }
    }
}

impl fmt::Display for InstanceSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for InstanceSize {
    type Err = InstanceFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|size| size.name() == text)
            .ok_or_else(|| InstanceFault::SizeUnknown(text.to_owned()))
    }
}
