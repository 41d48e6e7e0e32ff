//! Instances: problems of facility location and sourcing that others publish as
//! files, each read into a [`PricedProblem`](crate::sourcing::PricedProblem),
//! and a generator of such files of our own.
//!
//! What they are for is proof: an instance goes through the same formulation
//! and solver as a caller's problem, and its optimum is known from elsewhere.

mod fault;
mod figures;
mod file_text;
mod format;
mod generator;
mod instance;
mod lands;
mod location;
mod location_files;
mod manifest;
mod mps;
mod pricing;
mod shape;
mod sourcing_file;
mod split_mix;
mod territories;

pub use fault::InstanceFault;
pub use format::InstanceFormat;
pub use generator::generate;
pub use instance::{Instance, read_instance};
pub use manifest::{Manifest, ManifestEntry};
pub use mps::mps;
pub use shape::{InstanceShape, InstanceSize};
