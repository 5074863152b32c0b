//! What an embedder answered: vectors that can be used, or why not.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::EmbedError;

/// How much of an embedder's own words is repeated.
const LONGEST_MESSAGE: usize = 300;

/// A reply as it came.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
}

#[derive(Deserialize)]
struct Vectors {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    index: Option<usize>,
    // JSON has no way to write what is no number; some write null.
    embedding: Vec<Option<f32>>,
}

impl Reply {
    /// A vector for each of so many texts. `secret` is cut out of messages, should it ever be repeated.
    pub(super) fn vectors(
        &self,
        texts: usize,
        dimensions: usize,
        secret: &str,
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        if self.status != StatusCode::OK {
            return Err(self.failure(secret));
        }
        let answer: Vectors = match serde_json::from_slice(&self.body) {
            Ok(answer) => answer,
            // Some write NaN and Infinity as if they were JSON.
            Err(_) if has_no_number(&self.body) => return Err(EmbedError::NotNumbers),
            Err(why) => {
                return Err(EmbedError::Misconfigured(format!(
                    "its answer is not that of /v1/embeddings ({why})"
                )));
            }
        };
        in_order(answer.data, texts)?
            .into_iter()
            .map(|numbers| usable(numbers, dimensions))
            .collect()
    }

    fn failure(&self, secret: &str) -> EmbedError {
        let message = self.message(secret);
        match self.status.as_u16() {
            401 | 403 => EmbedError::KeyRefused(self.status.as_u16()),
            408 | 500 | 502 | 504 => EmbedError::Away(format!("HTTP {}{message}", self.status)),
            413 => EmbedError::TooLarge,
            429 | 503 => EmbedError::TooManyRequests {
                retry_after: self.retry_after,
            },
            400 | 422 => EmbedError::Rejected(format!("HTTP {}{message}", self.status)),
            _ => EmbedError::Misconfigured(format!("HTTP {}{message}", self.status)),
        }
    }

    /// Its own words, behind a colon; empty if it has none.
    fn message(&self, secret: &str) -> String {
        let told: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let text = ["/error/message", "/error", "/message", "/detail"]
            .iter()
            .find_map(|at| told.pointer(at).and_then(Value::as_str))
            .unwrap_or_default();
        if text.is_empty() {
            return String::new();
        }
        let text = if secret.is_empty() {
            text.to_owned()
        } else {
            text.replace(secret, "(secret)")
        };
        let short: String = text.chars().take(LONGEST_MESSAGE).collect();
        format!(": {short}")
    }
}

fn has_no_number(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    text.contains("NaN") || text.contains("Infinity")
}

/// The vectors in the order of the texts; an answer may have them in another.
fn in_order(items: Vec<Item>, texts: usize) -> Result<Vec<Vec<Option<f32>>>, EmbedError> {
    let count = EmbedError::Count {
        expected: texts,
        found: items.len(),
    };
    if items.len() != texts {
        return Err(count);
    }
    let mut ordered: Vec<Option<Vec<Option<f32>>>> = vec![None; texts];
    for (place, item) in items.into_iter().enumerate() {
        match ordered.get_mut(item.index.unwrap_or(place)) {
            Some(free @ None) => *free = Some(item.embedding),
            _ => return Err(count),
        }
    }
    ordered.into_iter().collect::<Option<_>>().ok_or(count)
}

fn usable(numbers: Vec<Option<f32>>, dimensions: usize) -> Result<Vec<f32>, EmbedError> {
    if numbers.len() != dimensions {
        return Err(EmbedError::Dimensions {
            expected: dimensions,
            found: numbers.len(),
        });
    }
    let vector: Option<Vec<f32>> = numbers
        .into_iter()
        .map(|number| number.filter(|number| number.is_finite()))
        .collect();
    let vector = vector.ok_or(EmbedError::NotNumbers)?;
    // Of zeros only it points nowhere, and is near to nothing.
    if vector.iter().all(|number| number.abs() < f32::MIN_POSITIVE) {
        return Err(EmbedError::NotNumbers);
    }
    Ok(vector)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: None,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn vectors_come_in_the_order_of_the_texts() {
        let body = json!({ "data": [
            { "index": 1, "embedding": [0.0, 1.0] },
            { "index": 0, "embedding": [1.0, 0.0] },
        ] });
        let vectors = reply(200, &body.to_string()).vectors(2, 2, "").unwrap();
        assert_eq!(vectors, [[1.0, 0.0], [0.0, 1.0]]);
    }

    #[test]
    fn what_cannot_be_used_is_told_apart() {
        let one = |embedding: &str| format!(r#"{{"data":[{{"embedding":{embedding}}}]}}"#);
        let table = [
            (reply(200, &one("[1]")), "Dimensions"),
            (reply(200, &one("[1, null]")), "NotNumbers"),
            (reply(200, &one("[1, NaN]")), "NotNumbers"),
            (reply(200, &one("[1, 1e99]")), "NotNumbers"),
            (reply(200, &one("[0, 0]")), "NotNumbers"),
            (reply(200, r#"{"data":[]}"#), "Count"),
            (
                reply(200, r#"{"data":[{"index":7,"embedding":[1,2]}]}"#),
                "Count",
            ),
            (reply(200, "<html>"), "Misconfigured"),
            (reply(401, ""), "KeyRefused"),
            (reply(404, ""), "Misconfigured"),
            (reply(413, ""), "TooLarge"),
            (reply(422, ""), "Rejected"),
            (reply(429, ""), "TooManyRequests"),
            (reply(500, ""), "Away"),
            (reply(503, ""), "TooManyRequests"),
        ];
        for (reply, expected) in table {
            let error = reply.vectors(1, 2, "").unwrap_err();
            assert!(format!("{error:?}").starts_with(expected), "{error:?}");
        }
    }

    #[test]
    fn a_message_never_repeats_the_key() {
        let told = reply(400, r#"{"error":{"message":"bad key s3cret"}}"#);
        let error = told.vectors(1, 2, "s3cret").unwrap_err().to_string();
        assert!(
            error.contains("bad key") && !error.contains("s3cret"),
            "{error}"
        );
    }
}
