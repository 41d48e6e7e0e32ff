//! Published optima: what others found for their own instances, and what the
//! reference finds for those of its generator, must be what we find.
//!
//! Their files are in the folder `PORTOLAN_BENCH` names, `../shared/bench` by
//! default; where it is not there the tests say that they skip. What others
//! publish in three decimals we match to a millionth.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use portolan::instances::{Instance, Manifest, ManifestEntry, read_instance};
use portolan::solver::{SolveEnd, SolveOrder, SolveOutcome, solve};
use portolan::sourcing::Formulation;
use rust_decimal::prelude::ToPrimitive;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How far off a sum in binary floating point may be, as a share.
const TOLERANCE: f64 = 1e-6;

/// The folder of other people's instances, if it is there.
fn bench_folder() -> Option<PathBuf> {
    let named = std::env::var_os("PORTOLAN_BENCH").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| root().join("../shared/bench"));
    if folder.join("instances/manifest.json").is_file() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {} is not there; set PORTOLAN_BENCH", folder.display());
    None
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the solver comes to, in the unit others state costs in.
fn solved(instance: &Instance, time: Duration) -> SolveOutcome {
    let formulation = Formulation::of(&instance.problem);
    let order = SolveOrder {
        relative_gap: 1e-6,
        absolute_gap: 0.0,
        time: Some(time),
        ..SolveOrder::new(formulation.program().clone())
    };
    let mut outcome = solve(&order, &mut |_| (), &|| false);
    let unit = formulation.money_unit() / instance.cost_unit.to_f64().unwrap();
    outcome.objective = outcome.objective.map(|cost| cost * unit);
    outcome.bound = outcome.bound.map(|cost| cost * unit);
    outcome
}

fn entry(entry: &ManifestEntry, time: Duration) -> (SolveOutcome, f64) {
    let format = entry.instance_format().unwrap();
    let instance = read_instance(&entry.path, Some(format), entry.capacity).unwrap();
    (solved(&instance, time), entry.published.unwrap().to_f64().unwrap())
}

fn agrees(found: f64, published: f64) -> bool {
    (found - published).abs() <= TOLERANCE * published.abs()
}

/// An optimum that must be proved and must be the published one.
fn assert_optimum(name: &str, outcome: &SolveOutcome, published: f64) {
    assert_eq!(outcome.reason, SolveEnd::Optimal, "{name}");
    let found = outcome.objective.unwrap();
    assert!(agrees(found, published), "{name}: found {found}, published {published}");
}

#[test]
fn or_library_cap41_to_cap134() {
    let Some(folder) = bench_folder() else { return };
    let manifest = Manifest::read(&folder.join("instances/manifest.json")).unwrap();
    let mut count = 0;
    for instance in manifest.entries.iter().filter(|entry| entry.family == "orlib_cap") {
        if instance.capacity.is_none() {
            let (outcome, published) = entry(instance, Duration::from_mins(1));
            assert_optimum(&instance.id, &outcome, published);
            count += 1;
        }
    }
    assert!(count >= 10, "only {count} instances");
}

/// Larger ones need not be solved to the end: the optimum lies where we say.
#[test]
fn large_or_library_optima_lie_between_bound_and_cost() {
    let Some(folder) = bench_folder() else { return };
    let manifest = Manifest::read(&folder.join("instances/manifest.json")).unwrap();
    let wanted = ["capa@8000", "capb@8000", "capa_u", "capb_u"];
    for id in wanted {
        let instance = manifest.entries.iter().find(|entry| entry.id == id).unwrap();
        let (outcome, published) = entry(instance, Duration::from_secs(15));
        let (cost, bound) = (outcome.objective, outcome.bound);
        eprintln!("{id}: bound {bound:?}, published {published}, cost {cost:?}");
        let at_most = |least: f64, most: f64| least <= most || agrees(least, most);
        assert!(bound.is_none_or(|bound| at_most(bound, published)), "{id}: bound too high");
        assert!(cost.is_none_or(|cost| at_most(published, cost)), "{id}: cost too low");
    }
}

/// Optima of `tests/golden/reference.csv`, which the reference proves to a
/// billionth.
#[test]
fn tiny_and_small_seeds_of_the_reference() {
    let Some(folder) = bench_folder() else { return };
    let files = std::env::temp_dir().join(format!("portolan-reference-{}", std::process::id()));
    std::fs::create_dir_all(&files).unwrap();
    let optima = std::fs::read_to_string(root().join("tests/golden/reference.csv")).unwrap();
    let mut count = 0;
    for row in optima.lines().skip(1) {
        let [size, seed, optimum] = row.split(',').collect::<Vec<_>>()[..] else {
            panic!("`{row}` is no row of the table")
        };
        let file = files.join(format!("{size}-{seed}.json"));
        let made = Command::new("python3")
            .arg(folder.join("gen_sourcing.py"))
            .args([size, seed])
            .arg(&file)
            .status();
        match made {
            Ok(status) => assert!(status.success(), "{size} {seed}: the generator fails"),
            Err(error) => {
                eprintln!("SKIPPED: python3: {error}");
                return;
            }
        }
        let instance = read_instance(&file, None, None).unwrap();
        let outcome = solved(&instance, Duration::from_mins(2));
        assert_optimum(&format!("{size} {seed}"), &outcome, optimum.parse().unwrap());
        count += 1;
    }
    assert_eq!(count, 60);
    std::fs::remove_dir_all(&files).unwrap();
}
