//! Changes the bundled law in one place at a time and asks whether a law case notices.
//!
//! `make mutate`, or `cargo bench --profile release --bench mutations -- [OPTION]...`
//!
//! - `--importer us`    whose law is changed
//! - `--filter TEXT`    only mutants whose id holds the text; may be given again: all must hold
//! - `--json`           the outcome as JSON
//! - `--write FILE`     puts the counts between the marks of the file
//!
//! A mutant is killed where a case of `tests/law` fails or the schedule is refused at load. One
//! that survives is law no case holds fast, unless `benches/mutations.toml` says why it cannot
//! matter. Other tests may notice more; they are not asked.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a run that cannot go on must stop")]

#[allow(dead_code, reason = "the law tests use the rest")]
#[path = "../tests/law/case.rs"]
mod case;
#[path = "../tests/law/pure.rs"]
mod pure;

use case::Case;
use jiff::civil::Date;
use portolan::tariff::{Schedule, ScheduleFiles};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use toml::{Table, Value};

fn main() {
    let options = Options::read();
    let source = Source::read(&options.importer);
    let mutants: Vec<Mutant> = source
        .mutants()
        .into_iter()
        .filter(|mutant| options.filters.iter().all(|text| mutant.id.contains(text.as_str())))
        .collect();
    let cases = source.cases();
    // A panic is how some mutants die.
    panic::set_hook(Box::new(|_| {}));
    let fates = run(&source, &cases, &mutants);
    let report = Report::of(&mutants, &fates);
    if options.json {
        println!("{}", report.json());
    } else {
        println!("{}", report.text());
    }
    if let Some(file) = &options.write {
        report.write(Path::new(file));
    }
    if report.survivors().next().is_some() {
        std::process::exit(1);
    }
}

#[derive(Default)]
struct Options {
    importer: String,
    filters: Vec<String>,
    json: bool,
    write: Option<String>,
}

impl Options {
    fn read() -> Self {
        let mut options = Self { importer: "us".to_owned(), ..Self::default() };
        let mut words = std::env::args().skip(1);
        let value =
            |word: Option<String>| word.unwrap_or_else(|| panic!("an option lacks a value"));
        while let Some(word) = words.next() {
            match word.as_str() {
                "--bench" => {} // cargo says so
                "--importer" => options.importer = value(words.next()),
                "--filter" => options.filters.push(value(words.next())),
                "--json" => options.json = true,
                "--write" => options.write = Some(value(words.next())),
                _ => panic!("no option {word}"),
            }
        }
        options
    }
}

/// One importer's files, as text and as tables.
struct Source {
    files: ScheduleFiles,
    tables: BTreeMap<String, Table>,
}

impl Source {
    fn read(importer: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/schedules/vehicles");
        let mut files = ScheduleFiles::new();
        let mut tables = BTreeMap::new();
        let head = fs::read_to_string(root.join("schedule.toml")).unwrap();
        files.insert("schedule.toml".to_owned(), head);
        for entry in fs::read_dir(root.join(importer)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{importer}/{}", path.file_name().unwrap().to_string_lossy());
            let text = fs::read_to_string(&path).unwrap();
            tables.insert(name.clone(), toml::from_str(&text).unwrap());
            files.insert(name, text);
        }
        Self { files, tables }
    }

    /// The cases into this importer; they must hold before anything is changed.
    fn cases(&self) -> Vec<Case> {
        let schedule = Schedule::from_files(&self.files, None)
            .unwrap_or_else(|faults| panic!("the schedule is faulty: {faults:?}"));
        let mut cases = case::cases();
        cases.retain(|case| schedule.tariff_of(case.importer.parse().unwrap()).is_some());
        let failing: Vec<String> = cases
            .iter()
            .filter_map(|case| {
                let differences = case.check(|case| pure::observe(&schedule, case));
                let told =
                    || format!("{}: {}: {}", case.file, case.title, differences.join("\n    "));
                (!differences.is_empty()).then(told)
            })
            .collect();
        assert!(failing.is_empty(), "fail before any change:\n{}", failing.join("\n"));
        cases
    }

    fn with(&self, mutant: &Mutant) -> ScheduleFiles {
        let mut table = self.tables[&mutant.file].clone();
        for edit in &mutant.edits {
            edit.apply(&mut table);
        }
        let mut files = self.files.clone();
        files.insert(mutant.file.clone(), toml::to_string(&table).unwrap());
        files
    }

    fn mutants(&self) -> Vec<Mutant> {
        let mut found = Mutants::default();
        for (file, table) in &self.tables {
            found.file.clone_from(file);
            if let Some(importer) = table.get("importer") {
                let at = Place { steps: vec![key("importer")], name: "importer".to_owned() };
                found.date(&at, importer, "law_from");
                found.date(&at, importer, "law_verified_to");
            }
            for (kind, items) in table {
                for (index, item) in items.as_array().into_iter().flatten().enumerate() {
                    let name = item_name(kind, index, item);
                    let at = Place { steps: vec![key(kind), Step::Index(index)], name };
                    found.item(kind, &at, item);
                }
            }
        }
        found.list
    }
}

/// How a mutant ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Killed,
    Refused,
    Survived,
}

fn run(source: &Source, cases: &[Case], mutants: &[Mutant]) -> Vec<Fate> {
    let next = AtomicUsize::new(0);
    let fates = Mutex::new(vec![Fate::Survived; mutants.len()]);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                // What killed last is likely to kill the neighbour too.
                let mut order: Vec<usize> = (0..cases.len()).collect();
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(mutant) = mutants.get(place) else { break };
                    let fate = fate(source, cases, mutant, &mut order);
                    fates.lock().unwrap()[place] = fate;
                }
            });
        }
    });
    fates.into_inner().unwrap()
}

fn fate(source: &Source, cases: &[Case], mutant: &Mutant, order: &mut [usize]) -> Fate {
    let files = source.with(mutant);
    let Ok(Ok(schedule)) = panic::catch_unwind(|| Schedule::from_files(&files, None)) else {
        return Fate::Refused;
    };
    let fails = |index: &usize| {
        let check = || cases[*index].check(|case| pure::observe(&schedule, case));
        panic::catch_unwind(AssertUnwindSafe(check)).map_or(true, |found| !found.is_empty())
    };
    match order.iter().position(fails) {
        None => Fate::Survived,
        Some(place) => {
            order[..=place].rotate_right(1);
            Fate::Killed
        }
    }
}

// --- what is changed ---

#[derive(Clone)]
enum Step {
    Key(String),
    Index(usize),
}

fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

/// A value in a file, and what to call it.
#[derive(Clone)]
struct Place {
    steps: Vec<Step>,
    name: String,
}

impl Place {
    fn key(&self, name: &str) -> Self {
        self.then(key(name), name)
    }

    fn index(&self, index: usize) -> Self {
        self.then(Step::Index(index), &index.to_string())
    }

    fn then(&self, step: Step, name: &str) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step);
        Self { steps, name: format!("{} {name}", self.name) }
    }
}

/// A new value, or none.
#[derive(Clone)]
struct Edit {
    steps: Vec<Step>,
    value: Option<Value>,
}

impl Edit {
    fn apply(&self, table: &mut Table) {
        let (last, path) = self.steps.split_last().unwrap();
        let mut root = Value::Table(std::mem::take(table));
        let mut at = &mut root;
        for step in path {
            at = match step {
                Step::Key(name) => at.get_mut(name).unwrap(),
                Step::Index(index) => at.get_mut(*index).unwrap(),
            };
        }
        match (last, at, &self.value) {
            (Step::Key(name), Value::Table(table), Some(value)) => {
                table.insert(name.clone(), value.clone());
            }
            (Step::Key(name), Value::Table(table), None) => {
                table.remove(name);
            }
            (Step::Index(index), Value::Array(array), Some(value)) => array[*index] = value.clone(),
            (Step::Index(index), Value::Array(array), None) => {
                array.remove(*index);
            }
            _ => panic!("no such place"),
        }
        let Value::Table(changed) = root else { panic!("a file is a table") };
        *table = changed;
    }
}

struct Mutant {
    id: String,
    kind: &'static str,
    file: String,
    edits: Vec<Edit>,
}

#[derive(Default)]
struct Mutants {
    file: String,
    list: Vec<Mutant>,
}

impl Mutants {
    fn push(&mut self, kind: &'static str, what: &str, edits: Vec<Edit>) {
        let id = format!("{} {what}", self.file);
        self.list.push(Mutant { id, kind, file: self.file.clone(), edits });
    }

    fn set(&mut self, kind: &'static str, at: &Place, value: Value) {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let edit = Edit { steps: at.steps.clone(), value: Some(value) };
        self.push(kind, &format!("{} -> {shown}", at.name), vec![edit]);
    }

    fn remove(&mut self, kind: &'static str, at: &Place, what: &str) {
        let edit = Edit { steps: at.steps.clone(), value: None };
        self.push(kind, &format!("{} dropped {what}", at.name), vec![edit]);
    }

    fn item(&mut self, kind: &str, at: &Place, item: &Value) {
        match kind {
            "measure" => self.measure(at, item),
            "line" => {
                for column in ["general", "special", "column_2"] {
                    self.rates("rate", &at.key(column), item.get(column));
                }
                self.dates(at, item);
            }
            "exclusion" => self.exclusion(at, item),
            "goods_list" => self.members("goods", &at.key("codes"), item.get("codes")),
            "area" => self.members("origin", &at.key("regions"), item.get("regions")),
            "preference" => self.members("origin", &at.key("origins"), item.get("origins")),
            "quota" => {
                for (at, period) in tables(at, item, "periods") {
                    self.rates("quota", &at.key("volume"), period.get("volume"));
                    self.dates(&at, period);
                    if period.get("carry_from").is_some() {
                        self.remove("quota", &at.key("carry_from"), "");
                    }
                }
            }
            "credit" => {
                for (at, row) in tables(at, item, "rates") {
                    self.rates("rate", &at.key("rate"), row.get("rate"));
                    self.dates(&at, row);
                }
                self.members("goods", &at.key("against"), item.get("against"));
            }
            "document" => self.date(at, item, "published"),
            "fact" => {
                if let Some(presumed) = item.get("presume").and_then(Value::as_str) {
                    let other = match presumed {
                        "true" => "false",
                        "false" => "true",
                        _ => return,
                    };
                    self.set("presumption", &at.key("presume"), other.into());
                }
            }
            "transport_presumption" => self.remove("presumption", at, ""),
            _ => {}
        }
    }

    fn measure(&mut self, at: &Place, item: &Value) {
        for name in ["rate", "min", "max"] {
            self.rates("rate", &at.key(name), item.get(name));
        }
        if item.get("base").is_some_and(|base| base.as_str() != Some("customs value")) {
            self.remove("base", &at.key("base"), "");
        }
        let rows = tables(at, item, "status");
        for (at, row) in &rows {
            self.dates(at, row);
            if rows.len() > 1 {
                self.remove("state", at, text(row, "state"));
            }
        }
        for name in ["goods", "goods_except"] {
            self.members("goods", &at.key(name), item.get(name));
        }
        for name in ["origins", "origins_except"] {
            self.members("origin", &at.key(name), item.get(name));
        }
        for (at, condition) in tables(at, item, "when") {
            self.remove("condition", &at, &condition.to_string());
            for name in ["at_least", "below", "column_rate_at_least", "column_rate_below"] {
                self.rates("condition", &at.key(name), condition.get(name));
            }
            for name in ["before", "from"] {
                self.date(&at, condition, name);
            }
            if let Some(years) = condition.get("years_before_entry").and_then(Value::as_integer) {
                for years in [years - 1, years + 1] {
                    self.set("condition", &at.key("years_before_entry"), years.into());
                }
            }
        }
    }

    fn exclusion(&mut self, at: &Place, item: &Value) {
        self.remove("exclusion", at, "");
        for side in ["by", "of"] {
            self.members("exclusion", &at.key(side), item.get(side));
        }
        self.dates(at, item);
        let state = if item.get("state").and_then(Value::as_str) == Some("contested") {
            "in force"
        } else {
            "contested"
        };
        let mut edits = vec![Edit { steps: at.key("state").steps, value: Some(state.into()) }];
        if item.get("id").is_none() {
            edits.push(Edit { steps: at.key("id").steps, value: Some("mutant".into()) });
        }
        self.push("exclusion", &format!("{} state -> {state}", at.name), edits);
        if item.get("filed_as").is_some() {
            self.remove("filing", &at.key("filed_as"), "");
        }
    }

    /// Every number of a rate one higher, every `free` one per cent.
    fn rates(&mut self, kind: &'static str, at: &Place, rate: Option<&Value>) {
        match rate {
            Some(Value::String(rate)) => {
                for raised in raised(rate) {
                    self.set(kind, at, raised.into());
                }
                if kind == "quota" {
                    for lowered in lowered(rate) {
                        self.set(kind, at, lowered.into());
                    }
                }
            }
            Some(Value::Integer(number)) => self.set(kind, at, (number + 1).into()),
            _ => {}
        }
    }

    fn dates(&mut self, at: &Place, item: &Value) {
        self.date(at, item, "from");
        self.date(at, item, "to");
    }

    fn date(&mut self, at: &Place, item: &Value, name: &'static str) {
        let kind = if name == "published" { "publication" } else { "date" };
        if let Some(date) = item.get(name).and_then(Value::as_str) {
            let date: Date = date.parse().unwrap();
            for other in [date.yesterday().unwrap(), date.tomorrow().unwrap()] {
                self.set(kind, &at.key(name), other.to_string().into());
            }
        }
    }

    /// Every member dropped; the only one is not, that is the whole table.
    fn members(&mut self, kind: &'static str, at: &Place, members: Option<&Value>) {
        let members = members.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let least = if at.name.ends_with("_except") { 1 } else { 2 };
        if members.len() < least {
            return;
        }
        for (index, member) in members.iter().enumerate() {
            let edit = Edit { steps: at.index(index).steps, value: None };
            let member = member.as_str().unwrap();
            self.push(kind, &format!("{} dropped {member}", at.name), vec![edit]);
        }
    }
}

fn tables<'a>(at: &Place, item: &'a Value, name: &str) -> Vec<(Place, &'a Value)> {
    let rows = item.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let at = at.key(name);
    rows.iter().enumerate().map(|(index, row)| (at.index(index), row)).collect()
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What a table is called: by its id, and an exclusion by what it is between.
fn item_name(kind: &str, index: usize, item: &Value) -> String {
    let first = |side: &str| {
        let members = item.get(side).and_then(Value::as_array);
        members.and_then(|members| members.first()?.as_str()).unwrap_or_default()
    };
    let name = ["id", "code", "symbol"].iter().find_map(|name| item.get(*name)?.as_str());
    match name {
        Some(name) => format!("{kind} {name}"),
        None if kind == "exclusion" => {
            format!("{kind} {index} ({} > {})", first("by"), first("of"))
        }
        None => format!("{kind} {index}"),
    }
}

fn raised(rate: &str) -> Vec<String> {
    moved(rate, Decimal::ONE)
        .chain(
            ["free", "Free"]
                .iter()
                .filter_map(|free| rate.contains(free).then(|| rate.replacen(free, "1%", 1))),
        )
        .collect()
}

fn lowered(rate: &str) -> Vec<String> {
    moved(rate, Decimal::NEGATIVE_ONE).collect()
}

fn moved(rate: &str, by: Decimal) -> impl Iterator<Item = String> {
    numbers(rate).into_iter().map(move |(from, to)| {
        let number: Decimal = rate[from..to].parse().unwrap();
        format!("{}{}{}", &rate[..from], number + by, &rate[to..])
    })
}

fn numbers(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for (place, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = letter.is_ascii_digit() || (letter == '.' && start.is_some());
        match (inside, start) {
            (true, None) => start = Some(place),
            (false, Some(from)) => {
                found.push((from, place));
                start = None;
            }
            _ => {}
        }
    }
    found
}

// --- what came of it ---

#[derive(Default, Clone, Copy)]
struct Count {
    mutants: usize,
    killed: usize,
    refused: usize,
    accepted: usize,
    survived: usize,
}

struct Report<'a> {
    kinds: BTreeMap<&'static str, Count>,
    files: BTreeMap<&'a str, Count>,
    all: Count,
    survived: Vec<(&'a Mutant, Option<String>)>,
    /// Reasons nothing survives under any more.
    idle: BTreeSet<String>,
}

impl<'a> Report<'a> {
    fn of(mutants: &'a [Mutant], fates: &[Fate]) -> Self {
        let reasons = Reason::read();
        let mut report = Report {
            kinds: BTreeMap::new(),
            files: BTreeMap::new(),
            all: Count::default(),
            survived: Vec::new(),
            idle: reasons.iter().flat_map(|reason| reason.mutants.clone()).collect(),
        };
        for (mutant, fate) in mutants.iter().zip(fates) {
            let reason = reasons.iter().find_map(|reason| {
                let matched = reason.mutants.iter().find(|text| holds(&mutant.id, text));
                matched.map(|text| (text, &reason.because))
            });
            for count in [
                report.kinds.entry(mutant.kind).or_default(),
                report.files.entry(&mutant.file).or_default(),
                &mut report.all,
            ] {
                count.mutants += 1;
                match (fate, reason) {
                    (Fate::Killed, _) => count.killed += 1,
                    (Fate::Refused, _) => count.refused += 1,
                    (Fate::Survived, Some(_)) => count.accepted += 1,
                    (Fate::Survived, None) => count.survived += 1,
                }
            }
            if *fate == Fate::Survived {
                if let Some((text, _)) = reason {
                    report.idle.remove(text);
                }
                report.survived.push((mutant, reason.map(|(_, because)| because.clone())));
            }
        }
        report
    }

    /// Those no reason is given for.
    fn survivors(&self) -> impl Iterator<Item = &str> {
        self.survived
            .iter()
            .filter(|(_, reason)| reason.is_none())
            .map(|(mutant, _)| mutant.id.as_str())
    }

    fn table(&self, names: &BTreeMap<&str, Count>, title: &str) -> String {
        let mut text = format!(
            "| {title} | mutants | killed | refused at load | cannot matter | survived |\n\
             |---|---:|---:|---:|---:|---:|\n"
        );
        for (name, count) in
            names.iter().map(|(name, count)| (*name, *count)).chain([("all", self.all)])
        {
            let Count { mutants, killed, refused, accepted, survived } = count;
            text += &format!(
                "| {name} | {mutants} | {killed} | {refused} | {accepted} | {survived} |\n"
            );
        }
        text
    }

    fn tables(&self) -> String {
        format!("{}\n{}", self.table(&self.kinds, "kind"), self.table(&self.files, "file"))
    }

    fn text(&self) -> String {
        let survivors: Vec<&str> = self.survivors().collect();
        let idle: Vec<&str> = self.idle.iter().map(String::as_str).collect();
        format!(
            "{}\nSurvivors:\n  {}\nReasons nothing survives under (in this run):\n  {}",
            self.tables(),
            survivors.join("\n  "),
            idle.join("\n  ")
        )
    }

    fn json(&self) -> String {
        let counts = |count: &Count| {
            serde_json::json!({
                "mutants": count.mutants, "killed": count.killed, "refused": count.refused,
                "accepted": count.accepted, "survived": count.survived,
            })
        };
        let survived = |(mutant, reason): &(&Mutant, Option<String>)| serde_json::json!({ "id": mutant.id, "kind": mutant.kind, "because": reason });
        let kinds: BTreeMap<_, _> =
            self.kinds.iter().map(|(name, count)| (*name, counts(count))).collect();
        let files: BTreeMap<_, _> =
            self.files.iter().map(|(name, count)| (*name, counts(count))).collect();
        serde_json::json!({
            "all": counts(&self.all), "kinds": kinds, "files": files,
            "survivors": self.survived.iter().map(survived).collect::<Vec<_>>(),
        })
        .to_string()
    }

    fn write(&self, file: &Path) {
        let (start, end) = ("<!-- counts -->\n", "<!-- end of counts -->");
        let text = fs::read_to_string(file).unwrap();
        let (before, rest) = text.split_once(start).unwrap();
        let (_, after) = rest.split_once(end).unwrap();
        fs::write(file, format!("{before}{start}{}{end}{after}", self.tables())).unwrap();
    }
}

/// Whether the id holds the parts between the stars of the text, in order.
fn holds(id: &str, text: &str) -> bool {
    text.split('*').try_fold(id, |rest, part| rest.split_once(part).map(|(_, rest)| rest)).is_some()
}

/// Why some mutants cannot matter: those whose id holds one of the texts.
struct Reason {
    mutants: Vec<String>,
    because: String,
}

impl Reason {
    fn read() -> Vec<Self> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/mutations.toml");
        let table: Table = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let rows = table.get("accepted").and_then(Value::as_array).cloned().unwrap_or_default();
        rows.iter()
            .map(|row| Self {
                mutants: row["mutants"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|text| text.as_str().unwrap().to_owned())
                    .collect(),
                because: row["because"].as_str().unwrap().to_owned(),
            })
            .collect()
    }
}
