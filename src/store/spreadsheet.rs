//! Spreadsheets as rows of cells: CSV, plain or packed with gzip.

use csv::{ByteRecord, ReaderBuilder};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// Largest file read, unpacked. A whole tariff takes four megabytes.
const MOST_BYTES: u64 = 256 << 20;

/// A spreadsheet that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {cause}")]
pub struct SheetError {
    path: PathBuf,
    cause: csv::Error,
}

/// Rows of a `.csv` or `.csv.gz` file, the header among them. A byte that is
/// not UTF-8 becomes U+FFFD, for the reader of the cell to refuse.
///
/// # Errors
/// [`SheetError`].
pub fn read_spreadsheet(path: &Path) -> Result<Vec<Vec<String>>, SheetError> {
    let failed = |cause| SheetError { path: path.to_path_buf(), cause };
    let file = File::open(path).map_err(|cause| failed(cause.into()))?;
    let file = BufReader::new(file);
    let packed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    let text: Box<dyn Read> =
        if packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    // Rows of unequal length are the sheet's business: missing cells are empty.
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.take(MOST_BYTES));
    let mut rows = Vec::new();
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(failed)? {
        rows.push(record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect());
    }
    Ok(rows)
}
