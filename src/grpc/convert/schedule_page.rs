//! Pages of a list, and the tokens that lead from one to the next.

use crate::app::ScheduleDeskError;
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{Fault, Faults};
use crate::tariff::EntryFault;
use sha2::{Digest, Sha256};
use std::ops::Range;

const DEFAULT_SIZE: usize = 50;
const MOST_SIZE: usize = 1000;
/// Digits of a token: those of the question, then those of the place.
const QUESTION_DIGITS: usize = 16;
const PLACE_DIGITS: usize = 8;

/// What a list was asked for, in few digits: a token leads on only in the
/// list it was given with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Of everything that tells one list from another: the method, the
    /// revision, the filter.
    pub fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let start = hash.finalize().into_iter().take(8);
        Self(start.fold(0, |number, byte| number << 8 | u64::from(byte)))
    }
}

/// The page asked for.
#[derive(Clone, Debug)]
pub struct PageAsked {
    size: usize,
    token: Option<(Fingerprint, usize)>,
}

/// The page given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Places in the list.
    pub range: Range<usize>,
    /// Token of the next; empty on the last.
    pub next: String,
    /// Elements of the list.
    pub total: i32,
}

impl PageAsked {
    /// Reads size and token.
    pub(super) fn read(size: i32, token: &str, faults: &mut Faults) -> Self {
        let sized = match usize::try_from(size) {
            Ok(0) => Ok(DEFAULT_SIZE),
            Ok(size) => Ok(size.min(MOST_SIZE)),
            Err(_) => Err(Fault::new("OUT_OF_RANGE", format!("{size} is below zero"))),
        };
        let size = faults.check(&FieldPath::ROOT.field("page_size"), sized);
        let token = faults.check(&FieldPath::ROOT.field("page_token"), read_token(token));
        Self { size: size.unwrap_or(DEFAULT_SIZE), token: token.flatten() }
    }

    /// The page of a list of so many elements.
    ///
    /// # Errors
    /// A fault where the token was given with another list.
    pub fn of(&self, question: Fingerprint, total: usize) -> Result<Page, ScheduleDeskError> {
        let start = match &self.token {
            None => 0,
            Some((of, place)) if *of == question && *place < total => *place,
            Some(_) => {
                return Err(ScheduleDeskError::Faulty(vec![EntryFault {
                    field: "page_token".to_owned(),
                    reason: "PAGE_TOKEN_MISMATCH",
                    message: "was given for another question, or for a revision no longer held"
                        .to_owned(),
                }]));
            }
        };
        let end = total.min(start + self.size);
        let next =
            if end < total { format!("{:016x}{end:08x}", question.0) } else { String::new() };
        Ok(Page { range: start..end, next, total: i32::try_from(total).unwrap_or(i32::MAX) })
    }
}

/// A token's question and place; nothing of an empty one.
fn read_token(token: &str) -> Result<Option<(Fingerprint, usize)>, Fault> {
    if token.is_empty() {
        return Ok(None);
    }
    let plain = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let whole = token.len() == QUESTION_DIGITS + PLACE_DIGITS && token.chars().all(plain);
    let read = || {
        let (question, place) = whole.then(|| token.split_at(QUESTION_DIGITS))?;
        let question = u64::from_str_radix(question, 16).ok()?;
        Some((Fingerprint(question), usize::from_str_radix(place, 16).ok()?))
    };
    let malformed = || Fault::new("MALFORMED_PAGE_TOKEN", "is not a token of this service");
    read().map(Some).ok_or_else(malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(size: i32, token: &str) -> (PageAsked, usize) {
        let mut faults = Faults::default();
        let page = PageAsked::read(size, token, &mut faults);
        (page, faults.0.len())
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let question = Fingerprint::of(&["list", "a"]);
        let mut token = String::new();
        let mut seen = Vec::new();
        loop {
            let page = asked(3, &token).0.of(question, 7).unwrap();
            seen.extend(page.range);
            token = page.next;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, (0..7).collect::<Vec<_>>());
    }

    #[test]
    fn sizes_have_bounds_and_tokens_a_form() {
        let question = Fingerprint::of(&["list"]);
        assert_eq!(asked(0, "").0.of(question, 5000).unwrap().range, 0..50);
        assert_eq!(asked(5000, "").0.of(question, 5000).unwrap().range, 0..1000);
        assert_eq!(asked(-1, "").1, 1);
        for bad in ["x", "0123456789abcdef0000000", "0123456789ABCDEF00000001", "é"] {
            assert_eq!(asked(-1, bad).1, 2, "{bad}");
        }
        assert_eq!(asked(0, "").0.of(question, 0).unwrap().next, "");
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(Fingerprint::of(&["ab", "c"]), Fingerprint::of(&["a", "bc"]));
        let token = asked(1, "").0.of(Fingerprint::of(&["a"]), 2).unwrap().next;
        assert!(asked(1, &token).0.of(Fingerprint::of(&["b"]), 2).is_err());
    }
}
