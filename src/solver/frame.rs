//! What the server and a solver process say to each other.
//!
//! A frame is a length in bytes, 32 bits, little-endian, and a message of that length in postcard.

use super::order::{SolveEvent, SolveOrder, SolveOutcome};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::io::{self, ErrorKind, Read, Write};

/// Bytes of a frame before the message.
pub(super) const HEADER: usize = size_of::<u32>();

/// Said by the server. An order is named by a number that no other order to the process has, so
/// that a request to stop it which comes late does not stop the next.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// Solve this.
    Order(u64, Box<SolveOrder>),
    /// Stop solving the order of this number.
    Cancel(u64),
}

/// Said by a solver process, of the order last taken.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    /// Something happened.
    Event(SolveEvent),
    /// The solve has ended; nothing more follows on its order.
    Outcome(Box<SolveOutcome>),
}

/// A message as a frame.
///
/// # Errors
/// `InvalidData` if the message is longer than `max` bytes; the error tells its length.
pub(super) fn encode(message: &impl Serialize, max: usize) -> io::Result<Vec<u8>> {
    let frame = postcard::to_extend(message, vec![0; HEADER])
        .map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
    let length = frame.len() - HEADER;
    let header = u32::try_from(length).ok().filter(|_| length <= max).ok_or_else(|| {
        io::Error::new(ErrorKind::InvalidData, format!("{length} bytes, {max} are allowed"))
    })?;
    let mut frame = frame;
    frame[..HEADER].copy_from_slice(&header.to_le_bytes());
    Ok(frame)
}

/// The message of a frame.
///
/// # Errors
/// `InvalidData` if the bytes are not such a message.
pub(super) fn decode<T: DeserializeOwned>(message: &[u8]) -> io::Result<T> {
    postcard::from_bytes(message).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

/// Writes a message and sees to it that it is on its way.
pub(super) fn write(to: &mut impl Write, message: &impl Serialize, max: usize) -> io::Result<()> {
    to.write_all(&encode(message, max)?)?;
    to.flush()
}

/// Reads a message; `None` at the end of the stream.
///
/// # Errors
/// What reading fails with; `UnexpectedEof` if the stream ends within a frame; `InvalidData` if
/// the frame is longer than `max` bytes or holds something else.
pub(super) fn read<T: DeserializeOwned>(from: &mut impl Read, max: usize) -> io::Result<Option<T>> {
    let mut header = [0; HEADER];
    if from.read(&mut header[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut header[1..])?;
    let length = usize::try_from(u32::from_le_bytes(header)).unwrap_or(usize::MAX);
    if length > max {
        let problem = format!("{length} bytes, {max} are allowed");
        return Err(io::Error::new(ErrorKind::InvalidData, problem));
    }
    let mut message = vec![0; length];
    from.read_exact(&mut message)?;
    decode(&message).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        write(&mut bytes, &Request::Cancel(7), 64).unwrap();
        write(&mut bytes, &Request::Cancel(8), 64).unwrap();
        let mut stream = bytes.as_slice();
        for number in [7, 8] {
            let read: Option<Request> = read(&mut stream, 64).unwrap();
            assert!(matches!(read, Some(Request::Cancel(found)) if found == number));
        }
        assert!(read::<Request>(&mut stream, 64).unwrap().is_none());
    }

    #[test]
    fn a_frame_cut_short_and_one_too_long_are_faults() {
        let mut bytes = Vec::new();
        write(&mut bytes, &"portolan", 64).unwrap();
        let cut = read::<String>(&mut &bytes[..bytes.len() - 1], 64).unwrap_err();
        assert_eq!(cut.kind(), ErrorKind::UnexpectedEof);
        let long = read::<String>(&mut bytes.as_slice(), 4).unwrap_err();
        assert_eq!(long.kind(), ErrorKind::InvalidData);
        assert_eq!(encode(&"portolan", 4).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}
