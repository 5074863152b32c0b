//! The adapters against a real HTTP server that says what real ones were seen to say.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::StreamExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use url::Url;

use super::{
    Http, Limits, SourceError,
    odoo::{Odoo, OdooError},
};

/// A server that gives each connection the next of its replies, and keeps what it was asked. It stops when dropped.
struct Replies {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl Replies {
    async fn serve(replies: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut serving = JoinSet::new();
        let heard = asked.clone();
        serving.spawn(async move {
            for reply in replies {
                let (mut stream, _peer) = listener.accept().await.unwrap();
                let request = request(&mut stream).await;
                heard.lock().unwrap().push(request);
                stream.write_all(reply.as_bytes()).await.unwrap();
            }
        });
        Self {
            address,
            asked,
            _serving: serving,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn asked(&self, number: usize) -> String {
        self.asked.lock().unwrap()[number].clone()
    }
}

/// Reads one request with its body.
async fn request(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.parse().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        let length = stream.read(&mut piece).await.unwrap();
        assert!(length > 0, "the client broke off: {text}");
        read.extend_from_slice(&piece[..length]);
    }
}

fn reply(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}

fn json(status: &str, body: &str) -> String {
    reply(
        status,
        "content-type: application/json; charset=utf-8\r\n",
        body,
    )
}

fn html(status: &str) -> String {
    reply(
        status,
        "content-type: text/html; charset=utf-8\r\n",
        "<p>No database is selected</p>",
    )
}

fn describe(contract: i64) -> String {
    let body = format!(
        r#"{{"addon_version": "19.0.1.0.0", "contract": {contract}, "odoo_version": "19.0", "database_uuid": "u",
            "modules": ["sluice"], "user": "sluice", "company_id": 1, "company_currency": "EUR", "workers": 2,
            "missing_rights": []}}"#
    );
    json("200 OK", &body)
}

fn http(limits: Limits) -> Http {
    Http::open(limits).unwrap()
}

fn odoo(replies: &Replies) -> Odoo {
    let url = Url::parse(&replies.url("/base/")).unwrap();
    Odoo::new(&http(Limits::default()), &url, "shop", "s3cret".into())
}

#[tokio::test]
async fn a_call_names_method_database_and_key() {
    let replies = Replies::serve(vec![describe(1)]).await;
    let description = odoo(&replies).describe().await.unwrap();
    assert_eq!(
        (description.workers, description.company_currency.as_str()),
        (2, "EUR")
    );
    let asked = replies.asked(0).to_lowercase();
    assert!(
        asked.starts_with("post /base/json/2/sluice.api/describe http/1.1\r\n"),
        "{asked}"
    );
    assert!(asked.contains("\r\nx-odoo-database: shop\r\n"), "{asked}");
    assert!(
        asked.contains("\r\nauthorization: bearer s3cret\r\n"),
        "{asked}"
    );
}

#[tokio::test]
async fn an_odoo_without_our_addon_is_described_all_the_same() {
    let missing = r#"{"name": "werkzeug.exceptions.NotFound", "message": "the model 'sluice.api' does not exist"}"#;
    let replies = Replies::serve(vec![
        json("404 Not Found", missing),
        json("200 OK", r#"{"lang": "en_US", "tz": false, "uid": 5}"#),
        json("200 OK", r#"{"version": "19.0", "version_info": [19, 0]}"#),
    ])
    .await;
    let description = odoo(&replies).describe().await.unwrap();
    assert_eq!(description.odoo_version, "19.0");
    assert_eq!(description.addon_version, "");
    assert!(replies.asked(2).starts_with("GET /base/web/version "));
}

#[tokio::test]
async fn without_our_addon_the_clock_is_that_of_the_reply() {
    let missing = r#"{"name": "werkzeug.exceptions.NotFound", "message": "the model 'sluice.mirror' does not exist"}"#;
    let dated = reply("200 OK", "date: Sat, 31 Jan 2026 10:00:00 GMT\r\n", "{}");
    let replies = Replies::serve(vec![json("404 Not Found", missing), dated]).await;
    let horizon = odoo(&replies).horizon().await.unwrap();
    assert_eq!(horizon.now.to_rfc3339(), "2026-01-31T10:00:00+00:00");
    assert_eq!(horizon.safe, None);
    let told = r#"{"now": "2026-01-31 10:00:00.5", "safe": "2026-01-31 09:59:00"}"#;
    let replies = Replies::serve(vec![json("200 OK", told)]).await;
    let horizon = odoo(&replies).horizon().await.unwrap();
    assert_eq!(
        (horizon.now - horizon.safe.unwrap()).num_milliseconds(),
        60_500
    );
}

#[tokio::test]
async fn another_contract_is_told_from_everything_else() {
    let replies = Replies::serve(vec![describe(7)]).await;
    let error = odoo(&replies).describe().await.unwrap_err();
    assert!(
        matches!(error, OdooError::AddonVersion { contract: 7, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_database_that_answered_before_is_away_and_not_unknown() {
    let replies = Replies::serve(vec![
        html("404 NOT FOUND"),
        describe(1),
        html("404 NOT FOUND"),
    ])
    .await;
    let odoo = odoo(&replies);
    let error = odoo.describe().await.unwrap_err();
    assert!(matches!(error, OdooError::DatabaseNotFound(_)), "{error}");
    odoo.describe().await.unwrap();
    let error = odoo.describe().await.unwrap_err();
    assert!(error.is_away(), "{error}");
}

#[tokio::test]
async fn an_odoo_that_breaks_off_or_is_not_there_is_away() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{\"contract\"".to_owned();
    let replies = Replies::serve(vec![
        String::new(),
        cut,
        reply("429 Too Many", "retry-after: 7\r\n", ""),
    ])
    .await;
    let odoo = odoo(&replies);
    for _broken in 0..2 {
        let error = odoo.describe().await.unwrap_err();
        assert!(matches!(error, OdooError::Away(_)), "{error}");
    }
    let error = odoo.describe().await.unwrap_err();
    let wait = Some(Duration::from_secs(7));
    assert!(
        matches!(error, OdooError::TooManyRequests { retry_after } if retry_after == wait),
        "{error}"
    );
    // Nobody listens any more.
    let error = odoo.describe().await.unwrap_err();
    assert!(matches!(error, OdooError::Away(_)), "{error}");
}

#[tokio::test]
async fn a_silent_odoo_is_away_when_time_is_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let limits = Limits {
        odoo_call: Duration::from_millis(50),
        ..Limits::default()
    };
    let error = Odoo::new(&http(limits), &url, "shop", "s3cret".into())
        .describe()
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "Odoo does not answer: no answer in time");
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let replies = Replies::serve(vec![json("200 OK", &"9".repeat(5000))]).await;
    let limits = Limits {
        odoo_answer: 1000,
        ..Limits::default()
    };
    let url = Url::parse(&replies.url("")).unwrap();
    let error = Odoo::new(&http(limits), &url, "shop", "s3cret".into())
        .describe()
        .await
        .unwrap_err();
    assert!(
        matches!(error, OdooError::TooLarge { limit: 1000 }),
        "{error}"
    );
}

#[tokio::test]
async fn a_redirect_of_odoo_is_explained_and_the_key_goes_nowhere() {
    let replies = Replies::serve(vec![reply(
        "301 Moved",
        "location: https://odoo.example.com/\r\n",
        "",
    )])
    .await;
    let error = odoo(&replies).describe().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("redirects to \"https://odoo.example.com/\""),
        "{error}"
    );
}

fn private_allowed() -> Limits {
    Limits {
        private_sources: Arc::new(["*".to_owned()]),
        ..Limits::default()
    }
}

async fn fetched(limits: Limits, url: &str) -> Result<Vec<u8>, SourceError> {
    let source = http(limits).fetch_source(url).await?;
    let pieces: Vec<_> = source.pieces().collect().await;
    Ok(pieces.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
}

#[tokio::test]
async fn urls_into_our_own_network_are_refused() {
    let table = [
        "http://127.0.0.1:1/list.csv",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost/",
        "http://user:secret@example.com/",
        "ftp://example.com/list.csv",
        "file:///etc/passwd",
        "list.csv",
    ];
    for url in table {
        let error = fetched(Limits::default(), url).await.unwrap_err();
        assert!(matches!(error, SourceError::Refused(_)), "{url}: {error:?}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn a_list_is_fetched_through_redirects_but_not_for_ever() {
    let hop = |to: &str| reply("302 Found", &format!("location: {to}\r\n"), "");
    let replies = Replies::serve(vec![hop("/next"), reply("200 OK", "", "ean;price\n")]).await;
    assert_eq!(
        fetched(private_allowed(), &replies.url("/list"))
            .await
            .unwrap(),
        b"ean;price\n"
    );
    assert!(replies.asked(1).starts_with("GET /next "));
    let endless = Replies::serve(vec![hop("/list"); 6]).await;
    let error = fetched(private_allowed(), &endless.url("/list"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("more than 5 times"), "{error}");
    let sideways = Replies::serve(vec![hop("file:///etc/passwd")]).await;
    let error = fetched(private_allowed(), &sideways.url("/list"))
        .await
        .unwrap_err();
    assert!(matches!(error, SourceError::Refused(_)), "{error:?}");
}

#[tokio::test]
async fn a_list_over_the_limit_is_cut_off_whatever_was_announced() {
    let endless = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_owned() + &"x".repeat(5000);
    let replies = Replies::serve(vec![reply("200 OK", "", &"x".repeat(5000)), endless]).await;
    for _announced in [true, false] {
        let limits = Limits {
            source_bytes: 1000,
            ..private_allowed()
        };
        let error = fetched(limits, &replies.url("/list")).await.unwrap_err();
        assert!(
            matches!(error, SourceError::TooLarge { limit: 1000 }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_missing_list_is_told_from_a_server_that_is_away() {
    let replies = Replies::serve(vec![html("404 Not Found"), html("503 Busy")]).await;
    let error = fetched(private_allowed(), &replies.url("/list"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, SourceError::Missing { status: 404 }),
        "{error:?}"
    );
    for _busy_then_gone in 0..2 {
        let error = fetched(private_allowed(), &replies.url("/list"))
            .await
            .unwrap_err();
        assert!(matches!(error, SourceError::Away(_)), "{error:?}");
    }
}
