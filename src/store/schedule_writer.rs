//! Writes the files of a new schedule.

use crate::tariff::ScheduleFiles;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why a schedule was not written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {cause}")]
pub struct WriteError {
    path: PathBuf,
    cause: io::Error,
}

/// Writes the files into a new sub-folder of `folder`, which may be there; the
/// sub-folder may not.
///
/// # Errors
/// [`WriteError`].
pub fn write_schedule(
    folder: &Path,
    id: &str,
    files: &ScheduleFiles,
) -> Result<PathBuf, WriteError> {
    let failed = |path: &Path, cause| WriteError { path: path.to_path_buf(), cause };
    let schedule = folder.join(id);
    fs::create_dir_all(folder).map_err(|cause| failed(folder, cause))?;
    fs::create_dir(&schedule).map_err(|cause| failed(&schedule, cause))?;
    for (name, text) in files {
        let path = schedule.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|cause| failed(parent, cause))?;
        }
        fs::write(&path, text).map_err(|cause| failed(&path, cause))?;
    }
    Ok(schedule)
}
