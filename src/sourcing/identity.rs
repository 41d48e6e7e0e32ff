//! What makes a plan one and the same: what is open, what is launched and
//! expanded, and which plants serve a model in a market. Volumes may differ.

use crate::sourcing::decisions::Decisions;
use crate::sourcing::problem::{FixedLaunch, FixedPlant, FlowLimit, SourcingProblem};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// What makes a plan one and the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanIdentity {
    /// Periods in which each plant is open.
    open: BTreeMap<String, BTreeSet<String>>,
    /// Period of each launch, by model line and plant.
    launches: BTreeMap<(String, String), String>,
    /// Period of each step, by plant and step.
    expansions: BTreeMap<(String, String), String>,
    /// Plants by model line and market.
    origins: BTreeMap<(String, String), BTreeSet<String>>,
}

impl PlanIdentity {
    /// Of decisions.
    pub fn of(decisions: &Decisions) -> Self {
        let mut identity = Self::default();
        for plant in &decisions.plants {
            let periods = plant.open_periods.iter().cloned().collect();
            identity.open.insert(plant.plant.clone(), periods);
        }
        for launch in &decisions.launches {
            let place = (launch.model.clone(), launch.plant.clone());
            identity.launches.insert(place, launch.period.clone());
        }
        for step in &decisions.expansions {
            let place = (step.plant.clone(), step.expansion.clone());
            identity.expansions.insert(place, step.period.clone());
        }
        for flow in &decisions.flows {
            let served = (flow.model.clone(), flow.market.clone());
            identity.origins.entry(served).or_default().insert(flow.plant.clone());
        }
        identity
    }

    /// Plants that serve each model in each market, in order of the problem.
    pub fn origins(&self, problem: &SourcingProblem) -> Vec<(String, String, Vec<String>)> {
        let origins_of = |model: &str, market: &str| {
            let own = self.origins.get(&(model.to_owned(), market.to_owned()));
            let serves = |id: &String| own.is_some_and(|own| own.contains(id));
            let plants = problem.plants.iter().map(|plant| plant.id.clone());
            plants.filter(serves).collect()
        };
        let demands = problem.demands.iter();
        demands
            .map(|demand| {
                let plants = origins_of(&demand.model, &demand.market);
                (demand.model.clone(), demand.market.clone(), plants)
            })
            .collect()
    }

    /// Leaves a problem no other plan than this: volumes alone are open.
    pub fn restrict(&self, problem: &mut SourcingProblem) {
        let ids: Vec<String> = problem.periods.iter().map(|period| period.id.clone()).collect();
        let limits = &mut problem.limits;
        limits.fixed_plants.clear();
        limits.fixed_launches.clear();
        for plant in &problem.plants {
            let open = self.open.get(&plant.id);
            limits.fixed_plants.extend(ids.iter().map(|period| FixedPlant {
                plant: plant.id.clone(),
                period: period.clone(),
                open: open.is_some_and(|open| open.contains(period)),
            }));
        }
        for option in problem.options.iter().filter(|option| !option.initially_launched) {
            let launch = self.launches.get(&(option.model.clone(), option.plant.clone()));
            let mut launched = false;
            for period in &ids {
                launched |= launch == Some(period);
                limits.fixed_launches.push(FixedLaunch {
                    model: option.model.clone(),
                    plant: option.plant.clone(),
                    period: period.clone(),
                    launched,
                });
            }
        }
        let serves = |model: &str, market: &str, plant: &str| {
            let own = self.origins.get(&(model.to_owned(), market.to_owned()));
            own.is_some_and(|own| own.contains(plant))
        };
        let plants: Vec<String> = problem.plants.iter().map(|plant| plant.id.clone()).collect();
        let mut closed: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
        for demand in &problem.demands {
            let (model, market) = (&demand.model, &demand.market);
            let options = problem.options.iter().filter(|option| option.model == *model);
            let lanes = |plant: &str| {
                problem.lanes.iter().any(|lane| {
                    lane.plant == plant
                        && lane.market == *market
                        && (lane.models.is_empty() || lane.models.contains(model))
                })
            };
            let others = options
                .filter(|option| plants.contains(&option.plant))
                .filter(|option| lanes(&option.plant) && !serves(model, market, &option.plant));
            closed.extend(others.map(|option| (&**model, &*option.plant, &**market)));
        }
        let is_open = |flow: &FlowLimit| {
            !closed.contains(&(flow.model.as_str(), flow.plant.as_str(), flow.market.as_str()))
        };
        limits.flows.retain(is_open);
        for (model, plant, market) in closed {
            limits.flows.extend(ids.iter().map(|period| FlowLimit {
                model: model.to_owned(),
                plant: plant.to_owned(),
                market: market.to_owned(),
                period: period.clone(),
                least: None,
                most: Some(Decimal::ZERO),
            }));
        }
    }

    /// What sets it apart from another, the weightiest first and a few of them;
    /// one sentence.
    pub fn differs_from(&self, other: &Self) -> String {
        let mut told = Vec::new();
        for (plant, periods) in &self.open {
            if !other.open.contains_key(plant) {
                told.push(format!("`{plant}` is open"));
            } else if other.open.get(plant) != Some(periods) {
                told.push(format!("`{plant}` is open in other periods"));
            }
        }
        for plant in other.open.keys().filter(|plant| !self.open.contains_key(*plant)) {
            told.push(format!("`{plant}` is closed"));
        }
        for ((model, plant), period) in &self.launches {
            match other.launches.get(&(model.clone(), plant.clone())) {
                Some(known) if known == period => {}
                Some(_) => told.push(format!("`{model}` is launched in `{plant}` in `{period}`")),
                None => told.push(format!("`{model}` is launched in `{plant}`")),
            }
        }
        for place in other.launches.keys().filter(|place| !self.launches.contains_key(*place)) {
            told.push(format!("`{}` is not launched in `{}`", place.0, place.1));
        }
        for place in self.expansions.keys().filter(|place| !other.expansions.contains_key(*place)) {
            told.push(format!("`{}` grows by `{}`", place.0, place.1));
        }
        for place in other.expansions.keys().filter(|place| !self.expansions.contains_key(*place)) {
            told.push(format!("`{}` does not grow by `{}`", place.0, place.1));
        }
        let listed = |plants: &BTreeSet<String>| {
            let plants: Vec<String> = plants.iter().map(|plant| format!("`{plant}`")).collect();
            plants.join(" and ")
        };
        for ((model, market), plants) in &self.origins {
            if other.origins.get(&(model.clone(), market.clone())) != Some(plants) {
                told.push(format!("`{model}` for `{market}` comes from {}", listed(plants)));
            }
        }
        for (served, _) in
            other.origins.iter().filter(|(served, _)| !self.origins.contains_key(*served))
        {
            told.push(format!("`{}` is not sold in `{}`", served.0, served.1));
        }
        let more = told.len().saturating_sub(MOST_TOLD);
        told.truncate(MOST_TOLD);
        match (told.is_empty(), more) {
            (true, _) => "Steps of growth come in other periods.".to_owned(),
            (false, 0) => format!("{}.", told.join("; ")),
            (false, more) => format!("{}; and {more} more.", told.join("; ")),
        }
    }
}

/// Differences told in one sentence.
const MOST_TOLD: usize = 6;
