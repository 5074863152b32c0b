//! The protocol of `/v1/embeddings`, as `OpenAI` made it.

use futures::{FutureExt as _, future::BoxFuture};
use reqwest::header::{AUTHORIZATION, DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use secrecy::ExposeSecret as _;
use serde_json::json;
use url::Url;

use super::{EmbedError, Embedder, EmbedderAddress, answer::Reply};
use crate::adapters::{Http, odoo::retry_after, pace::Pace};

/// What a number takes in JSON at most, with its comma.
const BYTES_OF_NUMBER: usize = 32;
/// What an answer may hold besides numbers.
const BYTES_BESIDE: usize = 1 << 20;

/// An embedder at an address.
#[derive(Debug)]
pub struct OpenAi {
    client: reqwest::Client,
    endpoint: Url,
    address: EmbedderAddress,
    pace: Option<Pace>,
}

impl OpenAi {
    /// An embedder; nothing is asked of it yet.
    pub fn new(http: &Http, address: EmbedderAddress) -> Self {
        Self {
            client: http.embedder().clone(),
            endpoint: endpoint(&address.url),
            pace: address.calls_per_minute.map(Pace::per_minute),
            address,
        }
    }

    async fn ask(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        if let Some(pace) = &self.pace {
            pace.turn().await;
        }
        let request = self
            .client
            .post(self.endpoint.clone())
            .headers(self.headers()?)
            .timeout(self.address.timeout)
            .json(&json!({
                "model": self.address.model,
                "input": texts,
                "encoding_format": "float",
            }));
        let reply = match request.send().await {
            Ok(response) => self.receive(response, texts.len()).await,
            Err(why) => Err(why),
        };
        let reply = reply.map_err(|why| self.failed(&why))?;
        let reply = reply.ok_or_else(|| {
            EmbedError::Misconfigured("its answer is far too large for its vectors".to_owned())
        })?;
        let secret = self.address.api_key.as_ref();
        let secret = secret.map_or("", |key| key.expose_secret());
        reply.vectors(texts.len(), self.address.dimensions, secret)
    }

    fn headers(&self) -> Result<HeaderMap, EmbedError> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &self.address.api_key {
            // A key that no header can carry is not one that was given out.
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))
                .map_err(|_not_a_header| EmbedError::KeyRefused(401))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(headers)
    }

    /// The reply; `None` if it is larger than any answer to so many texts.
    async fn receive(
        &self,
        mut response: reqwest::Response,
        texts: usize,
    ) -> Result<Option<Reply>, reqwest::Error> {
        let limit = texts * self.address.dimensions * BYTES_OF_NUMBER + BYTES_BESIDE;
        let header = |name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let asked = header(RETRY_AFTER);
        let pause = asked.and_then(|value| retry_after(&value, header(DATE).as_deref()));
        let status = response.status();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await? {
            if body.len() + piece.len() > limit {
                return Ok(None);
            }
            body.extend_from_slice(&piece);
        }
        Ok(Some(Reply {
            status,
            retry_after: pause,
            body,
        }))
    }

    fn failed(&self, why: &reqwest::Error) -> EmbedError {
        if why.is_timeout() && !why.is_connect() {
            return EmbedError::Slow(self.address.timeout);
        }
        // The outer words are only that a request failed; why is in the inner ones.
        let mut inner: &dyn std::error::Error = why;
        while let Some(source) = inner.source() {
            inner = source;
        }
        EmbedError::Away(inner.to_string())
    }
}

impl Embedder for OpenAi {
    fn embed<'a>(
        &'a self,
        texts: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Vec<f32>>, EmbedError>> {
        self.ask(texts).boxed()
    }
}

/// People give the address with and without the last word.
fn endpoint(url: &Url) -> Url {
    let mut endpoint = url.clone();
    let path = url.path().trim_end_matches('/');
    if !path.ends_with("/embeddings") {
        endpoint.set_path(&format!("{path}/embeddings"));
    }
    endpoint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_name_the_method_or_not() {
        for given in [
            "http://e.example:80/v1",
            "http://e.example/v1/",
            "http://e.example/v1/embeddings",
        ] {
            let url = Url::parse(given).unwrap();
            assert_eq!(endpoint(&url).as_str(), "http://e.example/v1/embeddings");
        }
    }
}
