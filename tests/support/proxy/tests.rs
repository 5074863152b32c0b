//! Each kind of weather does what it says.

use super::*;
use std::io::ErrorKind;
use tokio::time::timeout;

/// Long enough for what should happen, on a busy machine.
const SOON: Duration = Duration::from_secs(10);
/// Long enough to believe that nothing comes.
const A_WHILE: Duration = Duration::from_millis(300);

/// Answers each piece with itself.
async fn echo(tasks: &mut JoinSet<()>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tasks.spawn(async move {
        let mut streams = JoinSet::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            streams.spawn(async move {
                let mut buffer = vec![0; 4096];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    stream.write_all(&buffer[..read]).await.unwrap();
                }
            });
        }
    });
    port
}

async fn call(stream: &mut TcpStream, word: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.write_all(word).await?;
    let mut answer = vec![0; word.len()];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

async fn proxied() -> (Proxy, TcpStream, JoinSet<()>) {
    let mut tasks = JoinSet::new();
    let proxy = Proxy::start(echo(&mut tasks).await, "MARK").await.unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap();
    assert_eq!(call(&mut stream, b"hello").await.unwrap(), b"hello");
    (proxy, stream, tasks)
}

#[tokio::test]
async fn a_cut_resets_what_is_open_and_what_comes() {
    let (proxy, mut stream, _echo) = proxied().await;
    proxy.weather(Weather::Cut);
    let mut byte = [0];
    let broken = timeout(SOON, stream.read_exact(&mut byte)).await.unwrap();
    assert_eq!(broken.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let mut next = TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap();
    assert!(timeout(SOON, call(&mut next, b"x")).await.unwrap().is_err());
    proxy.weather(Weather::Clear);
    let mut next = TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap();
    assert_eq!(call(&mut next, b"back").await.unwrap(), b"back");
}

#[tokio::test]
async fn silence_tells_nobody_and_ends_with_what_was_said() {
    let (proxy, mut stream, _echo) = proxied().await;
    proxy.weather(Weather::Silent);
    assert!(timeout(A_WHILE, call(&mut stream, b"word")).await.is_err());
    proxy.weather(Weather::Clear);
    let mut answer = [0; 4];
    let heard = timeout(SOON, stream.read_exact(&mut answer)).await.unwrap();
    heard.unwrap();
    assert_eq!(&answer, b"word");
}

#[tokio::test]
async fn only_marked_lines_fall_silent() {
    let (proxy, mut plain, _echo) = proxied().await;
    let mut marked = TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap();
    call(&mut marked, b"MARK").await.unwrap();
    proxy.weather(Weather::SilentIfMarked);
    assert_eq!(call(&mut plain, b"heard").await.unwrap(), b"heard");
    assert!(timeout(A_WHILE, call(&mut marked, b"x")).await.is_err());
}

#[tokio::test]
async fn slowness_and_drops_lose_nothing() {
    let (proxy, mut stream, _echo) = proxied().await;
    let long = vec![7; 3_000];
    for weather in [Weather::Slow(Duration::from_millis(40)), Weather::Drip] {
        proxy.weather(weather);
        let began = std::time::Instant::now();
        assert_eq!(call(&mut stream, &long).await.unwrap(), long);
        assert!(began.elapsed() >= Duration::from_millis(30), "{weather:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_lost_after_the_request_was_heard() {
    for when in [Lost::AfterRequest, Lost::BeforeAnswer] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Proxy::start(listener.local_addr().unwrap().port(), "").await;
        let proxy = proxy.unwrap();
        proxy.lose_answer("apply", when);
        let mut near = TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap();
        near.write_all(b"please apply").await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        let mut heard = [0; 12];
        far.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"please apply");
        let _may_be_gone = far.write_all(b"done").await;
        let mut byte = [0];
        let broken = timeout(SOON, near.read_exact(&mut byte)).await.unwrap();
        assert!(broken.is_err(), "{when:?}");
        assert_eq!(proxy.lost_answers(), 1);
    }
}
