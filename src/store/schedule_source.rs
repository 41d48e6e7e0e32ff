//! Reads schedule files and builds the schedules.

use crate::tariff::{Schedule, ScheduleFault, ScheduleFiles, base_of};
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file every schedule has.
const HEAD: &str = "schedule.toml";

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
    /// A folder does not hold the one schedule looked for.
    #[error("{folder}: holds {held}")]
    NotOne {
        /// Which.
        folder: PathBuf,
        /// What it holds.
        held: &'static str,
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

/// Schedules each on its own, by folder: sound, or with every fault.
pub type CheckedSchedules = BTreeMap<String, Result<Schedule, Vec<ScheduleFault>>>;

/// The schedules of a folder, or the bundled ones, each on its own: one that
/// is faulty does not hide the faults of the next. The folder may be that of
/// one schedule.
///
/// # Errors
/// [`LoadError::Unreadable`].
pub fn checked_schedules(folder: Option<&Path>) -> Result<CheckedSchedules, LoadError> {
    let bundled = bundled_files();
    let Some(folder) = folder else { return Ok(check(&bundled, &BTreeMap::new())) };
    // Of `.` the name, and what lies beside it, are wanted too.
    let folder = &folder
        .canonicalize()
        .map_err(|cause| LoadError::Unreadable { path: folder.to_path_buf(), cause })?;
    let single = folder.join(HEAD).is_file();
    let sources = if single { single_files(folder)? } else { folder_files(folder)? };
    let mut others = bundled;
    if single && let Some(siblings) = folder.parent().filter(|path| path.is_dir()) {
        others.extend(base_files(&sources, siblings)?);
    }
    Ok(check(&sources, &others))
}

/// The one schedule of a folder, or of a folder of schedules that holds one.
///
/// # Errors
/// [`LoadError`].
pub fn schedule_in(folder: &Path) -> Result<Schedule, LoadError> {
    let mut checked = checked_schedules(Some(folder))?.into_iter();
    match (checked.next(), checked.next()) {
        (Some((schedule, found)), None) => {
            found.map_err(|faults| LoadError::Faulty { schedule, faults })
        }
        (first, _) => Err(LoadError::NotOne {
            folder: folder.to_path_buf(),
            held: if first.is_some() { "several schedules: name one" } else { "no schedule" },
        }),
    }
}

fn build(
    sources: &BTreeMap<String, ScheduleFiles>,
    others: &BTreeMap<String, ScheduleFiles>,
) -> Result<BTreeMap<String, Schedule>, LoadError> {
    let mut schedules = BTreeMap::new();
    for (name, files) in sources {
        let schedule = build_one(name, files, sources, others)
            .map_err(|faults| LoadError::Faulty { schedule: name.clone(), faults })?;
        schedules.insert(schedule.id.clone(), schedule);
    }
    Ok(schedules)
}

fn check(
    sources: &BTreeMap<String, ScheduleFiles>,
    others: &BTreeMap<String, ScheduleFiles>,
) -> CheckedSchedules {
    let built = |(name, files): (&String, &ScheduleFiles)| {
        (name.clone(), build_one(name, files, sources, others))
    };
    sources.iter().map(built).collect()
}

fn build_one(
    name: &str,
    files: &ScheduleFiles,
    sources: &BTreeMap<String, ScheduleFiles>,
    others: &BTreeMap<String, ScheduleFiles>,
) -> Result<Schedule, Vec<ScheduleFault>> {
    let base = match base_of(files).map_err(|fault| vec![fault])? {
        None => None,
        Some(base) => match sources.get(&base).filter(|_| base != *name).or(others.get(&base)) {
            Some(base) => Some(base),
            None => {
                return Err(vec![ScheduleFault {
                    file: HEAD.to_owned(),
                    item: String::new(),
                    message: format!("extends: there is no schedule `{base}`"),
                }]);
            }
        },
    };
    Schedule::from_files(files, base)
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
        if let Some(name) = name_of(&schedule).filter(|name| !name.starts_with('.')) {
            sources.insert(name, schedule_files(&schedule)?);
        }
    }
    Ok(sources)
}

/// The files of a folder that is one schedule, by its name.
fn single_files(folder: &Path) -> Result<BTreeMap<String, ScheduleFiles>, LoadError> {
    let name = name_of(folder).unwrap_or_else(|| ".".to_owned());
    Ok(BTreeMap::from([(name, schedule_files(folder)?)]))
}

/// The files of the schedule that the one source extends, where it lies beside
/// it: the neighbours that are not asked about are not read.
fn base_files(
    sources: &BTreeMap<String, ScheduleFiles>,
    siblings: &Path,
) -> Result<BTreeMap<String, ScheduleFiles>, LoadError> {
    let base = sources.values().find_map(|files| base_of(files).ok().flatten());
    let plain = |name: &String| !name.is_empty() && !name.contains(['/', '\\', '.']);
    match base.filter(plain).map(|name| siblings.join(name)) {
        Some(folder) if folder.join(HEAD).is_file() => single_files(&folder),
        _ => Ok(BTreeMap::new()),
    }
}

fn name_of(folder: &Path) -> Option<String> {
    folder.file_name().map(|name| name.to_string_lossy().into_owned())
}

fn schedule_files(schedule: &Path) -> Result<ScheduleFiles, LoadError> {
    let mut files = ScheduleFiles::new();
    for path in children(schedule)? {
        let within = if path.is_dir() { children(&path)? } else { vec![path] };
        for file in within.into_iter().filter(|path| is_toml(path)) {
            let text = fs::read_to_string(&file)
                .map_err(|cause| LoadError::Unreadable { path: file.clone(), cause })?;
            if let Ok(path) = file.strip_prefix(schedule) {
                files.insert(path.to_string_lossy().replace('\\', "/"), text);
            }
        }
    }
    Ok(files)
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
