//! A worker of a walk: one session after another, each from task to task as far down as it goes.

use tokio::sync::{mpsc, oneshot};

use super::{
    board::{Again, Board, Phase, Task},
    entering::{Door, code},
    finding::{Failed, Found, Packed, Part, pack},
};
use crate::{
    adapters::logikal::{LogikalError, Picture, Session, place},
    queue::JobError,
};

/// One worker.
pub(super) struct Worker<'run> {
    pub(super) door: &'run Door<'run>,
    pub(super) board: &'run Board,
    pub(super) found: mpsc::Sender<Found>,
}

/// Whether a session can go on.
pub(super) enum Left<Place> {
    /// It stands where it stood.
    Session(Session<Place>),
    /// It is on its way out.
    Nothing,
}

/// A session in a phase, and what for.
struct Inside {
    session: Session<place::InPhase>,
    /// The phase's place in the listing.
    at: usize,
    phase: Phase,
    /// Whether its elevations are to be listed.
    lists: bool,
}

impl Worker<'_> {
    /// Works until nothing is left. `expected` says that a login was promised already.
    pub(super) async fn work(&self, mut expected: bool) -> Result<(), JobError> {
        loop {
            if !expected && !self.board.wants_session().await {
                return Ok(());
            }
            expected = false;
            // What nobody waits for any more is logged out when it comes.
            let entered = tokio::select! {
                biased;
                entered = self.door.enter() => entered,
                () = self.board.over() => Ok(None),
            };
            self.board.session_came(matches!(entered, Ok(Some(_))));
            let Some(session) = entered? else {
                // Others have the sessions that LOGIKAL allows, or have done it all.
                return Ok(());
            };
            let outcome = self.in_project(session).await;
            self.board.session_went();
            outcome?;
        }
    }

    pub(super) async fn tell(&self, found: Found) -> Result<(), JobError> {
        // Whoever stores has failed, and tells why.
        self.found
            .send(found)
            .await
            .map_err(|_gone| JobError::Stopped)
    }

    async fn in_project(&self, session: Session<place::InProject>) -> Result<(), JobError> {
        let entered = self.to_a_phase(session).await;
        self.board.session_left_project();
        match entered? {
            Some(inside) => self.in_phase(inside).await,
            None => Ok(()),
        }
    }

    /// Goes to a phase of which something is wanted; none if nothing is, or the session is lost.
    async fn to_a_phase(
        &self,
        mut session: Session<place::InProject>,
    ) -> Result<Option<Inside>, JobError> {
        loop {
            let (at, phase, lists) = match self.board.next().await {
                Task::Nothing => return Ok(None),
                Task::ListProject => {
                    if !self.list_project(&session).await? {
                        return Ok(None);
                    }
                    continue;
                }
                Task::ListPhase(at, phase) => (at, phase, true),
                Task::Fetch(at, phase) => (at, phase, false),
            };
            match session.select_phase(phase.guid).await {
                Ok(session) => {
                    return Ok(Some(Inside {
                        session,
                        at,
                        phase,
                        lists,
                    }));
                }
                Err(refused) => {
                    self.phase_refused(at, &phase, &refused.error).await?;
                    match refused.session {
                        Some(same) => session = same,
                        None => return Ok(None),
                    }
                }
            }
        }
    }

    /// Lists phases, then prices; says whether the session can go on.
    async fn list_project(&self, session: &Session<place::InProject>) -> Result<bool, JobError> {
        let listing = match session.phases().await {
            Ok(listing) => listing,
            Err(error) if self.board.project_failed() == Again::Yes => {
                return Ok(!is_lost(&error));
            }
            Err(error) => {
                return Err(JobError::Retry {
                    code: code(&error),
                    message: format!("the phases cannot be listed: {error}"),
                    after: None,
                });
            }
        };
        let (reply, answer) = oneshot::channel();
        self.tell(Found::Phases { listing, reply }).await?;
        let Ok(phases) = answer.await else {
            return Err(JobError::Stopped);
        };
        // Others can go to the phases meanwhile.
        self.board.project_listed(phases);
        match session.estimation().await {
            Ok(estimation) => {
                self.tell(Found::Prices(estimation)).await?;
                Ok(true)
            }
            Err(error) => {
                let lost = is_lost(&error);
                self.tell(Found::Failed(Failed::of_project(
                    Part::Prices,
                    code(&error),
                    &error,
                )))
                .await?;
                Ok(!lost)
            }
        }
    }

    async fn phase_refused(
        &self,
        at: usize,
        phase: &Phase,
        error: &LogikalError,
    ) -> Result<(), JobError> {
        let passes = matches!(
            error,
            LogikalError::SessionLost | LogikalError::WrongPlace(_) | LogikalError::Away(_)
        );
        if passes && self.board.phase_failed(at) == Again::Yes {
            return Ok(());
        }
        // It has vanished since it was listed, or stays out of reach: what is wanted of it cannot be had.
        self.tell(Found::Failed(Failed::of_phase(phase, code(error), error)))
            .await?;
        for (item, is_thumbnail) in self.board.give_up(at) {
            let part = if is_thumbnail {
                Part::Thumbnail
            } else {
                Part::PartsList
            };
            self.tell(Found::Failed(Failed::of_item(
                phase,
                &item,
                part,
                code(error),
                error,
            )))
            .await?;
        }
        Ok(())
    }

    async fn in_phase(&self, inside: Inside) -> Result<(), JobError> {
        let Inside {
            mut session,
            mut at,
            mut phase,
            mut lists,
        } = inside;
        loop {
            if lists && !self.list_phase(&session, at, &phase).await? {
                return Ok(());
            }
            if !self.thumbnails(&session, at, &phase).await? {
                return Ok(());
            }
            match self.parts_lists(session, at, &phase).await? {
                Left::Session(same) => session = same,
                Left::Nothing => return Ok(()),
            }
            // Nothing is left in this phase, and the session still stands in it.
            if !self.door.site.logikal.allows_sibling_phases() {
                return Ok(());
            }
            (at, phase, lists) = match self.board.next().await {
                Task::ListPhase(at, phase) => (at, phase, true),
                Task::Fetch(at, phase) => (at, phase, false),
                Task::ListProject | Task::Nothing => return Ok(()),
            };
            let was_known = self.door.site.logikal.learnt().0.is_some();
            match session.select_sibling(phase.guid).await {
                Ok(beside) => session = beside,
                Err(refused) => {
                    if !was_known && matches!(refused.error, LogikalError::WrongPlace(_)) {
                        // That was a question, and the answer is no.
                        self.board.phase_given_back(at, lists);
                    } else {
                        self.phase_refused(at, &phase, &refused.error).await?;
                    }
                    return Ok(());
                }
            }
        }
    }

    async fn list_phase(
        &self,
        session: &Session<place::InPhase>,
        at: usize,
        phase: &Phase,
    ) -> Result<bool, JobError> {
        let listing = match session.elevations().await {
            Ok(listing) => listing,
            Err(error) => {
                if self.board.phase_failed(at) == Again::No {
                    self.tell(Found::Failed(Failed::of_phase(phase, code(&error), &error)))
                        .await?;
                }
                return Ok(false);
            }
        };
        let (reply, answer) = oneshot::channel();
        let phase = phase.clone();
        self.tell(Found::Elevations {
            at,
            phase,
            listing,
            reply,
        })
        .await?;
        let Ok(items) = answer.await else {
            return Err(JobError::Stopped);
        };
        for left in self.board.phase_listed(at, items) {
            let why = "the user may not read parts lists in LOGIKAL";
            let phase = self.board.phase_of(&left);
            let failed =
                Failed::of_item(&phase, &left, Part::PartsList, "logikal_not_allowed", &why);
            self.tell(Found::Failed(failed)).await?;
        }
        Ok(true)
    }

    async fn thumbnails(
        &self,
        session: &Session<place::InPhase>,
        at: usize,
        phase: &Phase,
    ) -> Result<bool, JobError> {
        while let Some((index, item)) = self.board.take_thumbnail(at) {
            match session.thumbnail(item.guid, Picture::default()).await {
                Ok(bytes) if is_picture(&bytes) => {
                    let content = packed(bytes).await?;
                    self.tell(Found::Thumbnail { item, content }).await?;
                }
                Ok(_) => {
                    let why = "LOGIKAL's answer is no picture";
                    let failed = Failed::of_item(phase, &item, Part::Thumbnail, "no_picture", &why);
                    self.tell(Found::Failed(failed)).await?;
                }
                Err(error) => {
                    let lost = is_lost(&error);
                    if !(lost && self.board.thumbnail_failed(index) == Again::Yes) {
                        let failed =
                            Failed::of_item(phase, &item, Part::Thumbnail, code(&error), &error);
                        self.tell(Found::Failed(failed)).await?;
                    }
                    if lost {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }
}

async fn packed(bytes: Vec<u8>) -> Result<Packed, JobError> {
    let packing = tokio::task::spawn_blocking(move || pack(&bytes));
    packing.await.map_err(|_panic| JobError::Retry {
        code: "packing_broke_off",
        message: "packing a picture broke off".to_owned(),
        after: None,
    })
}

/// Whether the session is of no use any more, and the same may succeed in another.
pub(super) fn is_lost(error: &LogikalError) -> bool {
    matches!(
        error,
        LogikalError::SessionLost
            | LogikalError::WrongPlace(_)
            | LogikalError::Away(_)
            | LogikalError::SessionLimit(_)
    )
}

/// By its first bytes: PNG or JPEG.
fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(b"\xff\xd8\xff")
}
