//! Names of units in the sheet, and their codes of UN/ECE Recommendation 20.

use crate::tariff::quantity::Unit;

/// Units rates are charged by. What the recommendation has no code for (proof
/// liters, clean kilograms, jewels) is not among them.
const UNITS: [(&str, &str); 23] = [
    ("1,000", "MIL"),
    ("1000", "MIL"),
    ("article", "NAR"),
    ("bbl", "BLL"),
    ("doz", "DZN"),
    ("each", "NAR"),
    ("g", "GRM"),
    ("gross", "GRO"),
    ("head", "HEA"),
    ("kg", "KGM"),
    ("kg on drained weight", "KDW"),
    ("lin. m", "MTR"),
    ("liter", "LTR"),
    ("liters", "LTR"),
    ("m", "MTR"),
    ("m2", "MTK"),
    ("m²", "MTK"),
    ("m3", "MTQ"),
    ("m³", "MTQ"),
    ("pr", "NPR"),
    ("prs", "NPR"),
    ("t", "TNE"),
    ("thousand", "MIL"),
];

/// The unit of a name.
pub(super) fn unit(name: &str) -> Option<Unit> {
    let name = name.trim().trim_end_matches('.').to_lowercase();
    let (_, code) = UNITS.iter().find(|(known, _)| *known == name)?;
    code.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_one_and_names_may_end_in_a_stop() {
        assert!(UNITS.iter().all(|(name, _)| unit(name).is_some()));
        assert_eq!(unit("doz.").unwrap().to_string(), "DZN");
        assert!(unit("pf. liter").is_none());
    }
}
