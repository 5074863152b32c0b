//! The library against the other side of the wire: a server that does what a test tells it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::StreamExt as _;
use sluice_client::{
    Client, ClientError, Code, Options, Story, Update, WatchOptions,
    v1::{EventType, JobState, JobsListRequest, Reason, SupplierImport},
};
use tokio::{
    io::{AsyncRead, AsyncWriteExt as _, ReadBuf},
    net::TcpListener,
};

use crate::far_side::{FarSide, Scene, event, folded, gone, refused, snapshot};

/// Longer than anything here may take.
const DEADLINE: Duration = Duration::from_secs(30);

async fn connect(server: &FarSide) -> Client {
    let options = Options::new(server.address()).token("slc_test");
    Client::connect(options).await.unwrap()
}

/// The story's seqs and how often the line broke, and the error at its end.
async fn read(mut story: Story) -> (Vec<i64>, usize, Option<ClientError>) {
    let mut seqs = Vec::new();
    let mut breaks = 0;
    while let Some(update) = tokio::time::timeout(DEADLINE, story.next()).await.unwrap() {
        match update {
            Ok(Update::Event(event)) => seqs.push(event.seq),
            Ok(Update::Interrupted { .. }) => breaks += 1,
            Ok(Update::Snapshot(_)) => {}
            Err(error) => return (seqs, breaks, Some(error)),
        }
    }
    (seqs, breaks, None)
}

fn opening() -> sluice_client::v1::ProgressWatchResponse {
    snapshot(0, JobState::Running)
}

#[tokio::test]
async fn a_line_that_is_refused_for_too_many_calls_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connecting = Client::connect(Options::new(address.to_string()).token("slc_test"));
    let (client, (mut line, _)) =
        tokio::try_join!(async { Ok(connecting.await.unwrap()) }, listener.accept()).unwrap();
    // HTTP/2: empty settings, then GOAWAY at stream 0 with ENHANCE_YOUR_CALM.
    let refused = [
        &[0, 0, 0, 4, 0, 0, 0, 0, 0][..],
        &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11],
    ];
    let mut story = client.watch("job");
    let (update, ()) = tokio::join!(story.next(), async {
        line.write_all(&refused.concat()).await.unwrap();
    });
    match update {
        Some(Ok(Update::Interrupted { error, .. })) => assert_eq!(error.code, Code::Unavailable),
        other => panic!("the watch gave up: {other:?}"),
    }
}

#[tokio::test]
async fn a_killed_server_leaves_no_mark_on_the_story() {
    let first = vec![
        opening(),
        event(1, EventType::Started),
        event(2, EventType::Progress),
    ];
    let mut server = FarSide::start(vec![Scene::Stay(first)]);
    let client = connect(&server).await;
    let mut story = client.watch("job");
    let mut seqs = Vec::new();
    while seqs.len() < 2 {
        if let Update::Event(event) = story.next().await.unwrap().unwrap() {
            seqs.push(event.seq);
        }
    }
    let last = vec![
        opening(),
        event(3, EventType::Progress),
        event(4, EventType::Succeeded),
    ];
    server.kill_and_restart(vec![Scene::End(last)]);
    let (rest, breaks, error) = read(story).await;
    assert_eq!(rest, [3, 4]);
    assert!(breaks >= 1 && error.is_none(), "{breaks} {error:?}");
    assert_eq!(server.asked_after(), [2], "it resumes where it was");
}

#[tokio::test]
async fn repeats_are_dropped_and_holes_are_read_again() {
    let server = FarSide::start(vec![
        Scene::Stay(vec![
            opening(),
            event(1, EventType::Queued),
            event(3, EventType::Progress),
        ]),
        Scene::Status(
            vec![
                opening(),
                event(1, EventType::Queued),
                event(2, EventType::Started),
            ],
            gone(),
        ),
        // Ends without a terminal event, as a proxy might.
        Scene::End(vec![opening(), folded(9, 6)]),
        Scene::End(vec![
            opening(),
            event(9, EventType::Progress),
            event(10, EventType::Failed),
        ]),
    ]);
    let (seqs, breaks, error) = read(connect(&server).await.watch("job")).await;
    assert_eq!(seqs, [1, 2, 9, 10]);
    assert_eq!(breaks, 3);
    assert!(error.is_none());
    assert_eq!(server.asked_after(), [0, 1, 2, 9]);
}

#[tokio::test]
async fn a_hole_that_stays_ends_the_story_with_an_error() {
    let hole = || Scene::Stay(vec![opening(), event(5, EventType::Progress)]);
    let server = FarSide::start(vec![hole(), hole()]);
    let (seqs, breaks, error) = read(connect(&server).await.watch("job")).await;
    assert_eq!((seqs.len(), breaks), (0, 1));
    assert_eq!(error.unwrap().code, Code::DataLoss);
}

#[tokio::test]
async fn an_ended_job_has_a_short_story() {
    let ended = vec![snapshot(7, JobState::Succeeded)];
    let server = FarSide::start(vec![Scene::End(ended)]);
    let (seqs, breaks, error) = read(connect(&server).await.watch_with("job", after(7))).await;
    assert!(seqs.is_empty() && breaks == 0 && error.is_none());
}

#[tokio::test]
async fn the_end_is_waited_for_though_a_snapshot_knows_of_it() {
    let newer = snapshot(7, JobState::Succeeded);
    let server = FarSide::start(vec![Scene::End(vec![
        newer,
        event(8, EventType::Succeeded),
    ])]);
    let (seqs, breaks, error) = read(connect(&server).await.watch_with("job", after(7))).await;
    assert!(breaks == 0 && error.is_none());
    assert_eq!(seqs, [8]);
}

fn after(seq: i64) -> WatchOptions {
    WatchOptions {
        after_seq: seq,
        ..WatchOptions::default()
    }
}

#[tokio::test]
async fn a_refusal_is_not_waited_out() {
    let status = refused(Code::NotFound, Reason::JobNotFound);
    let server = FarSide::start(vec![Scene::Status(Vec::new(), status)]);
    let (_, breaks, error) = read(connect(&server).await.watch("job")).await;
    assert_eq!(breaks, 0);
    assert_eq!(error.unwrap().reason, Some(Reason::JobNotFound));
}

#[tokio::test]
async fn a_silent_line_counts_as_broken() {
    let server = FarSide::start(vec![
        Scene::Stay(vec![opening(), event(1, EventType::Started)]),
        Scene::End(vec![opening(), event(2, EventType::Cancelled)]),
    ]);
    let options = WatchOptions {
        heartbeat: Duration::from_secs(1),
        ..WatchOptions::default()
    };
    let (seqs, breaks, error) = read(connect(&server).await.watch_with("job", options)).await;
    assert_eq!((seqs, breaks), (vec![1, 2], 1));
    assert!(error.is_none());
}

#[tokio::test]
async fn patience_ends_when_the_caller_says_so() {
    let scenes = (0..50).map(|_| Scene::Status(Vec::new(), gone())).collect();
    let server = FarSide::start(scenes);
    let options = WatchOptions {
        patience: Some(Duration::from_millis(500)),
        ..WatchOptions::default()
    };
    let (_, breaks, error) = read(connect(&server).await.watch_with("job", options)).await;
    assert!(breaks >= 1);
    assert_eq!(error.unwrap().code, Code::Unavailable);
}

#[tokio::test]
async fn an_enqueue_is_repeated_with_the_same_request_id() {
    let server = FarSide::start(Vec::new());
    server.refuse_enqueues(2);
    let client = connect(&server).await;
    client.enqueue(SupplierImport::default()).await.unwrap();
    let ids = server.request_ids();
    assert_eq!(ids.len(), 3);
    assert!(
        !ids[0].is_empty() && ids.iter().all(|id| *id == ids[0]),
        "{ids:?}"
    );
}

#[tokio::test]
async fn a_file_arrives_in_pieces_of_a_mebibyte() {
    let server = FarSide::start(Vec::new());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    std::fs::write(&path, vec![b'x'; 2 * 1024 * 1024 + 5]).unwrap();
    let mut told = Vec::new();
    let client = connect(&server).await;
    let uploaded = client
        .upload_file_with(&path, "webshop", |sent| told.push(sent))
        .await
        .unwrap();
    assert_eq!(uploaded.size, 2 * 1024 * 1024 + 5);
    assert_eq!(told.last(), Some(&uploaded.size));
    let pieces = server.pieces();
    let sizes: Vec<usize> = pieces.iter().map(|piece| piece.data.len()).collect();
    assert_eq!(sizes, [1024 * 1024, 1024 * 1024, 5]);
    assert_eq!(
        (pieces[0].file_name.as_str(), pieces[0].connection.as_str()),
        ("list.csv", "webshop")
    );
}

/// Gives some bytes and then fails.
struct Broken(bool);

impl AsyncRead for Broken {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(Err(io::Error::other("the disk is gone")));
        }
        buffer.put_slice(b"half a list");
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn half_a_list_is_never_taken_for_a_whole_one() {
    let server = FarSide::start(Vec::new());
    let client = connect(&server).await;
    let upload = client.upload(Broken(false), "list.csv", "", |_| {});
    let error = tokio::time::timeout(DEADLINE, upload)
        .await
        .unwrap()
        .unwrap_err();
    assert!(error.message.contains("the disk is gone"), "{error}");
    assert_eq!(server.finished_uploads(), 0);
}

#[tokio::test]
async fn nobody_home_is_said_with_the_address() {
    let mut server = FarSide::start(Vec::new());
    server.kill();
    let error = Client::connect(Options::new(server.address()))
        .await
        .unwrap_err();
    assert_eq!(error.code, Code::Unavailable);
    assert!(error.message.contains(&server.address()), "{error}");
}

#[test]
fn calls_can_be_made_from_any_task() {
    fn sendable<T: Send>(_: impl FnOnce(Client) -> T) {}
    sendable(|client| async move { client.enqueue(SupplierImport::default()).await });
    sendable(|client| async move { client.jobs(JobsListRequest::default(), 5).await });
    sendable(|client| async move { client.connections().await });
    sendable(|client| async move { client.upload_file("x".as_ref(), "").await });
    sendable(|client| client.watch("job"));
}
