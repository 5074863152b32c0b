//! What was measured, as a table for people and as JSON for programs.

use anyhow::Result;
use serde::Serialize;
use sluice_tests::checkout::root;
use std::{fmt, fs, path::PathBuf};

/// One figure. Without a baseline there is no ratio either.
#[derive(Serialize)]
pub(crate) struct Figure {
    metric: &'static str,
    ours: f64,
    baseline: Option<f64>,
    unit: &'static str,
    /// How many times better than the baseline; of a cost, how many times the baseline it is.
    ratio: Option<f64>,
    #[serde(skip)]
    wanted: &'static str,
}

#[derive(Default)]
pub(crate) struct Report {
    figures: Vec<Figure>,
}

impl Report {
    /// Adds a rate, of which more is better, beside the rate of a baseline.
    pub(crate) fn against(
        &mut self,
        metric: &'static str,
        ours: f64,
        baseline: Option<f64>,
        wanted: &'static str,
    ) {
        self.figures.push(Figure {
            metric,
            ours: rounded(ours),
            baseline: baseline.map(rounded),
            unit: "rows/s",
            ratio: baseline.map(|baseline| rounded(ours / baseline)),
            wanted,
        });
    }

    /// Adds a rate in a unit of its own, of which more is better, beside the rate of a baseline.
    pub(crate) fn rate(
        &mut self,
        metric: &'static str,
        ours: f64,
        baseline: f64,
        unit: &'static str,
        wanted: &'static str,
    ) {
        self.figures.push(Figure {
            metric,
            ours: rounded(ours),
            baseline: Some(rounded(baseline)),
            unit,
            ratio: Some((ours / baseline * 100.0).round() / 100.0),
            wanted,
        });
    }

    /// Adds a cost, of which less is better, beside the cost of a baseline.
    pub(crate) fn cost(
        &mut self,
        metric: &'static str,
        ours: f64,
        baseline: f64,
        unit: &'static str,
        wanted: &'static str,
    ) {
        self.figures.push(Figure {
            metric,
            ours: rounded(ours),
            baseline: Some(rounded(baseline)),
            unit,
            ratio: Some((ours / baseline * 100.0).round() / 100.0),
            wanted,
        });
    }

    /// Adds a figure that stands alone.
    pub(crate) fn alone(
        &mut self,
        metric: &'static str,
        ours: f64,
        unit: &'static str,
        wanted: &'static str,
    ) {
        self.figures.push(Figure {
            metric,
            ours: rounded(ours),
            baseline: None,
            unit,
            ratio: None,
            wanted,
        });
    }

    /// Writes the figures to `target/bench`, and says where.
    pub(crate) fn write(&self, bench: &str) -> Result<PathBuf> {
        let folder = root().join("target/bench");
        fs::create_dir_all(&folder)?;
        let file = folder.join(format!("{bench}.json"));
        fs::write(&file, serde_json::to_string_pretty(&self.figures)?)?;
        Ok(file)
    }
}

fn rounded(figure: f64) -> f64 {
    (figure * 10.0).round() / 10.0
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{:<22}{:>12}{:>12}  {:<8}{:>8}  wanted",
            "metric", "ours", "baseline", "unit", "ratio"
        )?;
        for figure in &self.figures {
            let text =
                |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
            writeln!(
                out,
                "{:<22}{:>12}{:>12}  {:<8}{:>8}  {}",
                figure.metric,
                figure.ours,
                text(figure.baseline),
                figure.unit,
                text(figure.ratio),
                figure.wanted
            )?;
        }
        Ok(())
    }
}
