//! `CompareOrigins`: reads the question, writes the ranking.

use crate::app::{Candidate, ChargeKinds, OriginCost, OriginQuestion, OriginRanking, told_cost};
use crate::grpc::convert::duty_request::detail;
use crate::grpc::convert::duty_response::{determination, duty_response};
use crate::grpc::convert::entry::{elections, facts_of, transport};
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{
    Fault, Faults, amount, bounded_decimal, date, date_message, decimal_message, id, missing,
    money_message, parsed, required,
};
use crate::grpc::convert::world::world;
use crate::money::{Currency, Money, Overflow};
use crate::proto::google::r#type as google;
use crate::proto::portolan::tariff::v1 as pb;
use crate::tariff::{Detail, EntryFault, ExchangeRate};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

const MOST_CANDIDATES: usize = 50;
const LONGEST_CANDIDATE_ID: usize = 64;
const MOST_UNITS: i64 = 1_000_000;
/// Decimals of a cost for one article.
const COST_DECIMALS: u32 = 10;

/// Reads a question as far as it can be read, with every fault found.
pub fn origin_question(request: pb::CompareOriginsRequest) -> (OriginQuestion, Vec<EntryFault>) {
    let pb::CompareOriginsRequest {
        importer_region_code,
        entry_date,
        goods_code,
        units_per_entry,
        candidates,
        reporting_currency_code,
        world_state,
        known_at,
        schedule,
        view,
    } = request;
    let mut faults = Faults::default();
    let at = |name: &'static str| FieldPath::ROOT.field(name);
    let detail = detail(view, Detail::Amounts, &mut faults);
    let importer = parsed(&importer_region_code, "UNKNOWN_REGION");
    let importer = faults.check(&at("importer_region_code"), importer);
    let entry_date = faults.check(&at("entry_date"), required(entry_date).and_then(date));
    let known_at = known_at.and_then(|day| faults.check(&at("known_at"), date(day)));
    let code = faults.check(&at("goods_code"), parsed(&goods_code, "MALFORMED_GOODS_CODE"));
    let most = Decimal::from(MOST_UNITS);
    let units = required(units_per_entry.as_ref())
        .and_then(|units| bounded_decimal(units, false, most))
        .and_then(|units| match units.fract().is_zero() {
            true => Ok(units),
            false => Err(Fault::new("OUT_OF_RANGE", format!("{units}: whole articles only"))),
        });
    let units = faults.check(&at("units_per_entry"), units);
    let reporting_currency = faults.check(
        &at("reporting_currency_code"),
        parsed(&reporting_currency_code, "UNKNOWN_CURRENCY"),
    );
    let (world, planning_rates) =
        world_state.map(|stated| world(&stated, &mut faults)).unwrap_or_default();
    if candidates.is_empty() {
        faults.push(&at("candidates"), missing());
    }
    let mut known = BTreeSet::new();
    let stated = faults.bounded(&at("candidates"), &candidates, MOST_CANDIDATES);
    let mut read = Vec::with_capacity(stated.len());
    for (place, declared) in stated.iter().enumerate() {
        let at = FieldPath::ROOT.item("candidates", place);
        let candidate = candidate(declared, &at, &mut faults);
        if let Some(id) = candidate.id.clone()
            && !known.insert(id)
        {
            let fault = Fault::new("DUPLICATE", "an earlier candidate has the same id");
            faults.push(&at.field("candidate_id"), fault);
        }
        read.push(candidate);
    }
    let question = OriginQuestion {
        schedule,
        importer,
        entry_date,
        known_at,
        code,
        units,
        candidates: read,
        reporting_currency,
        world,
        planning_rates,
        detail,
    };
    (question, faults.0)
}

fn candidate(declared: &pb::OriginCandidate, at: &FieldPath<'_>, faults: &mut Faults) -> Candidate {
    let pb::OriginCandidate {
        candidate_id,
        origin_region_code,
        unit_cost,
        unit_transaction_value,
        unit_freight,
        unit_insurance,
        unit_inland_freight,
        transport_mode,
        facts,
        elections: elected,
    } = declared;
    let cost = required(unit_cost.as_ref()).and_then(|cost| amount(cost, false));
    let unit_cost = faults.check(&at.field("unit_cost"), cost);
    let mut money = |field: &str, zero: bool, stated: &Option<google::Money>| {
        stated.as_ref().and_then(|stated| faults.check(&at.field(field), amount(stated, zero)))
    };
    Candidate {
        unit_cost,
        transaction_value: money("unit_transaction_value", false, unit_transaction_value),
        freight: money("unit_freight", true, unit_freight),
        insurance: money("unit_insurance", true, unit_insurance),
        inland_freight: money("unit_inland_freight", true, unit_inland_freight),
        id: faults.check(&at.field("candidate_id"), id(candidate_id, LONGEST_CANDIDATE_ID)),
        origin: faults
            .check(&at.field("origin_region_code"), parsed(origin_region_code, "UNKNOWN_REGION")),
        transport: faults.check(&at.field("transport_mode"), transport(*transport_mode)).flatten(),
        facts: facts_of(facts, at, faults),
        elections: elected
            .as_ref()
            .map(|elected| elections(elected, &at.field("elections"), faults))
            .unwrap_or_default(),
    }
}

/// Writes a ranking.
///
/// # Errors
/// [`Overflow`].
pub fn origins_response(
    question: &OriginQuestion,
    ranking: &OriginRanking,
) -> Result<pb::CompareOriginsResponse, Overflow> {
    let Some(currency) = question.reporting_currency else { return Err(Overflow) };
    let id = |origin: &OriginCost| {
        question.candidates.get(origin.candidate).and_then(|candidate| candidate.id.clone())
    };
    // What it costs must be known to be best, or next.
    let mut bounded = ranking.origins.iter().filter(|origin| origin.landed().is_some());
    let (best, next) = (bounded.next(), bounded.next());
    let ends = best.and_then(OriginCost::landed).zip(next.and_then(OriginCost::landed));
    let gap = ends.map(|([best_low, best_high], [next_low, next_high])| {
        [next_low - best_high, next_high - best_low]
            .map(|gap| money_message(told_cost(gap, currency)))
    });
    let [lowest_gap, highest_gap] = gap.map_or([None, None], |gap| gap.map(Some));
    let customs =
        ranking.origins.iter().flat_map(|origin| &origin.answer.question.entry.rates_used);
    let mut exchange_rates: Vec<pb::UsedExchangeRate> = Vec::new();
    for (table, rate) in customs
        .map(|rate| ("customs", rate))
        .chain(ranking.planning_rates_used.iter().map(|rate| ("planning", rate)))
    {
        let used = used_rate(table, rate);
        if !exchange_rates.contains(&used) {
            exchange_rates.push(used);
        }
    }
    Ok(pb::CompareOriginsResponse {
        best_candidate_id: best.and_then(id).unwrap_or_default(),
        runner_up_candidate_id: next.and_then(id).unwrap_or_default(),
        lowest_gap_per_unit: lowest_gap,
        highest_gap_per_unit: highest_gap,
        exchange_rates,
        origins: ranking
            .origins
            .iter()
            .zip(1..)
            .map(|(origin, rank)| origin_cost(question, origin, rank, currency))
            .collect::<Result<_, Overflow>>()?,
    })
}

fn origin_cost(
    question: &OriginQuestion,
    origin: &OriginCost,
    rank: i32,
    currency: Currency,
) -> Result<pb::OriginCost, Overflow> {
    let candidate = question.candidates.get(origin.candidate);
    let told = |cost: Decimal| decimal_message(cost.round_dp(COST_DECIMALS));
    let kinds = origin.charges.and_then(|charges| charges.kinds);
    let kind = |of: fn(&ChargeKinds) -> Decimal| kinds.as_ref().map(|kinds| told(of(kinds)));
    let landed = origin.landed();
    let end = |end: usize| -> Option<google::Money> {
        let cost: Money = told_cost(landed?[end], currency);
        Some(money_message(cost))
    };
    Ok(pb::OriginCost {
        candidate_id: candidate.and_then(|candidate| candidate.id.clone()).unwrap_or_default(),
        origin_region_code: candidate
            .and_then(|candidate| candidate.origin)
            .map(|origin| origin.to_string())
            .unwrap_or_default(),
        rank,
        local_supply: origin.local_supply,
        determination: determination(kinds.is_some()),
        unit_cost: Some(told(origin.unit_cost)),
        transport: Some(told(origin.transport)),
        duty: kind(|kinds| kinds.duty),
        fees: kind(|kinds| kinds.fees),
        taxes: kind(|kinds| kinds.taxes),
        recoverable_taxes: kind(|kinds| kinds.recoverable),
        lowest_unit_cost_landed: end(0),
        highest_unit_cost_landed: end(1),
        answer: Some(duty_response(&origin.answer)?),
    })
}

fn used_rate(table: &str, rate: &ExchangeRate) -> pb::UsedExchangeRate {
    pb::UsedExchangeRate {
        table: table.to_owned(),
        rate: Some(pb::ExchangeRate {
            from_currency_code: rate.from.to_string(),
            to_currency_code: rate.to.to_string(),
            rate: Some(decimal_message(rate.rate)),
            published_on: Some(date_message(rate.published_on)),
        }),
    }
}
