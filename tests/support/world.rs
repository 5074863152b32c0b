//! A world for one story: a server of its own, and a supplier and products of its own in the Odoo that all stories share.

use crate::{
    odoo::Odoo,
    price_list::PriceList,
    proxy::{Proxy, Weather},
    server::Server,
};
use anyhow::{Context as _, Result, bail, ensure};
use futures::StreamExt as _;
use sluice_client::{
    Client, Update,
    v1::{
        ColumnMapping, ConnectionsSaveRequest, Event, EventType, Job, ListField, SupplierImport,
        supplier_import::Source,
    },
};
use std::{
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};
use tonic::{
    Request,
    transport::{Channel, Endpoint},
};

/// The name of the connection in every world.
pub const CONNECTION: &str = "shop";

/// A setting with which an import has many batches, so that something can happen between them.
pub const SMALL_BATCHES: (&str, &str) = ("SLUICE_MAX_BATCH_ROWS", "200");

/// How much longer each piece takes on a slow line.
const DELAY: Duration = Duration::from_millis(500);

/// Everything that one story needs.
pub struct World {
    pub server: Server,
    /// With the administrator's token.
    pub client: Client,
    /// The token of the connection [`CONNECTION`].
    pub connection_token: String,
    pub odoo: Odoo,
    /// The contact whose list is imported.
    pub supplier: i64,
    series: u16,
}

/// Odoo is shared, so each world takes a number of its own for its supplier and products.
static NEXT_SERIES: AtomicU16 = AtomicU16::new(1);

impl World {
    /// A world with a server on its own database.
    pub async fn new() -> Result<Self> {
        Self::with_settings(&[]).await
    }

    /// The same, with settings of the server such as `("SLUICE_WORKERS", "1")`.
    pub async fn with_settings(settings: &[(&str, &str)]) -> Result<Self> {
        let odoo = Odoo::shared()?;
        let server = Server::start(settings).await?;
        Self::on(server, odoo).await
    }

    /// A world on a given server and Odoo.
    pub async fn on(server: Server, odoo: Odoo) -> Result<Self> {
        let client = server.client().await?;
        let connection_token = save_connection(&client, CONNECTION, &odoo).await?;
        let series = NEXT_SERIES.fetch_add(1, Ordering::Relaxed);
        let supplier = odoo
            .create_supplier(&format!("Supplier {series}"), &format!("SUPPLIER-{series}"))
            .await?;
        Ok(Self {
            server,
            client,
            connection_token,
            odoo,
            supplier,
            series,
        })
    }

    /// A list with bad rows in it, whose products Odoo knows.
    pub async fn list(&self, rows: usize) -> Result<PriceList> {
        self.known(PriceList::new(self.series, rows)).await
    }

    /// A list without bad rows, whose products Odoo knows.
    pub async fn clean_list(&self, rows: usize) -> Result<PriceList> {
        self.known(PriceList::clean(self.series, rows)).await
    }

    /// A list without bad rows, whose products Odoo does not know.
    pub fn unknown_list(&self, rows: usize) -> PriceList {
        PriceList::clean(self.series, rows)
    }

    async fn known(&self, list: PriceList) -> Result<PriceList> {
        self.odoo.create_products(&list, |_| ()).await?;
        Ok(list)
    }

    /// The import of a small list, with its mapping given.
    pub fn import(&self, list: &PriceList) -> SupplierImport {
        self.import_of(list.csv(), mapping())
    }

    /// The import of any bytes for this world's supplier.
    pub fn import_of(&self, content: Vec<u8>, mapping: Vec<ColumnMapping>) -> SupplierImport {
        SupplierImport {
            connection: CONNECTION.to_owned(),
            supplier: self.supplier.to_string(),
            source: Some(Source::Content(content)),
            file_name: "list.csv".to_owned(),
            mapping,
            ..SupplierImport::default()
        }
    }

    /// Replaces the connection's Odoo key without trying it, as if Odoo had revoked the old one meanwhile.
    pub async fn replace_key(&self, api_key: &str) -> Result<()> {
        self.reconnect(&self.odoo.access.url, api_key).await
    }

    /// Puts a slow line between the server and Odoo, so that an import is certainly under way while something happens to it.
    /// It stays slow until its weather is changed.
    pub async fn slow_line(&self) -> Result<Proxy> {
        let line = Proxy::start(self.odoo.port()?, "").await?;
        let url = format!("http://127.0.0.1:{}", line.port);
        self.reconnect(&url, &self.odoo.access.api_key).await?;
        line.weather(Weather::Slow(DELAY));
        Ok(line)
    }

    async fn reconnect(&self, url: &str, api_key: &str) -> Result<()> {
        let request = ConnectionsSaveRequest {
            name: CONNECTION.to_owned(),
            url: url.to_owned(),
            database: self.odoo.access.database.clone(),
            api_key: api_key.to_owned(),
            skip_test: true,
            ..ConnectionsSaveRequest::default()
        };
        self.client.save_connection(request).await?;
        Ok(())
    }

    /// The bare wire, for what the client does not let a caller do, such as mixing up page tokens.
    pub async fn wire(&self) -> Result<Channel> {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.server.address))?;
        Ok(endpoint.connect().await?)
    }

    /// A message with the administrator's token, for the bare wire.
    pub fn authorized<T>(&self, message: T) -> Result<Request<T>> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", self.server.admin_token).parse()?;
        request.metadata_mut().insert("authorization", bearer);
        Ok(request)
    }

    /// Imports a list and returns the job at its end, which must be success.
    pub async fn imported(&self, import: SupplierImport) -> Result<Job> {
        let job = self.client.enqueue(import).await?.job;
        let story = events_until(&self.client, &job.id, |_| false).await?;
        let last = story.last().context("the story is empty")?;
        ensure!(
            last.r#type() == EventType::Succeeded,
            "the import ended with {:?}: {} {}\n{}",
            last.r#type(),
            last.code,
            last.message,
            self.server.log()
        );
        Ok(self.client.job(&job.id).await?)
    }

    /// Fails unless the job's row errors are exactly the list's bad rows, each with its code.
    pub async fn reports_exactly(&self, job_id: &str, list: &PriceList) -> Result<()> {
        list.is_reported_by(&self.client.row_errors(job_id, "", usize::MAX).await?)
    }
}

/// Connects the server with an Odoo, and returns the new connection's token.
pub async fn save_connection(client: &Client, name: &str, odoo: &Odoo) -> Result<String> {
    let request = ConnectionsSaveRequest {
        name: name.to_owned(),
        url: odoo.access.url.clone(),
        database: odoo.access.database.clone(),
        api_key: odoo.access.api_key.clone(),
        ..ConnectionsSaveRequest::default()
    };
    let (_, token) = client.save_connection(request).await?;
    let token = token.context("a new connection gets a token")?;
    Ok(secrecy::ExposeSecret::expose_secret(&token).to_owned())
}

/// Reads a job's story from its beginning to its end, or until an event is as wanted.
/// Fails if the story has a gap or does not get there in a few minutes.
pub async fn events_until(
    client: &Client,
    job_id: &str,
    wanted: impl Fn(&Event) -> bool,
) -> Result<Vec<Event>> {
    let mut story = client.watch(job_id);
    let mut events: Vec<Event> = Vec::new();
    let reading = async {
        while let Some(update) = story.next().await {
            let Update::Event(event) = update? else {
                continue;
            };
            let last = events.last().map_or(0, |event| event.seq);
            ensure!(
                event.seq == last + event.folded + 1,
                "after event {last} came {} with {} folded",
                event.seq,
                event.folded
            );
            events.push(*event);
            if events.last().is_some_and(&wanted) {
                break;
            }
        }
        Ok(())
    };
    let limit = Duration::from_mins(5);
    let Ok(read) = tokio::time::timeout(limit, reading).await else {
        bail!("the story of {job_id} did not get there: {events:#?}");
    };
    read?;
    Ok(events)
}

/// What the columns of a [`PriceList`] mean.
pub fn mapping() -> Vec<ColumnMapping> {
    PriceList::columns()
        .map(|(column, field)| ColumnMapping {
            column: column.to_owned(),
            field: ListField::from_str_name(&format!("LIST_FIELD_{}", field.to_uppercase()))
                .unwrap_or_default()
                .into(),
        })
        .collect()
}
