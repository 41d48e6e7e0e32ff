//! Whatever the figures, a picture is finite and stays on its page.

use super::*;
use proptest::prelude::*;
use std::str::FromStr;

/// Attribute of an element, written ` name="value"`.
pub(super) fn attribute<T: FromStr>(element: &str, name: &str) -> Option<T> {
    let rest = element.split(&format!(" {name}=\"")).nth(1)?;
    rest.split('"').next()?.parse().ok()
}

/// Rectangles, lines and places of text lie on the page, to a point.
fn is_on_its_page(svg: &str) -> Result<(), TestCaseError> {
    let page = |name| attribute::<f64>(svg, name).unwrap_or_default();
    let (width, height) = (page("width"), page("height"));
    prop_assert!((100.0..20_000.0).contains(&width) && (100.0..200_000.0).contains(&height));
    for element in svg.split('<').filter(|it| it.starts_with("rect") || it.starts_with("text")) {
        let of = |name| attribute::<f64>(element, name).unwrap_or_default();
        let (right, bottom) = (of("x") + of("width"), of("y") + of("height"));
        prop_assert!(of("x") >= -1.0 && right <= width + 1.0, "{width}: {element}");
        prop_assert!(of("y") >= -1.0 && bottom <= height + 1.0, "{height}: {element}");
    }
    for element in svg.split('<').filter(|it| it.starts_with("poly")) {
        let points = element.split(" points=\"").nth(1).and_then(|rest| rest.split('"').next());
        for point in points.unwrap_or_default().split_whitespace() {
            let place = point
                .split_once(',')
                .and_then(|(x, y)| Some((x.parse::<f64>().ok()?, y.parse::<f64>().ok()?)));
            let Some((x, y)) = place else { return Err(TestCaseError::fail(point.to_owned())) };
            prop_assert!((-1.0..=width + 1.0).contains(&x), "{width}: {point}");
            prop_assert!((-1.0..=height + 1.0).contains(&y), "{height}: {point}");
        }
    }
    Ok(())
}

/// Figures as decimals may give them, the greatest and the least among them.
fn figure() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        Just(1e-28),
        Just(-1e-28),
        Just(7.9e28),
        Just(-7.9e28),
        -1e6..1e6,
        0.0..1e12,
    ]
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{0,3}", Just("追浜".repeat(60)), "\\PC{0,90}"]
}

fn several<T: std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    proptest::collection::vec(of, 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn ladders_and_bridges(
        rungs in several((label(), several((label(), figure())), any::<bool>())),
        bars in several((label(), figure())),
    ) {
        let rungs = rungs.into_iter();
        let rungs = rungs.map(|(label, parts, is_chosen)| Rung { label, parts, is_chosen });
        let ladder = Ladder { label: "m for k".to_owned(), rungs: rungs.collect() };
        let picture = LandedCostLadder { ladders: vec![ladder], ..LandedCostLadder::default() };
        is_on_its_page(&picture.svg())?;
        let mut bars = bars.into_iter().map(|(label, amount)| BridgeBar { label, amount });
        let (Some(from), Some(to)) = (bars.next(), bars.next()) else { return Ok(()) };
        let bridge = CostBridge { from, to, steps: bars.collect(), ..CostBridge::default() };
        is_on_its_page(&bridge.svg())?;
    }

    #[test]
    fn bands_and_curves(
        bands in several((figure(), figure(), proptest::option::of(label()), any::<bool>())),
        lines in several((label(), several((figure(), figure())))),
        points in several((figure(), proptest::option::of(figure()))),
        most_rate in figure(),
        notes in several(label()),
    ) {
        let band = |(low, high, plan, is_proved)| Band { low, high, plan, is_proved };
        let bands = BreakevenBands {
            bands: bands.into_iter().map(band).collect(),
            lines: lines.into_iter().map(|(plan, points)| CostLine { plan, points }).collect(),
            notes,
            ..BreakevenBands::default()
        };
        is_on_its_page(&bands.svg())?;
        let point = |(volume, rate)| ConcessionRate { volume, rate, otherwise: "none" };
        let curve = ConcessionCurve {
            most_rate,
            points: points.into_iter().map(point).collect(),
            ..ConcessionCurve::default()
        };
        is_on_its_page(&curve.svg())?;
    }

    #[test]
    fn flows_quotas_and_switches(
        flows in several((label(), label(), label(), figure())),
        stocks in several((label(), figure(), figure(), several((label(), figure())))),
        cells in several((0..4_usize, 0..4_usize, label(), proptest::option::of(figure()))),
    ) {
        let flow = |(plant, country, market, units)| Flow { plant, country, market, units };
        let flows = flows.into_iter().map(flow).collect();
        is_on_its_page(&FlowMap { flows, ..FlowMap::default() }.svg())?;
        let stock = |(label, volume, others, burned): (_, _, _, Vec<_>)| Stock {
            label,
            volume,
            others,
            burned: burned.into_iter().map(|(period, units)| Burned { period, units }).collect(),
        };
        let stocks = stocks.into_iter().map(stock).collect();
        is_on_its_page(&QuotaBurnDown { stocks, ..QuotaBurnDown::default() }.svg())?;
        let cell = |(model, market, origin, gap): (_, _, String, _)| Cell {
            model,
            market,
            runner_up: origin.clone(),
            origin,
            gap,
        };
        let names = || (0..4).map(|name| name.to_string()).collect();
        let map = SwitchMap {
            models: names(),
            markets: names(),
            cells: cells.into_iter().map(cell).collect(),
            ..SwitchMap::default()
        };
        is_on_its_page(&map.svg())?;
    }
}
