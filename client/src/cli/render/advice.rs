//! What to do about an error, in one sentence.

use sluice_client::{ClientError, Code, v1::Reason};

/// What to do; empty if the message says it all.
pub(crate) fn remedy(error: &ClientError) -> String {
    let metadata = |key: &str| error.metadata.get(key).map_or("", String::as_str);
    match error.reason {
        Some(Reason::LaneBusy) => format!("To see it: sluice watch {}", metadata("job_id")),
        Some(Reason::EventsPruned) => format!(
            "The oldest event that is kept is {}.",
            metadata("oldest_seq")
        ),
        Some(Reason::SupplierAmbiguous) if !metadata("candidates").is_empty() => {
            format!("Give one of these instead: {}.", metadata("candidates"))
        }
        Some(Reason::ProjectAmbiguous) if !metadata("candidates").is_empty() => {
            format!("Give one of these --id: {}.", metadata("candidates"))
        }
        Some(Reason::FileTooLarge) if !metadata("limit_bytes").is_empty() => format!(
            "This server accepts {} bytes; divide the list or raise the server's limit.",
            metadata("limit_bytes")
        ),
        Some(Reason::Internal) if !metadata("incident").is_empty() => {
            format!(
                "The server's log says more under incident {}.",
                metadata("incident")
            )
        }
        Some(reason) => by_reason(reason).to_owned(),
        None => by_code(error).to_owned(),
    }
}

fn by_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::TokenMissing => {
            "Give --token or SLUICE_TOKEN, or run it as the user that the server runs as."
        }
        Reason::TokenInvalid => {
            "Check the token; an administrator can make a new one: sluice connection rotate-token NAME"
        }
        Reason::NotAllowed => "Use the admin's token, or a token of that connection.",
        Reason::PageTokenInvalid => "Ask for the first page again.",
        Reason::ConnectionNotFound => "To see what there is: sluice connection list",
        Reason::ConnectionBusy => {
            "Wait for its jobs or cancel them: sluice jobs list --state queued --state running --state paused"
        }
        Reason::JobNotFound => "To see what there is: sluice jobs list",
        Reason::JobState => "To see where the job is: sluice jobs get JOB",
        Reason::RequestIdReused => "Leave --request-id out, or give a new one.",
        Reason::UploadNotFound => "Send the list again; unused ones are dropped after a day.",
        Reason::FileUnreadable => {
            "Open the list and save it again as CSV in UTF-8 or as XLSX without a password."
        }
        Reason::MappingIncomplete => {
            "See how the columns are understood with `sluice preview`, and say what they mean with --mapping."
        }
        Reason::SourceRefused => "Use a public http or https address, or send the file itself.",
        Reason::SupplierNotFound => {
            "Give the contact's database id, its reference, or its exact name."
        }
        Reason::SupplierAmbiguous => "Give the contact's database id.",
        Reason::NotASupplier => "Give the contact a purchase in Odoo, or name another contact.",
        Reason::OdooUnreachable => {
            "Check that Odoo runs and that its address is right as seen from the Sluice server."
        }
        Reason::OdooKeyRefused => {
            "Make a new API key in Odoo and give it to the server: sluice connection rotate-key NAME --api-key-file FILE"
        }
        Reason::OdooNotAllowed => "Give the service user in Odoo the group of the Sluice service.",
        Reason::OdooDatabaseNotFound => "Check the connection's database: sluice connection list",
        Reason::ModelNotFound => {
            "Give Odoo's technical name of the model; its app must be installed."
        }
        Reason::SyncNotReady => "See how far it is: sluice mirror status",
        Reason::ModelNotMirrored => "Sync it first: sluice sync MODEL --watch",
        Reason::VectorExtensionMissing | Reason::VectorExtensionTooOld => {
            "Everything but search works without it; `sluice doctor` shows which Postgres it is."
        }
        Reason::EmbedderNotSet => "Name one: sluice searchable embedder --help",
        Reason::EmbedderUnreachable => {
            "Check that the embedder runs; `--mode words` searches without it."
        }
        Reason::EmbedderRefused | Reason::EmbedderAnswer => {
            "Check its address, key, name and dimensions: sluice searchable status"
        }
        Reason::ModelNotSearchable => "Make it so: sluice searchable add MODEL",
        Reason::RecordNotSearchable => "See what waits: sluice searchable status",
        Reason::LogikalNotSet => "Name it: sluice logikal save --help",
        Reason::LogikalUnreachable => {
            "See that LOGIKAL's service runs and has a session to spare, then try again."
        }
        Reason::LogikalRefused => {
            "Check the address, the user and the password: sluice logikal save --help"
        }
        Reason::ProjectNotFound => "See which there are: sluice project list --refresh",
        Reason::ProjectAmbiguous => "Name its --directory, or its --id.",
        Reason::AddonMissing => "Install the Sluice addons in this Odoo database.",
        Reason::AddonVersion => {
            "Update the Sluice addons in Odoo to the version that came with the server."
        }
        Reason::OdooAnswer => {
            "See what answers at the connection's address: sluice connection test NAME"
        }
        Reason::ScheduleNotFound => "To see what there is: sluice schedule list",
        Reason::ShuttingDown => "Try again in a moment.",
        Reason::Internal => "The server's log says more.",
        Reason::DatabaseAway => {
            "Try again in a moment; the server waits for its database, and its log says why."
        }
        // A reason that is new to the contract: its message has to do, until the test below is mended.
        _ => "",
    }
}

/// Advice where nobody named a reason: the server was not reached, or is not ours.
fn by_code(error: &ClientError) -> &'static str {
    match error.code {
        Code::Unavailable => {
            "Check that the server runs and its address is right; `sluice doctor` looks closer."
        }
        Code::Cancelled | Code::DeadlineExceeded => {
            "The server took too long; try again, and look at it with `sluice doctor`."
        }
        Code::Unknown | Code::Internal | Code::Unimplemented => {
            "Check that the address is that of a Sluice server of this version."
        }
        Code::InvalidArgument
            if error
                .violations
                .iter()
                .any(|violation| violation.field == "server") =>
        {
            "Give --server https://host:port, or --insecure if the way there is safe."
        }
        _ => "",
    }
}

/// What a field of a request is called on the command line, if it can be given there.
pub(crate) fn argument(field: &str) -> Option<&'static str> {
    let last = field.rsplit('.').next().unwrap_or(field);
    let name = match last.split('[').next().unwrap_or(last) {
        "mapping" => "--mapping",
        "connection" => "--connection",
        "supplier" => "--supplier",
        "encoding" => "--encoding",
        "delimiter" => "--delimiter",
        "sheet" => "--sheet",
        "header_row" => "--header-row",
        "decimal_style" => "--decimal",
        "format" => "--format",
        "match" => "--match",
        "unknown_product" => "--unknown",
        "sweep" => "--sweep",
        "sweep_max_percent" => "--sweep-max-percent",
        "currency" => "--currency",
        "company_id" => "--company",
        "min_stock" => "--min-stock",
        "min_price" => "--min-price",
        "blocked_brands" => "--block-brand",
        "allowed_barcodes" => "--allow-barcodes",
        "priority" => "--priority",
        "run_at" => "--at",
        "request_id" => "--request-id",
        "database" => "--database",
        "url" if field == "url" => "--url",
        "api_key" => "--api-key-file",
        "max_running" => "--max-running",
        "login" => "--login",
        "calls_per_second" => "--calls-per-second",
        "cron" => "--cron",
        "interval" => "--every",
        "time_zone" => "--time-zone",
        "rows" => "--rows",
        "job_id" => "JOB",
        "model" => "MODEL",
        "field_names" => "--fields",
        "domain" => "--domain",
        "ids" => "--ids",
        "limit" => "--limit",
        "changed_from" => "--changed-from",
        "changed_to" => "--changed-to",
        "max_percent" => "--max-percent",
        "min_similarity" => "--min-similarity",
        "text" => "TEXT",
        "models" => "--model",
        "url" if field == "embedder.url" => "--url",
        "dimensions" => "--dimensions",
        "max_texts" => "--max-texts",
        "max_tokens" => "--max-tokens",
        "calls_per_minute" => "--calls-per-minute",
        "timeout" => "--timeout",
        "query_prefix" => "--query-prefix",
        "text_prefix" => "--text-prefix",
        _ => return None,
    };
    Some(name)
}

/// A gRPC code as the contract writes it, such as `NOT_FOUND`.
pub(crate) fn code_word(code: Code) -> String {
    let mut word = String::new();
    for (index, letter) in format!("{code:?}").chars().enumerate() {
        if index > 0 && letter.is_ascii_uppercase() {
            word.push('_');
        }
        word.push(letter.to_ascii_uppercase());
    }
    word
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn codes_are_written_as_in_the_contract() {
        assert_eq!(code_word(Code::NotFound), "NOT_FOUND");
        assert_eq!(code_word(Code::Ok), "OK");
        assert_eq!(code_word(Code::FailedPrecondition), "FAILED_PRECONDITION");
    }

    #[test]
    fn every_reason_has_its_advice() {
        let reasons = (1..).map_while(|number| Reason::try_from(number).ok());
        // The server's message names the field and says what is wrong with it.
        for reason in reasons.filter(|reason| *reason != Reason::FieldInvalid) {
            let mut error = ClientError {
                code: Code::Unknown,
                reason: Some(reason),
                message: String::new(),
                violations: Vec::new(),
                metadata: BTreeMap::new(),
            };
            error.metadata = ["job_id", "oldest_seq", "limit_bytes"]
                .map(|key| (key.to_owned(), "1".to_owned()))
                .into();
            assert!(
                !remedy(&error).is_empty(),
                "say what to do about {}",
                reason.word()
            );
        }
    }

    #[test]
    fn fields_are_called_as_they_were_typed() {
        assert_eq!(argument("import.supplier"), Some("--supplier"));
        assert_eq!(argument("import.filter.min_price"), Some("--min-price"));
        assert_eq!(argument("import.mapping[3]"), Some("--mapping"));
        assert_eq!(argument("import.mapping[3].column"), None);
    }
}
