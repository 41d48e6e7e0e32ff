//! From files to a [`Schedule`]: everything is parsed, every reference
//! resolved, every fault reported at once.

use super::tables::{ImporterFile, ScheduleHead};
use super::tariff::TariffBuilder;
use crate::tariff::schedule::{Revision, Schedule};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The files of a schedule by path, with forward slashes: `schedule.toml` and
/// `{importer}/*.toml`. Reading them is somebody else's work.
pub type ScheduleFiles = BTreeMap<String, String>;

/// A fault in a schedule's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleFault {
    /// The file.
    pub file: String,
    /// The table in it, such as `measure us-232-autos-01`; may be empty.
    pub item: String,
    /// One sentence.
    pub message: String,
}

impl fmt::Display for ScheduleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.item.is_empty() {
            write!(f, "{}: {}", self.file, self.message)
        } else {
            write!(f, "{}: {}: {}", self.file, self.item, self.message)
        }
    }
}

/// Id of the schedule the files add to, where they do.
///
/// # Errors
/// A fault where `schedule.toml` is missing or malformed.
pub fn base_of(files: &ScheduleFiles) -> Result<Option<String>, ScheduleFault> {
    head(files).map(|head| head.extends)
}

fn head(files: &ScheduleFiles) -> Result<ScheduleHead, ScheduleFault> {
    let fault = |message: String| ScheduleFault {
        file: "schedule.toml".to_owned(),
        item: String::new(),
        message,
    };
    let text = files.get("schedule.toml").ok_or_else(|| fault("the file is missing".to_owned()))?;
    toml::from_str(text).map_err(|error| fault(error.to_string()))
}

impl Schedule {
    /// Builds a revision from its files. Where they extend another schedule,
    /// `base` holds that one's files: both are read as one, and the revision
    /// covers both.
    ///
    /// # Errors
    /// Every fault found, at least one.
    pub fn from_files(
        files: &ScheduleFiles,
        base: Option<&ScheduleFiles>,
    ) -> Result<Self, Vec<ScheduleFault>> {
        let head = head(files).map_err(|fault| vec![fault])?;
        let mut faults = Vec::new();
        let mut hash = Sha256::new();
        let mut builders: BTreeMap<&str, TariffBuilder> = BTreeMap::new();
        let layers = base.into_iter().map(|base| ("base/", base)).chain([("", files)]);
        for (layer, (path, text)) in
            layers.flat_map(|(layer, files)| files.iter().map(move |file| (layer, file)))
        {
            let name = format!("{layer}{path}");
            // Lengths go in with the contents, or moving text from the end of
            // one file to the start of the next would keep the revision.
            hash.update((name.len() as u64).to_be_bytes());
            hash.update(&name);
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
            let Some((importer, _)) = path.split_once('/') else { continue };
            let builder = builders.entry(importer).or_default();
            match toml::from_str::<ImporterFile>(text) {
                Ok(file) => builder.add(name, file),
                Err(error) => faults.push(ScheduleFault {
                    file: name,
                    item: String::new(),
                    message: error.to_string().trim_end().replace('\n', " | "),
                }),
            }
        }
        let mut tariffs = BTreeMap::new();
        if faults.is_empty() {
            for builder in builders.into_values() {
                match builder.build() {
                    Ok(tariff) => {
                        tariffs.insert(tariff.region, Arc::new(tariff));
                    }
                    Err(more) => faults.extend(more),
                }
            }
        }
        let as_of = head.as_of.parse().map_err(|_| ScheduleFault {
            file: "schedule.toml".to_owned(),
            item: String::new(),
            message: format!("as_of: `{}` is not a date", head.as_of),
        });
        let digest = hash.finalize();
        match as_of {
            Ok(as_of) if faults.is_empty() => Ok(Self {
                name: format!("schedules/{}@{}", head.id, Revision::of(&digest)),
                id: head.id,
                title: head.title,
                revision: Revision::of(&digest),
                as_of,
                tariffs,
            }),
            Ok(_) => Err(faults),
            Err(fault) => {
                faults.push(fault);
                Err(faults)
            }
        }
    }
}

impl Revision {
    /// The start of a digest: enough to tell revisions apart, short enough to
    /// read out.
    fn of(digest: &[u8]) -> Self {
        let mut start = [0; 6];
        for (kept, byte) in start.iter_mut().zip(digest) {
            *kept = *byte;
        }
        Self(start)
    }
}
