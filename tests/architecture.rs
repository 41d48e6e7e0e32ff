//! Arrows run one way: what a module may import is written here, and nothing
//! else compiles past this test.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module of the crate with the modules of the crate it may import.
const MAY_IMPORT: [(&str, &[&str]); 12] = [
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
    ("grpc", &["app", "money", "proto", "settings", "sourcing", "tariff", "telemetry"]),
    (
        "command",
        &[
            "app",
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
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .flat_map(|line| [line, "\n"])
            .collect();
        for word in IMPURE {
            let uses = [format!("use {word}"), format!("{word}::"), format!("{word}(")];
            if uses.iter().any(|used| code.contains(used.as_str())) {
                faults.push(format!("{}: `{word}`", file.display()));
            }
        }
        for float in ["f32", "f64"] {
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if code.split(|c| !is_word(c)).any(|word| word == float) {
                faults.push(format!("{}: binary floating point", file.display()));
            }
        }
    }
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

/// Top-level module of a file; none for the crate's own two files.
fn module_of(file: &Path) -> Option<String> {
    let within = file.strip_prefix("src").unwrap();
    let first = within.components().next()?.as_os_str().to_string_lossy().into_owned();
    let name = first.trim_end_matches(".rs").to_owned();
    (!matches!(name.as_str(), "lib" | "main")).then_some(name)
}

/// Top-level modules a file names after `crate::`, in groups as well.
fn imported(text: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        let group = rest.strip_prefix('{').and_then(|rest| rest.split_once("};"));
        let names: Vec<&str> = match group {
            Some((group, _)) => top_level(group),
            None => vec![rest],
        };
        for name in names {
            let end =
                name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
            modules.insert(name[..end].to_owned());
        }
    }
    modules.remove("");
    modules
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
