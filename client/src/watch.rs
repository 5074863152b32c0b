//! Following a job to its end, across restarts of the server and broken lines.

use std::time::Duration;

use futures::{StreamExt as _, stream, stream::BoxStream};
use prost_types::Duration as WireDuration;
use sluice_proto::v1::{
    Event, ProgressGetRequest, ProgressWatchRequest, ProgressWatchResponse, Snapshot,
    progress_client::ProgressClient, progress_watch_request::Target,
    progress_watch_response::Message,
};
use tokio::time::Instant;
use tonic::{Code, Streaming};

use crate::{
    connect::Client,
    error::ClientError,
    retry::Backoff,
    story::{Progress, Reading},
};

/// How to watch.
#[derive(Debug, Clone)]
pub struct WatchOptions {
    /// Tell events after this seq; 0 tells the story from its beginning.
    pub after_seq: i64,
    /// How often an idle server shows that it lives. After three of these in silence the line counts as broken.
    pub heartbeat: Duration,
    /// How long to try to come back each time that the line breaks; `None` means for as long as it takes.
    pub patience: Option<Duration>,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self {
            after_seq: 0,
            heartbeat: Duration::from_secs(5),
            patience: None,
        }
    }
}

/// One piece of a job's story.
#[derive(Debug, Clone)]
pub enum Update {
    /// Where the job is now: first, and again after each interruption.
    Snapshot(Box<Snapshot>),
    /// The next event: no seq comes twice and none is left out, but for those that `folded` counts.
    Event(Box<Event>),
    /// The line broke; watching goes on by itself.
    Interrupted {
        /// What happened.
        error: ClientError,
        /// When the next try is.
        retry_in: Duration,
    },
}

/// The story of one job as it happens. It ends after the job's terminal event, or with the error that nobody can wait out.
pub type Story = BoxStream<'static, Result<Update, ClientError>>;

impl Client {
    /// Watches a job from the beginning of its story to its end, however often the server restarts meanwhile.
    pub fn watch(&self, job_id: impl Into<String>) -> Story {
        self.watch_with(job_id, WatchOptions::default())
    }

    /// Like [`Client::watch`], from any point of the story.
    ///
    /// Fails with the reason `EVENTS_PRUNED` if events after that point are no longer kept.
    pub fn watch_with(&self, job_id: impl Into<String>, options: WatchOptions) -> Story {
        let watching = Watching {
            client: self.clone(),
            job_id: job_id.into(),
            story: Progress::after(options.after_seq),
            options,
            responses: None,
            backoff: Backoff::new(),
            wait: None,
            lost_at: None,
            gap_after: None,
            over: false,
        };
        stream::unfold(watching, Watching::next).boxed()
    }

    /// Where a job is now.
    pub async fn snapshot(&self, job_id: &str) -> Result<Snapshot, ClientError> {
        let request = ProgressGetRequest {
            job_id: job_id.to_owned(),
        };
        let answer = self
            .patiently(request, |wire, request| async move {
                ProgressClient::new(wire).get(request).await
            })
            .await?;
        answer
            .snapshot
            .ok_or_else(|| ClientError::incomplete("snapshot"))
    }
}

/// A watch in progress.
struct Watching {
    client: Client,
    job_id: String,
    options: WatchOptions,
    story: Progress,
    responses: Option<Streaming<ProgressWatchResponse>>,
    backoff: Backoff,
    wait: Option<Duration>,
    /// Since when nothing has been heard; unset while the line holds.
    lost_at: Option<Instant>,
    /// After which seq events were missing; twice at one place is not the line's fault.
    gap_after: Option<i64>,
    over: bool,
}

impl Watching {
    async fn next(mut self) -> Option<(Result<Update, ClientError>, Self)> {
        while !self.over {
            if let Some(delay) = self.wait.take() {
                tokio::time::sleep(delay).await;
            }
            let told = match self.hear().await {
                Ok(Some(message)) => self.tell(message),
                Ok(None) if self.story.may_have_ended() => return None,
                Ok(None) => Err(ClientError::local(
                    Code::Unavailable,
                    "the stream ended before the job did",
                )),
                Err(error) => Err(error),
            };
            let update = match told {
                Ok(None) => continue,
                Ok(Some(update)) => Ok(update),
                Err(error) => self.interrupted(error),
            };
            self.over = update.is_err() || self.story.ended();
            return Some((update, self));
        }
        None
    }

    /// The next message; opens the stream if there is none.
    async fn hear(&mut self) -> Result<Option<Message>, ClientError> {
        let silence = self.options.heartbeat.max(Duration::from_secs(1)) * 3;
        let quiet = |_| {
            let seconds = silence.as_secs();
            ClientError::local(
                Code::Unavailable,
                format!("nothing was heard for {seconds} s"),
            )
        };
        let responses = match &mut self.responses {
            Some(responses) => responses,
            none => {
                let request = ProgressWatchRequest {
                    target: Some(Target::JobId(self.job_id.clone())),
                    after_seq: self.story.last_seq(),
                    heartbeat: WireDuration::try_from(self.options.heartbeat).ok(),
                };
                let mut client = ProgressClient::new(self.client.wire());
                let opened = tokio::time::timeout(silence, client.watch(request)).await;
                none.insert(opened.map_err(quiet)??.into_inner())
            }
        };
        let response = tokio::time::timeout(silence, responses.message())
            .await
            .map_err(quiet)??;
        // A message of a newer contract has a kind that is unknown here; it still shows that the line holds.
        Ok(response.map(|response| {
            response
                .message
                .unwrap_or_else(|| Message::Heartbeat(sluice_proto::v1::Heartbeat::default()))
        }))
    }

    /// What a message adds to the story, if anything.
    fn tell(&mut self, message: Message) -> Result<Option<Update>, ClientError> {
        self.lost_at = None;
        match message {
            Message::Heartbeat(_) => Ok(None),
            Message::Snapshot(snapshot) => {
                self.story.look(&snapshot);
                Ok(Some(Update::Snapshot(Box::new(snapshot))))
            }
            Message::Event(event) => match self.story.read(&event) {
                Reading::New => {
                    self.backoff.reset();
                    Ok(Some(Update::Event(Box::new(event))))
                }
                Reading::Repeat => Ok(None),
                Reading::Gap => Err(self.missing(event.seq)),
            },
        }
    }

    /// Events before `seq` did not come: worth one more look, then an error that ends the story.
    fn missing(&mut self, seq: i64) -> ClientError {
        let last = self.story.last_seq();
        let again = self.gap_after.replace(last) == Some(last);
        let code = if again {
            Code::DataLoss
        } else {
            Code::Unavailable
        };
        ClientError::local(code, format!("after event {last} came event {seq}"))
    }

    /// Comes back later if that can help and the caller is still willing.
    fn interrupted(&mut self, error: ClientError) -> Result<Update, ClientError> {
        self.responses = None;
        let lost_at = *self.lost_at.get_or_insert_with(Instant::now);
        let retry_in = self.backoff.next_delay();
        let willing = self
            .options
            .patience
            .is_none_or(|patience| lost_at.elapsed() + retry_in <= patience);
        if !error.is_transient() || !willing {
            return Err(error);
        }
        self.wait = Some(retry_in);
        Ok(Update::Interrupted { error, retry_in })
    }
}
