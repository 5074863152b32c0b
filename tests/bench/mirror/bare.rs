//! A client that reads pages of records as the mirror does, and throws them away.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use sluice_tests::odoo::Odoo;
use std::time::{Duration, Instant};

/// As many as the mirror asks for where nobody says otherwise.
const PAGE: usize = 1000;

/// What the service did that Sluice replaces: so many records a call, and so long a pause behind each.
const EARLIER_PAGE: usize = 200;
const EARLIER_PAUSE: Duration = Duration::from_secs(1);
/// So many of its pages are read; the others would take as long.
const EARLIER_PAGES: u32 = 10;

pub(crate) struct Bare<'a> {
    odoo: &'a Odoo,
    fields: &'a [&'a str],
    http: reqwest::Client,
}

/// The one thing of a record that is needed to ask for the next page.
#[derive(Deserialize)]
struct Identity {
    id: i64,
}

/// A page as it came.
pub(crate) struct Kept {
    pub(crate) ids: Vec<i64>,
    pub(crate) body: Vec<u8>,
}

/// All pages, and what Odoo says of the fields.
pub(crate) struct Pages {
    pub(crate) pages: Vec<Kept>,
    pub(crate) fields: Vec<u8>,
}

impl<'a> Bare<'a> {
    pub(crate) fn new(odoo: &'a Odoo, fields: &'a [&'a str]) -> Result<Self> {
        Ok(Self {
            odoo,
            fields,
            http: reqwest::Client::builder().build()?,
        })
    }

    /// Records per second of so many callers, each with a range of ids of its own.
    pub(crate) async fn rate(&self, callers: usize) -> Result<f64> {
        let started = Instant::now();
        let bounds = self.bounds(callers).await?;
        let reading = bounds.windows(2).map(|bound| self.all(bound[0], bound[1]));
        let counts = futures::future::try_join_all(reading).await?;
        rate(counts.into_iter().sum(), started.elapsed())
    }

    /// Where each caller begins, and the end.
    async fn bounds(&self, callers: usize) -> Result<Vec<i64>> {
        if callers == 1 {
            return Ok(vec![0, i64::MAX]);
        }
        let highest = json!({ "domain": [], "limit": 1, "order": "id desc", "context": { "active_test": false } });
        let body = self.post("search", &highest).await?;
        let highest: Vec<i64> = serde_json::from_slice(&body)?;
        let highest = highest.first().copied().context("there are records")?;
        let callers = i64::try_from(callers)?;
        Ok((0..=callers).map(|part| highest * part / callers).collect())
    }

    async fn all(&self, mut after: i64, up_to: i64) -> Result<usize> {
        let mut count = 0;
        loop {
            let page = self.page(after, up_to).await?;
            count += page.ids.len();
            match page.ids.last() {
                Some(last) if page.ids.len() == PAGE => after = *last,
                _ => return Ok(count),
            }
        }
    }

    /// One page of the mirror's size.
    pub(crate) async fn page(&self, after: i64, up_to: i64) -> Result<Kept> {
        self.read(after, up_to, PAGE).await
    }

    async fn read(&self, after: i64, up_to: i64, limit: usize) -> Result<Kept> {
        let mut domain = Vec::new();
        if after > 0 {
            domain.push(json!(["id", ">", after]));
        }
        if up_to < i64::MAX {
            domain.push(json!(["id", "<=", up_to]));
        }
        let mut fields = vec!["id"];
        fields.extend_from_slice(self.fields);
        let arguments = json!({
            "domain": domain,
            "fields": fields,
            "limit": limit,
            "order": "id",
            "load": null,
            "context": { "active_test": false },
        });
        let body = self.post("search_read", &arguments).await?;
        let records: Vec<Identity> = serde_json::from_slice(&body)?;
        let ids = records.into_iter().map(|record| record.id).collect();
        Ok(Kept { ids, body })
    }

    /// Records per second of the way that this replaces, by its first pages.
    pub(crate) async fn earlier_way(&self) -> Result<f64> {
        let started = Instant::now();
        let (mut after, mut count) = (0, 0);
        for _ in 0..EARLIER_PAGES {
            let page = self.read(after, i64::MAX, EARLIER_PAGE).await?;
            after = page.ids.last().copied().context("there are more")?;
            count += page.ids.len();
        }
        // The pauses need not be waited out to be known.
        rate(count, started.elapsed() + EARLIER_PAUSE * EARLIER_PAGES)
    }

    /// All pages, to be answered with later.
    pub(crate) async fn keep(&self) -> Result<Pages> {
        let mut pages: Vec<Kept> = Vec::new();
        let mut after = 0;
        loop {
            let page = self.page(after, i64::MAX).await?;
            let is_last = page.ids.len() < PAGE;
            after = page.ids.last().copied().unwrap_or(after);
            pages.push(page);
            if is_last {
                break;
            }
        }
        let attributes =
            json!({ "attributes": ["string", "type", "store", "relation", "searchable"] });
        let fields = self.post("fields_get", &attributes).await?;
        Ok(Pages { pages, fields })
    }

    async fn post(&self, method: &str, arguments: &Value) -> Result<Vec<u8>> {
        let access = &self.odoo.access;
        let answer = self
            .http
            .post(format!("{}/json/2/res.partner/{method}", access.url))
            .bearer_auth(&access.admin_api_key)
            .header("X-Odoo-Database", &access.database)
            .json(arguments)
            .send()
            .await?;
        let status = answer.status();
        let body = answer.bytes().await?.to_vec();
        ensure!(
            status.is_success(),
            "Odoo answered {status}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(body)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "there are far fewer records than 2^52"
)]
fn rate(count: usize, took: Duration) -> Result<f64> {
    ensure!(count > 0, "nothing was read");
    Ok(count as f64 / took.as_secs_f64())
}
