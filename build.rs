//! Compiles the protos without `protoc` and keeps their descriptors, comments
//! and options included, for reflection.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

const PROTOS: [&str; 6] = [
    "portolan/tariff/v1/duty_service.proto",
    "portolan/tariff/v1/schedule_service.proto",
    "portolan/sourcing/v1/sourcing_service.proto",
    // Not imported by ours, but error details are of these types: without
    // them clients print base64 where a reason should stand.
    "google/rpc/status.proto",
    "google/rpc/error_details.proto",
    "google/rpc/code.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=data/schedules");
    let mut compiler = protox::Compiler::new([Path::new("proto")])?;
    compiler.include_imports(true).include_source_info(true).open_files(PROTOS)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.binpb"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure()
        .compile_well_known_types(false)
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
