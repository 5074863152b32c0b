//! A TCP proxy between two parts of the world, through which a test makes the weather: cut, silence, delay, drip, lost answers.
//!
//! It listens below the range of outgoing ports and keeps its port for life, so that what is behind it may come and go.

use crate::{checkout::free_port, until::pass};
use anyhow::{Context as _, Result};
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

/// What happens to bytes on their way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weather {
    /// They pass.
    Clear,
    /// Connections are reset, and new ones too.
    Cut,
    /// Nothing arrives, and neither end is told: half-open. What was sent arrives when the weather clears.
    Silent,
    /// Only connections on which one side has spoken the proxy's marked word fall silent.
    SilentIfMarked,
    /// Each piece takes so much longer.
    Slow(Duration),
    /// A few bytes at a time.
    Drip,
}

const DRIP_BYTES: usize = 512;
const DRIP_PAUSE: Duration = Duration::from_millis(8);

/// A running proxy; it ends, with its connections, when it is dropped.
pub struct Proxy {
    /// Where it listens.
    pub port: u16,
    road: Arc<Road>,
    _accepting: JoinSet<()>,
}

struct Road {
    target: SocketAddr,
    weather: watch::Sender<Weather>,
    /// Counts up when all connections of the moment are to be reset.
    resets: watch::Sender<u64>,
    /// Counts up when all connections of the moment are to fall silent for good.
    silences: watch::Sender<u64>,
    /// A word by which connections are told apart.
    marked: &'static [u8],
    /// Requests with this word in them that are still to be passed on but never answered.
    trap: Mutex<Option<Trap>>,
    /// How often the trap has snapped.
    trapped: AtomicUsize,
}

#[derive(Clone, Copy)]
struct Trap {
    word: &'static [u8],
    when: Lost,
}

/// When a request's sender loses its connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lost {
    /// As soon as the request is through: the other side works on it meanwhile.
    AfterRequest,
    /// When the answer comes: the work is done and committed.
    BeforeAnswer,
}

impl Proxy {
    /// Starts a proxy to a port of this machine. `marked` is the word of [`Weather::SilentIfMarked`].
    pub async fn start(target: u16, marked: &'static str) -> Result<Self> {
        let (listener, port) = listen().await?;
        let road = Arc::new(Road {
            target: SocketAddr::from(([127, 0, 0, 1], target)),
            weather: watch::channel(Weather::Clear).0,
            resets: watch::channel(0).0,
            silences: watch::channel(0).0,
            marked: marked.as_bytes(),
            trap: Mutex::default(),
            trapped: AtomicUsize::new(0),
        });
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, Arc::clone(&road)));
        Ok(Self {
            port,
            road,
            _accepting: accepting,
        })
    }

    /// Changes the weather for all connections, open ones too.
    pub fn weather(&self, weather: Weather) {
        self.road.weather.send_replace(weather);
    }

    /// Resets every connection that is open now.
    pub fn reset_all(&self) {
        self.road.resets.send_modify(|count| *count += 1);
    }

    /// Makes every connection that is open now half-open: nothing passes any more, and neither end is told. New ones are as ever.
    pub fn silence_open(&self) {
        self.road.silences.send_modify(|count| *count += 1);
    }

    /// Loses the answer to the next request that holds the word: it is passed on whole, and its sender is reset.
    pub fn lose_answer(&self, word: &'static str, when: Lost) {
        *self.road.trap() = Some(Trap {
            word: word.as_bytes(),
            when,
        });
    }

    /// Takes an unused trap away.
    pub fn keep_answers(&self) {
        *self.road.trap() = None;
    }

    /// How many answers were lost so far.
    pub fn lost_answers(&self) -> usize {
        self.road.trapped.load(Ordering::Relaxed)
    }
}

impl Road {
    fn trap(&self) -> std::sync::MutexGuard<'_, Option<Trap>> {
        self.trap.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the trap if this piece of a request walks into it.
    fn spring(&self, piece: &[u8]) -> Option<Trap> {
        let mut trap = self.trap();
        trap.take_if(|trap| holds(piece, trap.word))
    }
}

async fn listen() -> Result<(TcpListener, u16)> {
    for _ in 0..20 {
        let port = free_port()?;
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
            return Ok((listener, port));
        }
    }
    None.context("no port could be had for a proxy")
}

async fn accept(listener: TcpListener, road: Arc<Road>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((near, _)) = accepted {
                    connections.spawn(carry(near, Arc::clone(&road)));
                }
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
}

/// One connection, until an end closes it or the weather does.
async fn carry(near: TcpStream, road: Arc<Road>) {
    let _set = near.set_nodelay(true);
    let mut resets = road.resets.subscribe();
    let mut silences = road.silences.subscribe();
    let mut weather = road.weather.subscribe();
    resets.mark_unchanged();
    silences.mark_unchanged();
    let far = tokio::select! {
        far = reach(&road, weather.clone()) => far,
        _ = resets.changed() => None,
        () = until_cut(&mut weather) => None,
    };
    let Some(far) = far else {
        reset(near);
        return;
    };
    let _set = far.set_nodelay(true);
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    let line = Arc::new(Line::default());
    let mut there = Pump::new(&road, &line, near_in, far_out, true);
    let mut back = Pump::new(&road, &line, far_in, near_out, false);
    let both = async {
        tokio::select! {
            end = there.run() => if end == End::Closed { back.run().await; },
            end = back.run() => if end == End::Closed { there.run().await; },
        }
    };
    tokio::select! {
        () = both => {}
        _ = resets.changed() => line.snap(),
        () = until_cut(&mut weather) => line.snap(),
        _ = silences.changed() => {
            tokio::select! {
                _ = resets.changed() => {}
                () = until_cut(&mut weather) => {}
            }
            line.snap();
        }
    }
    if line.snapped.load(Ordering::Relaxed) {
        // Both halves have to come together again before the socket can be told to say RST instead of FIN.
        if let Ok(near) = there.from.reunite(back.to) {
            reset(near);
        }
        if let Ok(far) = back.from.reunite(there.to) {
            drop(far);
        }
    }
}

async fn reach(road: &Road, mut weather: watch::Receiver<Weather>) -> Option<TcpStream> {
    // While nothing arrives, neither does a connection: the caller's handshake is with us, but it hears nothing.
    drop(weather.wait_for(|now| *now != Weather::Silent).await);
    TcpStream::connect(road.target).await.ok()
}

async fn until_cut(weather: &mut watch::Receiver<Weather>) {
    drop(weather.wait_for(|now| *now == Weather::Cut).await);
}

fn reset(stream: TcpStream) {
    let _set = stream.set_zero_linger();
    drop(stream);
}

#[derive(Default)]
struct Line {
    /// Whether it carries the proxy's marked word.
    marked: AtomicBool,
    /// Whether the answer that comes next is to be lost.
    doomed: AtomicBool,
    /// Whether it ends with a reset.
    snapped: AtomicBool,
}

impl Line {
    fn snap(&self) {
        self.snapped.store(true, Ordering::Relaxed);
    }
}

#[derive(PartialEq)]
enum End {
    /// The sender has closed its side; the other direction may go on.
    Closed,
    /// The line is broken.
    Broken,
}

/// One direction of a connection.
struct Pump<'road> {
    road: &'road Road,
    line: Arc<Line>,
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    weather: watch::Receiver<Weather>,
    is_request: bool,
}

impl<'road> Pump<'road> {
    fn new(
        road: &'road Road,
        line: &Arc<Line>,
        from: OwnedReadHalf,
        to: OwnedWriteHalf,
        is_request: bool,
    ) -> Self {
        Self {
            road,
            line: Arc::clone(line),
            from,
            to,
            weather: road.weather.subscribe(),
            is_request,
        }
    }

    async fn run(&mut self) -> End {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = match self.from.read(&mut buffer).await {
                Ok(0) => {
                    self.clear_enough().await;
                    let _closed = self.to.shutdown().await;
                    return End::Closed;
                }
                Ok(read) => read,
                Err(_) => {
                    self.line.snap();
                    return End::Broken;
                }
            };
            let piece = &buffer[..read];
            let trap = self.look(piece);
            if trap.is_some() {
                // Before the request is passed on: an answer may be quick.
                self.line.doomed.store(true, Ordering::Relaxed);
            }
            if !self.is_request && self.line.doomed.load(Ordering::Relaxed) {
                return self.lose();
            }
            if self.pass_on(piece).await.is_err() {
                self.line.snap();
                return End::Broken;
            }
            if trap.is_some_and(|trap| trap.when == Lost::AfterRequest) {
                self.rest_of_request().await;
                return self.lose();
            }
        }
    }

    /// Marks the line by what is said on it.
    fn look(&self, piece: &[u8]) -> Option<Trap> {
        if !self.is_request {
            return None;
        }
        if !self.road.marked.is_empty() && holds(piece, self.road.marked) {
            self.line.marked.store(true, Ordering::Relaxed);
        }
        self.road.spring(piece)
    }

    fn lose(&self) -> End {
        self.road.trapped.fetch_add(1, Ordering::Relaxed);
        self.line.snap();
        End::Broken
    }

    /// Passes on what follows at once of a request that came in several pieces.
    async fn rest_of_request(&mut self) {
        let mut buffer = vec![0; 64 << 10];
        let pause = Duration::from_millis(30);
        while let Ok(Ok(read)) = tokio::time::timeout(pause, self.from.read(&mut buffer)).await {
            if read == 0 || self.pass_on(&buffer[..read]).await.is_err() {
                break;
            }
        }
    }

    async fn pass_on(&mut self, piece: &[u8]) -> std::io::Result<()> {
        self.clear_enough().await;
        let weather = *self.weather.borrow();
        match weather {
            Weather::Slow(delay) => {
                pass(delay).await;
                self.to.write_all(piece).await
            }
            Weather::Drip => {
                for drop in piece.chunks(DRIP_BYTES) {
                    self.to.write_all(drop).await?;
                    pass(DRIP_PAUSE).await;
                }
                Ok(())
            }
            _ => self.to.write_all(piece).await,
        }
    }

    /// Waits until bytes may pass.
    async fn clear_enough(&mut self) {
        let line = Arc::clone(&self.line);
        let may_pass = |weather: &Weather| match weather {
            Weather::Silent => false,
            Weather::SilentIfMarked => !line.marked.load(Ordering::Relaxed),
            _ => true,
        };
        drop(self.weather.wait_for(may_pass).await);
    }
}

fn holds(piece: &[u8], word: &[u8]) -> bool {
    piece.windows(word.len()).any(|part| part == word)
}

#[cfg(test)]
mod tests;
