//! Costs as they are booked: by kind, legal layer, plant and market.

use crate::money::{Money, Overflow};
use crate::sourcing::plan::{CostCell, CostKind, CostLine};
use crate::sourcing::problem::SourcingProblem;
use crate::tariff::Region;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Plant and market a cost belongs to, by place; none where it belongs to none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Belonging {
    pub plant: Option<usize>,
    pub market: Option<usize>,
}

impl Belonging {
    /// To nothing.
    pub const NOWHERE: Self = Self { plant: None, market: None };

    pub fn plant(plant: usize) -> Self {
        Self { plant: Some(plant), market: None }
    }

    pub fn market(market: usize) -> Self {
        Self { plant: None, market: Some(market) }
    }
}

/// Kind, layer by place, and what it belongs to.
type Heading = (CostKind, Option<usize>, Belonging);

/// What a line of cost is added up by: its kind and its layer's importer and
/// programme.
type Line = (CostKind, Option<(Region, String)>);

/// Costs booked so far.
pub(super) struct Account<'a> {
    problem: &'a SourcingProblem,
    /// In an order of their own: sums of huge amounts depend on it in their last digit.
    cells: BTreeMap<Heading, (Money, Decimal)>,
    /// Importers and programmes, in the order in which they were met.
    layers: Vec<(Region, String)>,
    discounts: Vec<Decimal>,
    zero: Money,
}

/// What was booked: total, discounted total, by kind and layer, and by plant and
/// market as well.
pub(super) struct Closed {
    pub total: Money,
    pub discounted_total: Decimal,
    pub lines: Vec<CostLine>,
    pub cells: Vec<CostCell>,
}

impl<'a> Account<'a> {
    pub fn new(problem: &'a SourcingProblem, discounts: Vec<Decimal>) -> Self {
        let zero = Money::zero(problem.reporting_currency);
        Self { problem, cells: BTreeMap::new(), layers: Vec::new(), discounts, zero }
    }

    /// Books an amount of a period; nothing is no line.
    pub fn book(
        &mut self,
        kind: CostKind,
        of: Belonging,
        period: usize,
        amount: Money,
    ) -> Result<(), Overflow> {
        self.book_under((kind, None, of), period, amount)
    }

    /// Books a charge under its layer.
    pub fn book_layer(
        &mut self,
        kind: CostKind,
        (importer, programme): (Region, &str),
        of: Belonging,
        period: usize,
        amount: Money,
    ) -> Result<(), Overflow> {
        let is = |(by, known): &(Region, String)| *by == importer && known == programme;
        let layer = self.layers.iter().position(is).unwrap_or_else(|| {
            self.layers.push((importer, programme.to_owned()));
            self.layers.len() - 1
        });
        self.book_under((kind, Some(layer), of), period, amount)
    }

    fn book_under(
        &mut self,
        heading: Heading,
        period: usize,
        amount: Money,
    ) -> Result<(), Overflow> {
        if amount.is_zero() {
            return Ok(());
        }
        let discounted = amount.amount().checked_mul(self.discounts[period]).ok_or(Overflow)?;
        let (sum, discounted_sum) = self.cells.entry(heading).or_insert((self.zero, Decimal::ZERO));
        *sum = sum.plus(amount)?;
        *discounted_sum = discounted_sum.checked_add(discounted).ok_or(Overflow)?;
        Ok(())
    }

    /// Adds everything up.
    pub fn closed(self) -> Result<Closed, Overflow> {
        let Self { problem, cells, layers, zero, .. } = self;
        let mut lines: BTreeMap<Line, (Money, Decimal)> = BTreeMap::new();
        let (mut total, mut discounted_total) = (zero, Decimal::ZERO);
        let mut told = Vec::with_capacity(cells.len());
        for ((kind, layer, of), (amount, discounted)) in cells {
            let layer = layer.and_then(|layer| layers.get(layer).cloned());
            total = total.plus(amount)?;
            discounted_total = discounted_total.checked_add(discounted).ok_or(Overflow)?;
            let line = lines.entry((kind, layer.clone())).or_insert((zero, Decimal::ZERO));
            line.0 = line.0.plus(amount)?;
            line.1 = line.1.checked_add(discounted).ok_or(Overflow)?;
            told.push((
                of,
                CostCell {
                    kind,
                    layer,
                    plant: of.plant.map(|plant| problem.plants[plant].id.clone()),
                    market: of.market.map(|market| problem.markets[market].id.clone()),
                    amount,
                    discounted,
                },
            ));
        }
        told.sort_by(|(a, one), (b, other)| {
            let key = |of: &Belonging| (of.plant, of.market);
            (one.kind, &one.layer, key(a)).cmp(&(other.kind, &other.layer, key(b)))
        });
        let line =
            |((kind, layer), (amount, discounted))| CostLine { kind, layer, amount, discounted };
        Ok(Closed {
            total,
            discounted_total,
            lines: lines.into_iter().map(line).collect(),
            cells: told.into_iter().map(|(_, cell)| cell).collect(),
        })
    }
}
