//! Which origin of the same goods is the cheapest landed.

use crate::app::duties::{DutyAnswer, DutyDesk, DutyError, DutyQuestion};
use crate::money::{Currency, LARGEST_AMOUNT, Money, Overflow, Rounding};
use crate::tariff::{
    AssessError, Declaration, DeclaredFact, DeclaredLine, Detail, Elections, EntryFault,
    ExchangeRate, Goods, GoodsCode, Quantity, Reading, Region, TransportMode, Unit, WorldState,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use tracing::instrument;

/// What a caller asks. `None` in a required field: it was faulty, and is
/// reported already by whoever read it.
#[derive(Clone, Debug)]
pub struct OriginQuestion {
    /// Schedule by resource name; empty for the default.
    pub schedule: String,
    /// Importing customs territory.
    pub importer: Option<Region>,
    /// Date of entry for consumption.
    pub entry_date: Option<Date>,
    /// Knowledge date, where stated.
    pub known_at: Option<Date>,
    /// Code of the goods.
    pub code: Option<GoodsCode>,
    /// Articles on one entry.
    pub units: Option<Decimal>,
    /// Where the goods may come from.
    pub candidates: Vec<Candidate>,
    /// Currency costs are compared in.
    pub reporting_currency: Option<Currency>,
    /// The world of the entries.
    pub world: WorldState,
    /// Rates costs are converted at.
    pub planning_rates: Vec<ExchangeRate>,
    /// How much of the answers is found.
    pub detail: Detail,
}

/// One place the goods may come from; amounts for one article.
#[derive(Clone, Debug, Default)]
pub struct Candidate {
    /// The caller's id.
    pub id: Option<String>,
    /// Country of origin.
    pub origin: Option<Region>,
    /// What making it costs.
    pub unit_cost: Option<Money>,
    /// Price declared to customs, where it is another.
    pub transaction_value: Option<Money>,
    /// International freight.
    pub freight: Option<Money>,
    /// International insurance.
    pub insurance: Option<Money>,
    /// Transport inside the importer's territory.
    pub inland_freight: Option<Money>,
    /// How the goods arrive.
    pub transport: Option<TransportMode>,
    /// Facts about the goods.
    pub facts: Vec<DeclaredFact>,
    /// What the importer elects.
    pub elections: Elections,
}

/// Candidates by what they cost.
#[derive(Clone, Debug)]
pub struct OriginRanking {
    /// The cheapest first.
    pub origins: Vec<OriginCost>,
    /// Planning rates used.
    pub planning_rates_used: Vec<ExchangeRate>,
}

/// What goods of one origin cost landed: in the reporting currency, for one
/// article, unrounded.
#[derive(Clone, Debug)]
pub struct OriginCost {
    /// Place among the candidates of the question.
    pub candidate: usize,
    /// Whether the goods are supplied at home.
    pub local_supply: bool,
    /// Making it.
    pub unit_cost: Decimal,
    /// Freight, insurance and inland freight.
    pub transport: Decimal,
    /// Charges; none where no bound can be given.
    pub charges: Option<ChargeCost>,
    /// The entry, assessed.
    pub answer: DutyAnswer,
}

/// What charges add to the cost of one article.
#[derive(Clone, Copy, Debug)]
pub struct ChargeCost {
    /// Least, recovered taxes left out.
    pub lowest: Decimal,
    /// Greatest.
    pub highest: Decimal,
    /// By kind, where they are one amount.
    pub kinds: Option<ChargeKinds>,
}

/// Charges by kind.
#[derive(Clone, Copy, Debug)]
pub struct ChargeKinds {
    /// Duty less credits.
    pub duty: Decimal,
    /// Fees.
    pub fees: Decimal,
    /// Taxes not recovered.
    pub taxes: Decimal,
    /// Taxes recovered: no part of the cost.
    pub recoverable: Decimal,
}

impl OriginCost {
    /// Least and greatest cost landed; none where unbounded.
    pub fn landed(&self) -> Option<[Decimal; 2]> {
        let own = self.unit_cost + self.transport;
        self.charges.map(|charges| [own + charges.lowest, own + charges.highest])
    }
}

impl DutyDesk {
    /// Ranks the candidates by what an article costs landed: by the greatest
    /// cost, then the least, then their order. Unbounded costs come last.
    ///
    /// # Errors
    /// As of [`DutyDesk::resolve`] and [`DutyDesk::assess`]; a missing rate of
    /// either table is a fault.
    #[instrument(name = "compare origins", skip_all)]
    pub fn compare_origins(&self, question: &OriginQuestion) -> Result<OriginRanking, DutyError> {
        let mut comparison = Comparison { question, faults: Vec::new(), used: Vec::new() };
        let mut resolved = Vec::with_capacity(question.candidates.len());
        for (place, candidate) in question.candidates.iter().enumerate() {
            let own = comparison.own_cost(place, candidate).map_err(AssessError::from)?;
            comparison.bounded(place, candidate)?;
            match self.resolve(&comparison.duty_question(self, candidate)?) {
                Ok(found) => resolved.extend(own.map(|own| (place, own, found))),
                Err(DutyError::Faulty(faults)) => comparison.told(place, candidate, faults),
                Err(error) => return Err(error),
            }
        }
        if !comparison.faults.is_empty() || resolved.len() < question.candidates.len() {
            return Err(DutyError::Faulty(comparison.faults));
        }
        let mut origins = Vec::with_capacity(resolved.len());
        for (candidate, [unit_cost, transport], found) in resolved {
            let local_supply = found.entry.lines.iter().all(|line| line.local);
            let answer = self.assess(found)?;
            let charges = comparison.charges(&answer)?;
            origins.push(OriginCost {
                candidate,
                local_supply,
                unit_cost,
                transport,
                charges,
                answer,
            });
        }
        if !comparison.faults.is_empty() {
            return Err(DutyError::Faulty(comparison.faults));
        }
        origins.sort_by_key(|origin| {
            let landed = origin.landed();
            (landed.is_none(), landed.map(|[lowest, highest]| [highest, lowest]), origin.candidate)
        });
        Ok(OriginRanking { origins, planning_rates_used: comparison.used })
    }
}

struct Comparison<'a> {
    question: &'a OriginQuestion,
    faults: Vec<EntryFault>,
    used: Vec<ExchangeRate>,
}

impl Comparison<'_> {
    /// The candidate as an entry of one line.
    fn duty_question(
        &self,
        desk: &DutyDesk,
        candidate: &Candidate,
    ) -> Result<DutyQuestion, DutyError> {
        let question = self.question;
        let units = question.units.unwrap_or(Decimal::ONE);
        let whole = |unit: Option<Money>| {
            unit.map(|unit| unit.times(units)).transpose().map_err(AssessError::from)
        };
        let tariff = match question.importer {
            Some(importer) => desk.tariff(&question.schedule, importer)?,
            None => None,
        };
        let local_supply = tariff.is_some_and(|tariff| {
            candidate.origin.is_some_and(|origin| tariff.domestic_origins.contains(origin))
        });
        let line = DeclaredLine {
            id: candidate.id.clone(),
            goods: Goods {
                code: question.code,
                origin: candidate.origin,
                transaction_value: whole(candidate.transaction_value.or(candidate.unit_cost))?,
                freight: whole(candidate.freight)?,
                insurance: whole(candidate.insurance)?,
                inland_freight: whole(candidate.inland_freight)?,
                quantities: vec![Quantity { amount: units, unit: Unit::ARTICLES }],
                facts: candidate.facts.clone(),
            },
            elections: candidate.elections.clone(),
        };
        let declaration = Declaration {
            entry_date: question.entry_date,
            local_supply,
            transport_mode: candidate.transport,
            lines: vec![line],
            world: question.world.clone(),
            ..Declaration::default()
        };
        Ok(DutyQuestion {
            schedule: question.schedule.clone(),
            importer: question.importer,
            known_at: question.known_at,
            declaration,
            detail: question.detail,
        })
    }

    /// Cost of making and of transport, in the reporting currency.
    fn own_cost(
        &mut self,
        place: usize,
        candidate: &Candidate,
    ) -> Result<Option<[Decimal; 2]>, Overflow> {
        let mut converted = |amount: Option<Money>, field: &str| match amount {
            Some(amount) => self.planned(amount, format!("candidates[{place}].{field}")),
            None => Ok(Some(Decimal::ZERO)),
        };
        let cost = converted(candidate.unit_cost, "unit_cost")?;
        let freight = converted(candidate.freight, "unit_freight")?;
        let insurance = converted(candidate.insurance, "unit_insurance")?;
        let inland = converted(candidate.inland_freight, "unit_inland_freight")?;
        let transport = freight.zip(insurance).zip(inland);
        Ok(cost
            .zip(transport)
            .map(|(cost, ((freight, insurance), inland))| [cost, freight + insurance + inland]))
    }

    /// The amounts of all articles together must be such as an entry may hold.
    fn bounded(&mut self, place: usize, candidate: &Candidate) -> Result<(), DutyError> {
        let units = self.question.units.unwrap_or(Decimal::ONE);
        let amounts = [
            (candidate.unit_cost, "unit_cost"),
            (candidate.transaction_value, "unit_transaction_value"),
            (candidate.freight, "unit_freight"),
            (candidate.insurance, "unit_insurance"),
            (candidate.inland_freight, "unit_inland_freight"),
        ];
        for (amount, field) in amounts {
            let Some(amount) = amount else { continue };
            let whole = amount.times(units).map_err(AssessError::from)?;
            if whole.amount() > LARGEST_AMOUNT.into() {
                self.faults.push(EntryFault {
                    field: format!("candidates[{place}].{field}"),
                    reason: "OUT_OF_RANGE",
                    message: format!("{whole} for {units} articles is more than {LARGEST_AMOUNT}"),
                });
            }
        }
        Ok(())
    }

    /// An amount in the reporting currency, at the planning rate.
    fn planned(&mut self, amount: Money, field: String) -> Result<Option<Decimal>, Overflow> {
        let Some(reporting) = self.question.reporting_currency else { return Ok(None) };
        if amount.currency() == reporting {
            return Ok(Some(amount.amount()));
        }
        let pair = |rate: &&ExchangeRate| rate.from == amount.currency() && rate.to == reporting;
        let Some(rate) = self.question.planning_rates.iter().find(pair).copied() else {
            let message = format!(
                "in {}, and world_state.planning_exchange_rates has no rate to {reporting}",
                amount.currency()
            );
            self.faults.push(EntryFault { field, reason: "EXCHANGE_RATE_MISSING", message });
            return Ok(None);
        };
        if !self.used.contains(&rate) {
            self.used.push(rate);
        }
        amount.amount().checked_mul(rate.rate).map(Some).ok_or(Overflow)
    }

    /// Charges of an answer for one article, in the reporting currency.
    fn charges(&mut self, answer: &DutyAnswer) -> Result<Option<ChargeCost>, DutyError> {
        let units = self.question.units.unwrap_or(Decimal::ONE);
        let mut each = |amount: Money| -> Result<Decimal, Overflow> {
            let field = "world_state.planning_exchange_rates".to_owned();
            // A rate that is missing is a fault, told above whatever stands here.
            let whole = self.planned(amount, field)?.unwrap_or_default();
            whole.checked_div(units).ok_or(Overflow)
        };
        // Readings of a law that is not held in full are no bounds.
        let first = answer.assessment.lines.first().filter(|line| line.range.is_some());
        let Some(line) = first else { return Ok(None) };
        let mut cost: Option<ChargeCost> = None;
        for reading in &line.readings {
            let [lowest, highest] = borne(reading).map_err(AssessError::from)?;
            let lowest = each(lowest).map_err(AssessError::from)?;
            let highest = each(highest).map_err(AssessError::from)?;
            cost = Some(cost.map_or(ChargeCost { lowest, highest, kinds: None }, |known| {
                ChargeCost {
                    lowest: known.lowest.min(lowest),
                    highest: known.highest.max(highest),
                    kinds: None,
                }
            }));
        }
        if let (Some(cost), Some(sums)) = (&mut cost, &answer.assessment.totals) {
            let mut kinds = || -> Result<ChargeKinds, Overflow> {
                Ok(ChargeKinds {
                    duty: each(sums.duty.plus(sums.credits)?)?,
                    fees: each(sums.fees)?,
                    taxes: each(sums.taxes.minus(sums.recoverable)?)?,
                    recoverable: each(sums.recoverable)?,
                })
            };
            cost.kinds = Some(kinds().map_err(AssessError::from)?);
        }
        Ok(cost)
    }

    /// Faults of a candidate's entry, in the words of the question; those of
    /// the question itself once.
    fn told(&mut self, place: usize, candidate: &Candidate, faults: Vec<EntryFault>) {
        for fault in faults {
            let EntryFault { field, reason, message } = fault;
            let field = match field.strip_prefix("entry.lines[0].") {
                Some("goods.goods_code") => "goods_code".to_owned(),
                Some("goods.quantities") => "goods_code".to_owned(),
                Some("line_id") => format!("candidates[{place}].candidate_id"),
                Some("goods.transaction_value") if candidate.transaction_value.is_none() => {
                    format!("candidates[{place}].unit_cost")
                }
                Some(rest) => match rest.strip_prefix("goods.") {
                    Some(
                        money @ ("transaction_value" | "freight" | "insurance" | "inland_freight"),
                    ) => format!("candidates[{place}].unit_{money}"),
                    Some(other) => format!("candidates[{place}].{other}"),
                    None => format!("candidates[{place}].{rest}"),
                },
                None => field.strip_prefix("entry.").unwrap_or(&field).to_owned(),
            };
            let fault = EntryFault { field, reason, message };
            if !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
        }
    }
}

/// What a trader bears of a reading's charges: recovered taxes left out.
fn borne(reading: &Reading) -> Result<[Money; 2], Overflow> {
    let charges = reading.charges()?;
    let recovered = reading.outcome.totals.recoverable;
    Ok([charges.lowest.minus(recovered)?, charges.highest.minus(recovered)?])
}

/// A cost as it is told: rounded to the minor unit of its currency.
pub fn told_cost(cost: Decimal, currency: Currency) -> Money {
    Money::new(cost, currency).rounded(Rounding::HALF_UP)
}
