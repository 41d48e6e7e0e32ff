//! Arrows run one way: what a module may import is written here, and nothing
//! else compiles past this test.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module of the crate with the modules of the crate it may import.
const MAY_IMPORT: [(&str, &[&str]); 13] = [
    ("money", &[]),
    ("tariff", &["money"]),
    ("sourcing", &["money", "tariff"]),
    ("solver", &["settings", "sourcing"]),
    ("app", &["money", "solver", "sourcing", "tariff"]),
    ("store", &["tariff"]),
    ("instances", &["money", "sourcing"]),
    ("settings", &[]),
    ("telemetry", &["settings"]),
    ("proto", &[]),
    ("chart", &[]),
    ("grpc", &["app", "money", "proto", "settings", "sourcing", "tariff", "telemetry"]),
    (
        "command",
        &[
            "app",
            "chart",
            "grpc",
            "instances",
            "money",
            "proto",
            "settings",
            "solver",
            "sourcing",
            "store",
            "tariff",
            "telemetry",
        ],
    ),
];

/// What a pure module must not reach: async, I/O, clocks, the wire, chance.
const IMPURE: [&str; 14] = [
    "tokio",
    "tonic",
    "prost",
    "tracing",
    "opentelemetry",
    "std::fs",
    "std::io",
    "std::net",
    "std::env",
    "std::time",
    "std::thread",
    "SystemTime",
    "Zoned",
    "rand",
];

/// Where the core hands numbers over to a solver: binary floating point is the
/// solver's, and money's nowhere.
const OF_A_SOLVER: [&str; 2] = ["src/sourcing/program.rs", "src/sourcing/formulation"];

#[test]
fn imports_run_down_only() {
    let mut faults = Vec::new();
    for (file, text) in sources() {
        let Some(module) = module_of(&file) else { continue };
        let allowed = MAY_IMPORT.iter().find(|(name, _)| *name == module);
        let Some((_, allowed)) = allowed else {
            faults.push(format!("{}: module `{module}` is not in the list", file.display()));
            continue;
        };
        for imported in imported(&text) {
            if imported != module && !allowed.contains(&imported.as_str()) {
                faults.push(format!("{}: `{module}` imports `{imported}`", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_core_is_pure() {
    let mut faults = Vec::new();
    for (file, text) in sources() {
        if !matches!(module_of(&file).as_deref(), Some("money" | "tariff" | "sourcing")) {
            continue;
        }
        let code = code(&text);
        for word in IMPURE {
            let uses = [format!("use {word}"), format!("{word}::"), format!("{word}(")];
            if uses.iter().any(|used| code.contains(used.as_str())) {
                faults.push(format!("{}: `{word}`", file.display()));
            }
        }
        let of_a_solver = OF_A_SOLVER.iter().any(|part| file.starts_with(part));
        if !of_a_solver && ["f32", "f64"].iter().any(|float| says(&code, float)) {
            faults.push(format!("{}: binary floating point", file.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn one_file_alone_is_unsafe() {
    let unsafe_files: Vec<PathBuf> = sources()
        .into_iter()
        .filter(|(_, text)| says(&code(text), "unsafe") || text.contains("allow(unsafe_code"))
        .map(|(file, _)| file)
        .collect();
    assert_eq!(unsafe_files, [Path::new("src/solver/highs.rs")]);
}

/// The files of `sourcing` that say what is asked, decided and answered: all
/// that a second opinion on a plan may know of the module it judges.
const SAID: [&str; 3] = ["problem.rs", "decisions.rs", "plan.rs"];

#[test]
fn the_check_of_plans_knows_nothing_of_how_they_are_made() {
    let sourcing = root().join("src/sourcing");
    let mut known = BTreeSet::from(["check".to_owned()]);
    for file in SAID {
        let text = fs::read_to_string(sourcing.join(file)).unwrap();
        for item in ["struct ", "enum ", "fn ", "const "] {
            known.extend(text.split(&format!("\npub {item}")).skip(1).map(name));
        }
    }
    let mut faults = Vec::new();
    let mut files = 0;
    for (file, text) in sources() {
        if !file.starts_with("src/sourcing/check") {
            continue;
        }
        files += 1;
        let modules = imported(&text);
        for module in
            modules.iter().filter(|it| !["money", "tariff", "sourcing"].contains(&it.as_str()))
        {
            faults.push(format!("{}: `{module}`", file.display()));
        }
        for item in named_after(&text, "crate::sourcing::").difference(&known) {
            faults.push(format!("{}: `sourcing::{item}`", file.display()));
        }
        // Every other way up.
        for path in ["super::super", "crate::sourcing;", "crate::sourcing as", "crate::{"] {
            if text.contains(path) {
                faults.push(format!("{}: `{path}`", file.display()));
            }
        }
        if file.ends_with("mod.rs") && text.contains("super::") {
            faults.push(format!("{}: `super` is what makes plans", file.display()));
        }
    }
    assert!(files > 10, "only {files} files of the check were found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_module_is_in_the_map() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (module, _) in MAY_IMPORT {
        assert!(map.contains(&format!("`{module}`")), "ARCHITECTURE.md does not name `{module}`");
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(root()).unwrap().to_path_buf(), text));
            }
        }
    }
    assert!(files.len() > 40, "only {} sources were found", files.len());
    files
}

/// A text without its comments.
fn code(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Whether a text holds a word.
fn says(code: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    code.split(|c| !is_word(c)).any(|found| found == word)
}

/// Top-level module of a file; none for the crate's own two files.
fn module_of(file: &Path) -> Option<String> {
    let within = file.strip_prefix("src").unwrap();
    let first = within.components().next()?.as_os_str().to_string_lossy().into_owned();
    let name = first.trim_end_matches(".rs").to_owned();
    (!matches!(name.as_str(), "lib" | "main")).then_some(name)
}

/// Top-level modules a file names after `crate::`, in groups as well.
fn imported(text: &str) -> BTreeSet<String> {
    named_after(text, "crate::")
}

/// Names a file gives right after a path, in groups as well.
fn named_after(text: &str, path: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rest in text.split(path).skip(1) {
        let group = rest.strip_prefix('{').and_then(|rest| rest.split_once("};"));
        let found: Vec<&str> = match group {
            Some((group, _)) => top_level(group),
            None => vec![rest],
        };
        names.extend(found.into_iter().map(name));
    }
    names.remove("");
    names
}

/// The name a text begins with.
fn name(text: &str) -> String {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text[..end].to_owned()
}

/// Elements of a braced group at its first level.
fn top_level(group: &str) -> Vec<&str> {
    let mut depth = 0;
    let mut start = 0;
    let mut elements = Vec::new();
    for (place, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                elements.push(group[start..place].trim());
                start = place + 1;
            }
            _ => {}
        }
    }
    elements.push(group[start..].trim());
    elements
}
