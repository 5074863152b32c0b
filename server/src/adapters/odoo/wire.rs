//! What both protocols need of HTTP: whole replies within a limit, and words for a reply that does not come.

use std::error::Error;

use chrono::{DateTime, Utc};
use futures::StreamExt;
use reqwest::{
    Response,
    header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER},
};

use super::{
    OdooError,
    reply::{Reply, retry_after},
};

/// Takes a reply in. Fails if its body has more bytes than `limit`.
pub(super) async fn receive(response: Response, limit: usize) -> Result<Reply, OdooError> {
    let text = |name| header(&response, name);
    let mut reply = Reply {
        status: response.status(),
        is_json: text(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json")),
        retry_after: text(RETRY_AFTER).and_then(|value| retry_after(value, text(DATE))),
        location: text(LOCATION).map(str::to_owned),
        body: Vec::new(),
    };
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|why| away(&why))?;
        if reply.body.len() + piece.len() > limit {
            return Err(OdooError::TooLarge { limit });
        }
        reply.body.extend_from_slice(&piece);
    }
    Ok(reply)
}

/// When a reply was made, by the clock of the machine that made it.
pub(super) fn date(response: &Response) -> Result<DateTime<Utc>, OdooError> {
    header(response, DATE)
        .and_then(|date| DateTime::parse_from_rfc2822(date.trim()).ok())
        .map(|date| date.with_timezone(&Utc))
        .ok_or_else(|| OdooError::Answer("its replies carry no date".to_owned()))
}

fn header(response: &Response, name: HeaderName) -> Option<&str> {
    response
        .headers()
        .get(name)
        .and_then(|value: &HeaderValue| value.to_str().ok())
}

/// Says why no whole answer arrived, with the innermost cause, which is the one that helps.
pub(super) fn away(why: &reqwest::Error) -> OdooError {
    let mut cause: &dyn Error = why;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    OdooError::Away(if why.is_connect() {
        format!("the connection cannot be opened ({cause})")
    } else if why.is_timeout() {
        "no answer in time".to_owned()
    } else {
        format!("the connection broke ({cause})")
    })
}
