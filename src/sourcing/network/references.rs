//! Ids: distinct where they are given, known where they are used.

use super::{Approval, ArcPlaces, DemandPlaces, MOST_CELLS, OptionPlaces, Survey};
use std::collections::HashMap;
use std::hash::Hash;

/// Places by id; of one given twice the first.
type Places = HashMap<String, usize>;

impl Survey<'_> {
    /// Notes every id that is given twice in a list; tells the places.
    fn distinct<'i>(
        &mut self,
        list: &str,
        field: &str,
        ids: impl Iterator<Item = &'i String>,
    ) -> Places {
        let mut places = Places::new();
        for (place, id) in ids.enumerate().filter(|(_, id)| !id.is_empty()) {
            let first = *places.entry(id.clone()).or_insert(place);
            if first != place {
                let message = format!("`{id}` is given to element {first} as well");
                self.fault(format!("{list}[{place}].{field}"), "DUPLICATE", message);
            }
        }
        places
    }

    /// Notes every pair that is given twice.
    fn distinct_pairs<K: Hash + Eq>(
        &mut self,
        field: impl Fn(usize) -> String,
        pairs: impl Iterator<Item = Option<K>>,
    ) {
        let mut seen: HashMap<K, usize> = HashMap::new();
        let pairs: Vec<(usize, K)> =
            pairs.enumerate().filter_map(|(place, pair)| Some((place, pair?))).collect();
        for (place, pair) in pairs {
            let first = *seen.entry(pair).or_insert(place);
            if first != place {
                let message = format!("element {first} is for the same");
                self.fault(field(place), "DUPLICATE", message);
            }
        }
    }

    /// The place of an id that is used, where there is one.
    fn used(&mut self, places: &Places, field: &str, what: &str, id: &str) -> Option<usize> {
        let found = places.get(id).copied();
        if found.is_none() && !id.is_empty() {
            self.unknown(field.to_owned(), what, id);
        }
        found
    }

    pub(super) fn periods(&mut self) {
        let problem = self.problem;
        let ids = problem.periods.iter().map(|period| &period.id);
        self.network.periods = self.distinct("periods", "period_id", ids);
        for (place, period) in problem.periods.iter().enumerate() {
            if period.start >= period.end {
                let message = format!("{} is not after {}", period.end, period.start);
                self.fault(format!("periods[{place}].end_date"), "OUT_OF_RANGE", message);
            }
            let before = place.checked_sub(1).map(|before| &problem.periods[before]);
            if let Some(before) = before.filter(|before| period.start < before.end) {
                let message = format!("begins before `{}` ends, on {}", before.id, before.end);
                self.fault(format!("periods[{place}].start_date"), "OUT_OF_ORDER", message);
            }
        }
    }

    /// Options and demands, by the places of what they name.
    pub(super) fn places(&mut self) {
        let problem = self.problem;
        let models = problem.models.iter().map(|model| &model.id);
        let models = self.distinct("model_lines", "model_id", models);
        let plants = problem.plants.iter().map(|plant| &plant.id);
        let plants = self.distinct("plants", "plant_id", plants);
        let markets = problem.markets.iter().map(|market| &market.id);
        let markets = self.distinct("markets", "market_id", markets);
        for (place, plant) in problem.plants.iter().enumerate() {
            let ids = plant.expansions.iter().map(|step| &step.id);
            self.distinct(&format!("plants[{place}].expansions"), "expansion_id", ids);
        }
        for (place, model) in problem.models.iter().enumerate() {
            let field = |goods| format!("model_lines[{place}].goods[{goods}].importer_region_code");
            self.distinct_pairs(field, model.goods.iter().map(|goods| Some(goods.importer)));
        }
        // Where a part is unknown a place that is none keeps the others where they are.
        let nowhere = usize::MAX;
        for (place, option) in problem.options.iter().enumerate() {
            let at = |field: &str| format!("production_options[{place}].{field}");
            let model = self.used(&models, &at("model_id"), "model line", &option.model);
            let plant = self.used(&plants, &at("plant_id"), "plant", &option.plant);
            self.network.options.push(OptionPlaces {
                model: model.unwrap_or(nowhere),
                plant: plant.unwrap_or(nowhere),
            });
            let pair = (option.model.clone(), option.plant.clone());
            if model.is_some() && plant.is_some() {
                let first = *self.network.option_of.entry(pair).or_insert(place);
                if first != place {
                    let message = format!("option {first} is of the same model and plant");
                    self.fault(at("model_id"), "DUPLICATE", message);
                }
            }
            let kits = option.kits.iter().map(|kit| &kit.id);
            self.distinct(&at("part_kits"), "kit_id", kits);
            let field = |customs| at(&format!("customs[{customs}].importer_region_code"));
            self.distinct_pairs(field, option.customs.iter().map(|customs| Some(customs.importer)));
        }
        for (place, demand) in problem.demands.iter().enumerate() {
            let at = |field: &str| format!("demands[{place}].{field}");
            let model = self.used(&models, &at("model_id"), "model line", &demand.model);
            let market = self.used(&markets, &at("market_id"), "market", &demand.market);
            self.network.demands.push(DemandPlaces {
                model: model.unwrap_or(nowhere),
                market: market.unwrap_or(nowhere),
            });
            let pair = (demand.model.clone(), demand.market.clone());
            if model.is_some() && market.is_some() {
                let first = *self.network.demand_of.entry(pair).or_insert(place);
                if first != place {
                    let message = format!("demand {first} is of the same model and market");
                    self.fault(at("model_id"), "DUPLICATE", message);
                }
            }
        }
        self.lanes(&models, &plants, &markets);
        self.approvals(&models);
        self.named_in_limits(&models, &plants, &markets);
        self.named_in_credits(&models, &plants);
    }

    fn lanes(&mut self, models: &Places, plants: &Places, markets: &Places) {
        let problem = self.problem;
        // By plant, market and model; every model where none is named.
        let mut lane_of: HashMap<(usize, usize, Option<usize>), usize> = HashMap::new();
        for (place, lane) in problem.lanes.iter().enumerate() {
            let at = |field: &str| format!("lanes[{place}].{field}");
            let plant = self.used(plants, &at("plant_id"), "plant", &lane.plant);
            let market = self.used(markets, &at("market_id"), "market", &lane.market);
            let mut named = vec![None];
            if !lane.models.is_empty() {
                named.clear();
                for (position, id) in lane.models.iter().enumerate() {
                    let field = at(&format!("model_ids[{position}]"));
                    named.extend(self.used(models, &field, "model line", id).map(Some));
                }
            }
            let (Some(plant), Some(market)) = (plant, market) else { continue };
            for model in named {
                let first = *lane_of.entry((plant, market, model)).or_insert(place);
                if first != place {
                    let message = format!("lane {first} is from the same plant to the same market");
                    self.fault(at("plant_id"), "DUPLICATE", message);
                }
            }
            let sum: rust_decimal::Decimal =
                lane.departures.iter().map(|departure| departure.share).sum();
            if !lane.departures.is_empty() && sum != rust_decimal::Decimal::ONE {
                let message = format!("the shares add up to {sum} and not to 1");
                self.fault(at("departure_profile"), "SHARES_DO_NOT_ADD_UP", message);
            }
        }
        for ((plant, market, model), lane) in &lane_of {
            if model.is_some() && lane_of.contains_key(&(*plant, *market, None)) {
                let message = "another lane between the two is for every model".to_owned();
                self.fault(format!("lanes[{lane}].model_ids"), "DUPLICATE", message);
            }
        }
        let mut demands_of_model: HashMap<usize, Vec<usize>> = HashMap::new();
        for (place, demand) in self.network.demands.iter().enumerate() {
            demands_of_model.entry(demand.model).or_default().push(place);
        }
        let mut arcs = Vec::new();
        for (option, places) in self.network.options.iter().enumerate() {
            for demand in demands_of_model.get(&places.model).into_iter().flatten() {
                let market = self.network.demands[*demand].market;
                let own = lane_of.get(&(places.plant, market, Some(places.model)));
                let lane = own.or_else(|| lane_of.get(&(places.plant, market, None)));
                if let Some(lane) = lane {
                    arcs.push(ArcPlaces { option, demand: *demand, lane: *lane });
                }
            }
        }
        self.network.arc_of =
            arcs.iter().enumerate().map(|(place, arc)| ((arc.option, arc.demand), place)).collect();
        self.network.arcs = arcs;
    }

    /// Demands that nothing reaches, and problems that are too large.
    pub(super) fn arcs(&mut self) {
        let problem = self.problem;
        let cells = self.network.arcs.len().saturating_mul(problem.periods.len());
        if cells > MOST_CELLS {
            let message = format!("{cells} flows in all, at most {MOST_CELLS} are planned");
            self.fault("lanes".to_owned(), "TOO_LARGE", message);
        }
        let mut reached = vec![false; problem.demands.len()];
        for arc in &self.network.arcs {
            reached[arc.demand] = true;
        }
        for (place, demand) in problem.demands.iter().enumerate() {
            let places = self.network.demands[place];
            let known = places.model != usize::MAX && places.market != usize::MAX;
            let wanted = demand.volume.iter().any(|volume| !volume.is_zero());
            if known && wanted && !reached[place] && demand.lost_margin.is_none() {
                let message = format!(
                    "no plant that may build `{}` has a lane to `{}`, and the demand must be served",
                    demand.model, demand.market
                );
                self.fault(format!("demands[{place}].market_id"), "UNREACHABLE_MARKET", message);
            }
        }
    }

    fn approvals(&mut self, models: &Places) {
        let problem = self.problem;
        let mut approvals: HashMap<(usize, usize, usize), Vec<usize>> = HashMap::new();
        let mut given: HashMap<(usize, crate::tariff::Region, usize), usize> = HashMap::new();
        for (market, stated) in problem.markets.iter().enumerate() {
            for (place, homologation) in stated.homologations.iter().enumerate() {
                let at = |field: &str| format!("markets[{market}].homologations[{place}].{field}");
                let mut named: Vec<usize> = (0..problem.models.len()).collect();
                if !homologation.models.is_empty() {
                    named.clear();
                    for (position, id) in homologation.models.iter().enumerate() {
                        let field = at(&format!("model_ids[{position}]"));
                        named.extend(self.used(models, &field, "model line", id));
                    }
                }
                for model in named {
                    let key = (market, homologation.origin, model);
                    if *given.entry(key).or_insert(place) != place {
                        let message = "a model has one approval for each origin".to_owned();
                        self.fault(at("model_ids"), "DUPLICATE", message);
                    }
                }
            }
        }
        for (place, arc) in self.network.arcs.iter().enumerate() {
            let demand = self.network.demands[arc.demand];
            let plant = &problem.plants[self.network.options[arc.option].plant];
            if let Some(homologation) = given.get(&(demand.market, plant.region, demand.model)) {
                let key = (demand.market, *homologation, demand.model);
                approvals.entry(key).or_default().push(place);
            }
        }
        let mut approvals: Vec<Approval> = approvals
            .into_iter()
            .map(|((market, homologation, model), arcs)| Approval {
                market,
                homologation,
                model,
                arcs,
            })
            .collect();
        approvals.sort_by_key(|approval| (approval.market, approval.homologation, approval.model));
        self.network.approvals = approvals;
    }

    fn named_periods(&mut self, at: &str, ids: &[String]) {
        for (place, id) in ids.iter().enumerate() {
            self.named_period(&format!("{at}.period_ids[{place}]"), id);
        }
    }

    fn named_period(&mut self, field: &str, id: &str) {
        if !id.is_empty() && self.network.period(id).is_none() {
            self.unknown(field.to_owned(), "period", id);
        }
    }

    fn named_in_limits(&mut self, models: &Places, plants: &Places, markets: &Places) {
        let limits = &self.problem.limits;
        self.distinct("limits.domestic_floors", "floor_id", limits.floors.iter().map(|l| &l.id));
        self.distinct("limits.origin_caps", "cap_id", limits.origin_caps.iter().map(|l| &l.id));
        let production = limits.production.iter().map(|limit| &limit.id);
        self.distinct("limits.production_limits", "limit_id", production);
        self.distinct("limits.capital_budgets", "budget_id", limits.budgets.iter().map(|l| &l.id));
        let balances = limits.trade_balances.iter().map(|limit| &limit.id);
        self.distinct("limits.trade_balance_bounds", "bound_id", balances);
        let commitments = limits.export_commitments.iter().map(|limit| &limit.id);
        self.distinct("limits.export_commitments", "commitment_id", commitments);
        for (place, commitment) in limits.export_commitments.iter().enumerate() {
            let at = format!("limits.export_commitments[{place}]");
            self.named_periods(&at, &commitment.periods);
        }
        for (place, floor) in limits.floors.iter().enumerate() {
            self.named_periods(&format!("limits.domestic_floors[{place}]"), &floor.periods);
        }
        for (place, cap) in limits.origin_caps.iter().enumerate() {
            let at = |field: &str| format!("limits.origin_caps[{place}].{field}");
            self.used(markets, &at("market_id"), "market", &cap.market);
            if let Some(model) = &cap.model {
                self.used(models, &at("model_id"), "model line", model);
            }
        }
        for (place, limit) in limits.production.iter().enumerate() {
            let at = format!("limits.production_limits[{place}]");
            if let Some(plant) = &limit.plant {
                self.used(plants, &format!("{at}.plant_id"), "plant", plant);
            }
            if let Some(model) = &limit.model {
                self.used(models, &format!("{at}.model_id"), "model line", model);
            }
            self.named_periods(&at, &limit.periods);
        }
        for (place, budget) in limits.budgets.iter().enumerate() {
            self.named_periods(&format!("limits.capital_budgets[{place}]"), &budget.periods);
        }
        for (place, limit) in limits.flows.iter().enumerate() {
            let at = |field: &str| format!("limits.flow_limits[{place}].{field}");
            let model = self.used(models, &at("model_id"), "model line", &limit.model);
            let plant = self.used(plants, &at("plant_id"), "plant", &limit.plant);
            let market = self.used(markets, &at("market_id"), "market", &limit.market);
            self.named_period(&at("period_id"), &limit.period);
            if model.is_some() && plant.is_some() && market.is_some() {
                let option = self.network.option(&limit.model, &limit.plant);
                let demand = self.network.demand(&limit.model, &limit.market);
                let pair = option.zip(demand);
                if pair.is_none_or(|(option, demand)| self.network.arc(option, demand).is_none()) {
                    let message = "no option, lane and demand lead there".to_owned();
                    self.fault(at("market_id"), "NO_LANE", message);
                }
            }
        }
        for (place, fixed) in limits.fixed_plants.iter().enumerate() {
            let at = |field: &str| format!("limits.fixed_plants[{place}].{field}");
            self.used(plants, &at("plant_id"), "plant", &fixed.plant);
            self.named_period(&at("period_id"), &fixed.period);
        }
        for (place, fixed) in limits.fixed_launches.iter().enumerate() {
            let at = |field: &str| format!("limits.fixed_launches[{place}].{field}");
            let model = self.used(models, &at("model_id"), "model line", &fixed.model);
            let plant = self.used(plants, &at("plant_id"), "plant", &fixed.plant);
            self.named_period(&at("period_id"), &fixed.period);
            if model.is_some()
                && plant.is_some()
                && self.network.option(&fixed.model, &fixed.plant).is_none()
            {
                let message = format!("`{}` is no option of `{}`", fixed.model, fixed.plant);
                self.fault(at("model_id"), "NO_OPTION", message);
            }
        }
    }

    fn named_in_credits(&mut self, models: &Places, plants: &Places) {
        let problem = self.problem;
        let pairs = problem.policy.credits.iter();
        let pairs = pairs.map(|credit| Some((credit.importer, credit.credit.clone())));
        let field = |place| format!("trade_policy.credits[{place}].credit_id");
        self.distinct_pairs(field, pairs);
        let pairs = problem.policy.quotas.iter();
        let pairs = pairs.map(|quota| Some((quota.importer, quota.quota.clone())));
        let field = |place| format!("trade_policy.quotas[{place}].quota_id");
        self.distinct_pairs(field, pairs);
        for (place, credit) in problem.policy.credits.iter().enumerate() {
            let at = |earning: usize, field: &str| {
                format!("trade_policy.credits[{place}].earnings[{earning}].{field}")
            };
            for (position, earning) in credit.earnings.iter().enumerate() {
                let field = at(position, "model_id");
                let model = self.used(models, &field, "model line", &earning.model);
                let field = at(position, "plant_id");
                let plant = self.used(plants, &field, "plant", &earning.plant);
                let (Some(_), Some(plant)) = (model, plant) else { continue };
                if self.network.option(&earning.model, &earning.plant).is_none() {
                    let message =
                        format!("`{}` is no option of `{}`", earning.model, earning.plant);
                    self.fault(at(position, "model_id"), "NO_OPTION", message);
                }
                if problem.plants[plant].region != credit.importer {
                    let message = format!("`{}` is not in {}", earning.plant, credit.importer);
                    self.fault(at(position, "plant_id"), "NOT_IN_COUNTRY", message);
                }
            }
            let pairs = credit.earnings.iter();
            let pairs = pairs.map(|earning| Some((earning.model.clone(), earning.plant.clone())));
            self.distinct_pairs(|position| at(position, "plant_id"), pairs);
        }
    }
}
