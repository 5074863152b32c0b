//! The steps of the protocol, called as in the queue's code, and the faults between them.

use crate::world::{
    BATCHES, DEAD, Fence, Job, MAX_RETRIES, Message, Run, State, Step, Worker, World,
};
use stateright::{Model, Property};

/// The protocol as it is, or with one part of it left out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Variant {
    AsBuilt,
    /// Odoo applies whatever comes in.
    NoFenceInOdoo,
    /// The checkpoint is stored when a batch is sent.
    CheckpointBeforeAnswer,
    /// A job is taken from its holder after some time, whether it lives or not.
    RescueByElapsedTimeOnly,
    /// The holder's statements do not name its attempt.
    NoAttemptInStatements,
    /// A claim does not look at the lane.
    NoLane,
}

pub(crate) struct Protocol {
    pub(crate) variant: Variant,
    pub(crate) faults: u8,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Action {
    // What workers and rescuers do.
    Claim {
        worker: usize,
        job: usize,
    },
    Send(usize),
    Hear(usize, Message),
    Checkpoint(usize),
    Succeed(usize),
    /// The keeper of leases finds out that the job has another holder.
    FindLost(usize),
    Rescue(usize),
    TakeLock(usize),
    Restart(usize),
    Resume(usize),
    // What Odoo does.
    Apply(Message),
    // What goes wrong.
    Crash(usize),
    Pause(usize),
    LoseSession(usize),
    /// Time passes beyond the lease of a holder that cannot renew it.
    LeaseEnds(usize),
    /// A worker stops waiting; its message stays on its way.
    GiveUpWaiting(usize),
    Lose(Message),
}

impl Model for Protocol {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.faults)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for (index, worker) in world.workers.iter().enumerate() {
            self.actions_of(world, index, worker, actions);
        }
        for (index, job) in world.jobs.iter().enumerate() {
            if self.may_be_rescued(world, job) {
                actions.push(Action::Rescue(index));
            }
            let silent = job
                .worker
                .and_then(|worker| world.workers.get(worker))
                .is_some_and(|worker| worker.paused);
            if job.leased && silent {
                actions.push(Action::LeaseEnds(index));
            }
        }
        for message in &world.wire {
            if matches!(message, Message::Request { .. }) {
                actions.push(Action::Apply(*message));
            }
            if world.faults > 0 {
                actions.push(Action::Lose(*message));
            }
        }
    }

    fn next_state(&self, before: &World, action: Action) -> Option<World> {
        let mut world = before.clone();
        match action {
            Action::Claim { worker, job } => claim(&mut world, worker, job),
            Action::Send(worker) => self.send(&mut world, worker),
            Action::Apply(message) => self.apply(&mut world, message),
            Action::Hear(worker, message) => hear(&mut world, worker, message),
            Action::Checkpoint(worker) => self.checkpoint(&mut world, worker),
            Action::Succeed(worker) => self.succeed(&mut world, worker),
            Action::FindLost(worker) => world.workers[worker].run = None,
            Action::Rescue(job) => rescue(&mut world.jobs[job]),
            Action::TakeLock(worker) => world.workers[worker].locked = true,
            Action::Restart(worker) => world.workers[worker].alive = true,
            Action::Resume(worker) => world.workers[worker].paused = false,
            Action::LeaseEnds(job) => world.jobs[job].leased = false,
            fault => {
                world.faults -= 1;
                happen(&mut world, fault);
            }
        }
        world.tidy();
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("one effect per batch", |_, world: &World| {
                world
                    .jobs
                    .iter()
                    .zip(&world.odoo)
                    .zip(BATCHES)
                    .all(|((job, odoo), batches)| {
                        odoo.effects.values().all(|count| *count == 1)
                            && (job.state != State::Succeeded
                                || odoo.effects.len() == usize::from(batches))
                    })
            }),
            Property::always("lane holds one", |_, world: &World| {
                world
                    .jobs
                    .iter()
                    .filter(|job| job.state == State::Running)
                    .count()
                    <= 1
            }),
            Property::always("lane keeps its order", |_, world: &World| {
                let begun = |index: usize| world.jobs[index].attempt > 0;
                let over = |index: usize| {
                    matches!(world.jobs[index].state, State::Succeeded | State::Failed)
                };
                (0..2).all(|index| !(begun(0) && begun(1)) || over(index) || over(1 - index))
            }),
            Property::always("no job is given up", |_, world: &World| {
                world.jobs.iter().all(|job| job.state != State::Failed)
            }),
            Property::eventually("no stuck job", |_, world: &World| {
                world.jobs.iter().all(|job| job.state == State::Succeeded)
            }),
        ]
    }
}

impl Protocol {
    fn actions_of(&self, world: &World, index: usize, worker: &Worker, actions: &mut Vec<Action>) {
        let fault = world.faults > 0;
        if !worker.alive {
            actions.push(Action::Restart(index));
            return;
        }
        if worker.paused {
            actions.push(Action::Resume(index));
            return;
        }
        if fault {
            actions.push(Action::Crash(index));
            actions.push(Action::Pause(index));
        }
        if !worker.locked {
            actions.push(Action::TakeLock(index));
        } else if fault {
            actions.push(Action::LoseSession(index));
        }
        let Some(run) = worker.run else {
            for (job, row) in world.jobs.iter().enumerate() {
                let free = self.variant == Variant::NoLane || !world.lane_is_taken(job);
                if worker.locked && row.state == State::Queued && free {
                    actions.push(Action::Claim { worker: index, job });
                }
            }
            return;
        };
        let job = &world.jobs[run.job];
        if job.state != State::Running || job.attempt != run.attempt {
            actions.push(Action::FindLost(index));
        }
        match run.step {
            Step::Ready => actions.push(Action::Send(index)),
            Step::Waiting => {
                let answers = world.wire.iter().filter(|message| answers(run, **message));
                actions.extend(answers.map(|message| Action::Hear(index, *message)));
                if fault {
                    actions.push(Action::GiveUpWaiting(index));
                }
                // Where nothing is on its way any more, the call breaks off by itself and is made again.
                if !world.wire.iter().any(|message| concerns(run, *message)) {
                    actions.push(Action::Send(index));
                }
            }
            Step::Answered if run.next == BATCHES[run.job] => actions.push(Action::Succeed(index)),
            Step::Answered => actions.push(Action::Checkpoint(index)),
        }
    }

    fn may_be_rescued(&self, world: &World, job: &Job) -> bool {
        let Some(worker) = job.worker.filter(|_| job.state == State::Running) else {
            return false;
        };
        self.variant == Variant::RescueByElapsedTimeOnly
            || world
                .workers
                .get(worker)
                .is_none_or(|holder| !holder.locked)
            || !job.leased
    }

    fn send(&self, world: &mut World, worker: usize) {
        let Some(run) = &mut world.workers[worker].run else {
            return;
        };
        run.step = Step::Waiting;
        let run = *run;
        world.send(Message::Request {
            job: run.job,
            attempt: run.attempt,
            batch: run.next,
        });
        if self.variant == Variant::CheckpointBeforeAnswer
            && run.next < BATCHES[run.job]
            && let Some(job) = world.held(run)
        {
            job.checkpoint = run.next + 1;
        }
    }

    /// `apply_batch` and `finish` of the addon: fence, ledger and rows are one transaction.
    fn apply(&self, world: &mut World, message: Message) {
        let Message::Request {
            job,
            attempt,
            batch,
        } = message
        else {
            return;
        };
        world.take(message);
        let fenced = self.variant != Variant::NoFenceInOdoo;
        let fence = &mut world.odoo[job];
        let finishes = batch == BATCHES[job];
        let again = finishes && fence.finished && attempt == fence.attempt;
        let stale = fenced
            && !again
            && (attempt < fence.attempt || attempt == fence.attempt && fence.finished);
        if !stale {
            if attempt > fence.attempt {
                fence.attempt = attempt;
                fence.finished = false;
            }
            take_effect(fence, batch, finishes);
        }
        world.send(Message::Answer {
            job,
            attempt,
            batch,
            stale,
        });
    }

    fn checkpoint(&self, world: &mut World, worker: usize) {
        let Some(mut run) = world.workers[worker].run else {
            return;
        };
        if let Some(job) = self.spoken_for(world, run) {
            run.next += 1;
            run.step = Step::Ready;
            job.checkpoint = run.next;
            job.failures = 0;
            world.workers[worker].run = Some(run);
        } else {
            world.workers[worker].run = None;
        }
    }

    fn succeed(&self, world: &mut World, worker: usize) {
        let Some(run) = world.workers[worker].run.take() else {
            return;
        };
        if let Some(job) = self.spoken_for(world, run) {
            job.state = State::Succeeded;
            job.worker = None;
            job.leased = false;
        }
    }

    fn spoken_for<'world>(&self, world: &'world mut World, run: Run) -> Option<&'world mut Job> {
        if self.variant == Variant::NoAttemptInStatements {
            return Some(&mut world.jobs[run.job]);
        }
        world.held(run)
    }
}

fn claim(world: &mut World, worker: usize, index: usize) {
    let job = &mut world.jobs[index];
    job.state = State::Running;
    job.attempt += 1;
    job.worker = Some(worker);
    job.leased = true;
    world.workers[worker].run = Some(Run {
        job: index,
        attempt: job.attempt,
        next: job.checkpoint,
        step: Step::Ready,
    });
}

fn take_effect(fence: &mut Fence, batch: u8, finishes: bool) {
    if finishes {
        fence.finished = true;
        fence.ledger.clear();
    } else if !fence.ledger.contains(&batch) {
        fence.ledger.push(batch);
        fence.ledger.sort_unstable();
        *fence.effects.entry(batch).or_default() += 1;
    }
}

fn hear(world: &mut World, worker: usize, message: Message) {
    world.take(message);
    let Message::Answer { stale, .. } = message else {
        return;
    };
    let run = &mut world.workers[worker].run;
    if stale {
        *run = None;
    } else if let Some(run) = run {
        run.step = Step::Answered;
    }
}

/// `retry_later`, told as a rescue.
fn rescue(job: &mut Job) {
    job.worker = None;
    job.leased = false;
    if job.failures == MAX_RETRIES {
        job.state = State::Failed;
    } else {
        job.state = State::Queued;
        job.failures += 1;
    }
}

fn happen(world: &mut World, fault: Action) {
    match fault {
        Action::Crash(worker) => {
            for job in &mut world.jobs {
                job.worker = job
                    .worker
                    .map(|held| if held == worker { DEAD } else { held });
            }
            world.workers[worker] = Worker {
                alive: false,
                paused: false,
                locked: false,
                run: None,
            };
        }
        Action::Pause(worker) => world.workers[worker].paused = true,
        Action::LoseSession(worker) => world.workers[worker].locked = false,
        Action::GiveUpWaiting(worker) => {
            if let Some(run) = &mut world.workers[worker].run {
                run.step = Step::Ready;
            }
        }
        Action::Lose(message) => world.take(message),
        _ => {}
    }
}

fn answers(run: Run, message: Message) -> bool {
    matches!(message, Message::Answer { .. }) && concerns(run, message)
}

fn concerns(run: Run, message: Message) -> bool {
    let (Message::Request {
        job,
        attempt,
        batch,
    }
    | Message::Answer {
        job,
        attempt,
        batch,
        ..
    }) = message;
    (job, attempt, batch) == (run.job, run.attempt, run.next)
}
