//! The text of a file, packed with gzip or plain.

use super::InstanceFault;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Largest file read, unpacked. The largest published ones take 4 MB.
const MOST_BYTES: u64 = 256 << 20;

/// The text of a file; unpacked if its name ends in `.gz`. A byte that is not
/// UTF-8 becomes U+FFFD, for the reader of the word to refuse.
pub(super) fn file_text(path: &Path) -> Result<String, InstanceFault> {
    let file = BufReader::new(File::open(path)?);
    let packed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    let reader: Box<dyn Read> =
        if packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut bytes = Vec::new();
    let most = usize::try_from(MOST_BYTES).unwrap_or(usize::MAX);
    if reader.take(MOST_BYTES + 1).read_to_end(&mut bytes)? > most {
        return Err(InstanceFault::TooLarge(MOST_BYTES));
    }
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}
