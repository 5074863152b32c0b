//! What is still to be fetched, and who is at it: the workers of a walk take their next step from here.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

pub(super) use super::items::{Item, Phase};

/// So often a step is tried before what it was to bring counts as failed.
pub(super) const TRIES: u8 = 3;

/// A step that failed in a way that may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// It will be tried again.
    Yes,
    /// It was tried often enough.
    No,
}

#[derive(Debug, Default)]
pub(super) struct Board {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    project: Stage,
    project_tries: u8,
    phases: Vec<PhaseWork>,
    items: Vec<Work>,
    /// Sessions that are on their way for what is free.
    coming: usize,
    /// Sessions that are open.
    open: usize,
    /// Those of them that are in the project and will take what is free.
    ready: usize,
    /// Whether LOGIKAL has said that this user may read no parts lists.
    forbidden: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Unlisted,
    Listing,
    Listed,
}

#[derive(Debug)]
struct PhaseWork {
    phase: Phase,
    stage: Stage,
    tries: u8,
    thumbnails: VecDeque<usize>,
    parts_lists: VecDeque<usize>,
}

impl PhaseWork {
    fn free(&self) -> usize {
        // Pictures are a matter of one session; each parts list may want one of its own.
        self.parts_lists.len()
            + usize::from(self.stage == Stage::Unlisted)
            + usize::from(self.parts_lists.is_empty() && !self.thumbnails.is_empty())
    }
}

#[derive(Debug)]
struct Work {
    item: Item,
    thumbnail_tries: u8,
    parts_tries: u8,
    is_fetched: bool,
}

/// What a session in the project should do next.
#[derive(Clone, Debug)]
pub(super) enum Task {
    /// List the phases.
    ListProject,
    /// Go to a phase, and list its elevations.
    ListPhase(usize, Phase),
    /// Go to a phase, of which something is wanted.
    Fetch(usize, Phase),
    /// Nothing is left.
    Nothing,
}

impl Board {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a look at the state finds what is looked for.
    async fn until<T>(&self, look: impl Fn(&mut State) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(found) = look(&mut self.state()) {
                return found;
            }
            changed.await;
        }
    }

    /// Waits until another session is worth a login, and promises one; false when nothing is left to come.
    pub(super) async fn wants_session(&self) -> bool {
        self.until(|state| {
            if state.free() > state.coming + state.ready {
                state.coming += 1;
                return Some(true);
            }
            (state.is_over() && state.coming == 0).then_some(false)
        })
        .await
    }

    /// The same without asking: one of the first sessions, which log in while it is still unknown what there is.
    pub(super) fn expect_session(&self) {
        self.state().coming += 1;
    }

    /// Waits until nothing is left: a session that is still coming is of no use then.
    pub(super) async fn over(&self) {
        self.until(|state| state.is_over().then_some(())).await;
    }

    /// The session that was promised is in the project, or will not come.
    pub(super) fn session_came(&self, is_open: bool) {
        let mut state = self.state();
        state.coming = state.coming.saturating_sub(1);
        state.open += usize::from(is_open);
        state.ready += usize::from(is_open);
        drop(state);
        self.changed.notify_waiters();
    }

    /// A session in the project has found its way into a phase, or out.
    pub(super) fn session_left_project(&self) {
        let mut state = self.state();
        state.ready = state.ready.saturating_sub(1);
        drop(state);
        self.changed.notify_waiters();
    }

    /// A session has ended.
    pub(super) fn session_went(&self) {
        let mut state = self.state();
        state.open = state.open.saturating_sub(1);
        drop(state);
        self.changed.notify_waiters();
    }

    /// Whether other sessions of this walk are open.
    pub(super) fn others_work(&self) -> bool {
        self.state().open > 0
    }

    /// What to do next; waits while others list what may bring something.
    pub(super) async fn next(&self) -> Task {
        self.until(State::next).await
    }

    pub(super) fn project_listed(&self, phases: Vec<Phase>) {
        let mut state = self.state();
        state.project = Stage::Listed;
        state.phases = phases
            .into_iter()
            .map(|phase| PhaseWork {
                phase,
                stage: Stage::Unlisted,
                tries: 0,
                thumbnails: VecDeque::new(),
                parts_lists: VecDeque::new(),
            })
            .collect();
        drop(state);
        self.changed.notify_waiters();
    }

    /// The project could not be listed.
    pub(super) fn project_failed(&self) -> Again {
        let mut state = self.state();
        state.project_tries += 1;
        state.project = Stage::Unlisted;
        let again = again(state.project_tries);
        drop(state);
        self.changed.notify_waiters();
        again
    }

    /// A phase was listed, and this is wanted of it. What nobody may read comes back.
    pub(super) fn phase_listed(&self, phase: usize, items: Vec<Item>) -> Vec<Item> {
        let mut state = self.state();
        for item in items {
            let at = state.items.len();
            let work = &mut state.phases[phase];
            if item.wants_thumbnail {
                work.thumbnails.push_back(at);
            }
            if item.wants_parts_list {
                work.parts_lists.push_back(at);
            }
            state.items.push(Work {
                item,
                thumbnail_tries: 0,
                parts_tries: 0,
                is_fetched: false,
            });
        }
        state.phases[phase].stage = Stage::Listed;
        let forbidden = state.forbidden;
        drop(state);
        self.changed.notify_waiters();
        if forbidden {
            self.forbid_parts_lists()
        } else {
            Vec::new()
        }
    }

    /// A session could not go to a phase from where it stood; that was no try.
    pub(super) fn phase_given_back(&self, phase: usize, lists: bool) {
        if lists {
            self.state().phases[phase].stage = Stage::Unlisted;
        }
        self.changed.notify_waiters();
    }

    /// A phase could not be listed, or gone to, in a way that may pass.
    pub(super) fn phase_failed(&self, phase: usize) -> Again {
        let mut state = self.state();
        let work = &mut state.phases[phase];
        work.tries += 1;
        let again = again(work.tries);
        // One that was listed stays so: its elevations are known.
        if work.stage == Stage::Listing {
            work.stage = match again {
                Again::Yes => Stage::Unlisted,
                Again::No => Stage::Listed,
            };
        }
        drop(state);
        self.changed.notify_waiters();
        again
    }

    /// Takes all that is still wanted of a phase, since it is not to be had.
    pub(super) fn give_up(&self, phase: usize) -> Vec<(Item, bool)> {
        let mut state = self.state();
        let work = &mut state.phases[phase];
        work.stage = Stage::Listed;
        let thumbnails: Vec<usize> = work.thumbnails.drain(..).collect();
        let parts_lists: Vec<usize> = work.parts_lists.drain(..).collect();
        let item = |at: usize| state.items[at].item.clone();
        let left = thumbnails.into_iter().map(|at| (item(at), true));
        let left: Vec<_> = left
            .chain(parts_lists.into_iter().map(|at| (item(at), false)))
            .collect();
        drop(state);
        self.changed.notify_waiters();
        left
    }

    pub(super) fn take_thumbnail(&self, phase: usize) -> Option<(usize, Item)> {
        let mut state = self.state();
        let at = state.phases[phase].thumbnails.pop_front()?;
        Some((at, state.items[at].item.clone()))
    }

    pub(super) fn thumbnail_failed(&self, at: usize) -> Again {
        let mut state = self.state();
        let work = &mut state.items[at];
        work.thumbnail_tries += 1;
        let (again, phase) = (again(work.thumbnail_tries), work.item.phase);
        if again == Again::Yes {
            state.phases[phase].thumbnails.push_back(at);
        }
        drop(state);
        self.changed.notify_waiters();
        again
    }

    pub(super) fn take_parts_list(&self, phase: usize) -> Option<(usize, Item)> {
        let mut state = self.state();
        let at = state.phases[phase].parts_lists.pop_front()?;
        state.items[at].is_fetched = true;
        Some((at, state.items[at].item.clone()))
    }

    pub(super) fn parts_list_done(&self, at: usize) {
        self.state().items[at].is_fetched = false;
    }

    /// A parts list could not be fetched in a way that may pass; `counts` says whether that was a try.
    pub(super) fn parts_list_failed(&self, at: usize, counts: bool) -> Again {
        let mut state = self.state();
        let work = &mut state.items[at];
        work.is_fetched = false;
        work.parts_tries += u8::from(counts);
        let (again, phase) = (again(work.parts_tries), work.item.phase);
        if again == Again::Yes {
            state.phases[phase].parts_lists.push_back(at);
        }
        drop(state);
        self.changed.notify_waiters();
        again
    }

    /// LOGIKAL lets this user read no parts lists at all: what is left need not be asked for.
    pub(super) fn forbid_parts_lists(&self) -> Vec<Item> {
        let mut state = self.state();
        state.forbidden = true;
        let left: Vec<usize> = state
            .phases
            .iter_mut()
            .flat_map(|phase| phase.parts_lists.drain(..))
            .collect();
        let left = left
            .into_iter()
            .map(|at| state.items[at].item.clone())
            .collect();
        drop(state);
        self.changed.notify_waiters();
        left
    }

    /// The phase that an elevation is in.
    pub(super) fn phase_of(&self, item: &Item) -> Phase {
        self.state().phases[item.phase].phase.clone()
    }

    /// The names of the elevations whose parts are on their way.
    pub(super) fn under_way(&self) -> Vec<String> {
        let state = self.state();
        let fetched = state.items.iter().filter(|work| work.is_fetched);
        fetched.map(|work| work.item.name.clone()).collect()
    }
}

impl State {
    fn free(&self) -> usize {
        usize::from(self.project == Stage::Unlisted)
            + self.phases.iter().map(PhaseWork::free).sum::<usize>()
    }

    /// Whether nothing is left, and nobody is at what may bring more.
    fn is_over(&self) -> bool {
        self.free() == 0 && self.open == 0
    }

    fn next(&mut self) -> Option<Task> {
        match self.project {
            Stage::Unlisted => {
                self.project = Stage::Listing;
                return Some(Task::ListProject);
            }
            Stage::Listing => return None,
            Stage::Listed => {}
        }
        let unlisted = self
            .phases
            .iter()
            .position(|phase| phase.stage == Stage::Unlisted);
        if let Some(at) = unlisted {
            self.phases[at].stage = Stage::Listing;
            return Some(Task::ListPhase(at, self.phases[at].phase.clone()));
        }
        let fullest = (0..self.phases.len())
            .filter(|at| self.phases[*at].free() > 0)
            .max_by_key(|at| self.phases[*at].free());
        if let Some(at) = fullest {
            return Some(Task::Fetch(at, self.phases[at].phase.clone()));
        }
        let lists = self
            .phases
            .iter()
            .any(|phase| phase.stage == Stage::Listing);
        (!lists).then_some(Task::Nothing)
    }
}

fn again(tries: u8) -> Again {
    if tries < TRIES { Again::Yes } else { Again::No }
}
