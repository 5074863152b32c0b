//! Compiles the contract without protoc, and keeps its descriptor set for reflection.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=sluice");
    let mut files: Vec<PathBuf> = fs::read_dir("sluice/v1")?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "proto")
    });
    files.sort();
    let descriptors = protox::compile(files, ["."])?;
    let target = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(
        target.join("sluice_descriptor.bin"),
        descriptors.encode_to_vec(),
    )?;
    tonic_prost_build::configure()
        // Prints of a message must never show a credential that travels in it.
        .skip_debug([
            "sluice.v1.ConnectionsSaveRequest",
            "sluice.v1.ConnectionsSaveResponse",
            "sluice.v1.ConnectionsRotateKeyRequest",
            "sluice.v1.ConnectionsRotateTokenResponse",
            "sluice.v1.ConnectionsCreatePairingCodeResponse",
            "sluice.v1.ConnectionsSaveLogikalRequest",
            "sluice.v1.Embedder",
        ])
        .compile_fds(descriptors)?;
    Ok(())
}
