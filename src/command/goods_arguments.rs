//! One line of goods in flags, and what is known of the world beside it.

use super::flag_values::{
    credit_balance, decimal, exchange_rate, fact, money, quota_balance, rate_date, transport_mode,
};
use crate::proto::google::r#type as google;
use crate::proto::portolan::tariff::v1 as pb;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct GoodsArguments {
    /// Importing customs territory; of a customs union the member.
    #[arg(long, value_name = "REGION", default_value = "US")]
    importer: String,
    /// Goods code in the importer's nomenclature: `8703.23.01`.
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// Price at the port of export: `30000 USD`.
    #[arg(long, value_name = "MONEY", requires = "code", value_parser = money)]
    value: Option<google::Money>,
    /// International freight: `1150 USD`.
    #[arg(long, value_name = "MONEY", requires = "code", value_parser = money)]
    freight: Option<google::Money>,
    /// International insurance.
    #[arg(long, value_name = "MONEY", requires = "code", value_parser = money)]
    insurance: Option<google::Money>,
    /// Transport inside the importer's territory.
    #[arg(long, value_name = "MONEY", requires = "code", value_parser = money)]
    inland: Option<google::Money>,
    /// Number of articles.
    #[arg(long, value_name = "NUMBER", requires = "code", value_parser = decimal)]
    quantity: Option<google::Decimal>,
    /// How the goods arrive: ocean, air, road or rail.
    #[arg(long, value_name = "MODE", requires = "code", value_parser = transport_mode)]
    transport: Option<pb::TransportMode>,
    /// Another day whose duties count: `withdrawal=DATE`, `privileged-foreign-status=DATE` or
    /// `immediate-transportation=DATE`.
    #[arg(long, value_name = "BASIS=DATE", requires = "code", value_parser = rate_date)]
    rate_date: Option<pb::RateDate>,
    /// Preference claimed, by its symbol: `S`.
    #[arg(long, value_name = "SYMBOL", requires = "code")]
    preference: Option<String>,
    /// Statement made or approval held; may be repeated.
    #[arg(long = "certification", value_name = "ID", requires = "code")]
    certifications: Vec<String>,
    /// Quota entered under; may be repeated.
    #[arg(long = "quota", value_name = "ID", requires = "code")]
    quotas: Vec<String>,
    /// Units left in a quota: `us-uk-cars=1`; may be repeated.
    #[arg(long = "quota-balance", value_name = "ID=UNITS", requires = "code",
        value_parser = quota_balance)]
    quota_balances: Vec<pb::QuotaBalance>,
    /// Credit spent on the duty; may be repeated.
    #[arg(long = "credit", value_name = "ID", requires = "code")]
    credits: Vec<String>,
    /// Money left in a credit: `us-assembly-offset-cars='30000 USD'`; may be repeated.
    #[arg(long = "credit-balance", value_name = "ID=AMOUNT", requires = "code",
        value_parser = credit_balance)]
    credit_balances: Vec<pb::CreditBalance>,
    /// Reports the line's own duty apart from an all-in duty that includes it.
    #[arg(long, requires = "code")]
    report_column_separately: bool,
    /// Customs exchange rate: `USD:JPY=160.77@2026-06-30`; may be repeated.
    #[arg(long = "customs-rate", value_name = "FROM:TO=RATE@DATE", requires = "code",
        value_parser = exchange_rate)]
    customs_rates: Vec<pb::ExchangeRate>,
    /// A fact: `build-year=1999`, `us-content='15075 USD'`, `medium-or-heavy-duty=true`,
    /// `loaded-on=2026-02-20`; may be repeated.
    #[arg(long = "fact", value_name = "ID=VALUE", requires = "code", value_parser = fact)]
    facts: Vec<pb::Fact>,
}

impl GoodsArguments {
    /// Whether goods are given at all.
    pub fn given(&self) -> bool {
        self.code.is_some()
    }

    /// The entry, without its day.
    pub fn entry(&self, origin: &str) -> pb::Entry {
        pb::Entry {
            importer_region_code: self.importer.clone(),
            transport_mode: self.transport.unwrap_or_default().into(),
            rate_date: self.rate_date,
            lines: vec![pb::EntryLine {
                line_id: "1".to_owned(),
                goods: Some(self.goods(origin)),
                elections: Some(pb::Elections {
                    preference_symbol: self.preference.clone().unwrap_or_default(),
                    certification_ids: self.certifications.clone(),
                    quota_ids: self.quotas.clone(),
                    credit_ids: self.credits.clone(),
                    report_column_separately: self.report_column_separately,
                }),
            }],
            ..pb::Entry::default()
        }
    }

    fn goods(&self, origin: &str) -> pb::Goods {
        let articles = |amount: &google::Decimal| pb::Quantity {
            amount: Some(amount.clone()),
            unit_code: "NAR".to_owned(),
        };
        pb::Goods {
            goods_code: self.code.clone().unwrap_or_default(),
            origin_region_code: origin.to_owned(),
            transaction_value: self.value.clone(),
            freight: self.freight.clone(),
            insurance: self.insurance.clone(),
            inland_freight: self.inland.clone(),
            quantities: self.quantity.iter().map(articles).collect(),
            facts: self.facts.clone(),
        }
    }

    /// What is known of the world.
    pub fn world_state(&self) -> pb::WorldState {
        pb::WorldState {
            quota_balances: self.quota_balances.clone(),
            credit_balances: self.credit_balances.clone(),
            customs_exchange_rates: self.customs_rates.clone(),
            planning_exchange_rates: Vec::new(),
        }
    }
}
