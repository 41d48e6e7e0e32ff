//! `portolan bench generate`.

use super::Failure;
use crate::instances::{InstanceShape, InstanceSize, generate};
use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Same arguments, same bytes. The flags change what the size says.

  portolan bench generate small 1 small-1.json
  portolan bench generate planner 1 planner-1.json.gz --tight 1.2")]
pub(super) struct Generate {
    /// tiny, small, medium, large or planner: 30 model lines, 10 plants, 15
    /// markets, 24 months.
    size: InstanceSize,
    /// Seed.
    seed: u64,
    /// File to write: `.json`, or packed `.json.gz`.
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Model lines, 1 to 200.
    #[arg(long, value_name = "N", value_parser = count::<200>)]
    models: Option<usize>,
    /// Plants, 1 to 200.
    #[arg(long, value_name = "N", value_parser = count::<200>)]
    plants: Option<usize>,
    /// Markets, 1 to 200.
    #[arg(long, value_name = "N", value_parser = count::<200>)]
    markets: Option<usize>,
    /// Periods, 1 to 240; months in a planner's case, otherwise years.
    #[arg(long, value_name = "N", value_parser = count::<240>)]
    periods: Option<usize>,
    /// Plants each model may be built in, 1 to 200.
    #[arg(long, value_name = "N", value_parser = count::<200>)]
    plants_per_model: Option<usize>,
    /// Markets that want each model, 1 to 200.
    #[arg(long, value_name = "N", value_parser = count::<200>)]
    markets_per_model: Option<usize>,
    /// Capacity of 45 % of the plants as a share of demand, 0 to 10: the
    /// lower, the tighter.
    #[arg(long, value_name = "SHARE", default_value = "1.35", value_parser = share)]
    tight: i64,
    /// Mean share of the domestic floors in basis points, 0 to 10000; 0 for
    /// none.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 2500, value_parser = clap::value_parser!(i64).range(0..=10_000))]
    floor: i64,
    /// Size of quotas, 0 to 10: about two to three times their mean share of
    /// a country's demand.
    #[arg(long, value_name = "SHARE", default_value = "0.35", value_parser = share)]
    quota: i64,
}

pub(super) fn run(arguments: &Generate) -> Result<(), Failure> {
    let usual = arguments.size.shape();
    let shape = InstanceShape {
        models: arguments.models.unwrap_or(usual.models),
        plants: arguments.plants.unwrap_or(usual.plants),
        markets: arguments.markets.unwrap_or(usual.markets),
        periods: arguments.periods.unwrap_or(usual.periods),
        plants_per_model: arguments.plants_per_model.unwrap_or(usual.plants_per_model),
        markets_per_model: arguments.markets_per_model.unwrap_or(usual.markets_per_model),
        tight_bp: arguments.tight,
        floor_bp: arguments.floor,
        quota_bp: arguments.quota,
        ..usual
    };
    let out = &arguments.out;
    let failed = |error: std::io::Error| format!("{}: {error}", out.display());
    let mut bytes = generate(&shape, arguments.seed).map_err(|error| error.to_string())?;
    if out.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz")) {
        // The header of the packed file holds no time and no name.
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&bytes).map_err(failed)?;
        bytes = packed.finish().map_err(failed)?;
    }
    fs::write(out, bytes).map_err(failed)
}

fn count<const MOST: usize>(text: &str) -> Result<usize, Failure> {
    text.parse()
        .ok()
        .filter(|count| (1..=MOST).contains(count))
        .ok_or_else(|| format!("write a number from 1 to {MOST}"))
}

/// `1.35`, in basis points.
fn share(text: &str) -> Result<i64, Failure> {
    text.parse::<Decimal>()
        .ok()
        .and_then(|share| share.checked_mul(Decimal::from(10_000))?.round().to_i64())
        .filter(|share| (0..=100_000).contains(share))
        .ok_or_else(|| "write a share of 0 to 10, as 1.35".to_owned())
}
