//! The plan's decisions, found in the problem by their ids.

use super::exact::{Sound, add_to};
use super::findings::{Excess, Findings, Subject};
use super::reason;
use super::stated::Stated;
use crate::sourcing::{
    Decisions, Expansion, FRACTION_DIGITS, FlowDecision, Lane, Market, ModelLine, Plant,
    ProductionOption,
};
use crate::tariff::Region;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// More vehicles than this in one flow are no plan.
const MOST_UNITS: i64 = 1_000_000_000_000;

/// What the plan decides, with everything it refers to at hand. What refers to
/// nothing has been reported and is left out.
pub(super) struct Decided<'a> {
    /// By plant, whether it is open in each period.
    open: BTreeMap<&'a str, Vec<bool>>,
    /// By model and plant, the period the launch is paid in.
    pub launches: BTreeMap<(&'a str, &'a str), usize>,
    /// Steps of growth, with the period each is paid in.
    pub expansions: Vec<(&'a Plant, &'a Expansion, usize)>,
    pub flows: Vec<Flow<'a>>,
    /// Vehicles built, by period, plant and model.
    pub built: BTreeMap<(usize, &'a str, &'a str), Decimal>,
    /// Vehicles sold, by period, market, model and origin.
    pub sold: BTreeMap<(usize, &'a str, &'a str, Region), Decimal>,
}

/// Vehicles of a model from a plant to a market.
pub(super) struct Flow<'a> {
    /// Place among the flows of the decisions.
    pub place: usize,
    pub decision: &'a FlowDecision,
    pub units: Decimal,
    pub period: usize,
    pub model: &'a ModelLine,
    pub plant: &'a Plant,
    pub market: &'a Market,
    pub option: Option<&'a ProductionOption>,
    pub lane: Option<&'a Lane>,
}

impl Flow<'_> {
    pub fn subject(&self) -> Subject {
        let FlowDecision { model, plant, market, period, .. } = self.decision;
        Subject::of(&[model, plant, market]).in_period(period)
    }
}

impl<'a> Decided<'a> {
    /// Looks up every decision and reports those that refer to nothing, are
    /// told twice or are no number of vehicles.
    pub fn of(
        stated: &Stated<'a>,
        decisions: &'a Decisions,
        findings: &mut Findings,
    ) -> Sound<Self> {
        let mut decided = Self {
            open: open_plants(stated, decisions, findings),
            launches: launches(stated, decisions, findings),
            expansions: expansions(stated, decisions, findings),
            flows: flows(stated, decisions, findings),
            built: BTreeMap::new(),
            sold: BTreeMap::new(),
        };
        for flow in &decided.flows {
            let (plant, model) = (flow.plant.id.as_str(), flow.model.id.as_str());
            let sold = (flow.period, flow.market.id.as_str(), model, flow.plant.region);
            add_to(decided.built.entry((flow.period, plant, model)).or_default(), flow.units)?;
            add_to(decided.sold.entry(sold).or_default(), flow.units)?;
        }
        Ok(decided)
    }

    /// Whether a plant is open in a period.
    pub fn is_open(&self, plant: &str, period: usize) -> bool {
        self.open.get(plant).and_then(|open| open.get(period)).is_some_and(|open| *open)
    }

    /// Vehicles built in a period, by plant and model.
    pub fn built_in(&self, period: usize) -> impl Iterator<Item = (&'a str, &'a str, Decimal)> {
        self.built
            .range((period, "", "")..(period + 1, "", ""))
            .map(|((_, plant, model), units)| (*plant, *model, *units))
    }

    /// Vehicles sold in a period, by market, model and origin.
    pub fn sold_in(
        &self,
        period: usize,
    ) -> impl Iterator<Item = (&'a str, &'a str, Region, Decimal)> {
        // No id is empty: whatever the region, this comes before every key of a period.
        let before = |place: usize| (place, "", "", Region::EUROPEAN_UNION);
        self.sold
            .range(before(period)..before(period + 1))
            .map(|((_, market, model, origin), units)| (*market, *model, *origin, *units))
    }
}

fn unknown(findings: &mut Findings, ids: &[&str], what: &str) {
    let message = format!("{what} that the problem does not state");
    findings.report(reason::UNKNOWN_ID, Subject::of(ids), Excess::Nothing, message);
}

fn twice(findings: &mut Findings, subject: Subject, what: &str) {
    findings.report(reason::DUPLICATE, subject, Excess::Nothing, format!("{what} decided twice"));
}

fn open_plants<'a>(
    stated: &Stated<'a>,
    decisions: &'a Decisions,
    findings: &mut Findings,
) -> BTreeMap<&'a str, Vec<bool>> {
    let mut open = BTreeMap::new();
    for decision in &decisions.plants {
        if stated.plant(&decision.plant).is_none() {
            unknown(findings, &[&decision.plant], "a plant");
            continue;
        }
        let mut periods = vec![false; stated.problem.periods.len()];
        for id in &decision.open_periods {
            match stated.period(id).and_then(|place| periods.get_mut(place)) {
                None => unknown(findings, &[&decision.plant, id], "a period"),
                Some(told) if *told => {
                    twice(findings, Subject::of(&[&decision.plant]).in_period(id), "a period");
                }
                Some(told) => *told = true,
            }
        }
        if open.insert(decision.plant.as_str(), periods).is_some() {
            twice(findings, Subject::of(&[&decision.plant]), "a plant");
        }
    }
    open
}

fn launches<'a>(
    stated: &Stated<'a>,
    decisions: &'a Decisions,
    findings: &mut Findings,
) -> BTreeMap<(&'a str, &'a str), usize> {
    let mut launches: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for decision in &decisions.launches {
        let (model, plant) = (decision.model.as_str(), decision.plant.as_str());
        let subject = Subject::of(&[model, plant]).in_period(&decision.period);
        let Some(period) = stated.period(&decision.period) else {
            unknown(findings, &[model, plant, &decision.period], "a launch");
            continue;
        };
        let Some(option) = stated.option(model, plant) else {
            let message = "a launch where the plant may not build the model";
            findings.report(reason::NO_OPTION, subject, Excess::Nothing, message);
            continue;
        };
        if option.initially_launched || launches.contains_key(&(model, plant)) {
            let message = "the model is launched in this plant already";
            findings.report(reason::LAUNCHED_TWICE, subject, Excess::Nothing, message);
            continue;
        }
        launches.insert((model, plant), period);
    }
    launches
}

fn expansions<'a>(
    stated: &Stated<'a>,
    decisions: &'a Decisions,
    findings: &mut Findings,
) -> Vec<(&'a Plant, &'a Expansion, usize)> {
    let mut taken = BTreeSet::new();
    let mut expansions = Vec::new();
    for decision in &decisions.expansions {
        let (plant, step) = (decision.plant.as_str(), decision.expansion.as_str());
        let found = stated.plant(plant).and_then(|plant| {
            let expansion = plant.expansions.iter().find(|expansion| expansion.id == step)?;
            Some((plant, expansion, stated.period(&decision.period)?))
        });
        let Some(found) = found else {
            unknown(findings, &[plant, step, &decision.period], "a step of growth");
            continue;
        };
        if taken.insert((plant, step)) {
            expansions.push(found);
        } else {
            let subject = Subject::of(&[plant, step]).in_period(&decision.period);
            let message = "the step of growth is taken already";
            findings.report(reason::EXPANDED_TWICE, subject, Excess::Nothing, message);
        }
    }
    expansions
}

fn flows<'a>(
    stated: &Stated<'a>,
    decisions: &'a Decisions,
    findings: &mut Findings,
) -> Vec<Flow<'a>> {
    let mut taken = BTreeSet::new();
    let mut flows = Vec::new();
    for (place, decision) in decisions.flows.iter().enumerate() {
        let FlowDecision { model, plant, market, period, units, in_quota } = decision;
        let found = stated.model(model).zip(stated.plant(plant));
        let found = found.zip(stated.market(market).zip(stated.period(period)));
        let Some(((model_line, plant_of), (market_of, period_place))) = found else {
            unknown(findings, &[model, plant, market, period], "a flow");
            continue;
        };
        let flow = Flow {
            place,
            decision,
            units: *units,
            period: period_place,
            model: model_line,
            plant: plant_of,
            market: market_of,
            option: stated.option(model, plant),
            lane: stated.lane(model, plant, market),
        };
        if !taken.insert((model, plant, market, period)) {
            twice(findings, flow.subject(), "a flow");
            continue;
        }
        if !countable(stated, &flow, *units, findings) {
            continue;
        }
        for (_, drawn) in in_quota {
            countable(stated, &flow, *drawn, findings);
        }
        flows.push(flow);
    }
    flows
}

/// Whether vehicles can be reckoned with; reports what is no number of them.
fn countable(
    stated: &Stated<'_>,
    flow: &Flow<'_>,
    units: Decimal,
    findings: &mut Findings,
) -> bool {
    let most = Decimal::from(MOST_UNITS);
    let scale = units.normalize().scale();
    let fits = units > Decimal::ZERO && units <= most;
    if !fits || (!stated.whole() && scale > FRACTION_DIGITS) {
        let message = format!("{units} is no number of vehicles of a plan");
        let excess = Excess::Units(units);
        findings.report(reason::UNITS_INVALID, flow.subject(), excess, message);
        return fits;
    }
    if stated.whole() && scale > 0 {
        let message = format!("{units} vehicles are not whole");
        let excess = Excess::Units(units.fract());
        findings.report(reason::UNITS_NOT_WHOLE, flow.subject(), excess, message);
    }
    true
}
