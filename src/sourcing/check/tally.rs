//! The check's own account of what a plan costs.

use super::exact::{Sound, add_to, half_up, times};
use super::findings::{Excess, Findings, Subject};
use super::reason;
use super::stated::Stated;
use super::tolerance::one_sum;
use crate::money::Money;
use crate::sourcing::{CostKind, Objective, PlanCost};
use crate::tariff::Region;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

type LineKey = (CostKind, Option<(Region, String)>);

/// Costs as they are found, each rounded once.
#[derive(Default)]
pub(super) struct Tally {
    /// Amount and discounted amount of every line.
    lines: BTreeMap<LineKey, (Decimal, Decimal)>,
    /// Net sales and their discounted amount.
    sales: (Decimal, Decimal),
    /// Money for what is built up, by period, as stated.
    pub capital: Vec<(usize, Money)>,
    /// Charges on part kits a credit may meet.
    pub kit_layers: Vec<KitLayer>,
}

/// A layer of the charges on part kits of a period, in the importer's currency.
pub(super) struct KitLayer {
    pub importer: Region,
    pub period: usize,
    pub programme: String,
    pub heading: String,
    /// On all entries, not rounded.
    pub amount: Decimal,
}

impl Tally {
    /// Adds so many times an amount of a period; tells it in the reporting
    /// currency, rounded once.
    pub fn spend(
        &mut self,
        stated: &Stated<'_>,
        period: usize,
        kind: CostKind,
        each: Money,
        number: Decimal,
    ) -> Sound<Decimal> {
        let amount = rounded(stated, stated.converted(each, number, period)?);
        self.add(stated, period, (kind, None), amount)?;
        Ok(amount)
    }

    /// Adds money for what is built up.
    pub fn invest(
        &mut self,
        stated: &Stated<'_>,
        period: usize,
        kind: CostKind,
        cost: Option<Money>,
    ) -> Sound<()> {
        if let Some(cost) = cost {
            self.spend(stated, period, kind, cost, Decimal::ONE)?;
            self.capital.push((period, cost));
        }
        Ok(())
    }

    /// Adds an amount in the reporting currency, rounded already.
    pub fn add(
        &mut self,
        stated: &Stated<'_>,
        period: usize,
        line: LineKey,
        amount: Decimal,
    ) -> Sound<()> {
        let (sum, discounted) = self.lines.entry(line).or_default();
        add_to(sum, amount)?;
        add_to(discounted, times(amount, stated.factor(period))?)
    }

    /// Adds sales of a period at a net price.
    pub fn sell(
        &mut self,
        stated: &Stated<'_>,
        period: usize,
        price: Money,
        units: Decimal,
    ) -> Sound<()> {
        let amount = rounded(stated, stated.converted(price, units, period)?);
        add_to(&mut self.sales.0, amount)?;
        add_to(&mut self.sales.1, times(amount, stated.factor(period))?)
    }

    /// Holds the cost told against this account.
    pub fn compare(
        mut self,
        stated: &Stated<'_>,
        told: &PlanCost,
        findings: &mut Findings,
    ) -> Sound<()> {
        let money = |amount: Decimal| Money::new(amount, stated.reporting());
        let (mut total, mut discounted_total) = (Decimal::ZERO, Decimal::ZERO);
        for (amount, discounted) in self.lines.values() {
            add_to(&mut total, *amount)?;
            add_to(&mut discounted_total, *discounted)?;
        }
        let mut seen = std::collections::BTreeSet::new();
        for line in &told.lines {
            let key = (line.kind, line.layer.clone());
            let subject = || subject_of(&key);
            if !seen.insert(key.clone()) {
                let message = "a cost line is told twice";
                findings.report(reason::DUPLICATE, subject(), Excess::Nothing, message);
                continue;
            }
            let (amount, discounted) = self.lines.remove(&key).unwrap_or_default();
            let (right, what) = (money(amount), "cost of this kind");
            findings.money(reason::COST_LINE_WRONG, subject, what, line.amount, right);
            let what = "discounted cost of this kind";
            findings.discounted(
                reason::DISCOUNTED_WRONG,
                subject,
                what,
                line.discounted,
                discounted,
            );
        }
        for (key, (amount, _)) in &self.lines {
            let what = "cost of this kind, which no line tells";
            let nothing = Money::zero(stated.reporting());
            let subject = || subject_of(key);
            findings.money(reason::COST_LINE_WRONG, subject, what, nothing, money(*amount));
        }
        let whole = || Subject::of(&[]);
        findings.money(reason::TOTAL_WRONG, whole, "total cost", told.total, money(total));
        findings.discounted(
            reason::OBJECTIVE_WRONG,
            whole,
            "discounted total",
            told.discounted_total,
            discounted_total,
        );
        self.compare_sales(stated, told, discounted_total, findings)
    }

    fn compare_sales(
        &self,
        stated: &Stated<'_>,
        told: &PlanCost,
        discounted_total: Decimal,
        findings: &mut Findings,
    ) -> Sound<()> {
        let due = match stated.problem.objective {
            Objective::Cost => (None, None),
            Objective::Profit => (
                Some(Money::new(self.sales.0, stated.reporting())),
                Some(super::exact::minus(self.sales.1, discounted_total)?),
            ),
        };
        let whole = || Subject::of(&[]);
        let shown = |told: Option<String>| told.unwrap_or_else(|| "nothing".to_owned());
        if told.net_sales != due.0 {
            let (told, due) = (told.net_sales, due.0);
            let [told, due] = [told, due].map(|sales| shown(sales.map(|sales| sales.to_string())));
            let message = format!("net sales: {told} is told, {due} is due");
            findings.report(reason::NET_SALES_WRONG, whole(), Excess::Nothing, message);
        }
        let is_one = match (told.discounted_profit, due.1) {
            (Some(told), Some(due)) => one_sum(told, due),
            (told, due) => told == due,
        };
        if !is_one {
            let (told, due) = (told.discounted_profit, due.1);
            let [told, due] = [told, due].map(|profit| shown(profit.map(|it| it.to_string())));
            let message = format!("discounted profit: {told} is told, {due} is due");
            findings.report(reason::OBJECTIVE_WRONG, whole(), Excess::Nothing, message);
        }
        Ok(())
    }
}

fn subject_of((kind, layer): &LineKey) -> Subject {
    let kind = format!("{kind:?}");
    match layer {
        Some((importer, programme)) => Subject::of(&[&kind, &importer.to_string(), programme]),
        None => Subject::of(&[&kind]),
    }
}

/// An amount of the reporting currency, rounded half up to its minor unit.
pub(super) fn rounded(stated: &Stated<'_>, amount: Decimal) -> Decimal {
    half_up(amount, stated.reporting().minor_digits())
}
