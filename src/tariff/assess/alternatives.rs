//! Every lawful way to enter the same goods: starting from the elections of
//! the request and from none, each set of elections a provision waits for is
//! made, and the line assessed again.

use crate::money::{Money, Overflow};
use crate::tariff::assess::AssessError;
use crate::tariff::assess::entry_fee::FeeLedger;
use crate::tariff::assess::evaluate::Setting;
use crate::tariff::assess::outcome::{
    Alternative, Cause, ChargedUnder, Election, Reading, Rejected,
};
use crate::tariff::assess::range::Range;
use crate::tariff::assess::readings::{LineReadings, Stocks, read_line};
use crate::tariff::assess::resolved::ResolvedLine;
use crate::tariff::measure::MeasureIndex;
use rust_decimal::Decimal;
use std::cmp::Ordering;

/// Most ways a line is tried in.
const MOST_ALTERNATIVES: usize = 32;

/// Every way found, the cheapest first: by the greatest charges, then by the
/// least. None where the law of the line is not held.
pub(super) fn alternatives(
    setting: Setting<'_>,
    goods: &ResolvedLine,
    read: &LineReadings,
    (ledger, place): (&FeeLedger<'_>, usize),
    stocks: &Stocks,
) -> Result<Vec<Alternative>, AssessError> {
    let Some(as_elected) = Tried::of(goods.elected.clone(), read, (ledger, place))? else {
        return Ok(Vec::new());
    };
    let bundles = |made: &[Election], read: &LineReadings| bundles(setting, stocks, made, read);
    let mut pending = bundles(&goods.elected, read);
    if !goods.elected.is_empty() {
        pending.push(Vec::new());
    }
    let mut tried = vec![as_elected];
    let mut next = 0;
    while let Some(elections) = pending.get(next).cloned() {
        next += 1;
        if tried.len() == MOST_ALTERNATIVES {
            break;
        }
        if tried.iter().any(|known| known.elections == elections) {
            continue;
        }
        let electing = ResolvedLine { elected: elections.clone(), ..goods.clone() };
        // Units drawn here are a thought only: the entry's stocks stay.
        let other = read_line(setting, &electing, &mut stocks.clone())
            .map_err(|cause| AssessError::Unpriceable { line: place, cause })?;
        pending.extend(bundles(&elections, &other));
        tried.extend(Tried::of(elections, &other, (ledger, place))?);
    }
    // One figure for one thing: as elected it is what the line itself comes to.
    if let Some(range) = read.range()? {
        tried[0].charges = range;
    }
    let as_elected = tried[0].clone();
    let mut found: Vec<Alternative> = Vec::with_capacity(tried.len());
    for (index, way) in tried.into_iter().enumerate() {
        let saving = way.saving_against(&as_elected)?;
        let new = |measure: &MeasureIndex| !as_elected.leads_to.contains(measure);
        found.push(Alternative {
            as_elected: index == 0,
            charges: way.charges,
            saving,
            leads_to: way.leads_to.into_iter().filter(new).collect(),
            elections: way.elections,
        });
    }
    found.sort_by(cheaper);
    Ok(found)
}

/// By greatest charges, then least; of equals the way of the request, then the
/// one with fewer elections.
fn cheaper(a: &Alternative, b: &Alternative) -> Ordering {
    let key = |way: &Alternative| {
        (way.charges.highest.amount(), way.charges.lowest.amount(), !way.as_elected)
    };
    key(a).cmp(&key(b)).then(a.elections.len().cmp(&b.elections.len()))
}

/// The sets of elections that provisions waited for, added to those made; and
/// each credit with money left that may meet a duty charged.
fn bundles(
    setting: Setting<'_>,
    stocks: &Stocks,
    made: &[Election],
    read: &LineReadings,
) -> Vec<Vec<Election>> {
    let with = |more: &Vec<Election>| {
        let mut elections = made.to_vec();
        elections.extend(more);
        elections.sort_unstable();
        elections.dedup();
        elections
    };
    let credits = setting.law.tariff.credits.iter().zip(&stocks.credits).enumerate();
    let open = credits.filter(|(_, (_, left))| left.may_meet_duty());
    let usable = open.filter(|(_, (credit, _))| {
        let meets = |measure: &MeasureIndex| credit.against.contains(*measure);
        read.readings.iter().any(|reading| charged(reading).any(|measure| meets(&measure)))
    });
    let offered = usable.map(|(index, _)| vec![Election::Credit(index)]);
    read.unmade.iter().cloned().chain(offered).map(|bundle| with(&bundle)).collect()
}

/// A way that was assessed.
#[derive(Clone)]
struct Tried {
    elections: Vec<Election>,
    /// Least and greatest charges of the line, entry fees included.
    charges: Range,
    /// By reading: its answers, and what the line and all entry fees come to.
    readings: Vec<(Reading, Range)>,
    leads_to: Vec<MeasureIndex>,
}

impl Tried {
    fn of(
        elections: Vec<Election>,
        read: &LineReadings,
        (ledger, place): (&FeeLedger<'_>, usize),
    ) -> Result<Option<Self>, Overflow> {
        let borne_by_others = ledger.borne_by_others(place)?;
        let mut readings = Vec::with_capacity(read.readings.len());
        let mut charges: Option<Range> = None;
        let mut leads_to: Vec<MeasureIndex> = Vec::new();
        for reading in &read.readings {
            let own = Range::exactly(reading.outcome.totals.charges()?);
            let whole = own.plus(ledger.total_with(place, &reading.outcome)?)?;
            let line = whole.minus(Range::exactly(borne_by_others))?;
            charges = Some(charges.map_or(line, |range| range.or(line)));
            readings.push((reading.clone(), whole));
            leads_to.extend(decisive(reading));
        }
        leads_to.sort_unstable();
        leads_to.dedup();
        Ok(charges.map(|charges| Self { elections, charges, readings, leads_to }))
    }

    /// What this way costs less than another, least and greatest, over all
    /// pairs of readings that do not contradict each other.
    fn saving_against(&self, other: &Self) -> Result<Range, Overflow> {
        let zero = Money::zero(self.charges.lowest.currency());
        let mut saving: Option<Range> = None;
        for (before, dear) in &other.readings {
            for (after, cheap) in &self.readings {
                if before.contradicts(after) {
                    continue;
                }
                // The other lines' fees are the same on both sides, so ends go with ends.
                let ends = dear.minus(*cheap)?;
                let pair = Range::exactly(ends.lowest).or(Range::exactly(ends.highest));
                saving = Some(saving.map_or(pair, |range| range.or(pair)));
            }
        }
        Ok(saving.unwrap_or(Range::exactly(zero)))
    }
}

/// Measures a reading charges, and those that keep a charge away.
fn decisive(reading: &Reading) -> Vec<MeasureIndex> {
    let shields = reading.outcome.rejections.iter().filter_map(|rejection| match rejection.cause {
        Cause::SwitchedOff { by: Rejected::Measure(index), .. } => Some(index),
        _ => None,
    });
    charged(reading).chain(shields).collect()
}

fn charged(reading: &Reading) -> impl Iterator<Item = MeasureIndex> {
    reading.outcome.layers.iter().filter_map(|layer| match layer.under {
        ChargedUnder::Measure(index) => Some(index),
        _ => None,
    })
}

impl Alternative {
    /// Whether it may save anything against the elections of the request.
    pub fn may_save(&self) -> bool {
        self.saving.highest.amount() > Decimal::ZERO
    }
}
