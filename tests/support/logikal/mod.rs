//! A simulated LOGIKAL, since nobody can install a real one: its service's states, codes, delays and moods as far as they
//! are publicly known. It counts sessions, so that a test can see that none stays open.

mod calls;
mod drawing;
mod machine;
mod parts_file;
mod sample;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Result;
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

pub use calls::Call;
pub use machine::Siblings;
pub use parts_file::PartsFile;
pub use sample::{Elevation, Phase, Project, Site};

use crate::{http_service::HttpService, until::pass};
use calls::Asked;
use machine::{Answer, Place, Refusal};

/// The user that may log in.
pub const USER: &str = "odoo";
/// And the password.
pub const PASSWORD: &str = "let me in";

/// How a simulated LOGIKAL behaves.
#[derive(Clone, Copy, Debug)]
pub struct Moods {
    /// Whether a session may go to a neighbouring phase or elevation.
    pub siblings: Siblings,
    /// What the observed delays are multiplied by; 0 for none.
    pub pace: f64,
    /// How many sessions may be open at once; LOGIKAL refuses the next with 409.
    pub most_sessions: usize,
    /// Whether the user may read parts lists.
    pub may_read_parts: bool,
}

impl Default for Moods {
    fn default() -> Self {
        Self {
            siblings: Siblings::Strict,
            pace: 0.0,
            most_sessions: 100,
            may_read_parts: true,
        }
    }
}

/// What goes wrong with a call.
#[derive(Clone, Debug)]
pub enum Failure {
    /// An answer with this status and a message.
    Status(u16),
    /// A page of a proxy instead of JSON, with status 200.
    Page,
    /// Half of the answer, then the connection breaks.
    Cut,
    /// Instead of the answer's data.
    Data(Value),
    /// Instead of the answer's bytes.
    Bytes(Vec<u8>),
    /// So many MiB, without saying so beforehand.
    Flood(usize),
    /// No answer until the caller has gone.
    Silence,
}

/// A simulated LOGIKAL that serves as long as this value lives.
pub struct Simulator {
    service: HttpService,
    inside: Arc<Inside>,
}

struct Inside {
    moods: Moods,
    open: watch::Sender<usize>,
    /// Calls of this kind wait, but for so many that came first.
    gate: watch::Sender<Option<(Call, usize)>>,
    state: Mutex<Running>,
}

struct Running {
    site: Site,
    sessions: HashMap<String, Place>,
    failures: Vec<(Call, VecDeque<Option<Failure>>)>,
    calls: Vec<Call>,
    logins: usize,
    most_open: usize,
    is_away: bool,
}

impl Simulator {
    /// Starts one that holds `site`.
    pub async fn start(site: Site, moods: Moods) -> Result<Self> {
        let inside = Arc::new(Inside {
            moods,
            open: watch::Sender::new(0),
            gate: watch::Sender::new(None),
            state: Mutex::new(Running {
                site,
                sessions: HashMap::new(),
                failures: Vec::new(),
                calls: Vec::new(),
                logins: 0,
                most_open: 0,
                is_away: false,
            }),
        });
        let routes = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&inside));
        let service = HttpService::start(routes).await?;
        Ok(Self { service, inside })
    }

    /// The address of the service.
    pub fn url(&self) -> String {
        self.service.url(calls::BASE)
    }

    /// Changes what LOGIKAL holds, as its users do.
    pub fn change(&self, change: impl FnOnce(&mut Site)) {
        change(&mut self.inside.running().site);
    }

    /// Lets the next call of this kind fail, once; `after` calls of the kind go well before.
    pub fn fail(&self, call: Call, after: usize, failure: Failure) {
        let mut turns: VecDeque<_> = std::iter::repeat_n(None, after).collect();
        turns.push_back(Some(failure));
        self.inside.running().failures.push((call, turns));
    }

    /// Lets the first calls of this kind through, those that have been counted; all others wait until [`Self::release`].
    pub fn hold(&self, call: Call, first: usize) {
        self.inside.gate.send_replace(Some((call, first)));
    }

    /// Lets all calls through again.
    pub fn release(&self) {
        self.inside.gate.send_replace(None);
    }

    /// Goes away behind its proxy, which answers for it, with all its sessions.
    pub fn go_away(&self) {
        self.forget_sessions();
        self.inside.running().is_away = true;
    }

    /// Is there again.
    pub fn come_back(&self) {
        self.inside.running().is_away = false;
    }

    /// Forgets every session, as a restart does.
    pub fn forget_sessions(&self) {
        let mut running = self.inside.running();
        running.sessions.clear();
        self.inside.open.send_replace(0);
    }

    /// How many sessions are open.
    pub fn open_sessions(&self) -> usize {
        *self.inside.open.borrow()
    }

    /// How many sessions were open at once at most.
    pub fn most_open(&self) -> usize {
        self.inside.running().most_open
    }

    /// How often somebody logged in.
    pub fn logins(&self) -> usize {
        self.inside.running().logins
    }

    /// How many calls of this kind came in.
    pub fn count(&self, call: Call) -> usize {
        self.inside
            .running()
            .calls
            .iter()
            .filter(|seen| **seen == call)
            .count()
    }
}

impl Inside {
    fn running(&self) -> MutexGuard<'_, Running> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call and waits while its kind is held.
    async fn come_in(&self, call: Call) {
        let number = {
            let mut running = self.running();
            running.calls.push(call);
            running.calls.iter().filter(|seen| **seen == call).count()
        };
        let is_free = |gate: &Option<(Call, usize)>| !matches!(gate, Some((held, free)) if *held == call && number > *free);
        // The simulator is there as long as its calls are.
        let mut gate = self.gate.subscribe();
        let _free = gate.wait_for(is_free).await;
    }

    /// What is to go wrong with this call, if anything.
    fn failure(&self, call: Call) -> Option<Failure> {
        let mut running = self.running();
        if running.is_away {
            return Some(Failure::Status(502));
        }
        let mut found = None;
        for (kind, turns) in &mut running.failures {
            if *kind == call
                && let Some(Some(failure)) = turns.pop_front()
            {
                found.get_or_insert(failure);
            }
        }
        running.failures.retain(|(_, turns)| !turns.is_empty());
        found
    }

    fn act(&self, asked: &Asked) -> Result<Answer, Refusal> {
        let mut running = self.running();
        let running = &mut *running;
        let answer = match asked.call {
            Call::LogIn => self.log_in(running, asked),
            Call::LogOut => running
                .sessions
                .remove(&asked.token)
                .map(|_place| Answer::Done)
                .ok_or_else(Refusal::unknown_session),
            _ => {
                let place = running
                    .sessions
                    .get_mut(&asked.token)
                    .ok_or_else(Refusal::unknown_session)?;
                machine::act(&running.site, place, asked, &self.moods)
            }
        };
        self.open.send_replace(running.sessions.len());
        answer
    }

    fn log_in(&self, running: &mut Running, asked: &Asked) -> Result<Answer, Refusal> {
        let text = |name| asked.body.get(name).and_then(Value::as_str);
        if text("username") != Some(USER) || text("password") != Some(PASSWORD) {
            return Err(Refusal::new(401, "Unauthorized"));
        }
        if asked.body.get("erp").and_then(Value::as_bool) != Some(true) {
            return Err(Refusal::new(400, "A program mode is required."));
        }
        if running.sessions.len() >= self.moods.most_sessions {
            return Err(Refusal::new(409, "No further session can be started."));
        }
        let token = Uuid::new_v4().to_string();
        running.logins += 1;
        running.sessions.insert(token.clone(), Place::default());
        running.most_open = running.most_open.max(running.sessions.len());
        Ok(Answer::Data(json!({ "username": USER, "token": token })))
    }
}

async fn answer(State(inside): State<Arc<Inside>>, request: Request<Body>) -> Response {
    let Some(asked) = Asked::read(request).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    inside.come_in(asked.call).await;
    let failure = inside.failure(asked.call);
    pass(Duration::from_secs_f64(
        asked.call.seconds() * inside.moods.pace,
    ))
    .await;
    match failure {
        Some(Failure::Status(status)) => Refusal::new(status, "It went wrong.").into_response(),
        Some(Failure::Silence) => std::future::pending().await,
        Some(Failure::Flood(mebibytes)) => flood(mebibytes),
        Some(Failure::Page) => "<html>Welcome</html>".into_response(),
        failure => {
            let answer = match inside.act(&asked) {
                Ok(answer) => answer,
                Err(refusal) => return refusal.into_response(),
            };
            match (failure, answer) {
                (Some(Failure::Data(data)), _) => Answer::Data(data).into_response(),
                (Some(Failure::Bytes(bytes)), _) => Answer::Bytes(bytes).into_response(),
                (Some(Failure::Cut), answer) => cut(answer.into_response()).await,
                (_, answer) => answer.into_response(),
            }
        }
    }
}

/// An answer that only ends when it was far too long.
fn flood(mebibytes: usize) -> Response {
    let piece = Bytes::from(vec![b' '; 1 << 20]);
    let pieces = (0..mebibytes).map(move |_| Ok::<Bytes, std::io::Error>(piece.clone()));
    Response::new(Body::from_stream(futures::stream::iter(pieces)))
}

/// Promises the whole answer and breaks off after half of it.
async fn cut(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    parts.headers.remove(header::CONTENT_LENGTH);
    let pieces = futures::stream::iter([
        Ok::<Bytes, std::io::Error>(half),
        Err(std::io::Error::other("cut")),
    ]);
    Response::from_parts(parts, Body::from_stream(pieces))
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Done => Json(json!({ "hints": [], "warnings": [] })).into_response(),
            Self::Data(data) => {
                Json(json!({ "data": data, "hints": [], "warnings": [] })).into_response()
            }
            Self::Bytes(bytes) => ([(header::CONTENT_TYPE, "image/png")], bytes).into_response(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({ "message": self.message, "code": self.status, "hints": [], "warnings": [], "errors": [] });
        (status, Json(body)).into_response()
    }
}
