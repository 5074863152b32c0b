//! Where things lie: the checkout, its programs, its scripts.

use anyhow::{Result, ensure};
use std::{
    env,
    path::{Path, PathBuf},
};

/// The root of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the checkout")
}

/// One of the setup scripts.
pub fn script(name: &str) -> PathBuf {
    root().join("tests/support/setup").join(name)
}

/// A program of this workspace, from the same build as the running test or benchmark.
pub fn program(name: &str) -> Result<PathBuf> {
    let own = env::current_exe()?;
    let build = own
        .ancestors()
        .find(|folder| folder.ends_with("debug") || folder.ends_with("release"))
        .ok_or_else(|| anyhow::anyhow!("{} lies in no cargo build", own.display()))?;
    let path = build.join(name);
    ensure!(
        path.exists(),
        "{} is not built: run `make test`, or `cargo build --workspace` first",
        path.display()
    );
    Ok(path)
}

/// A port that is free now, below the range that outgoing connections use.
pub fn free_port() -> Result<u16> {
    for _ in 0..100 {
        let port = rand::random_range(15_000..32_000);
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    anyhow::bail!("no free port was found")
}
