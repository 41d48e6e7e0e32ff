//! Which instances `portolan bench` is asked for.

use super::Failure;
use crate::instances::{
    Instance, InstanceFault, InstanceFormat, Manifest, ManifestEntry, read_instance,
};
use crate::sourcing::Formulation;
use clap::Args;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct InstanceArguments {
    /// List of instances with their formats and capacities; files not in it are
    /// read as the other flags say.
    #[arg(long, value_name = "MANIFEST.json")]
    manifest: Option<PathBuf>,
    /// Format: sourcing-problem/1, cflp-cap, cflp-hr, ufl-cap, sscflp-hr or
    /// sscflp-tbed; told by the content of a JSON file.
    #[arg(long, value_name = "FORMAT")]
    format: Option<InstanceFormat>,
    /// Capacity where a file leaves it open.
    #[arg(long, value_name = "UNITS")]
    capacity: Option<Decimal>,
}

/// An instance asked for.
pub(super) struct InstanceFile {
    /// What it is called in the answer.
    pub(super) name: String,
    /// Its file.
    path: PathBuf,
    /// Its format, if one is named: one nobody here reads, perhaps.
    format: Option<String>,
    /// Capacity where the file leaves it open.
    capacity: Option<Decimal>,
}

impl InstanceFile {
    pub(super) fn read(&self) -> Result<Instance, InstanceFault> {
        let format = self.format.as_deref().map(str::parse).transpose()?;
        read_instance(&self.path, format, self.capacity)
    }
}

impl InstanceArguments {
    /// The instances of the paths, in their order; all of the list where there
    /// are none.
    pub(super) fn files(&self, paths: &[PathBuf]) -> Result<Vec<InstanceFile>, Failure> {
        let read = |path: &PathBuf| {
            Manifest::read(path).map_err(|fault| format!("{}: {fault}", path.display()))
        };
        let manifest = self.manifest.as_ref().map(read).transpose()?;
        let mut files = Vec::new();
        for path in paths {
            let listed = manifest.as_ref().map(|manifest| manifest.under(path)).unwrap_or_default();
            if !listed.is_empty() {
                files.extend(listed.into_iter().map(of_entry));
            } else if path.is_dir() {
                files.extend(files_in(path)?.into_iter().map(|path| self.of_path(path)));
            } else {
                files.push(self.of_path(path.clone()));
            }
        }
        if paths.is_empty() {
            let manifest = manifest.ok_or("name files, folders or a manifest")?;
            files.extend(manifest.entries.iter().map(of_entry));
        }
        Ok(files)
    }

    fn of_path(&self, path: PathBuf) -> InstanceFile {
        InstanceFile {
            name: name(&path),
            path,
            format: self.format.map(|format| format.name().to_owned()),
            capacity: self.capacity,
        }
    }
}

/// One unit of the program's cost in the unit others state costs of the
/// instance in.
pub(super) fn program_unit(formulation: &Formulation, instance: &Instance) -> Decimal {
    // A power of ten, and so exact.
    let money = Decimal::from_f64(formulation.money_unit()).unwrap_or(Decimal::ONE);
    money.checked_div(instance.cost_unit).unwrap_or(money)
}

fn of_entry(entry: &ManifestEntry) -> InstanceFile {
    InstanceFile {
        name: entry.id.clone(),
        path: entry.path.clone(),
        format: Some(entry.format.clone()),
        capacity: entry.capacity,
    }
}

/// A file's name without what tells that it is packed or JSON.
fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.strip_suffix(".json").unwrap_or(name).to_owned()
}

/// Files that lie in a folder itself, by name.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_its_name() {
        assert_eq!(name(Path::new("a/cap41.gz")), "cap41");
        assert_eq!(name(Path::new("small-1.json.gz")), "small-1");
        assert_eq!(name(Path::new("capa")), "capa");
    }
}
