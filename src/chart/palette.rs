//! Colours that people with any sight tell apart, on paper as well: Okabe and
//! Ito 2008, and a scale of one hue.

use plotters::style::RGBColor;

pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
pub(super) const FAINT: RGBColor = RGBColor(110, 110, 110);
pub(super) const RULE: RGBColor = RGBColor(214, 214, 214);
pub(super) const PAPER: RGBColor = RGBColor(255, 255, 255);
pub(super) const MARK: RGBColor = RGBColor(0, 90, 160);
pub(super) const DEARER: RGBColor = RGBColor(213, 94, 0);
pub(super) const CHEAPER: RGBColor = RGBColor(0, 158, 115);

const SERIES: [RGBColor; 10] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
    RGBColor(240, 228, 66),
    RGBColor(128, 128, 128),
    RGBColor(120, 94, 240),
    RGBColor(140, 86, 75),
];

/// The colour of the series at a place: paler each time the colours are used up.
pub(super) fn series(place: usize) -> RGBColor {
    let (round, place) = (place / SERIES.len(), place % SERIES.len());
    tint(SERIES[place], (0.45 * round as f64).min(0.8))
}

/// From faint, at 0, to strong, at 1.
pub(super) fn strength(share: f64) -> RGBColor {
    mixed(RGBColor(238, 244, 250), RGBColor(8, 69, 148), share.clamp(0.0, 1.0))
}

/// A colour towards the paper.
pub(super) fn tint(colour: RGBColor, share: f64) -> RGBColor {
    mixed(colour, PAPER, share)
}

fn mixed(from: RGBColor, to: RGBColor, share: f64) -> RGBColor {
    let part = |from: u8, to: u8| {
        (f64::from(from) + share * (f64::from(to) - f64::from(from))).round() as u8
    };
    RGBColor(part(from.0, to.0), part(from.1, to.1), part(from.2, to.2))
}

/// Ink or paper, whichever is read better on a colour.
pub(super) fn ink_on(colour: RGBColor) -> RGBColor {
    let RGBColor(red, green, blue) = colour;
    let light = 0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue);
    if light > 150.0 { INK } else { PAPER }
}
