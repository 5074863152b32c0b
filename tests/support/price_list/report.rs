//! Whether an import reported the bad rows of a list, all of them and no other.

use super::PriceList;
use anyhow::{Result, ensure};
use sluice_client::v1::RowError;
use std::collections::BTreeMap;

impl PriceList {
    /// Fails unless these are exactly the list's bad rows, each once and with its code.
    pub fn is_reported_by(&self, errors: &[RowError]) -> Result<()> {
        let reported: BTreeMap<i64, &str> = errors
            .iter()
            .map(|error| (error.row, error.code.as_str()))
            .collect();
        ensure!(reported.len() == errors.len(), "a row is reported twice");
        let expected = self.expected_errors();
        for (row, defect) in &expected {
            ensure!(
                reported.get(row) == Some(&defect.code()),
                "row {row} must be reported as {}, but is {:?}",
                defect.code(),
                reported.get(row)
            );
        }
        let odd = reported.iter().find(|(row, _)| !expected.contains_key(row));
        ensure!(odd.is_none(), "a good row is reported: {odd:?}");
        Ok(())
    }
}
