//! Tells apart what Odoo's HTTP replies mean. The status alone does not: the exception's name decides.

use std::time::Duration;

use chrono::DateTime;
use reqwest::StatusCode;
use serde::Deserialize;

use super::{Answer, OdooError};

/// The longest message that is passed on, in characters.
const MESSAGE_LIMIT: usize = 1000;

/// A whole HTTP reply.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) is_json: bool,
    pub(super) retry_after: Option<Duration>,
    pub(super) location: Option<String>,
    pub(super) body: Vec<u8>,
}

/// The body of an error. Its `debug`, a traceback, is not even read.
#[derive(Default, Deserialize)]
struct Exception {
    #[serde(default)]
    name: String,
    #[serde(default)]
    message: String,
}

impl Reply {
    /// What the method returned, or why it did not. `secret` is cut out of messages, should Odoo ever repeat it.
    pub(super) fn answer(self, model: &str, secret: &str) -> Result<Answer, OdooError> {
        if self.status != StatusCode::OK {
            return Err(self.failure(model, secret));
        }
        // A page for people; what else is wrong is found when it is read.
        if self.body.trim_ascii_start().starts_with(b"<") {
            return Err(no_json());
        }
        Ok(Answer(self.body))
    }

    fn failure(&self, model: &str, secret: &str) -> OdooError {
        let exception: Exception = if self.is_json {
            serde_json::from_slice(&self.body).unwrap_or_default()
        } else {
            Exception::default()
        };
        let name = exception.name.as_str();
        let message = presentable(&exception.message, secret);
        match self.status.as_u16() {
            401 => OdooError::KeyRefused,
            429 => OdooError::TooManyRequests {
                retry_after: self.retry_after,
            },
            // Whoever says for how long it is away is asked again only then.
            503 if self.retry_after.is_some() => OdooError::TooManyRequests {
                retry_after: self.retry_after,
            },
            502..=504 => OdooError::Away(format!("its proxy answers {}", self.status)),
            // Odoo has retried serialization failures itself; its Postgres is busy, restarting or gone.
            500 if name.starts_with("psycopg2.") && !is_lasting(name) => {
                OdooError::Away(format!("its database failed ({name})"))
            }
            404 if name == "werkzeug.exceptions.NotFound" => {
                if model.starts_with("sluice.") {
                    OdooError::AddonMissing(addon_of(model).to_owned())
                } else {
                    OdooError::ModelMissing(model.to_owned())
                }
            }
            403 if name == "odoo.exceptions.AccessDenied" => OdooError::AccessDenied(message),
            403 if !name.is_empty() => OdooError::NotAllowed(message),
            403 => OdooError::NotAllowed("what stands before Odoo forbids the call".to_owned()),
            300..=399 => OdooError::Answer(format!(
                "the address redirects to {:?}: save the connection with the address it leads to",
                self.location.as_deref().unwrap_or("nowhere")
            )),
            _ if !name.is_empty() => OdooError::Rejected {
                name: name.to_owned(),
                message,
            },
            _ => OdooError::Answer(format!("status {} without an explanation", self.status)),
        }
    }
}

/// Why an answer cannot be read.
pub(super) fn no_json() -> OdooError {
    OdooError::Answer("it is no JSON: is this address an Odoo 19?".to_owned())
}

/// Whether Odoo's Postgres would refuse the same statement again: a missing table or a value that fits no column.
pub(super) fn is_lasting(exception: &str) -> bool {
    let (_, class) = exception.rsplit_once('.').unwrap_or_default();
    class.starts_with("Undefined")
        || class.starts_with("Invalid")
        || class.ends_with("OutOfRange")
        || class.ends_with("Violation")
        || matches!(class, "SyntaxError" | "DataError" | "ProgrammingError")
}

/// How long to wait, from the `Retry-After` header: seconds, or a date that is compared with the reply's own.
pub(in crate::adapters) fn retry_after(value: &str, replied_at: Option<&str>) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::parse_from_rfc2822(value.trim()).ok()?;
    let from = DateTime::parse_from_rfc2822(replied_at?.trim()).ok()?;
    (until - from).to_std().ok()
}

/// The addon that brings a model of ours.
fn addon_of(model: &str) -> &str {
    match model {
        "sluice.supplier.batch" => "sluice_supplier_import",
        _ => "sluice",
    }
}

/// A message without the secret, and not too long.
pub(super) fn presentable(message: &str, secret: &str) -> String {
    let message = if secret.is_empty() {
        message.to_owned()
    } else {
        message.replace(secret, "(secret)")
    };
    message.trim().chars().take(MESSAGE_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reply(status: u16, name: &str, message: &str) -> Reply {
        let body = json!({"name": name, "message": message, "arguments": [], "context": {}, "debug": "Traceback: key"});
        Reply {
            status: StatusCode::from_u16(status).unwrap(),
            is_json: true,
            retry_after: None,
            location: None,
            body: body.to_string().into_bytes(),
        }
    }

    fn page(status: u16) -> Reply {
        Reply {
            is_json: false,
            body: b"<html>".to_vec(),
            ..reply(status, "", "")
        }
    }

    #[test]
    fn the_exceptions_name_decides() {
        let kind = |reply: Reply| {
            let error = reply.answer("sluice.api", "key").unwrap_err();
            format!("{error:?}")
                .split([' ', '('])
                .next()
                .unwrap()
                .to_owned()
        };
        let table = [
            (
                reply(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey"),
                "KeyRefused",
            ),
            (page(401), "KeyRefused"),
            (
                reply(403, "odoo.exceptions.AccessError", "no"),
                "NotAllowed",
            ),
            (
                reply(403, "odoo.exceptions.AccessDenied", "Access Denied"),
                "AccessDenied",
            ),
            (page(403), "NotAllowed"),
            (
                reply(404, "werkzeug.exceptions.NotFound", "no model"),
                "AddonMissing",
            ),
            (
                reply(404, "odoo.exceptions.MissingError", "gone"),
                "Rejected",
            ),
            (
                reply(422, "odoo.exceptions.ValidationError", "bad"),
                "Rejected",
            ),
            (
                reply(
                    422,
                    "werkzeug.exceptions.UnprocessableEntity",
                    "missing a required argument",
                ),
                "Rejected",
            ),
            (reply(500, "builtins.ValueError", "bad value"), "Rejected"),
            (
                reply(500, "psycopg2.errors.SerializationFailure", "again"),
                "Away",
            ),
            (reply(500, "psycopg2.OperationalError", "gone"), "Away"),
            (
                reply(500, "psycopg2.errors.UndefinedTable", "no table"),
                "Rejected",
            ),
            (page(500), "Answer"),
            (page(502), "Away"),
            (page(503), "Away"),
            (page(504), "Away"),
            (page(429), "TooManyRequests"),
            (
                Reply {
                    retry_after: Some(Duration::from_secs(9)),
                    ..page(503)
                },
                "TooManyRequests",
            ),
            (page(413), "Answer"),
            (page(301), "Answer"),
            (
                Reply {
                    status: StatusCode::OK,
                    ..page(200)
                },
                "Answer",
            ),
        ];
        for (reply, expected) in table {
            let shown = format!("{reply:?}");
            assert_eq!(kind(reply), expected, "{shown}");
        }
    }

    #[test]
    fn the_missing_addon_is_named() {
        let error = reply(404, "werkzeug.exceptions.NotFound", "")
            .answer("sluice.supplier.batch", "")
            .unwrap_err();
        assert!(
            matches!(error, OdooError::AddonMissing(addon) if addon == "sluice_supplier_import")
        );
    }

    #[test]
    fn the_missing_model_is_named() {
        let error = reply(404, "werkzeug.exceptions.NotFound", "")
            .answer("sale.order", "")
            .unwrap_err();
        assert!(matches!(error, OdooError::ModelMissing(model) if model == "sale.order"));
    }

    #[test]
    fn neither_traceback_nor_key_gets_through() {
        let error = reply(422, "odoo.exceptions.UserError", "the key s3cret is odd")
            .answer("sluice.api", "s3cret");
        let shown = format!("{:?}", error.unwrap_err());
        assert!(shown.contains("the key (secret) is odd"), "{shown}");
        assert!(!shown.contains("Traceback"), "{shown}");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let date = Some("Sat, 31 Jan 2026 10:00:00 GMT");
        assert_eq!(retry_after("7", None), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after("Sat, 31 Jan 2026 10:00:30 GMT", date),
            Some(Duration::from_secs(30))
        );
        assert_eq!(retry_after("soon", date), None);
    }
}
