//! The files a schedule is written in, as they stand: TOML tables, nothing
//! resolved. What each key means is told in `docs/schedules.md`.

use serde::Deserialize;

/// `schedule.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleHead {
    pub id: String,
    pub title: String,
    pub as_of: String,
    /// Id of the schedule this one adds to.
    #[serde(default)]
    pub extends: Option<String>,
}

/// Any file of an importer's folder.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ImporterFile {
    pub importer: Option<RawImporter>,
    pub document: Vec<RawDocument>,
    pub area: Vec<RawArea>,
    pub goods_list: Vec<RawGoodsList>,
    pub heading: Vec<RawHeading>,
    pub programme: Vec<RawProgramme>,
    pub preference: Vec<RawPreference>,
    pub certification: Vec<RawCertification>,
    pub fact: Vec<RawFact>,
    pub transport_presumption: Vec<RawTransportPresumption>,
    pub quota: Vec<RawQuota>,
    pub credit: Vec<RawCredit>,
    pub line_defaults: RawLineDefaults,
    pub line: Vec<RawLine>,
    pub measure: Vec<RawMeasure>,
    pub exclusion: Vec<RawExclusion>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawImporter {
    pub region: String,
    pub title: String,
    pub currency: String,
    pub customs_value: String,
    pub duty_rounding: String,
    pub fee_rounding: String,
    pub law_from: String,
    pub law_verified_to: String,
    #[serde(default)]
    pub column_2: Option<String>,
    #[serde(default)]
    pub members: Vec<String>,
    #[serde(default)]
    pub domestic: Vec<String>,
    #[serde(default)]
    pub remark: String,
    pub filing_rank: u32,
    #[serde(default)]
    pub cite: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDocument {
    pub id: String,
    pub title: String,
    pub citation: String,
    pub published: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawArea {
    pub id: String,
    pub title: String,
    pub regions: Vec<String>,
    #[serde(default)]
    pub cite: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGoodsList {
    pub id: String,
    pub title: String,
    pub codes: Vec<String>,
    #[serde(default)]
    pub cite: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHeading {
    pub code: String,
    pub complete: bool,
    #[serde(default = "yes")]
    pub law_held: bool,
    #[serde(default)]
    pub cite: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProgramme {
    pub id: String,
    pub title: String,
    pub authority: String,
    pub kind: String,
    pub filing_rank: u32,
    #[serde(default)]
    pub recoverable: Option<bool>,
    #[serde(default)]
    pub local: bool,
    #[serde(default)]
    pub rounding: Option<String>,
    #[serde(default)]
    pub base_rounding: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPreference {
    pub symbol: String,
    pub title: String,
    #[serde(default)]
    pub origins: Vec<String>,
    #[serde(default = "yes")]
    pub origins_held: bool,
    pub evidence: String,
    #[serde(default)]
    pub cite: Vec<String>,
    pub confidence: String,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCertification {
    pub id: String,
    pub title: String,
    pub evidence: String,
    #[serde(default)]
    pub cite: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFact {
    pub id: String,
    pub kind: String,
    pub question: String,
    #[serde(default)]
    pub presume: Option<String>,
    #[serde(default)]
    pub presume_because: String,
    #[serde(default)]
    pub candidates: Vec<String>,
    #[serde(default)]
    pub cite: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTransportPresumption {
    pub origins: Vec<String>,
    pub mode: String,
    pub because: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawQuota {
    pub id: String,
    pub title: String,
    pub unit: String,
    pub periods: Vec<RawQuotaPeriod>,
    #[serde(default)]
    pub cite: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawQuotaPeriod {
    pub from: String,
    pub to: String,
    pub volume: String,
    #[serde(default)]
    pub carry_from: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCredit {
    pub id: String,
    pub title: String,
    pub earned_on: String,
    pub rates: Vec<RawCreditRate>,
    pub against: Vec<String>,
    pub evidence: String,
    #[serde(default)]
    pub cite: Vec<String>,
    pub confidence: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCreditRate {
    pub rate: String,
    pub from: String,
    pub to: String,
    pub document: String,
}

/// What the lines of a file leave out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawLineDefaults {
    pub from: Option<String>,
    pub cite: Vec<String>,
    pub confidence: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLine {
    pub code: String,
    pub description: String,
    #[serde(default)]
    pub units: Vec<String>,
    pub general: String,
    #[serde(default)]
    pub special: String,
    #[serde(default)]
    pub column_2: Option<String>,
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    pub to: Option<String>,
    #[serde(default)]
    pub document: Option<String>,
    #[serde(default)]
    pub cite: Vec<String>,
    #[serde(default)]
    pub confidence: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMeasure {
    pub id: String,
    pub heading: String,
    pub programme: String,
    pub title: String,
    pub rate: String,
    #[serde(default)]
    pub base: Option<String>,
    pub goods: Vec<String>,
    #[serde(default)]
    pub goods_except: Vec<String>,
    pub origins: Vec<String>,
    #[serde(default)]
    pub origins_except: Vec<String>,
    #[serde(default)]
    pub when: Vec<RawCondition>,
    #[serde(default)]
    pub per: Option<String>,
    #[serde(default)]
    pub min: Option<String>,
    #[serde(default)]
    pub max: Option<String>,
    pub status: Vec<RawStatus>,
    pub cite: Vec<String>,
    pub confidence: String,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStatus {
    pub state: String,
    pub from: String,
    #[serde(default)]
    pub to: Option<String>,
    pub document: String,
}

/// One condition: the keys present tell its kind.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawCondition {
    pub preference: Option<String>,
    pub certification: Option<String>,
    pub quota: Option<String>,
    pub fact: Option<String>,
    pub is: Option<bool>,
    pub years_before_entry: Option<i32>,
    pub at_least: Option<String>,
    pub below: Option<String>,
    pub column_rate_at_least: Option<String>,
    pub column_rate_below: Option<String>,
    pub column: Option<String>,
    pub transport: Option<Vec<String>>,
    pub before: Option<String>,
    pub from: Option<String>,
    pub over: Option<String>,
    pub up_to: Option<String>,
    pub value_per_article_over: Option<String>,
    pub value_per_article_up_to: Option<String>,
    pub destination: Option<Vec<String>>,
}

impl RawCondition {
    /// Whether the keys present are those of one condition: a key beside them
    /// would be read over, and the law be another than was written.
    pub fn is_one_condition(&self) -> bool {
        let Self {
            preference,
            certification,
            quota,
            fact,
            is,
            years_before_entry,
            at_least,
            below,
            column_rate_at_least,
            column_rate_below,
            column,
            transport,
            before,
            from,
            over,
            up_to,
            value_per_article_over,
            value_per_article_up_to,
            destination,
        } = self;
        let subjects = [
            preference,
            certification,
            quota,
            fact,
            column_rate_at_least,
            column_rate_below,
            value_per_article_over,
            value_per_article_up_to,
        ];
        let lists = [transport, destination].iter().filter(|list| list.is_some()).count();
        let subjects = lists + subjects.iter().filter(|subject| subject.is_some()).count();
        let tests = [
            is.is_some(),
            years_before_entry.is_some(),
            at_least.is_some(),
            below.is_some(),
            before.is_some(),
            from.is_some(),
            over.is_some(),
            up_to.is_some(),
        ];
        let tests = tests.iter().filter(|present| **present).count();
        let compares = column_rate_at_least.is_some() || column_rate_below.is_some();
        subjects == 1 && tests == usize::from(fact.is_some()) && column.is_some() == compares
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExclusion {
    #[serde(default)]
    pub id: Option<String>,
    pub by: Vec<String>,
    pub of: Vec<String>,
    pub from: String,
    #[serde(default)]
    pub to: Option<String>,
    pub document: String,
    #[serde(default)]
    pub state: Option<String>,
    #[serde(default)]
    pub filed_as: String,
    #[serde(default)]
    pub cite: Vec<String>,
    pub confidence: String,
    #[serde(default)]
    pub note: String,
}

/// A table as faults speak of it: `measure us-232-autos-01`.
pub(super) trait Named {
    fn name(&self) -> String;
}

macro_rules! named {
    ($($table:ident: $kind:literal, $id:ident;)*) => {
        $(impl Named for $table {
            fn name(&self) -> String {
                format!("{} {}", $kind, self.$id)
            }
        })*
    };
}

named! {
    RawDocument: "document", id;
    RawArea: "area", title;
    RawGoodsList: "goods_list", title;
    RawHeading: "heading", code;
    RawProgramme: "programme", id;
    RawPreference: "preference", symbol;
    RawCertification: "certification", id;
    RawFact: "fact", id;
    RawTransportPresumption: "transport_presumption", mode;
    RawQuota: "quota", id;
    RawCredit: "credit", id;
    RawLine: "line", code;
    RawMeasure: "measure", id;
}
