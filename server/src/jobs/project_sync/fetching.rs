//! A worker of a walk: one session after another, each from task to task as far down as it goes.

use tokio::sync::{mpsc, oneshot};

use super::{
    board::{Again, Board, Item, Phase, Task},
    entering::{Door, code},
    parts_list::{self, PartsList, Sought},
    storing::{Failed, Found, Packed, Part, pack},
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
enum Left<Place> {
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
            let entered = self.door.enter().await;
            self.board.session_came(matches!(entered, Ok(Some(_))));
            let Some(session) = entered? else {
                // Others have the sessions that LOGIKAL allows.
                return Ok(());
            };
            let outcome = self.in_project(session).await;
            self.board.session_went();
            outcome?;
        }
    }

    async fn tell(&self, found: Found) -> Result<(), JobError> {
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

    /// Fetches parts lists until there are none in this phase, or the session has gone as far down as it can.
    async fn parts_lists(
        &self,
        mut session: Session<place::InPhase>,
        at: usize,
        phase: &Phase,
    ) -> Result<Left<place::InPhase>, JobError> {
        loop {
            let Some((index, item)) = self.board.take_parts_list(at) else {
                return Ok(Left::Session(session));
            };
            match session.select_elevation(item.guid).await {
                Ok(inside) => {
                    self.inside(inside, (index, item), at, phase).await?;
                    return Ok(Left::Nothing);
                }
                Err(refused) => {
                    self.parts_refused(index, phase, &item, &refused.error)
                        .await?;
                    match refused.session {
                        Some(same) => session = same,
                        None => return Ok(Left::Nothing),
                    }
                }
            }
        }
    }

    /// From neighbour to neighbour, as far as LOGIKAL allows it.
    async fn inside(
        &self,
        mut session: Session<place::InElevation>,
        mut taken: (usize, Item),
        at: usize,
        phase: &Phase,
    ) -> Result<(), JobError> {
        loop {
            let (index, item) = taken;
            match session.parts_list().await {
                Ok(file) => {
                    self.parsed(index, phase, item, file).await?;
                }
                Err(error) => {
                    self.parts_refused(index, phase, &item, &error).await?;
                    if is_lost(&error) {
                        return Ok(());
                    }
                }
            }
            (taken, session) = loop {
                if !self.door.site.logikal.allows_sibling_elevations() {
                    return Ok(());
                }
                let Some(next) = self.board.take_parts_list(at) else {
                    return Ok(());
                };
                let was_known = self.door.site.logikal.learnt().1.is_some();
                match session.select_sibling(next.1.guid).await {
                    Ok(beside) => break (next, beside),
                    Err(refused) => {
                        let (index, item) = next;
                        if matches!(refused.error, LogikalError::WrongPlace(_)) && !was_known {
                            // That was a question, and the answer is no.
                            self.board.parts_list_failed(index, false);
                        } else {
                            self.parts_refused(index, phase, &item, &refused.error)
                                .await?;
                        }
                        match refused.session {
                            Some(same) => session = same,
                            None => return Ok(()),
                        }
                    }
                }
            };
        }
    }

    async fn parsed(
        &self,
        index: usize,
        phase: &Phase,
        item: Item,
        file: Vec<u8>,
    ) -> Result<(), JobError> {
        let (id, name) = (item.guid, item.name.clone());
        let read = tokio::task::spawn_blocking(move || {
            let list = parts_list::read(&file, Sought { id, name: &name });
            list.map(|list| (pack(&file), list))
        });
        let read: Result<(Packed, PartsList), _> =
            read.await.map_err(|_panic| JobError::Retry {
                code: "parts_list_broke_off",
                message: format!("reading the parts list of {} broke off", item.name),
                after: None,
            })?;
        self.board.parts_list_done(index);
        match read {
            Ok((content, list)) => {
                let list = Box::new(list);
                self.tell(Found::PartsList {
                    item,
                    content,
                    list,
                })
                .await
            }
            Err(error) => {
                let failed = Failed::of_item(phase, &item, Part::PartsList, error.code(), &error);
                self.tell(Found::Failed(failed)).await
            }
        }
    }

    async fn parts_refused(
        &self,
        index: usize,
        phase: &Phase,
        item: &Item,
        error: &LogikalError,
    ) -> Result<(), JobError> {
        if is_lost(error) && self.board.parts_list_failed(index, true) == Again::Yes {
            return Ok(());
        }
        self.board.parts_list_done(index);
        let code = code(error);
        self.tell(Found::Failed(Failed::of_item(
            phase,
            item,
            Part::PartsList,
            code,
            error,
        )))
        .await?;
        if matches!(error, LogikalError::NotAllowed(_)) {
            // A right is the user's, not the elevation's.
            for left in self.board.forbid_parts_lists() {
                let phase = self.board.phase_of(&left);
                self.tell(Found::Failed(Failed::of_item(
                    &phase,
                    &left,
                    Part::PartsList,
                    code,
                    error,
                )))
                .await?;
            }
        }
        Ok(())
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
fn is_lost(error: &LogikalError) -> bool {
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
