//! Limits that no plan can keep, seen without solving anything.

use super::Survey;
use crate::sourcing::problem::{FloorKind, in_period};
use rust_decimal::Decimal;
use std::collections::HashMap;

impl Survey<'_> {
    /// Limits that are in order each by itself.
    pub(super) fn limits(&mut self) {
        let problem = self.problem;
        for (place, limit) in problem.limits.production.iter().enumerate() {
            let at = format!("limits.production_limits[{place}]");
            self.bounds(&at, limit.least, limit.most);
        }
        for (place, limit) in problem.limits.flows.iter().enumerate() {
            let at = format!("limits.flow_limits[{place}]");
            self.bounds(&at, limit.least, limit.most);
            let demand = self.network.demand(&limit.model, &limit.market);
            let period = self.network.period(&limit.period);
            let (Some(demand), Some(period)) = (demand, period) else { continue };
            let volume = in_period(&problem.demands[demand].volume, period).unwrap_or_default();
            if limit.least.is_some_and(|least| least > volume) {
                let message = format!("more than the market wants, {volume}");
                self.fault(format!("{at}.least"), "CONTRADICTORY_LIMIT", message);
            }
        }
    }

    fn bounds(&mut self, at: &str, least: Option<Decimal>, most: Option<Decimal>) {
        match (least, most) {
            (None, None) => {
                let message = "least, most or both must be given".to_owned();
                self.fault(format!("{at}.least"), "REQUIRED", message);
            }
            (Some(least), Some(most)) if least > most => {
                let message = format!("{least} is more than the most, {most}");
                self.fault(format!("{at}.least"), "CONTRADICTORY_LIMIT", message);
            }
            _ => {}
        }
    }

    /// Limits that exclude each other.
    pub(super) fn contradictions(&mut self) {
        self.decided_twice();
        self.floors();
    }

    fn decided_twice(&mut self) {
        let problem = self.problem;
        let mut plants: HashMap<(&str, &str), bool> = HashMap::new();
        for (place, fixed) in problem.limits.fixed_plants.iter().enumerate() {
            let key = (fixed.plant.as_str(), fixed.period.as_str());
            if *plants.entry(key).or_insert(fixed.open) != fixed.open {
                let message = "decided to be open and to be closed".to_owned();
                let field = format!("limits.fixed_plants[{place}].open");
                self.fault(field, "CONTRADICTORY_LIMIT", message);
            }
        }
        for (place, fixed) in problem.limits.fixed_launches.iter().enumerate() {
            let Some(period) = self.network.period(&fixed.period) else { continue };
            let same = |other: &&crate::sourcing::FixedLaunch| {
                other.model == fixed.model && other.plant == fixed.plant
            };
            let undone = problem.limits.fixed_launches.iter().filter(same).any(|other| {
                let then = self.network.period(&other.period);
                fixed.launched && !other.launched && then.is_some_and(|then| then >= period)
            });
            let option = self.network.option(&fixed.model, &fixed.plant);
            let today = option.is_some_and(|option| problem.options[option].initially_launched);
            if undone || (today && !fixed.launched) {
                let message = "what is launched stays launched".to_owned();
                let field = format!("limits.fixed_launches[{place}].launched");
                self.fault(field, "CONTRADICTORY_LIMIT", message);
            }
        }
    }

    /// Hard floors that no plant of the country can reach, or that a cap on the
    /// same origin forbids.
    fn floors(&mut self) {
        let problem = self.problem;
        for (place, floor) in problem.limits.floors.iter().enumerate() {
            if floor.penalty.is_some() {
                continue;
            }
            let field = format!(
                "limits.domestic_floors[{place}].{}",
                match floor.floor {
                    FloorKind::ShareOfSales(_) => "share_of_sales",
                    FloorKind::Units(_) => "units",
                    FloorKind::LabourHours(_) => "labour_hours",
                }
            );
            let at_home = |plant: &&crate::sourcing::Plant| plant.region == floor.region;
            let has_plant = problem.plants.iter().any(|plant| at_home(&plant));
            let asked = match floor.floor {
                FloorKind::ShareOfSales(share) => share,
                FloorKind::Units(units) => units,
                FloorKind::LabourHours(hours) => hours,
            };
            if asked > Decimal::ZERO && !has_plant {
                let message =
                    format!("no plant is in {}, and the floor has no price", floor.region);
                self.fault(field, "CONTRADICTORY_FLOOR", message);
                continue;
            }
            match floor.floor {
                FloorKind::ShareOfSales(share) => {
                    let selling = |market: &&crate::sourcing::Market| market.region == floor.region;
                    let mut selling = problem.markets.iter().filter(selling).peekable();
                    let capped = |market: &crate::sourcing::Market| {
                        problem.limits.origin_caps.iter().any(|cap| {
                            cap.market == market.id
                                && cap.origin == floor.region
                                && cap.model.is_none()
                                && cap.most_share < share
                        })
                    };
                    if selling.peek().is_some() && selling.all(capped) {
                        let message = format!(
                            "{share} of sales, and origin caps leave less to {} in each market",
                            floor.region
                        );
                        self.fault(field, "CONTRADICTORY_FLOOR", message);
                    }
                }
                FloorKind::Units(units) => {
                    let uses = problem.models.iter().map(|model| model.capacity_use);
                    let lightest = uses.min().unwrap_or(Decimal::ONE);
                    let room = |period: usize| -> Decimal {
                        let plants = problem.plants.iter().filter(at_home);
                        plants
                            .map(|plant| {
                                let own = in_period(&plant.capacity, period).unwrap_or_default();
                                let steps = plant.expansions.iter().map(|step| step.capacity);
                                own + steps.sum::<Decimal>()
                            })
                            .sum()
                    };
                    let periods = self.network.periods(&floor.periods);
                    let short = periods.into_iter().find(|period| {
                        units.checked_mul(lightest).is_none_or(|needed| needed > room(*period))
                    });
                    if let Some(period) = short {
                        let message = format!(
                            "more than all plants of {} can build in `{}`",
                            floor.region, problem.periods[period].id
                        );
                        self.fault(field, "CONTRADICTORY_FLOOR", message);
                    }
                }
                FloorKind::LabourHours(_) => {}
            }
        }
    }
}
