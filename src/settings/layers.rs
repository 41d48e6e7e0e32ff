//! The layers of settings, flattened to one value per key, and the typed reading of them.

use std::{
    collections::BTreeMap,
    fmt,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use config::{Environment, File, FileFormat, Map, Source, Value, ValueKind};

use super::faults::{SettingsFault, SettingsFaults};

/// What every environment variable meant for Portolan begins with, before the separator.
const PREFIX: &str = "PORTOLAN";
/// What separates prefix, section and key in the name of a variable.
const SEPARATOR: &str = "__";

/// Where a value came from.
#[derive(Clone, Debug)]
enum Origin {
    Defaults,
    File(PathBuf),
    Environment,
}

impl Origin {
    fn name(&self, key: &str) -> Option<String> {
        match self {
            Self::Defaults => None,
            Self::File(path) => Some(path.display().to_string()),
            Self::Environment => Some(variable(key)),
        }
    }
}

/// The environment variable that sets `key`.
fn variable(key: &str) -> String {
    format!("{PREFIX}{SEPARATOR}{}", key.replace('.', SEPARATOR).to_uppercase())
}

struct Leaf {
    kind: ValueKind,
    origin: Origin,
}

/// One value per key path, later layers over earlier ones, and the faults found so far.
///
/// Merged here rather than by `config`, whose merge lets `server = 5` in a file swallow the
/// whole section: the user would then read of a dozen missing keys and not of the one mistake.
#[derive(Default)]
pub(super) struct Layers {
    leaves: BTreeMap<String, Leaf>,
    faults: Vec<SettingsFault>,
}

impl Layers {
    /// Adds the embedded defaults.
    pub(super) fn defaults(&mut self, text: &str) {
        self.toml(text, &Origin::Defaults, "defaults");
    }

    /// Adds a TOML file; one that cannot be read or parsed is a fault.
    pub(super) fn file(&mut self, path: &Path) {
        let name = path.display().to_string();
        // Read here because `config` would also try the name with other extensions.
        match std::fs::read_to_string(path) {
            Ok(text) => self.toml(&text, &Origin::File(path.to_owned()), &name),
            Err(error) => self.fault(name, None, format!("cannot be read: {error}")),
        }
    }

    /// Adds the variables that begin with the prefix; the others are not looked at.
    pub(super) fn environment(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        let source = Environment::with_prefix(PREFIX)
            .separator(SEPARATOR)
            .source(Some(variables.into_iter().collect()));
        match source.collect() {
            Ok(values) => self.merge("", values, &Origin::Environment),
            Err(error) => self.fault(PREFIX.to_owned(), None, error.to_string()),
        }
    }

    /// Notes a variable of ours whose value is not Unicode.
    pub(super) fn unreadable_variable(&mut self, name: &str) {
        self.fault(name.to_owned(), None, "is not valid Unicode".to_owned());
    }

    fn toml(&mut self, text: &str, origin: &Origin, name: &str) {
        match File::from_str(text, FileFormat::Toml).collect() {
            Ok(values) => self.merge("", values, origin),
            Err(error) => self.fault(name.to_owned(), None, error.to_string()),
        }
    }

    fn merge(&mut self, section: &str, values: Map<String, Value>, origin: &Origin) {
        for (key, value) in values {
            let path = if section.is_empty() { key } else { format!("{section}.{key}") };
            match value.kind {
                ValueKind::Table(inner) => self.merge(&path, inner, origin),
                kind => {
                    self.leaves.insert(path, Leaf { kind, origin: origin.clone() });
                }
            }
        }
    }

    fn fault(&mut self, key: String, origin: Option<String>, problem: String) {
        self.faults.push(SettingsFault { key, origin, problem });
    }

    /// Notes a fault between two keys that are each in order.
    pub(super) fn conflict(&mut self, key: &str, problem: String) {
        self.fault(key.to_owned(), None, problem);
    }

    /// A whole number within `bounds`.
    pub(super) fn number<T>(&mut self, key: &str, bounds: RangeInclusive<T>) -> Option<T>
    where
        T: FromStr + TryFrom<i128> + PartialOrd + fmt::Display,
    {
        let expected = || format!("a whole number from {} to {}", bounds.start(), bounds.end());
        self.read(key, |leaf| {
            let number = match &leaf.kind {
                ValueKind::I64(n) => T::try_from((*n).into()).ok(),
                ValueKind::U64(n) => T::try_from((*n).into()).ok(),
                ValueKind::I128(n) => T::try_from(*n).ok(),
                // The environment knows only text; a file can and must write a number.
                ValueKind::String(text) if matches!(leaf.origin, Origin::Environment) => {
                    text.parse().ok()
                }
                _ => None,
            };
            number.filter(|n| bounds.contains(n)).ok_or_else(|| format!("must be {}", expected()))
        })
    }

    /// A duration written in whole milliseconds within `bounds`.
    pub(super) fn millis(&mut self, key: &str, bounds: RangeInclusive<u64>) -> Option<Duration> {
        self.number(key, bounds).map(Duration::from_millis)
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        self.read(key, |leaf| match &leaf.kind {
            ValueKind::Boolean(flag) => Ok(*flag),
            ValueKind::String(text) if matches!(leaf.origin, Origin::Environment) => {
                text.parse().map_err(|_| "must be true or false".to_owned())
            }
            _ => Err("must be true or false".to_owned()),
        })
    }

    /// A text that `parse` accepts; the error of `parse` is the fault's problem.
    pub(super) fn text<T>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.read(key, |leaf| match &leaf.kind {
            ValueKind::String(text) => parse(text),
            _ => Err("must be a string".to_owned()),
        })
    }

    /// As [`Layers::text`] for a key that may be unset. An empty text unsets it, so that the
    /// environment can take back what a file says. `None` is no fault by itself; one that
    /// `parse` finds is noted.
    pub(super) fn optional_text<T>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        if !self.leaves.contains_key(key) {
            return None;
        }
        let parse = |text: &str| (!text.is_empty()).then(|| parse(text)).transpose();
        self.text(key, parse).flatten()
    }

    fn read<T>(&mut self, key: &str, take: impl FnOnce(&Leaf) -> Result<T, String>) -> Option<T> {
        let Some(leaf) = self.leaves.remove(key) else {
            self.fault(key.to_owned(), None, "has no value".to_owned());
            return None;
        };
        match take(&leaf) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.fault(key.to_owned(), leaf.origin.name(key), problem);
                None
            }
        }
    }

    /// Counts every key that nobody read as a fault and hands back `read` if there is none.
    pub(super) fn finish<T>(mut self, read: Option<T>) -> Result<T, SettingsFaults> {
        for (key, leaf) in std::mem::take(&mut self.leaves) {
            let origin = leaf.origin.name(&key);
            self.fault(key, origin, "is not a setting".to_owned());
        }
        match read {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(SettingsFaults(self.faults)),
        }
    }
}
