//! A law case as it is written, and what an answer must show to satisfy it.

use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    #[serde(rename = "case")]
    cases: Vec<Case>,
}

/// One entry with its expected cost, its source and its arithmetic.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub title: String,
    pub source: String,
    pub arithmetic: String,
    pub importer: String,
    pub entry_date: String,
    pub known_at: Option<String>,
    pub transport: Option<String>,
    /// Another day whose law counts: `privileged-foreign-status 2025-04-10`.
    pub rate_date: Option<String>,
    /// Customs exchange rates: `USD JPY 160.77 2026-06-30`.
    #[serde(default)]
    pub customs_rates: Vec<String>,
    #[serde(default)]
    pub balances: BTreeMap<String, String>,
    /// Units used by quota and first day of a period.
    #[serde(default)]
    pub usage: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    pub credit_balances: BTreeMap<String, String>,
    /// The case is assessed as known then, too: what was paid.
    pub paid_as_known_at: Option<String>,
    pub line: Vec<CaseLine>,
    #[serde(default)]
    pub expect: EntryExpectation,
    #[serde(skip)]
    pub file: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseLine {
    pub goods_code: String,
    pub origin: String,
    pub value: String,
    pub freight: Option<String>,
    pub insurance: Option<String>,
    pub inland: Option<String>,
    pub quantity: Option<String>,
    #[serde(default)]
    pub quantities: Vec<String>,
    pub preference: Option<String>,
    #[serde(default)]
    pub certifications: Vec<String>,
    #[serde(default)]
    pub quotas: Vec<String>,
    #[serde(default)]
    pub credits: Vec<String>,
    #[serde(default)]
    pub report_column_separately: bool,
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    #[serde(default)]
    pub expect: LineExpectation,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryExpectation {
    pub fees: Option<Vec<String>>,
    pub total: Option<String>,
    pub landed: Option<String>,
    pub taxes: Option<String>,
    /// Landed cost less what a trader recovers.
    pub sourcing: Option<String>,
    /// What was paid less what is due.
    pub refund: Option<String>,
    pub fault: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineExpectation {
    pub determination: Option<String>,
    pub layers: Option<Vec<String>>,
    pub duty: Option<String>,
    pub taxes: Option<String>,
    /// The least total over every lawful way to enter the line.
    pub best: Option<String>,
    #[serde(default)]
    pub rejected: Vec<String>,
    #[serde(default)]
    pub absent: Vec<String>,
    pub filing: Option<Vec<String>>,
    pub lowest: Option<String>,
    pub highest: Option<String>,
    #[serde(default)]
    pub questions: Vec<String>,
    #[serde(default)]
    pub savings: Vec<String>,
}

/// What an answer shows, in the words of a case.
#[derive(Debug, Default)]
pub struct Observed {
    pub faults: Vec<String>,
    pub fees: Vec<String>,
    pub total: Option<String>,
    pub landed: Option<String>,
    pub taxes: Option<String>,
    pub sourcing: Option<String>,
    pub lines: Vec<ObservedLine>,
}

#[derive(Debug, Default)]
pub struct ObservedLine {
    pub determination: String,
    pub layers: Vec<String>,
    pub duty: Option<String>,
    pub taxes: Option<String>,
    pub best: Option<String>,
    pub rejected: Vec<String>,
    pub filing: Vec<String>,
    pub lowest: Option<String>,
    pub highest: Option<String>,
    pub questions: Vec<String>,
    pub savings: Vec<String>,
}

/// Every case of the folder, in order.
pub fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/law");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let file: CaseFile =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        cases.extend(file.cases.into_iter().map(|case| Case { file: name.clone(), ..case }));
    }
    cases
}

/// Runs every case and fails with all that differ.
pub fn check_all(observe: impl Fn(&Case) -> Observed) {
    let cases = cases();
    assert!(cases.len() >= 60, "only {} law cases were found", cases.len());
    let mut failures = Vec::new();
    for case in &cases {
        assert!(
            !case.source.is_empty() && !case.arithmetic.is_empty(),
            "{}: no source",
            case.title
        );
        let differences = case.check(&observe);
        if !differences.is_empty() {
            failures.push(format!(
                "{}: {}\n    {}\n    source: {}\n    arithmetic: {}",
                case.file,
                case.title,
                differences.join("\n    "),
                case.source,
                case.arithmetic
            ));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases fail:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

impl CaseLine {
    /// Every quantity stated: amount and unit.
    pub fn all_quantities(&self) -> impl Iterator<Item = (&str, &str)> {
        self.quantity.iter().chain(&self.quantities).map(|text| text.split_once(' ').unwrap())
    }
}

impl Case {
    /// The customs exchange rates stated: from, to, rate, published.
    pub fn customs_rates(&self) -> impl Iterator<Item = [&str; 4]> {
        self.customs_rates.iter().map(|text| {
            let parts: Vec<&str> = text.split(' ').collect();
            parts.try_into().unwrap()
        })
    }

    /// What differs from the case; empty where it holds.
    pub fn check(&self, observe: impl Fn(&Case) -> Observed) -> Vec<String> {
        let paid = self
            .paid_as_known_at
            .as_ref()
            .map(|known_at| observe(&Case { known_at: Some(known_at.clone()), ..self.clone() }));
        self.differences(&observe(self), paid.as_ref())
    }

    fn differences(&self, observed: &Observed, paid: Option<&Observed>) -> Vec<String> {
        let mut found = Differences::default();
        if let Some(fault) = &self.expect.fault {
            if !observed.faults.contains(fault) {
                found.push("fault", fault, &observed.faults);
            }
            return found.0;
        }
        if !observed.faults.is_empty() {
            found.push("faults", &"none", &observed.faults);
            return found.0;
        }
        if let Some(fees) = &self.expect.fees {
            found.equal("fees", fees, &observed.fees);
        }
        found.optional("total", self.expect.total.as_ref(), observed.total.as_ref());
        found.optional("landed", self.expect.landed.as_ref(), observed.landed.as_ref());
        found.optional("taxes", self.expect.taxes.as_ref(), observed.taxes.as_ref());
        found.optional("sourcing", self.expect.sourcing.as_ref(), observed.sourcing.as_ref());
        if let Some(refund) = &self.expect.refund {
            let total = |seen: &Observed| seen.total.as_ref().map(|total| total.parse().unwrap());
            let paid: Option<Decimal> = paid.and_then(total);
            let due: Option<Decimal> = total(observed);
            let found_refund = paid.zip(due).map(|(paid, due)| (paid - due).to_string());
            found.equal("refund", &Some(refund), &found_refund.as_ref());
        }
        for (index, (line, seen)) in self.line.iter().zip(&observed.lines).enumerate() {
            line.expect.differences(index, seen, &mut found);
        }
        found.0
    }
}

impl LineExpectation {
    fn differences(&self, index: usize, seen: &ObservedLine, found: &mut Differences) {
        let at = |name: &str| format!("line {index} {name}");
        if let Some(determination) = &self.determination {
            found.equal(&at("determination"), determination, &seen.determination);
            if determination == "UNDETERMINED" {
                // A case that states no range asserts that there is none.
                found.equal(&at("lowest"), &self.lowest, &seen.lowest);
                found.equal(&at("highest"), &self.highest, &seen.highest);
            }
        }
        if let Some(layers) = &self.layers {
            let mut wanted = layers.clone();
            let mut shown = seen.layers.clone();
            wanted.sort();
            shown.sort();
            found.equal(&at("layers"), &wanted, &shown);
        }
        found.optional(&at("duty"), self.duty.as_ref(), seen.duty.as_ref());
        found.optional(&at("taxes"), self.taxes.as_ref(), seen.taxes.as_ref());
        found.optional(&at("best"), self.best.as_ref(), seen.best.as_ref());
        if let Some(filing) = &self.filing {
            let shown: Vec<String> = filing
                .iter()
                .zip(&seen.filing)
                .map(|(wanted, shown)| {
                    shown.split(' ').take(wanted.split(' ').count()).collect::<Vec<_>>().join(" ")
                })
                .collect();
            found.equal(&at("filing"), filing, &shown);
            found.equal(&at("filed lines"), &filing.len(), &seen.filing.len());
        }
        for wanted in &self.rejected {
            let matched = seen
                .rejected
                .iter()
                .any(|shown| shown == wanted || shown.starts_with(&format!("{wanted} ")));
            if !matched {
                found.push(&at("rejected"), wanted, &seen.rejected);
            }
        }
        for heading in &self.absent {
            let named = |text: &String| text.split(' ').next() == Some(heading);
            if seen.layers.iter().any(named) || seen.rejected.iter().any(named) {
                found.push(&at("absent"), heading, &(&seen.layers, &seen.rejected));
            }
        }
        for question in &self.questions {
            if !seen.questions.contains(question) {
                found.push(&at("question"), question, &seen.questions);
            }
        }
        for saving in &self.savings {
            if !seen.savings.contains(saving) {
                found.push(&at("saving"), saving, &seen.savings);
            }
        }
    }
}

#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn push(&mut self, what: &str, wanted: &dyn std::fmt::Debug, seen: &dyn std::fmt::Debug) {
        self.0.push(format!("{what}: expected {wanted:?}, found {seen:?}"));
    }

    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, wanted: &T, seen: &T) {
        if wanted != seen {
            self.push(what, wanted, seen);
        }
    }

    fn optional(&mut self, what: &str, wanted: Option<&String>, seen: Option<&String>) {
        if wanted.is_some() && wanted != seen {
            self.push(what, &wanted, &seen);
        }
    }
}
