//! How a worker fetches parts lists: from elevation to elevation, as far as one session goes.

use super::{
    board::{Again, Item, Phase},
    entering::code,
    fetching::{Left, Worker, is_lost},
    finding::{Failed, Found, Packed, Part, pack},
    parts_list::{self, PartsList, Sought},
};
use crate::{
    adapters::logikal::{LogikalError, Session, place},
    queue::JobError,
};

impl Worker<'_> {
    /// Fetches parts lists until there are none in this phase, or the session has gone as far down as it can.
    pub(super) async fn parts_lists(
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
