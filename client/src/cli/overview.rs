//! `sluice mirror overview`: a company in a few numbers.

use serde_json::{Value, json};
use sluice_client::v1::MirrorGetOverviewResponse;

use super::{
    Ending,
    failure::Failure,
    output::Output,
    render::{text::clean, words},
};

pub(super) fn show(
    overview: &MirrorGetOverviewResponse,
    output: &Output,
) -> Result<Ending, Failure> {
    for section in &overview.sections {
        if output.is_json() {
            let totals: Vec<Value> = section
                .totals
                .iter()
                .map(|total| json!({ "currency_id": total.currency_id, "amount": total.amount }))
                .collect();
            output.value(&json!({
                "name": section.name,
                "model": section.model,
                "count": section.count,
                "totals": totals,
            }))?;
            continue;
        }
        let totals: Vec<String> = section
            .totals
            .iter()
            .map(|total| format!("{} in currency {}", clean(&total.amount), total.currency_id))
            .collect();
        output.line(&format!(
            "{:<10} {:>9}  {}",
            clean(&section.name),
            words::number(section.count),
            totals.join(", ")
        ))?;
    }
    Ok(Ending::Good)
}
