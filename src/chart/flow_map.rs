//! From plants to markets: as many vehicles as a ribbon is wide.

use super::canvas::{Canvas, Lies, MARGIN, TEXT, TOP, empty, fitted, legend_rows, page, widest};
use super::numbers::grouped;
use super::palette::{FAINT, INK, series};
use std::collections::BTreeMap;

/// Vehicles from plants to markets.
#[derive(Clone, Debug, Default)]
pub struct FlowMap {
    /// Title.
    pub title: String,
    /// Line below it.
    pub subtitle: String,
    /// What flows; one plant and market may be told several times.
    pub flows: Vec<Flow>,
}

/// Vehicles from a plant to a market.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// Plant.
    pub plant: String,
    /// Its country, which gives the colour.
    pub country: String,
    /// Market.
    pub market: String,
    /// Vehicles.
    pub units: f64,
}

/// Where a node lies, and how much of it is taken.
struct Node {
    top: f64,
    size: f64,
    units: f64,
    taken: f64,
}

const GAP: f64 = 12.0;
const NODE: f64 = 14.0;

impl FlowMap {
    /// The picture.
    pub fn svg(&self) -> String {
        let mut sums: BTreeMap<(&str, &str), f64> = BTreeMap::new();
        let mut countries: BTreeMap<&str, &str> = BTreeMap::new();
        for flow in self.flows.iter().filter(|flow| flow.units.is_finite() && flow.units > 0.0) {
            *sums.entry((&flow.plant, &flow.market)).or_default() += flow.units;
            countries.insert(&flow.plant, &flow.country);
        }
        let total: f64 = sums.values().sum();
        if total <= 0.0 {
            return empty(&self.title, &self.subtitle);
        }
        let mut lands: Vec<&str> = countries.values().copied().collect();
        lands.sort_unstable();
        lands.dedup();
        // Plants of a country lie together.
        let mut plants: Vec<&str> = countries.keys().copied().collect();
        plants.sort_by_key(|plant| (countries[plant], *plant));
        let mut markets: Vec<&str> = sums.keys().map(|(_, market)| *market).collect();
        markets.sort_unstable();
        markets.dedup();
        let rows = plants.len().max(markets.len()) as f64;
        let inner = (rows * 26.0).clamp(280.0, 2_400.0);
        let left = MARGIN + widest(plants.iter().copied(), TEXT, 200.0) + 90.0;
        let right = MARGIN + widest(markets.iter().copied(), TEXT, 200.0) + 90.0;
        let width = left + right + 520.0;
        let spare = inner + GAP * rows;
        let legend = 20.0 * legend_rows(lands.iter().copied(), width);
        let height = TOP + legend + 10.0 + spare + 30.0;
        let of_plants = nodes(&plants, spare, |plant| {
            sums.iter().filter(|((from, _), _)| *from == plant).map(|(_, units)| units).sum()
        });
        let of_markets = nodes(&markets, spare, |market| {
            sums.iter().filter(|((_, to), _)| *to == market).map(|(_, units)| units).sum()
        });
        page((width, height), &self.title, &self.subtitle, |canvas| {
            let colour = |plant: &str| {
                let land = countries.get(plant).copied().unwrap_or_default();
                series(lands.iter().position(|known| *known == land).unwrap_or_default())
            };
            let entries: Vec<_> =
                lands.iter().enumerate().map(|(place, land)| (series(place), *land)).collect();
            let top = canvas.legend((MARGIN, TOP), &entries) + 10.0;
            let (mut of_plants, mut of_markets) = (of_plants, of_markets);
            let (from, to) = (left, width - right);
            for plant in &plants {
                for market in &markets {
                    let Some(units) = sums.get(&(*plant, *market)) else { continue };
                    let (Some(start), Some(end)) =
                        (of_plants.get_mut(*plant), of_markets.get_mut(*market))
                    else {
                        continue;
                    };
                    let ends = (start.take(*units), end.take(*units));
                    ribbon(canvas, (from + NODE, to - NODE), (top, ends), colour(plant));
                }
            }
            for (place, node) in &of_plants {
                let (y, end) = (top + node.top, top + node.top + node.size.max(1.0));
                canvas.rectangle((from, y), (from + NODE, end), colour(place));
                let label = format!("{}  {}", fitted(place, TEXT, 200.0), grouped(node.units, 0));
                let middle = f64::midpoint(y, end);
                canvas.text((from - 8.0, middle), &label, TEXT, INK, Lies::Left);
            }
            for (place, node) in &of_markets {
                let (y, end) = (top + node.top, top + node.top + node.size.max(1.0));
                canvas.rectangle((to - NODE, y), (to, end), FAINT);
                let label = format!("{}  {}", fitted(place, TEXT, 200.0), grouped(node.units, 0));
                let middle = f64::midpoint(y, end);
                canvas.text((to + 8.0, middle), &label, TEXT, INK, Lies::Right);
            }
            let told = format!("{} vehicles in all", grouped(total, 0));
            canvas.text((MARGIN, height - 14.0), &told, 11.0, FAINT, Lies::Right);
        })
    }
}

impl Node {
    /// Takes the next part of the node for so many vehicles: where it begins and
    /// ends.
    fn take(&mut self, units: f64) -> (f64, f64) {
        let from = self.top + self.size * self.taken / self.units;
        self.taken += units;
        (from, self.top + self.size * self.taken / self.units)
    }
}

/// Nodes one below the other over a height, each at least as high as its label.
fn nodes<'a>(
    names: &[&'a str],
    height: f64,
    units: impl Fn(&str) -> f64,
) -> BTreeMap<&'a str, Node> {
    let total: f64 = names.iter().map(|name| units(name)).sum();
    let room = height - GAP * names.len() as f64;
    // A node is no lower than its label; those that are higher make room.
    let least = 4.0;
    let scale = (room - least * names.len() as f64).max(0.0) / total;
    let mut nodes = BTreeMap::new();
    let mut top = 0.0;
    for name in names {
        let own = units(name);
        let size = least + own * scale;
        nodes.insert(*name, Node { top, size, units: own, taken: 0.0 });
        top += size + GAP;
    }
    nodes
}

type Ends = ((f64, f64), (f64, f64));

/// A ribbon from one side to the other, as an S.
fn ribbon(
    canvas: &Canvas<'_>,
    (from, to): (f64, f64),
    (top, (start, end)): (f64, Ends),
    colour: plotters::style::RGBColor,
) {
    let steps = 24;
    let mut upper = Vec::new();
    let mut lower = Vec::new();
    for step in 0..=steps {
        let part = f64::from(step) / f64::from(steps);
        let bend = part * part * (3.0 - 2.0 * part);
        let x = from + part * (to - from);
        let at = |start: f64, end: f64| top + start + bend * (end - start);
        upper.push((x, at(start.0, end.0)));
        lower.push((x, at(start.1, end.1).max(at(start.0, end.0) + 1.0)));
    }
    lower.reverse();
    upper.extend(lower);
    canvas.polygon(&upper, colour, 0.5);
}
