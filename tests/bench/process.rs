//! What a process uses, as the kernel counts it.

use anyhow::{Context as _, Result};
use std::{fs, time::Duration};

/// Memory in use, in MiB.
pub(crate) fn memory_mib(process: u32) -> Result<f64> {
    status_mib(process, "VmRSS:")
}

/// The most memory in use since [`forget_peak`], in MiB.
pub(crate) fn peak_memory_mib(process: u32) -> Result<f64> {
    status_mib(process, "VmHWM:")
}

/// Makes the kernel count the peak anew.
pub(crate) fn forget_peak(process: u32) -> Result<()> {
    Ok(fs::write(format!("/proc/{process}/clear_refs"), "5")?)
}

fn status_mib(process: u32, name: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let kib: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .with_context(|| format!("the kernel does not tell {name}"))?
        .parse()?;
    Ok(kib / 1024.0)
}

/// The share of one processor that a process uses during a span of time, in percent.
pub(crate) async fn cpu_percent(process: u32, span: Duration) -> Result<f64> {
    let before = cpu_seconds(process)?;
    // Time passing is what is measured here; nothing is waited for.
    let _over = tokio::time::timeout(span, std::future::pending::<()>()).await;
    Ok((cpu_seconds(process)? - before) / span.as_secs_f64() * 100.0)
}

fn cpu_seconds(process: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may hold blanks, so fields are counted behind it.
    let (_, fields) = stat.rsplit_once(')').context("the kernel tells no name")?;
    let ticks: Vec<f64> = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    // Linux counts in hundredths of a second on every machine that this runs on.
    Ok(ticks.iter().sum::<f64>() / 100.0)
}
