//! Trade between countries, and bounds on it.

use super::Case;
use super::decided::Flow;
use super::exact::{Sound, add_to, half_up, minus, plus, times};
use super::findings::{Excess, Findings, Subject};
use super::reason;
use super::stated::Stated;
use super::tally::rounded;
use super::tolerance::excess_over;
use crate::money::Money;
use crate::sourcing::{ProductionOption, TradeBalanceBound};
use crate::tariff::Region;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Decimals a balance is compared to.
const BALANCE_DIGITS: u32 = 12;

/// Vehicles by period, exporter and importer, both countries.
#[derive(Default)]
pub(super) struct Trade(BTreeMap<(usize, Region, Region), Traded>);

#[derive(Default)]
struct Traded {
    units: Decimal,
    /// At customs value; at home at the price declared.
    value: Decimal,
    /// At the price declared, not rounded.
    declared: Decimal,
    /// One vehicle of each flow at the price declared.
    one_each: Decimal,
}

impl Trade {
    /// Adds a flow; at home its customs value is the price declared, rounded
    /// once.
    pub fn add(
        &mut self,
        stated: &Stated<'_>,
        flow: &Flow<'_>,
        option: &ProductionOption,
        customs_value: Decimal,
    ) -> Sound<()> {
        let (origin, importer) = (flow.plant.region, flow.market.region);
        let price = stated.declared_price(option, importer, flow.period)?;
        let declared = times(price, flow.units)?;
        let at_home = stated.customs.at_home(origin, importer);
        let value = if at_home { rounded(stated, declared) } else { customs_value };
        let traded = self.0.entry((flow.period, origin, importer)).or_default();
        add_to(&mut traded.units, flow.units)?;
        add_to(&mut traded.value, value)?;
        add_to(&mut traded.declared, declared)?;
        add_to(&mut traded.one_each, price)
    }

    /// Holds what is told of trade against it, and its balances against their
    /// bounds.
    pub fn check(&self, case: &Case<'_>, findings: &mut Findings) -> Sound<()> {
        let stated = &case.stated;
        let subject = |origin: Region, importer: Region, period: &str| {
            Subject::of(&[&origin.to_string(), &importer.to_string()]).in_period(period)
        };
        let due = self.0.iter().map(|((place, origin, importer), traded)| {
            let subject = subject(*origin, *importer, stated.period_id(*place));
            (subject, [traded.units, traded.value])
        });
        let told = case.plan.trade_flows.iter().map(|told| {
            let figures = [told.units, told.value.amount()];
            let alike = told.value.currency() == stated.reporting();
            (subject(told.origin, told.importer, &told.period), alike.then_some(figures))
        });
        let what = "vehicles and their value";
        findings.rows(reason::TRADE_FLOW_WRONG, what, told, due.collect());
        for bound in &stated.problem.limits.trade_balances {
            self.balance(case, bound, findings)?;
        }
        Ok(())
    }

    /// Sales at home are no trade. Where vehicles are not whole the tolerance
    /// is a part of what is traded, since exports may nearly equal imports, and
    /// of one vehicle of each flow, since flows have six decimals.
    fn balance(
        &self,
        case: &Case<'_>,
        bound: &TradeBalanceBound,
        findings: &mut Findings,
    ) -> Sound<()> {
        let stated = &case.stated;
        let is_partner = |region: Region| bound.partner.is_none_or(|partner| partner == region);
        for (place, period) in stated.periods() {
            let (mut exports, mut imports) = (Decimal::ZERO, Decimal::ZERO);
            let mut one_each = Decimal::ZERO;
            for ((traded_in, origin, importer), traded) in &self.0 {
                if *traded_in != place || origin == importer {
                    continue;
                }
                if *origin == bound.region && is_partner(*importer) {
                    add_to(&mut exports, traded.declared)?;
                    add_to(&mut one_each, traded.one_each)?;
                }
                if *importer == bound.region && is_partner(*origin) {
                    add_to(&mut imports, traded.declared)?;
                    add_to(&mut one_each, traded.one_each)?;
                }
            }
            let balance = half_up(minus(exports, imports)?, BALANCE_DIGITS);
            let least = stated.converted(bound.least, Decimal::ONE, place)?;
            let traded = plus(plus(exports, imports)?.max(least.abs()), one_each)?;
            if let Some(short) = excess_over(stated, least, balance, traded)? {
                let short = Money::new(short, stated.reporting());
                let message = format!("the balance is {balance}, at least {} must be", bound.least);
                let subject = Subject::of(&[&bound.id]).in_period(&period.id);
                let excess = Excess::Money(short);
                findings.report(reason::TRADE_BALANCE_MISSED, subject, excess, message);
            }
        }
        Ok(())
    }
}
