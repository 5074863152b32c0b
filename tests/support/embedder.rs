//! An embedder that speaks the protocol of `/v1/embeddings` as others do. Texts that share words have vectors that are near, it counts
//! what it is asked, and it fails as it is told.

use crate::http_service::HttpService;
use anyhow::Result;
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};
use sluice_client::v1::Embedder;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// How long its vectors are.
pub const DIMENSIONS: usize = 384;

/// How it answers.
#[derive(Clone, Debug, Default)]
pub enum Mood {
    /// As it should.
    #[default]
    Well,
    /// With this status alone.
    Status(u16),
    /// It wants to be left alone for so many seconds.
    Busy(u64),
    /// Well, but late.
    Slow(Duration),
    /// With vectors of another length.
    Dimensions(usize),
    /// With a vector of which a part is no number.
    NoNumber,
    /// Without the last vector.
    Fewer,
    /// It takes one text at a time.
    OneByOne,
    /// It takes no text with this word.
    Without(String),
}

/// The embedder; it ends when it is dropped.
pub struct StubEmbedder {
    service: HttpService,
    state: Arc<Stub>,
}

#[derive(Default)]
struct Stub {
    mood: Mutex<Mood>,
    key: Mutex<Option<String>>,
    calls: AtomicUsize,
    texts: AtomicUsize,
}

impl StubEmbedder {
    /// Starts one.
    pub async fn start() -> Result<Self> {
        let state = Arc::new(Stub::default());
        let routes = Router::new()
            .route("/v1/embeddings", post(answer))
            .layer(axum::extract::DefaultBodyLimit::max(64 << 20))
            .with_state(Arc::clone(&state));
        Ok(Self {
            service: HttpService::start(routes).await?,
            state,
        })
    }

    /// How it is called.
    pub fn settings(&self) -> Embedder {
        Embedder {
            url: self.service.url("/v1"),
            model: "stub".to_owned(),
            dimensions: i32::try_from(DIMENSIONS).unwrap_or_default(),
            ..Embedder::default()
        }
    }

    /// From now on it answers like this.
    pub fn is(&self, mood: Mood) {
        *self
            .state
            .mood
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// From now on it wants this key.
    pub fn wants_key(&self, key: &str) {
        *self
            .state
            .key
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(key.to_owned());
    }

    /// How many calls it had.
    pub fn calls(&self) -> usize {
        self.state.calls.load(Ordering::Relaxed)
    }

    /// How many texts it turned into vectors.
    pub fn texts(&self) -> usize {
        self.state.texts.load(Ordering::Relaxed)
    }
}

async fn answer(
    State(stub): State<Arc<Stub>>,
    headers: HeaderMap,
    Json(request): Json<Value>,
) -> Response {
    stub.calls.fetch_add(1, Ordering::Relaxed);
    let key = stub
        .key
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let given = headers.get(header::AUTHORIZATION);
    if let Some(key) = key
        && given.is_none_or(|given| given.as_bytes() != format!("Bearer {key}").as_bytes())
    {
        return refusal(StatusCode::UNAUTHORIZED, "wrong key");
    }
    let mood = stub
        .mood
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let texts: Vec<&str> = request["input"]
        .as_array()
        .map(|texts| texts.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let mut dimensions = DIMENSIONS;
    match &mood {
        Mood::Status(status) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::IM_A_TEAPOT);
            return refusal(status, "as I was told");
        }
        Mood::Busy(seconds) => {
            let pause = [(header::RETRY_AFTER, seconds.to_string())];
            return (StatusCode::TOO_MANY_REQUESTS, pause).into_response();
        }
        Mood::Slow(span) => crate::until::pass(*span).await,
        Mood::OneByOne if texts.len() > 1 => {
            return refusal(StatusCode::PAYLOAD_TOO_LARGE, "one by one");
        }
        Mood::Without(word) if texts.iter().any(|text| text.contains(word.as_str())) => {
            return refusal(StatusCode::BAD_REQUEST, "not this word");
        }
        Mood::Dimensions(other) => dimensions = *other,
        _ => {}
    }
    stub.texts.fetch_add(texts.len(), Ordering::Relaxed);
    let mut data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| json!({ "index": index, "embedding": vector(text, dimensions) }))
        .collect();
    match mood {
        Mood::NoNumber => data[0]["embedding"][0] = Value::Null,
        Mood::Fewer => drop(data.pop()),
        _ => {}
    }
    Json(json!({ "object": "list", "model": request["model"], "data": data })).into_response()
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": { "message": message } }))).into_response()
}

/// Each word points in a direction of its own; a text points where its words do.
pub fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    let mut vector = vec![0.001_f32; dimensions];
    let words = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty());
    for word in words {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in word.to_lowercase().bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        // Three directions for each word, so that two seldom share all.
        for shift in [0, 20, 40] {
            let at = usize::try_from((hash >> shift) & 0xf_ffff).unwrap_or_default() % dimensions;
            vector[at] += 1.0;
        }
    }
    vector
}
