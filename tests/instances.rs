//! Instances of every format, small enough to be solved by hand; files that are
//! none; programs as MPS; our own generator.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use portolan::instances::{Instance, InstanceFormat, InstanceSize, generate, mps};
use portolan::solver::{SolveEnd, SolveOrder, solve};
use portolan::sourcing::{Formulation, Program};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Two facilities, three customers, the last of no demand.
///
/// The first alone costs 5 + 4 + 9 + 1 = 19, the second alone 7 + 8 + 3 + 2 =
/// 20, both 12 + 4 + 3 + 1 = 20. With a capacity of 5 it takes both.
const BY_CUSTOMER: &str = " 2 3 \n capacity 5. \n capacity 7 \n 4 \n 4.00 8 \n 3 9 3\n 0\n 1 2";

/// Three customers of 4, 3 and 2; capacities of 5 and 4.
///
/// Divided, the third is served half by half: 2 + 4 + 3 + 2 = 11. Undivided,
/// only 4 at the second and 3 with 2 at the first fit: 2 + 8 + 9 + 2 = 21.
const BY_FACILITY: &str = "2 3\n5 1\n4 1\n4 3 2\n4 9 2\n8 3 2\0\0";
const IN_LISTS: &str = "2\t3\n\n4\t3\t2\n5\t4\n1\t1\n4\t9\t2\n8\t3\t2\n";

/// One alone costs 5 + 4 + 9 = 18 or 7 + 8 + 3 = 18, both 19.
const UNCAPACITATED: &str = "2 2 capacity 5 capacity 7 3 4 8 2 9 3";

/// A plant A at home, open, at 20,100 a vehicle delivered and 1,000 a year; a
/// plant B abroad at 15,500 and 500 a year, 1,000 to open, that pays 25 % but
/// on 4 vehicles a year: 19,250. Closing A costs 500.
///
/// For 10 vehicles B alone costs 2,000 + 4 x 15,500 + 6 x 19,250 = 179,500,
/// less than A alone at 202,000.
const SOURCING: &str = r#"{
  "schema": "sourcing-problem/1", "name": "by hand",
  "periods": ["2027"],
  "fx": {"USD": 1.0, "MXN": 0.05},
  "countries": [{"id": "US", "currency": "USD"}, {"id": "MX", "currency": "MXN"}],
  "models": [{"id": "M", "hours": 1}],
  "sites": [
    {"id": "A", "country": "US", "capacity": 100, "initially_open": true, "opening_cost": 0,
     "fixed_cost_per_period": 100000, "closing_cost": 50000, "ramp_bp": []},
    {"id": "B", "country": "MX", "capacity": 100, "initially_open": false,
     "opening_cost": 2000000, "fixed_cost_per_period": 1000000, "closing_cost": 0, "ramp_bp": []}],
  "markets": [{"id": "K", "country": "US"}],
  "production": [
    {"site": "A", "model": "M", "unit_cost": 2000000, "launch_cost": 0},
    {"site": "B", "model": "M", "unit_cost": 30000000, "launch_cost": 0}],
  "freight": [
    {"site": "A", "market": "K", "unit_cost": 10000},
    {"site": "B", "market": "K", "unit_cost": 50000}],
  "demand": [{"model": "M", "market": "K", "volume": [10]}],
  "tariffs": [{"importer": "US", "exporter": "MX", "rate_bp": 2500}],
  "tariff_rate_quotas": [{"id": "Q", "importer": "US", "exporter": "MX", "models": ["M"],
    "volume": [4], "in_quota_bp": 0, "over_quota_bp": 2500}],
  "domestic_floors": [],
  "unmet_penalty": 6000000, "discount_bp": 1000,
  "scenarios": [{"id": "W", "probability": 1.0, "fx": {}, "demand_factor": {}, "tariff_add_bp": []}]
}"#;

fn format(name: &str) -> InstanceFormat {
    name.parse().unwrap()
}

/// The least cost, proved, in the unit others state it in.
fn optimum(instance: &Instance) -> f64 {
    let formulation = Formulation::of(&instance.problem);
    let order = SolveOrder {
        relative_gap: 1e-9,
        absolute_gap: 0.0,
        ..SolveOrder::new(formulation.program().clone())
    };
    let outcome = solve(&order, &mut |_| (), &|| false);
    assert_eq!(outcome.reason, SolveEnd::Optimal);
    outcome.objective.unwrap() * formulation.money_unit() / instance.cost_unit.to_f64().unwrap()
}

fn assert_optimum(instance: &Instance, expected: f64) {
    let found = optimum(instance);
    assert!((found - expected).abs() <= 1e-6 * expected, "found {found}, expected {expected}");
}

fn read(text: &str, name: &str, capacity: Option<u32>) -> Instance {
    Instance::of_text(text, Some(format(name)), capacity.map(Decimal::from)).unwrap()
}

fn fault(text: &str, name: &str) -> String {
    Instance::of_text(text, Some(format(name)), None).unwrap_err().to_string()
}

#[test]
fn facilities_by_customer_with_a_capacity_given_or_not() {
    assert_optimum(&read(BY_CUSTOMER, "cflp-cap", Some(10)), 19.0);
    assert_optimum(&read(BY_CUSTOMER, "cflp-cap", Some(5)), 20.0);
    assert_optimum(&read(&BY_CUSTOMER.replace("capacity", "5"), "cflp-cap", None), 20.0);
    assert!(fault(BY_CUSTOMER, "cflp-cap").starts_with("CAPACITY_MISSING"));
}

#[test]
fn facilities_by_rows_divided_and_undivided() {
    assert_optimum(&read(BY_FACILITY, "cflp-hr", None), 11.0);
    assert_optimum(&read(BY_FACILITY, "sscflp-hr", None), 21.0);
    assert_optimum(&read(IN_LISTS, "sscflp-tbed", None), 21.0);
}

#[test]
fn facilities_without_capacity() {
    assert_optimum(&read(UNCAPACITATED, "ufl-cap", None), 18.0);
}

#[test]
fn numbers_stay_as_written() {
    let text = BY_FACILITY.replace("2 3\n5 1", "2 3\n5.10 0.1");
    let problem = read(&text, "cflp-hr", None).problem;
    assert_eq!(problem.plants[0].capacity[0].to_string(), "5.10");
    assert_eq!(problem.plants[0].fixed_cost[0].to_string(), "0.1");
    assert_eq!(problem.arcs.len(), 6);
    assert!(!problem.whole);
}

#[test]
fn a_sourcing_file_is_told_by_its_content() {
    let instance = Instance::of_text(SOURCING, None, None).unwrap();
    assert_eq!(instance.cost_unit, Decimal::ONE_THOUSAND);
    assert_optimum(&instance, 179.5);
    assert!(Instance::of_text(BY_FACILITY, None, None).is_err());
}

#[test]
fn a_floor_is_paid_for_or_kept() {
    // Half at home: 2,500 + 5 x 20,100 + 4 x 15,500 + 19,250.
    let floor = r#"[{"country": "US", "share_bp": 5000, "shortfall_penalty": 900000}]"#;
    let text =
        SOURCING.replace(r#""domestic_floors": []"#, &format!("\"domestic_floors\": {floor}"));
    assert_optimum(&read(&text, "sourcing-problem/1", None), 184.25);
    // At 500 a vehicle short it is cheaper not to.
    let text = text.replace("900000", "50000");
    assert_optimum(&read(&text, "sourcing-problem/1", None), 182.0);
}

#[test]
fn later_periods_weigh_less() {
    let text = SOURCING
        .replace(r#"["2027"]"#, r#"["2027", "2028"]"#)
        .replace(r#""volume": [10]"#, r#""volume": [10, 10]"#)
        .replace(r#""volume": [4]"#, r#""volume": [4, 4]"#);
    // The second year: 178,000 at 1 / 1.1.
    assert_optimum(&read(&text, "sourcing-problem/1", None), 179.5 + 161.818_181_818);
}

#[test]
fn the_one_scenario_moves_rates_demand_and_tariffs() {
    // 20 vehicles; B at 16,500 pays 5 % within the quota and 30 % over it: 17,825 and 21,950.
    // 2,500 + 4 x 17,825 + 16 x 20,100.
    let text = SOURCING
        .replace(r#""probability": 1.0, "fx": {}"#, r#""probability": 1.0, "fx": {"MXN": 1.1}"#)
        .replace(r#""demand_factor": {}"#, r#""demand_factor": {"K": 2}"#)
        .replace(
            r#""tariff_add_bp": []"#,
            r#""tariff_add_bp": [{"importer": "US", "exporter": "MX", "add_bp": 500}]"#,
        );
    assert_optimum(&read(&text, "sourcing-problem/1", None), 395.4);
}

#[test]
fn what_is_cut_off_anywhere_is_a_fault() {
    for (text, name) in [
        (SOURCING, "sourcing-problem/1"),
        (BY_CUSTOMER, "cflp-cap"),
        (BY_FACILITY.trim_end_matches('\0'), "cflp-hr"),
        (BY_FACILITY.trim_end_matches('\0'), "sscflp-hr"),
        (IN_LISTS.trim_end(), "sscflp-tbed"),
        (UNCAPACITATED, "ufl-cap"),
    ] {
        let capacity = Some(Decimal::TEN);
        for end in 0..text.len() {
            let cut = Instance::of_text(&text[..end], Some(format(name)), capacity);
            assert!(cut.is_err(), "{name} cut off at {end}");
        }
        assert!(Instance::of_text(text, Some(format(name)), capacity).is_ok(), "{name}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    for (text, named) in [
        ("0 3", "the facilities: 0 is out of bounds"),
        ("99999999999 1", "the facilities: 99999999999 is out of bounds"),
        ("1.5 3", "the facilities: 1.5 is out of bounds"),
        ("1 1 -5 1 1 1", "a capacity: -5 is out of bounds"),
        ("1 1 nan 1 1 1", "a capacity: `nan` is no number"),
        ("1 1 5 1e99 1 1", "a fixed cost: `1e99` is no number"),
        ("1 1 5 1 0.000000000000000000000001 1e24", "is too large to be reckoned"),
        ("2 2 5 1 5 1 3 3 1 1 1", "the file ends before a cost"),
    ] {
        let told = fault(text, "cflp-hr");
        assert!(told.contains(named), "`{text}`: {told}");
    }
    let changed = |from: &str, to: &str| {
        assert!(SOURCING.contains(from), "{from}");
        fault(&SOURCING.replace(from, to), "sourcing-problem/1")
    };
    for (from, to, named) in [
        (r#""capacity": 100,"#, r#""capacity": -1,"#, "capacity of `A`: -1 is out of bounds"),
        (r#""capacity": 100,"#, r#""capacity": "100","#, "no number"),
        (r#""market": "K", "unit"#, r#""market": "L", "unit"#, "freight `A to K` is not"),
        (r#""volume": [10]"#, r#""volume": [10, 10]"#, "2 values for 1 periods"),
        (r#""id": "MX", "currency": "MXN""#, r#""id": "MX", "currency": "X""#, "currency `X`"),
        (r#""site": "B", "model""#, r#""site": "C", "model""#, "site `C` is not in the file"),
        (r#""discount_bp": 1000"#, r#""discount_bp": -10000"#, "discount_bp"),
        ("30000000", "1e30", "no number"),
        ("sourcing-problem/1", "sourcing-problem/2", "FORMAT_NOT_SUPPORTED: `sourcing-problem/2`"),
        (r#""scenarios": ["#, r#""scenarios": [], "x": ["#, "SCENARIOS_NOT_SUPPORTED: 0"),
    ] {
        let told = changed(from, to);
        assert!(told.contains(named), "{to}: {told}");
    }
    let scenario = SOURCING.split("\"scenarios\": [").nth(1).unwrap();
    let scenario = scenario.trim_end_matches('}').trim_end().trim_end_matches(']');
    let told = changed("\"scenarios\": [", &format!("\"scenarios\": [{scenario},"));
    assert!(told.starts_with("SCENARIOS_NOT_SUPPORTED: 2 scenarios"), "{told}");
    assert!("cmnd".parse::<InstanceFormat>().is_err());
}

#[test]
fn a_program_is_written_as_mps() {
    let mut program = Program::new();
    let x = program.column(1.5, 0.0, f64::INFINITY, false);
    let y = program.column(-2.0, 0.0, 1.0, true);
    let z = program.column(0.0, f64::NEG_INFINITY, 4.0, false);
    program.column(0.0, 3.0, 3.0, false);
    program.row(&[(x, 1.0), (y, -1e-7)], 1.0, f64::INFINITY);
    program.row(&[(y, 1.0), (z, 2.0)], -1.0, 5.0);
    program.tightening_row(&[(x, 1.0), (z, 1.0)], 0.0, 0.0);
    program.row(&[(x, 1.0)], f64::NEG_INFINITY, f64::INFINITY);
    program.offset = 7.25;
    let expected = "\
NAME by_hand FREE
OBJSENSE
    MIN
ROWS
 N cost
 G r0
 L r1
 E r2
COLUMNS
    x0 cost 1.5
    x0 r0 1.0
    x0 r2 1.0
    M0 'MARKER' 'INTORG'
    x1 cost -2.0
    x1 r0 -1e-7
    x1 r1 1.0
    M1 'MARKER' 'INTEND'
    x2 r1 2.0
    x2 r2 1.0
    x3 cost 0.0
RHS
    rhs cost -7.25
    rhs r0 1.0
    rhs r1 5.0
RANGES
    range r1 6.0
BOUNDS
 LO bound x1 0.0
 UP bound x1 1.0
 MI bound x2
 UP bound x2 4.0
 FX bound x3 3.0
ENDATA
";
    assert_eq!(mps("by hand", &program), expected);
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_gives_others() {
    for size in InstanceSize::ALL {
        let shape = size.shape();
        let drawn = |seed| generate(&shape, seed).unwrap();
        assert_eq!(drawn(1), drawn(1), "{size}");
        let different: BTreeSet<Vec<u8>> = (1..=5).map(drawn).collect();
        assert_eq!(different.len(), 5, "{size}");
        let instance = Instance::of_text(&String::from_utf8(drawn(1)).unwrap(), None, None);
        let problem = instance.unwrap().problem;
        assert_eq!(problem.plants.len(), shape.plants, "{size}");
        assert_eq!(problem.options.len(), shape.models * shape.plants_per_model, "{size}");
        assert_eq!(problem.demands.len(), shape.models * shape.markets_per_model, "{size}");
        assert_eq!(problem.periods(), shape.periods, "{size}");
    }
}

#[test]
fn the_largest_problem_that_may_be_asked_for_is_drawn() {
    let mut shape = InstanceSize::Planner.shape();
    (shape.tight_bp, shape.quota_bp, shape.floor_bp) = (100_000, 100_000, 10_000);
    (shape.models, shape.markets, shape.markets_per_model) = (200, 200, 200);
    (shape.plants, shape.periods, shape.periods_per_year) = (1, 240, 1);
    assert!(generate(&shape, 1).is_ok());
}

/// Optima of our own problems as the reference of the benchmark folder finds
/// them, to a billionth.
#[test]
fn the_reference_agrees_on_our_own_problems() {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/generated.csv");
    let table = std::fs::read_to_string(table).unwrap();
    let mut count = 0;
    for row in table.lines().skip(1) {
        let [size, seed, expected] = row.split(',').collect::<Vec<_>>()[..] else {
            panic!("`{row}` is no row of the table")
        };
        let shape = size.parse::<InstanceSize>().unwrap().shape();
        let text = String::from_utf8(generate(&shape, seed.parse().unwrap()).unwrap()).unwrap();
        let instance = Instance::of_text(&text, None, None).unwrap();
        assert_optimum(&instance, expected.parse().unwrap());
        count += 1;
    }
    assert_eq!(count, 5);
}

#[test]
fn the_command_goes_on_after_a_file_it_cannot_read() {
    let folder = std::env::temp_dir().join(format!("portolan-instances-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("a.json"), "{").unwrap();
    let packed = folder.join("b.json.gz");
    let portolan = || Command::new(env!("CARGO_BIN_EXE_portolan"));
    let made = portolan().args(["bench", "generate", "tiny", "1"]).arg(&packed).status().unwrap();
    assert!(made.success());
    let solved = portolan().args(["bench", "solve", "--json"]).arg(&folder).output().unwrap();
    assert_eq!(solved.status.code(), Some(1));
    let lines = String::from_utf8(solved.stdout).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [refused, optimal] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(refused["name"], "a");
    assert!(refused["status"].as_str().unwrap().starts_with("refused: MALFORMED"));
    assert_eq!(refused["objective"], Value::Null);
    assert_eq!(optimal["name"], "b");
    assert_eq!(optimal["status"], "optimal");
    for field in ["objective", "bound", "gap", "cpu_s", "wall_s"] {
        assert!(optimal[field].is_number(), "{field}");
    }
    let exported = folder.join("b.mps");
    let arguments = ["bench", "export"];
    let export = portolan().args(arguments).arg(&packed).arg("--mps").arg(&exported).output();
    assert!(export.unwrap().status.success());
    assert!(std::fs::read_to_string(&exported).unwrap().ends_with("ENDATA\n"));
    std::fs::remove_dir_all(&folder).unwrap();
}
