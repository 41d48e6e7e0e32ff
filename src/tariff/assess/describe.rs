//! Ids and sentences for what an assessment names by place.

use crate::tariff::assess::outcome::{Answer, Cause, Election, Question, Rejected};
use crate::tariff::condition::Condition;
use crate::tariff::law_on_day::StandingCause;
use crate::tariff::measure::{Base, BaseTerm, Measure};
use crate::tariff::schedule::Tariff;
use jiff::civil::Date;
use rust_decimal::Decimal;

impl Question {
    /// Stable id: `fact:us-content`, `quota-balance:us-uk-cars`.
    pub fn id(self, tariff: &Tariff) -> String {
        match self {
            Self::Coverage => "coverage".to_owned(),
            Self::GoodsCode => "goods-code".to_owned(),
            Self::GoodsScope(measure) => format!("goods-scope:{}", tariff.measures[measure].id),
            Self::Fact(fact) => format!("fact:{}", tariff.facts[fact].id),
            Self::QuotaBalance(quota) => format!("quota-balance:{}", tariff.quotas[quota].id),
            Self::Eligibility(preference) => {
                format!("preference:{}", tariff.preferences[preference].symbol)
            }
            Self::ContestedMeasure(measure) => format!("contested:{}", tariff.measures[measure].id),
            Self::ContestedExclusion(exclusion) => {
                format!("contested:{}", tariff.exclusions[exclusion].id)
            }
            Self::Rate(measure) => format!("rate:{}", tariff.measures[measure].id),
            Self::EntryFee(measure) => format!("entry-fee:{}", tariff.measures[measure].heading),
            Self::DateBefore(fact, day) => {
                format!("fact:{}:before-{day}", tariff.facts[fact].id)
            }
            Self::CreditBalance(credit) => format!("credit-balance:{}", tariff.credits[credit].id),
            Self::ValuePerArticle(threshold) => format!("value-per-article:{threshold}"),
        }
    }

    /// The question in words, as far as they were known on a day.
    pub fn text(self, tariff: &Tariff, known_at: Date) -> String {
        match self {
            Self::Coverage => format!(
                "The schedule does not hold the law of {} for these goods on this day.",
                tariff.title
            ),
            Self::GoodsCode => "Which national line do the goods fall in?".to_owned(),
            Self::GoodsScope(measure) => {
                let measure = &tariff.measures[measure];
                format!(
                    "Do the further digits of the code fall in {} ({})?",
                    measure.heading, measure.title
                )
            }
            Self::Fact(fact) => tariff.facts[fact].question.clone(),
            Self::QuotaBalance(quota) => {
                let quota = &tariff.quotas[quota];
                format!("Are enough units left in the quota {} ({})?", quota.id, quota.title)
            }
            Self::DateBefore(fact, day) => {
                format!("{} Was it before {day}?", tariff.facts[fact].question)
            }
            Self::CreditBalance(credit) => {
                let credit = &tariff.credits[credit];
                format!("Is enough left of the credit {} ({})?", credit.id, credit.title)
            }
            Self::ValuePerArticle(threshold) => format!(
                "Is one article worth more than {threshold}? No customs rate from {} is given.",
                threshold.currency()
            ),
            Self::Eligibility(preference) => {
                let preference = &tariff.preferences[preference];
                format!("Is the origin eligible for {} ({})?", preference.symbol, preference.title)
            }
            Self::EntryFee(measure) => {
                let measure = &tariff.measures[measure];
                format!("What do the other lines owe of {} ({})?", measure.heading, measure.title)
            }
            Self::ContestedMeasure(measure) => {
                let measure = &tariff.measures[measure];
                sentence(
                    format!(
                        "Does {} ({}) apply? It is contested, or not established.",
                        measure.heading, measure.title
                    ),
                    measure.known_note(known_at),
                )
            }
            Self::ContestedExclusion(exclusion) => {
                let exclusion = &tariff.exclusions[exclusion];
                sentence(
                    format!("Does `{}` hold? It is contested, or not established.", exclusion.id),
                    exclusion.known_note(known_at),
                )
            }
            Self::Rate(measure) => {
                let measure = &tariff.measures[measure];
                sentence(
                    format!(
                        "What is the rate of {} ({})? The schedule holds only {}.",
                        measure.heading, measure.title, measure.rate
                    ),
                    measure.known_note(known_at),
                )
            }
        }
    }
}

fn sentence(text: String, note: &str) -> String {
    if note.is_empty() { text } else { format!("{text} {note}") }
}

impl Answer {
    /// The answer in words.
    pub fn text(self, question: Question, tariff: &Tariff) -> String {
        match (self, question) {
            (Self::Truth(true), _) => "yes".to_owned(),
            (Self::Truth(false), _) => "no".to_owned(),
            (Self::Line(line), _) => tariff.lines[line].code.to_string(),
            (Self::Number(fraction), Question::Rate(_)) => {
                format!("{}%", (fraction * Decimal::ONE_HUNDRED).normalize())
            }
            (Self::Number(number), _) => number.to_string(),
            (Self::Share(share), _) => {
                format!("{}% of the customs value", (share * Decimal::ONE_HUNDRED).normalize())
            }
        }
    }
}

impl Election {
    /// Stable id: `preference:S`, `quota:us-uk-cars`.
    pub fn id(self, tariff: &Tariff) -> String {
        match self {
            Self::Preference(index) => format!("preference:{}", tariff.preferences[index].symbol),
            Self::Certification(index) => {
                format!("certification:{}", tariff.certifications[index].id)
            }
            Self::Quota(index) => format!("quota:{}", tariff.quotas[index].id),
            Self::Credit(index) => format!("credit:{}", tariff.credits[index].id),
        }
    }

    /// What the importer must hold or show.
    pub fn evidence(self, tariff: &Tariff) -> String {
        match self {
            Self::Preference(index) => tariff.preferences[index].evidence.clone(),
            Self::Certification(index) => tariff.certifications[index].evidence.clone(),
            Self::Quota(index) => {
                let quota = &tariff.quotas[index];
                format!("Units left in the quota {} on the entry date", quota.title)
            }
            Self::Credit(index) => tariff.credits[index].evidence.clone(),
        }
    }
}

impl Base {
    /// The base in words, as schedules write it.
    pub fn text(&self, tariff: &Tariff) -> String {
        let term = |term: &BaseTerm| match term {
            BaseTerm::CustomsValue => "customs value".to_owned(),
            BaseTerm::Content(fact) => format!("content {}", tariff.facts[*fact].id),
            BaseTerm::CustomsValueLess(fact) => {
                format!("customs value less {}", tariff.facts[*fact].id)
            }
            BaseTerm::Duties => "duties".to_owned(),
            BaseTerm::InlandFreight => "inland freight".to_owned(),
            BaseTerm::Programme(programme) => {
                format!("programme:{}", tariff.programmes[*programme].id)
            }
        };
        self.0.iter().map(term).collect::<Vec<_>>().join(" + ")
    }
}

impl Rejected {
    /// Heading of the measure, or symbol of the preference.
    pub fn heading(self, tariff: &Tariff) -> &str {
        match self {
            Self::Measure(index) => &tariff.measures[index].heading,
            Self::Preference(index) => &tariff.preferences[index].symbol,
        }
    }
}

impl Cause {
    /// One plain sentence, and what was known to say about it on a day.
    pub fn text(self, rejected: Rejected, tariff: &Tariff, known_at: Date) -> String {
        let measure = match rejected {
            Rejected::Measure(index) => Some(&tariff.measures[index]),
            Rejected::Preference(_) => None,
        };
        match self {
            Self::NotStanding(cause) => match cause {
                StandingCause::NotYetInForce(from) => format!("In force only from {from}."),
                StandingCause::NoLongerInForce => {
                    "No longer in force on the entry date.".to_owned()
                }
                StandingCause::Announced => "Announced, not enacted.".to_owned(),
                StandingCause::Suspended => "Suspended on the entry date.".to_owned(),
                StandingCause::Voided => {
                    "Struck down; duty paid under it may be refundable.".to_owned()
                }
            },
            Self::NotLower => "No lower than the tariff line's own duty.".to_owned(),
            Self::SwitchedOff { exclusion, by } => {
                let note = tariff.exclusions[exclusion].known_note(known_at);
                let by = match by {
                    Rejected::Measure(_) => format!("{} applies", by.heading(tariff)),
                    Rejected::Preference(_) => {
                        format!("preference {} is claimed", by.heading(tariff))
                    }
                };
                sentence(format!("Not charged where {by}."), note)
            }
            Self::ElectionNotMade => {
                let needs: Vec<String> =
                    measure.map(|measure| elections(measure, tariff)).unwrap_or_default();
                format!("Not claimed: needs {}.", needs.join(" and "))
            }
            Self::ConditionNotMet(place) => measure
                .and_then(|measure| measure.conditions.get(place))
                .map_or_else(String::new, |condition| condition.requirement(tariff)),
            Self::QuotaExhausted(quota) => {
                format!(
                    "No units are left in the quota {}, or no period is open.",
                    tariff.quotas[quota].id
                )
            }
            Self::NotEligible => {
                "The origin is not eligible, or the tariff line prints no rate for it.".to_owned()
            }
            Self::NotOnThisReading => "Contested; taken not to apply in this reading.".to_owned(),
        }
    }
}

fn elections(measure: &Measure, tariff: &Tariff) -> Vec<String> {
    measure
        .conditions
        .iter()
        .filter_map(|condition| match condition {
            Condition::Preference(index) => Some(Election::Preference(*index)),
            Condition::Certification(index) => Some(Election::Certification(*index)),
            Condition::WithinQuota(index) => Some(Election::Quota(*index)),
            _ => None,
        })
        .map(|election| election.id(tariff))
        .collect()
}

impl Condition {
    /// What goods must meet, in words.
    pub fn requirement(&self, tariff: &Tariff) -> String {
        let fact = |index: &usize| tariff.facts[*index].id.as_str();
        match self {
            Self::Preference(index) => {
                format!("Needs preference {}, properly claimed.", tariff.preferences[*index].symbol)
            }
            Self::Certification(index) => {
                format!("Needs certification {}.", tariff.certifications[*index].id)
            }
            Self::WithinQuota(index) => format!("Needs quota {}.", tariff.quotas[*index].id),
            Self::Truth(index, wanted) => {
                format!("Needs {} to be {}.", fact(index), if *wanted { "yes" } else { "no" })
            }
            Self::YearsBeforeEntry(index, years) => {
                format!("Needs {} at least {years} years before the year of entry.", fact(index))
            }
            Self::AtLeast(index, least) => format!("Needs {} of at least {least}.", fact(index)),
            Self::Below(index, limit) => format!("Needs {} below {limit}.", fact(index)),
            Self::ColumnRateAtLeast(rate, _) => {
                format!("Needs a tariff-line duty of at least {rate} of the customs value.")
            }
            Self::ColumnRateBelow(rate, _) => {
                format!("Needs a tariff-line duty below {rate} of the customs value.")
            }
            Self::Before(index, day) => format!("Needs {} before {day}.", fact(index)),
            Self::From(index, day) => format!("Needs {} on {day} or later.", fact(index)),
            Self::Over(index, limit) => format!("Needs {} over {limit}.", fact(index)),
            Self::UpTo(index, most) => format!("Needs {} of at most {most}.", fact(index)),
            Self::ValuePerArticleOver(threshold) => {
                format!("Only for goods worth more than {threshold} an article.")
            }
            Self::ValuePerArticleUpTo(threshold) => {
                format!("Only for goods worth at most {threshold} an article.")
            }
            Self::Destination(_) => "Only for goods imported into another member.".to_owned(),
            Self::Transport(modes) => {
                let modes: Vec<String> = modes.iter().map(ToString::to_string).collect();
                format!("Only for goods that arrive by {}.", modes.join(" or "))
            }
        }
    }
}
