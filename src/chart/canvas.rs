//! A page to draw on, in points from its upper left corner.

use super::palette::{FAINT, INK, PAPER};
use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontTransform, IntoFont, RGBColor};

/// Where a text lies about its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lies {
    Right,
    Left,
    Middle,
}

/// A page of a size.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    pub width: f64,
}

/// Size of plain text.
pub(super) const TEXT: f64 = 12.0;
/// Where what is drawn begins, below title and subtitle.
pub(super) const TOP: f64 = 64.0;
pub(super) const MARGIN: f64 = 24.0;
/// No page is larger.
pub(super) const MOST: f64 = 30_000.0;

/// Draws a page and tells it as SVG.
pub(super) fn page(
    (width, height): (f64, f64),
    title: &str,
    subtitle: &str,
    draw: impl FnOnce(&Canvas<'_>),
) -> String {
    let mut svg = String::new();
    {
        let size = [width, height].map(|side| side.clamp(200.0, MOST).ceil() as u32);
        let area = SVGBackend::with_string(&mut svg, (size[0], size[1])).into_drawing_area();
        let canvas = Canvas { area, width };
        canvas.rectangle((0.0, 0.0), (f64::from(size[0]), f64::from(size[1])), PAPER);
        let room = width - 2.0 * MARGIN;
        canvas.text((MARGIN, 22.0), &fitted(title, 17.0, room), 17.0, INK, Lies::Right);
        canvas.text((MARGIN, 42.0), &fitted(subtitle, TEXT, room), TEXT, FAINT, Lies::Right);
        draw(&canvas);
        // A string takes everything.
        let _ = canvas.area.present();
    }
    svg
}

/// A page that says that there is nothing to see.
pub(super) fn empty(title: &str, subtitle: &str) -> String {
    page((640.0, 160.0), title, subtitle, |canvas| {
        canvas.text((MARGIN, 100.0), "There is nothing to show.", 14.0, INK, Lies::Right);
    })
}

impl Canvas<'_> {
    pub fn rectangle(&self, from: (f64, f64), to: (f64, f64), colour: RGBColor) {
        let shape = Rectangle::new([place(from), place(to)], colour.filled());
        let _ = self.area.draw(&shape);
    }

    pub fn frame(&self, from: (f64, f64), to: (f64, f64), colour: RGBColor, width: u32) {
        let shape = Rectangle::new([place(from), place(to)], colour.stroke_width(width));
        let _ = self.area.draw(&shape);
    }

    pub fn line(&self, points: &[(f64, f64)], colour: RGBColor, width: u32) {
        let points: Vec<(i32, i32)> = points.iter().copied().map(place).collect();
        let _ = self.area.draw(&PathElement::new(points, colour.stroke_width(width)));
    }

    /// A line of dashes between two points.
    pub fn dashes(&self, from: (f64, f64), to: (f64, f64), colour: RGBColor) {
        let (x, y) = (to.0 - from.0, to.1 - from.1);
        let length = x.hypot(y);
        let count = (length / 8.0).ceil().clamp(1.0, 4_000.0);
        let at = |part: f64| (from.0 + x * part / count, from.1 + y * part / count);
        let mut part = 0.0;
        while part < count {
            self.line(&[at(part), at((part + 0.5).min(count))], colour, 1);
            part += 1.0;
        }
    }

    pub fn polygon(&self, points: &[(f64, f64)], colour: RGBColor, opacity: f64) {
        let points: Vec<(i32, i32)> = points.iter().copied().map(place).collect();
        let _ = self.area.draw(&Polygon::new(points, colour.mix(opacity).filled()));
    }

    /// A line of text, in the middle of its height at the point.
    pub fn text(&self, at: (f64, f64), text: &str, size: f64, colour: RGBColor, lies: Lies) {
        self.turned(at, text, size, colour, lies, FontTransform::None);
    }

    /// The same from below upwards.
    pub fn upwards(&self, at: (f64, f64), text: &str, size: f64, colour: RGBColor, lies: Lies) {
        self.turned(at, text, size, colour, lies, FontTransform::Rotate270);
    }

    fn turned(
        &self,
        at: (f64, f64),
        text: &str,
        size: f64,
        colour: RGBColor,
        lies: Lies,
        turn: FontTransform,
    ) {
        let across = match lies {
            Lies::Right => HPos::Left,
            Lies::Left => HPos::Right,
            Lies::Middle => HPos::Center,
        };
        let font = ("Helvetica, Arial, sans-serif", size).into_font().transform(turn);
        let style = plotters::style::TextStyle::from(font)
            .color(&colour)
            .pos(Pos::new(across, VPos::Center));
        let _ = self.area.draw(&Text::new(text.to_owned(), place(at), style));
    }

    /// Coloured squares with what they stand for, from left to right, in as many
    /// lines as it takes; tells where it ends.
    pub fn legend(&self, at: (f64, f64), entries: &[(RGBColor, &str)]) -> f64 {
        let places = legend_places(entries.iter().map(|(_, label)| *label), self.width - at.0);
        let mut y = at.1;
        for ((colour, label), (x, row)) in entries.iter().zip(places) {
            let x = at.0 + x;
            y = at.1 + 20.0 * row;
            self.rectangle((x, y - 6.0), (x + 12.0, y + 6.0), *colour);
            self.text((x + 18.0, y), label, TEXT, INK, Lies::Right);
        }
        y + 14.0
    }
}

/// Lines that a legend from the margin on takes on a page of a width.
pub(super) fn legend_rows<'a>(labels: impl IntoIterator<Item = &'a str>, width: f64) -> f64 {
    legend_places(labels, width - MARGIN).last().map_or(0.0, |(_, row)| row + 1.0)
}

/// Where each entry of a legend begins, and in which of its lines.
fn legend_places<'a>(labels: impl IntoIterator<Item = &'a str>, width: f64) -> Vec<(f64, f64)> {
    let (mut x, mut row) = (0.0, 0.0);
    let place = |label| {
        let own = 20.0 + text_width(label, TEXT) + 18.0;
        if x + own > width - MARGIN && x > 0.0 {
            (x, row) = (0.0, row + 1.0);
        }
        let at = (x, row);
        x += own;
        at
    };
    labels.into_iter().map(place).collect()
}

fn place((x, y): (f64, f64)) -> (i32, i32) {
    let near = |side: f64| if side.is_finite() { side.round() as i32 } else { 0 };
    (near(x), near(y))
}

/// Width of a text, near enough for a page.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let each = |letter: char| match letter {
        'i' | 'l' | 'j' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' | 'f' | 't' | 'r' => 0.34,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.9,
        letter if letter.is_ascii_uppercase() => 0.7,
        letter if letter.is_ascii() => 0.56,
        // Letters of other scripts may be as wide as they are high.
        letter if letter >= '\u{1100}' => 1.0,
        _ => 0.62,
    };
    text.chars().map(each).sum::<f64>() * size
}

/// A text that fits a width: its end is left out where it does not.
pub(super) fn fitted(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        kept.push(letter);
        if text_width(&kept, size) + size > width {
            kept.pop();
            break;
        }
    }
    kept.push('…');
    kept
}

/// Width of the widest of some texts, at most so much.
pub(super) fn widest<'a>(texts: impl IntoIterator<Item = &'a str>, size: f64, most: f64) -> f64 {
    texts.into_iter().map(|text| text_width(text, size)).fold(0.0, f64::max).min(most)
}

/// A place on an axis from one end to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub low: f64,
    pub high: f64,
    pub from: f64,
    pub to: f64,
}

impl Axis {
    pub fn at(&self, value: f64) -> f64 {
        let width = self.high - self.low;
        let share = if width > 0.0 { (value - self.low) / width } else { 0.0 };
        self.from + share * (self.to - self.from)
    }
}
