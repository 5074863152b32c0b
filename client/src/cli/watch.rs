//! `sluice watch`: a job's story as it happens, as a bar, as lines, or as JSON.

use clap::Args;
use futures::StreamExt as _;
use sluice_client::{
    Client, Story, Update, WatchOptions,
    v1::{JobState, Reason},
};
use tokio::signal::unix::{SignalKind, signal};

use super::{
    Ending,
    failure::Failure,
    output::{Output, Style},
    render::{bar::Bar, json, picture::Picture, plain::Plain},
};

/// Arguments of `sluice watch`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice watch 0198c0de-0000-7000-8000-000000000001
  sluice watch 0198c0de-0000-7000-8000-000000000001 --json --after-seq 17

A bar on a terminal, JSON lines elsewhere or with --json, lines for people with --plain.
Ctrl-C leaves the job running. Restarts of the server are waited out.
Ends with 0 if the job went well, 3 if rows failed, 1 if the job failed or was cancelled, 130 after Ctrl-C.")]
pub(crate) struct WatchArguments {
    /// The job's id
    job: String,
    /// Tell events after this one only; 0 tells all
    #[arg(
        long,
        value_name = "SEQ",
        default_value_t = 0,
        hide_default_value = true
    )]
    after_seq: i64,
}

pub(crate) async fn run(
    arguments: WatchArguments,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    follow(client, &arguments.job, arguments.after_seq, output).await
}

/// Shows a job's story to its end.
pub(crate) async fn follow(
    client: &Client,
    job_id: &str,
    after_seq: i64,
    output: &Output,
) -> Result<Ending, Failure> {
    let mut story = story(client, job_id, after_seq);
    let mut whole = after_seq == 0;
    let mut screen = Screen::new(output);
    // Listens from here on, not from the first time that it is waited for.
    let mut leave = signal(SignalKind::interrupt())
        .map_err(|error| Failure::local(format!("Ctrl-C cannot be listened for: {error}"), ""))?;
    loop {
        let update = tokio::select! {
            update = story.next() => update,
            _ = leave.recv() => {
                screen.close();
                output.error(&format!("The job goes on. To come back: sluice watch {job_id}"));
                return Ok(Ending::Left);
            }
        };
        match update {
            None => return screen.end(job_id),
            Some(Ok(update)) => screen.show(&update)?,
            Some(Err(error)) => {
                let oldest = (error.reason == Some(Reason::EventsPruned) && whole)
                    .then(|| error.metadata.get("oldest_seq")?.parse::<i64>().ok())
                    .flatten();
                let Some(oldest) = oldest else {
                    screen.close();
                    return Err(error.into());
                };
                output.remark("the beginning of this story is no longer kept");
                story = self::story(client, job_id, oldest - 1);
                whole = false;
            }
        }
    }
}

fn story(client: &Client, job_id: &str, after_seq: i64) -> Story {
    client.watch_with(
        job_id,
        WatchOptions {
            after_seq,
            ..WatchOptions::default()
        },
    )
}

/// Where the story is shown.
struct Screen<'a> {
    output: &'a Output,
    picture: Picture,
    form: Form,
}

enum Form {
    Bar(Bar),
    Plain(Plain),
    Json,
}

impl<'a> Screen<'a> {
    fn new(output: &'a Output) -> Self {
        let form = match output.style() {
            Style::Bar => Form::Bar(Bar::new(output.bar())),
            Style::Plain => Form::Plain(Plain::default()),
            Style::Json => Form::Json,
        };
        Self {
            output,
            picture: Picture::default(),
            form,
        }
    }

    fn show(&mut self, update: &Update) -> Result<(), Failure> {
        self.picture.take(update);
        match &mut self.form {
            Form::Bar(bar) => bar.show(update, &self.picture),
            Form::Plain(plain) => {
                if let Some(line) = plain.line(update) {
                    self.output.line(&line)?;
                }
            }
            Form::Json => self.output.value(&json::update(update))?,
        }
        Ok(())
    }

    /// Takes what moves off the screen.
    fn close(&self) {
        if let Form::Bar(bar) = &self.form {
            bar.close();
        }
    }

    /// Sums the story up.
    fn end(self, job_id: &str) -> Result<Ending, Failure> {
        self.close();
        if !matches!(self.form, Form::Json) {
            for line in self.picture.summary(job_id) {
                self.output.line(&line)?;
            }
        }
        Ok(ending(&self.picture))
    }
}

fn ending(picture: &Picture) -> Ending {
    match picture.state() {
        JobState::Succeeded if picture.counters().errors > 0 => Ending::RowErrors,
        JobState::Succeeded => Ending::Good,
        _ => Ending::Failed,
    }
}

#[cfg(test)]
mod tests {
    use sluice_client::v1::{Counters, Event, EventType};

    use super::*;

    fn after(kind: EventType, errors: i64) -> Ending {
        let mut picture = Picture::default();
        picture.take(&Update::Event(Box::new(Event {
            seq: 1,
            r#type: kind.into(),
            counters: Some(Counters {
                errors,
                ..Counters::default()
            }),
            ..Event::default()
        })));
        ending(&picture)
    }

    #[test]
    fn the_exit_code_tells_how_the_job_ended() {
        assert_eq!(after(EventType::Succeeded, 0), Ending::Good);
        assert_eq!(after(EventType::Succeeded, 2), Ending::RowErrors);
        assert_eq!(after(EventType::Failed, 0), Ending::Failed);
        assert_eq!(after(EventType::Cancelled, 0), Ending::Failed);
    }
}
