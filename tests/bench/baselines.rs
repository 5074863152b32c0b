//! The same work without Sluice: Odoo's own `load`, a loop over rows, products one by one.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use sluice_tests::{checkout::root, odoo::answer};
use std::{collections::HashMap, path::Path};
use tokio::process::Command;

/// Rows per second by the name of the baseline.
pub(crate) struct Baselines(HashMap<String, f64>);

#[derive(Deserialize)]
struct Line {
    baseline: String,
    rows_per_second: f64,
}

impl Baselines {
    pub(crate) fn rate(&self, name: &str) -> Result<f64> {
        self.0
            .get(name)
            .copied()
            .with_context(|| format!("no baseline is called {name}"))
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
