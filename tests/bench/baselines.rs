//! The same work without Sluice: Odoo's own `load`, a loop over rows, products one by one.

use anyhow::{Result, ensure};
use serde::Deserialize;
use sluice_tests::{checkout::root, odoo::answer};
use std::{collections::HashMap, path::Path};
use tokio::process::Command;

/// Rows per second by the name of the baseline; none were measured where it is empty.
pub(crate) struct Baselines(HashMap<String, f64>);

#[derive(Deserialize)]
struct Line {
    baseline: String,
    rows_per_second: f64,
}

impl Baselines {
    pub(crate) fn none() -> Self {
        Self(HashMap::new())
    }

    /// The rate of a baseline, or none if none were measured.
    pub(crate) fn rate(&self, name: &str) -> Result<Option<f64>> {
        let rate = self.0.get(name).copied();
        ensure!(
            rate.is_some() || self.0.is_empty(),
            "no baseline is called {name}"
        );
        Ok(rate)
    }
}

/// Measures all baselines on the Odoo that a file of `odoo.sh` describes.
pub(crate) async fn measure(database: &Path, rows: usize) -> Result<Baselines> {
    let mut script = Command::new("python3");
    script
        .arg(root().join("tests/bench/baselines/run.py"))
        .arg(database)
        .arg("--rows")
        .arg(rows.to_string());
    let lines = answer(&mut script).await?;
    let mut rates = HashMap::new();
    for line in lines.lines() {
        eprintln!("   {line}");
        let line: Line = serde_json::from_str(line)?;
        rates.insert(line.baseline, line.rows_per_second);
    }
    Ok(Baselines(rates))
}
