//! The column first: column 2 by origin, special where a preference is
//! properly claimed, general otherwise.

use crate::tariff::assess::evaluate::{Halt, answer, both};
use crate::tariff::assess::outcome::{
    Answer, Cause, Column, Election, Question, Rejected, Rejection, Unmade,
};
use crate::tariff::assess::resolved::ResolvedLine;
use crate::tariff::condition::PreferenceIndex;
use crate::tariff::duty_expression::DutyExpression;
use crate::tariff::schedule::Tariff;
use crate::tariff::tariff_line::TariffLine;

/// The column chosen and what was decided on the way.
pub(super) struct ColumnChoice {
    pub column: Column,
    /// Preference that is claimed, eligible and printed.
    pub preference: Option<PreferenceIndex>,
    /// The claim, where it is refused.
    pub refused: Option<Rejection>,
    /// Preferences that could be claimed.
    pub open: Vec<Unmade>,
}

pub(super) fn choose_column(
    tariff: &Tariff,
    line: &TariffLine,
    goods: &ResolvedLine,
    answers: &[(Question, Answer)],
    explain: bool,
) -> Result<ColumnChoice, Halt> {
    let mut choice =
        ColumnChoice { column: Column::General, preference: None, refused: None, open: Vec::new() };
    let column_2 = line.column_2.is_some() && tariff.column_2_origins.contains(goods.origin);
    if column_2 {
        choice.column = Column::Two;
    }
    match goods.preference() {
        Some(claimed) if !column_2 && eligible(tariff, line, goods, claimed, answers)? => {
            choice.preference = Some(claimed);
            choice.column = Column::Special(claimed);
        }
        Some(claimed) => {
            let provision = Rejected::Preference(claimed);
            choice.refused = Some(Rejection { provision, cause: Cause::NotEligible });
        }
        None if !column_2 && explain => {
            choice.open.extend(open_preferences(tariff, line, goods));
        }
        None => {}
    }
    Ok(choice)
}

fn eligible(
    tariff: &Tariff,
    line: &TariffLine,
    goods: &ResolvedLine,
    claimed: PreferenceIndex,
    answers: &[(Question, Answer)],
) -> Result<bool, Halt> {
    let preference = &tariff.preferences[claimed];
    // A line free for everybody prints no symbols, and the goods originate all the same: what
    // follows from the claim beside the column does.
    if line.special_rate(&preference.symbol).is_none() && line.general != DutyExpression::Free {
        return Ok(false);
    }
    match &preference.origins {
        Some(origins) => Ok(origins.contains(goods.origin)),
        None => match answer(answers, Question::Eligibility(claimed)) {
            Some(Answer::Truth(truth)) => Ok(truth),
            _ => Err(Halt::Asks(Question::Eligibility(claimed), both())),
        },
    }
}

/// Preferences the origin is known to be eligible for and the line prints.
fn open_preferences<'a>(
    tariff: &'a Tariff,
    line: &'a TariffLine,
    goods: &'a ResolvedLine,
) -> impl Iterator<Item = Unmade> + 'a {
    tariff
        .preferences
        .iter()
        .enumerate()
        .filter(|(_, preference)| {
            preference.origins.is_some_and(|origins| origins.contains(goods.origin))
        })
        .filter(|(_, preference)| line.special_rate(&preference.symbol).is_some())
        .map(|(index, _)| vec![Election::Preference(index)])
}
