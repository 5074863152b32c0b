//! `sluice pair`: a code with which an Odoo connects itself.

use serde_json::json;
use sluice_client::Client;

use super::{
    Ending,
    failure::Failure,
    output::Output,
    render::{json, words},
};

pub(crate) async fn run(client: &Client, output: &Output) -> Result<Ending, Failure> {
    let pairing = client.create_pairing_code().await?;
    if output.is_json() {
        output.value(&json!({
            "code": pairing.code,
            "expires_at": json::time(pairing.expires_at.as_ref()),
        }))?;
        return Ok(Ending::Good);
    }
    // The code goes alone to the standard output, so that a script can take it from there.
    output.line(&pairing.code)?;
    output.remark(&format!(
        "Give this code to the Sluice addon in Odoo. It works once, until {}.",
        words::time_or(pairing.expires_at.as_ref(), "soon")
    ));
    Ok(Ending::Good)
}
