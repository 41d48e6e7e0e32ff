//! What is wrong with the settings, all of it at once.

use std::fmt;

/// One setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFault {
    /// Path of the key, such as `server.listen`; for a file that cannot be read, the file's path.
    pub key: String,
    /// Where the value came from: a file's path or the name of an environment variable.
    /// `None` if the fault lies in no single source.
    pub origin: Option<String>,
    /// What is wrong, as a clause that follows the key.
    pub problem: String,
}

impl fmt::Display for SettingsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, origin, problem } = self;
        match origin {
            Some(origin) => write!(f, "{key} (from {origin}): {problem}"),
            None => write!(f, "{key}: {problem}"),
        }
    }
}

/// Every fault found in one attempt to load the settings; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFaults(pub(super) Vec<SettingsFault>);

impl SettingsFaults {
    /// The faults, in the order in which the keys are read; unknown keys come last.
    pub fn iter(&self) -> impl Iterator<Item = &SettingsFault> {
        self.0.iter()
    }
}

impl fmt::Display for SettingsFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => write!(f, "one setting is at fault: {only}"),
            all => {
                write!(f, "{} settings are at fault:", all.len())?;
                all.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
            }
        }
    }
}

impl std::error::Error for SettingsFaults {}
