//! Reads schedule files and builds the schedules.

use crate::tariff::{Schedule, ScheduleFault, ScheduleFiles, base_of};
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

static BUNDLED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/data/schedules");

/// Why schedules could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder cannot be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A schedule is faulty.
    #[error("schedule `{schedule}`:\n{}", Lines(.faults))]
    Faulty {
        /// Its folder.
        schedule: String,
        /// Every fault.
        faults: Vec<ScheduleFault>,
    },
}

struct Lines<'a>(&'a [ScheduleFault]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in self.0 {
            writeln!(f, "  {fault}")?;
        }
        Ok(())
    }
}

/// The schedules embedded in the binary, by id.
///
/// # Errors
/// [`LoadError::Faulty`].
pub fn bundled_schedules() -> Result<BTreeMap<String, Schedule>, LoadError> {
    build(&bundled_files(), &BTreeMap::new())
}

/// The schedules of a folder, one a sub-folder. One that extends another reads
/// it from the folder or, failing that, from the bundled ones.
///
/// # Errors
/// [`LoadError`].
pub fn folder_schedules(folder: &Path) -> Result<BTreeMap<String, Schedule>, LoadError> {
    build(&folder_files(folder)?, &bundled_files())
}

/// The bundled schedules and those of the folder, where one is given. Of two
/// with one id the folder's counts.
///
/// # Errors
/// [`LoadError`].
pub fn load_schedules(folder: Option<&Path>) -> Result<BTreeMap<String, Schedule>, LoadError> {
    let mut schedules = bundled_schedules()?;
    if let Some(folder) = folder {
        schedules.extend(folder_schedules(folder)?);
    }
    Ok(schedules)
}

fn build(
    sources: &BTreeMap<String, ScheduleFiles>,
    others: &BTreeMap<String, ScheduleFiles>,
) -> Result<BTreeMap<String, Schedule>, LoadError> {
    let mut schedules = BTreeMap::new();
    for (name, files) in sources {
        let faulty = |faults| LoadError::Faulty { schedule: name.clone(), faults };
        let base = match base_of(files).map_err(|fault| faulty(vec![fault]))? {
            None => None,
            Some(base) => {
                match sources.get(&base).filter(|_| base != *name).or(others.get(&base)) {
                    Some(base) => Some(base),
                    None => {
                        return Err(faulty(vec![ScheduleFault {
                            file: "schedule.toml".to_owned(),
                            item: String::new(),
                            message: format!("extends: there is no schedule `{base}`"),
                        }]));
                    }
                }
            }
        };
        let schedule = Schedule::from_files(files, base).map_err(faulty)?;
        schedules.insert(schedule.id.clone(), schedule);
    }
    Ok(schedules)
}

fn bundled_files() -> BTreeMap<String, ScheduleFiles> {
    let mut sources = BTreeMap::new();
    for schedule in BUNDLED.dirs() {
        let name = schedule.path().to_string_lossy().into_owned();
        let mut files = ScheduleFiles::new();
        let mut folders = vec![schedule];
        while let Some(folder) = folders.pop() {
            folders.extend(folder.dirs());
            for file in folder.files() {
                let Ok(path) = file.path().strip_prefix(&name) else { continue };
                let path = path.to_string_lossy().replace('\\', "/");
                if let (true, Some(text)) = (is_toml(file.path()), file.contents_utf8()) {
                    files.insert(path, text.to_owned());
                }
            }
        }
        sources.insert(name, files);
    }
    sources
}

fn folder_files(folder: &Path) -> Result<BTreeMap<String, ScheduleFiles>, LoadError> {
    let mut sources = BTreeMap::new();
    for schedule in children(folder)?.into_iter().filter(|path| path.is_dir()) {
        // A mounted ConfigMap holds hidden folders beside the real ones.
        let Some(name) = schedule.file_name().map(|name| name.to_string_lossy().into_owned())
        else {
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        let mut files = ScheduleFiles::new();
        for path in children(&schedule)? {
            let within = if path.is_dir() { children(&path)? } else { vec![path] };
            for file in within.into_iter().filter(|path| is_toml(path)) {
                let text = fs::read_to_string(&file)
                    .map_err(|cause| LoadError::Unreadable { path: file.clone(), cause })?;
                if let Ok(path) = file.strip_prefix(&schedule) {
                    files.insert(path.to_string_lossy().replace('\\', "/"), text);
                }
            }
        }
        sources.insert(name, files);
    }
    Ok(sources)
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let unreadable = |cause| LoadError::Unreadable { path: folder.to_path_buf(), cause };
    let mut paths = fs::read_dir(folder)
        .map_err(unreadable)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable)?;
    paths.sort();
    Ok(paths)
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}
