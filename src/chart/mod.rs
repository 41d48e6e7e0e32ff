//! The pictures planners expect, as SVG. Each is a plain function of what is to
//! be seen: labels and numbers, nothing of the wire.
//!
//! Pictures are as large as what is in them asks for, the same for the same
//! input, and need no fonts to be made: widths of text are estimated.

#![allow(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "places on a page, not money"
)]

mod breakeven_bands;
mod canvas;
mod concession_curve;
mod cost_bridge;
mod flow_map;
mod landed_cost_ladder;
mod numbers;
mod palette;
mod quota_burn_down;
mod switch_map;
#[cfg(test)]
mod within_the_page;

pub use breakeven_bands::{Band, BreakevenBands, CostLine};
pub use concession_curve::{ConcessionCurve, ConcessionRate};
pub use cost_bridge::{BridgeBar, CostBridge};
pub use flow_map::{Flow, FlowMap};
pub use landed_cost_ladder::{Ladder, LandedCostLadder, Rung};
pub use quota_burn_down::{Burned, QuotaBurnDown, Stock};
pub use switch_map::{Cell, SwitchMap};

#[cfg(test)]
mod tests {
    use super::*;

    /// Widths of the filled rectangles of a colour, in the order drawn.
    fn bars(svg: &str, colour: &str) -> Vec<i64> {
        svg.split("<rect ")
            .skip(1)
            .filter(|element| {
                let element = element.split("/>").next().unwrap_or_default();
                element.contains(&format!("fill=\"{colour}\""))
            })
            .filter_map(|element| within_the_page::attribute(element, "width"))
            .collect()
    }

    fn rung(label: &str, parts: &[(&str, f64)]) -> Rung {
        let parts = parts.iter().map(|(name, amount)| ((*name).to_owned(), *amount)).collect();
        Rung { label: label.to_owned(), parts, is_chosen: label == "a" }
    }

    #[test]
    fn bars_of_a_ladder_are_as_long_as_their_parts() {
        let ladder = Ladder {
            label: "m for k".to_owned(),
            rungs: vec![
                rung("a", &[("parts", 300.0), ("duty", 100.0)]),
                rung("b", &[("parts", 450.0)]),
            ],
        };
        let picture = LandedCostLadder { ladders: vec![ladder], ..LandedCostLadder::default() };
        let svg = picture.svg();
        // The greatest kind has the first colour; one square of it is in the legend.
        let parts = bars(&svg, "#0072B2");
        assert_eq!(parts.len(), 3, "{parts:?}");
        let ratio = parts[2] as f64 / parts[1] as f64;
        assert!((ratio - 1.5).abs() < 0.02, "{parts:?}");
        for told in ["m for k", "400  cheapest  chosen", "450  +50"] {
            let told = told.split("  ").next().unwrap_or_default();
            assert!(svg.contains(told), "{told}");
        }
    }

    #[test]
    fn a_bridge_of_small_steps_between_great_costs_shows_its_steps() {
        let bar = |label: &str, amount| BridgeBar { label: label.to_owned(), amount };
        let bridge = CostBridge {
            from: bar("from", 1e9),
            to: bar("to", 1.01e9),
            steps: vec![bar("duty", 2e7), bar("freight", -1e7)],
            ..CostBridge::default()
        };
        let svg = bridge.svg();
        assert!(svg.contains("The axis does not begin at zero."));
        let (dearer, cheaper) = (bars(&svg, "#D55E00"), bars(&svg, "#009E73"));
        assert!(
            dearer[0] > 100 && (dearer[0] - 2 * cheaper[0]).abs() <= 3,
            "{dearer:?} {cheaper:?}"
        );
    }

    #[test]
    fn bands_lie_where_their_values_are() {
        let band = |low, high, plan: &str, is_proved| Band {
            low,
            high,
            plan: Some(plan.to_owned()),
            is_proved,
        };
        let bands = BreakevenBands {
            bands: vec![band(0.0, 0.25, "A", true), band(0.25, 1.0, "B", false)],
            ..BreakevenBands::default()
        };
        let svg = bands.svg();
        let proved = bars(&svg, "#0072B2");
        assert!((proved[0] - 830 / 4).abs() <= 1, "{proved:?}");
        assert!(svg.contains("0.2500") && svg.contains("B (not proved)"));
    }

    #[test]
    fn labels_of_any_kind_are_text_and_empty_pictures_say_so() {
        let flow = |plant: &str, units| Flow {
            plant: plant.to_owned(),
            country: "JP".to_owned(),
            market: "市場 <&\">".to_owned(),
            units,
        };
        let map = FlowMap {
            flows: vec![flow("追浜工場", 5.0), flow("x", f64::NAN)],
            ..FlowMap::default()
        };
        let svg = map.svg();
        assert!(svg.contains("追浜工場") && svg.contains("&lt;&amp;"), "{svg}");
        assert!(!svg.contains("NaN"));
        let nothing = "There is nothing to show.";
        for svg in [
            FlowMap::default().svg(),
            LandedCostLadder::default().svg(),
            BreakevenBands::default().svg(),
            SwitchMap::default().svg(),
            QuotaBurnDown::default().svg(),
            ConcessionCurve::default().svg(),
        ] {
            assert!(svg.contains(nothing), "{svg}");
        }
    }

    #[test]
    fn the_smaller_the_gap_the_stronger_the_colour() {
        let cell = |market, gap| Cell {
            model: 0,
            market,
            origin: "a".to_owned(),
            runner_up: "b".to_owned(),
            gap: Some(gap),
        };
        let map = SwitchMap {
            models: vec!["m".to_owned()],
            markets: vec!["k".to_owned(), "l".to_owned()],
            cells: vec![cell(0, 10.0), cell(1, 9000.0)],
            ..SwitchMap::default()
        };
        let svg = map.svg();
        // The strongest stands in the legend and in one cell.
        assert_eq!(bars(&svg, "#084594").len(), 2);
        assert!(svg.contains("b +10") && svg.contains("b +9,000"));
    }

    #[test]
    fn a_tranche_is_used_by_others_first() {
        let stock = Stock {
            label: "US uk".to_owned(),
            volume: 1000.0,
            others: 600.0,
            burned: vec![Burned { period: "p".to_owned(), units: 300.0 }],
        };
        let svg = QuotaBurnDown { stocks: vec![stock], ..QuotaBurnDown::default() }.svg();
        let (others, own) = (bars(&svg, "#808080"), bars(&svg, "#0072B2"));
        assert!((others[1] - 2 * own[1]).abs() <= 2, "{others:?} {own:?}");
        assert!(svg.contains("100 left"));
    }
}
