//! A list of instances: which files there are, and in which format.

use super::figures::Figure;
use super::file_text::file_text;
use super::{InstanceFault, InstanceFormat};
use rust_decimal::Decimal;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A list of instances, as `manifest.json` beside them.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Instances in the order of the list; a file may be several, each with a
    /// capacity of its own.
    pub entries: Vec<ManifestEntry>,
}

/// An instance of a list.
#[derive(Clone, Debug)]
pub struct ManifestEntry {
    /// Id.
    pub id: String,
    /// The collection it belongs to.
    pub family: String,
    /// Its file.
    pub path: PathBuf,
    /// Name of its format: one nobody here reads, perhaps.
    pub format: String,
    /// Capacity where the file leaves it open.
    pub capacity: Option<Decimal>,
    /// Optimum, or best value known, as published.
    pub published: Option<Decimal>,
}

impl ManifestEntry {
    /// The format, if it is one that can be read.
    ///
    /// # Errors
    /// [`InstanceFault::FormatNotSupported`].
    pub fn instance_format(&self) -> Result<InstanceFormat, InstanceFault> {
        self.format.parse()
    }
}

#[derive(Deserialize)]
struct WrittenEntry {
    id: String,
    #[serde(default)]
    family: String,
    file: PathBuf,
    kind: String,
    #[serde(default)]
    capacity: Option<Figure>,
    #[serde(default)]
    published: Option<Figure>,
}

impl Manifest {
    /// Reads a list; its files are named from the folder it lies in.
    ///
    /// # Errors
    /// [`InstanceFault`].
    pub fn read(path: &Path) -> Result<Self, InstanceFault> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let written: Vec<WrittenEntry> = serde_json::from_str(&file_text(path)?)?;
        let entries = written.into_iter().map(|entry| ManifestEntry {
            id: entry.id,
            family: entry.family,
            path: folder.join(entry.file),
            format: entry.kind,
            capacity: entry.capacity.map(|figure| figure.0),
            published: entry.published.map(|figure| figure.0),
        });
        Ok(Self { entries: entries.collect() })
    }

    /// The instances of a file, or of the files in a folder.
    pub fn under(&self, path: &Path) -> Vec<&ManifestEntry> {
        // Two names of one file may differ; what they stand for does not.
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let path = real(path);
        self.entries.iter().filter(|entry| real(&entry.path).starts_with(&path)).collect()
    }
}
