//! The handle by which lists come in: upload, enqueue, preview, row errors, fix file.

use std::{io, path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt};
use serde_json::json;

use super::{
    error::ImportError,
    file::{FileError, read_all},
    fix_file,
    mappings::Mappings,
    prepare::RowError,
    reading,
    request::{ImportRequest, MAX_CONTENT_BYTES, RequestSource, field},
    row_errors,
    run::{KIND, SupplierImport},
    spec::{ImportSpec, Source},
    staging::{Staging, Unpacked, Uploaded},
};
use crate::{
    adapters::{Http, odoo::SupplierCandidate},
    db::{Db, DbError},
    ids::{ConnectionId, JobId},
    jobs::OdooClients,
    queue::{Enqueued, Job, NewJob, Queue},
};

/// A request that was understood: all that a job needs.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What to do.
    pub spec: ImportSpec,
    /// One line for people.
    pub title: String,
    /// The lane: one import per supplier at a time.
    pub lane: String,
}

/// When and how urgently a job is to run.
#[derive(Clone, Debug, Default)]
pub struct Timing {
    /// Higher runs first.
    pub priority: i16,
    /// The earliest time to start; none means now.
    pub run_at: Option<DateTime<Utc>>,
    /// Makes enqueueing idempotent.
    pub request_id: Option<String>,
}

/// All that imports are made of; clones share it.
#[derive(Clone, Debug)]
pub struct Imports {
    pub(super) db: Db,
    pub(super) queue: Queue,
    pub(super) staging: Staging,
    pub(super) mappings: Mappings,
    pub(super) clients: OdooClients,
    pub(super) http: Http,
    max_outage: Duration,
    max_batch_rows: usize,
}

/// How imports are set up.
#[derive(Clone, Debug)]
pub struct ImportSettings {
    /// A directory on disk where lists are unpacked while they are read; made if it is missing.
    pub scratch: PathBuf,
    /// The most bytes of a list.
    pub max_file_bytes: u64,
    /// How long a job waits for an Odoo that is away.
    pub max_outage: Duration,
    /// The most rows that one call hands to Odoo.
    pub max_batch_rows: usize,
}

impl Imports {
    /// Imports over these rooms.
    ///
    /// # Errors
    /// When the scratch directory cannot be made.
    pub fn new(
        db: Db,
        queue: Queue,
        clients: OdooClients,
        http: Http,
        settings: ImportSettings,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(&settings.scratch)?;
        Ok(Self {
            staging: Staging::new(db.clone(), settings.scratch, settings.max_file_bytes),
            mappings: Mappings::new(db.clone()),
            db,
            queue,
            clients,
            http,
            max_outage: settings.max_outage,
            max_batch_rows: settings.max_batch_rows,
        })
    }

    /// What runs the jobs.
    pub fn runner(&self) -> SupplierImport {
        SupplierImport {
            staging: self.staging.clone(),
            mappings: self.mappings.clone(),
            clients: self.clients.clone(),
            http: self.http.clone(),
            max_outage: self.max_outage,
            max_batch_rows: self.max_batch_rows,
        }
    }

    /// Stores a list as it arrives. What broke off leaves nothing behind.
    pub async fn upload<E: From<ImportError>>(
        &self,
        connection: ConnectionId,
        file_name: &str,
        pieces: impl Stream<Item = Result<Vec<u8>, E>>,
    ) -> Result<Uploaded, E> {
        self.staging
            .store(connection, &short_name(file_name), pieces)
            .await
    }

    /// Drops lists that nobody used for a day; returns how many.
    pub async fn prune(&self) -> Result<u64, DbError> {
        self.staging.prune().await
    }

    /// Makes a durable job of an import. The second answer is the job that it has to wait for.
    pub async fn enqueue(
        &self,
        connection: ConnectionId,
        request: &ImportRequest,
        timing: Timing,
    ) -> Result<(Enqueued, Option<JobId>), ImportError> {
        if !(-100..=100).contains(&timing.priority) {
            return Err(field("priority", "must be from -100 to 100"));
        }
        if timing
            .request_id
            .as_deref()
            .is_some_and(|id| uuid::Uuid::parse_str(id).is_err())
        {
            return Err(field("request_id", "must be a UUID"));
        }
        let planned = self.plan(connection, request).await?;
        let lane = planned.lane.clone();
        let enqueued = self
            .queue
            .enqueue(NewJob {
                connection,
                kind: KIND,
                title: planned.title,
                spec: json!(planned.spec),
                lane: Some(planned.lane),
                priority: timing.priority,
                run_at: timing.run_at,
                request_id: timing.request_id,
            })
            .await?;
        if let Source::List(list) = planned.spec.source {
            self.staging.keep_for(enqueued.job.id, list).await?;
        }
        let holder = self.queue.lane_holder(connection, &lane).await?;
        let behind = holder
            .map(|job| job.id)
            .filter(|id| *id != enqueued.job.id && !enqueued.job.state.is_finished());
        Ok((enqueued, behind))
    }

    /// Checks a request as far as that goes without running it, stores what it brings, and says what job it makes.
    pub async fn plan(
        &self,
        connection: ConnectionId,
        request: &ImportRequest,
    ) -> Result<Planned, ImportError> {
        // First what costs nothing, so that a wrong field is told before Odoo is asked.
        let placeholder = Source::Url(String::new());
        request.spec(0, placeholder, String::new())?;
        let (supplier, supplier_name) = self.supplier(connection, &request.supplier).await?;
        let (source, stored_name) = self.source(connection, request).await?;
        let file_name = if request.file_name.is_empty() {
            stored_name
        } else {
            short_name(&request.file_name)
        };
        let spec = request.spec(supplier, source, file_name)?;
        if let Source::List(list) = spec.source {
            let start = self.staging.unpack_start(list).await?;
            self.check(connection, start, &spec).await?;
        }
        if request.save_mapping {
            self.mappings
                .save(connection, supplier, &spec.mapping)
                .await?;
        }
        let list_name = if spec.file_name.is_empty() {
            "price list"
        } else {
            &spec.file_name
        };
        let kind = if spec.dry_run { "Check" } else { "Import" };
        Ok(Planned {
            title: format!("{kind} {list_name} of {supplier_name}"),
            lane: format!("supplier:{supplier}"),
            spec,
        })
    }

    /// Refuses a list that no job could import, as far as its start tells.
    async fn check(
        &self,
        connection: ConnectionId,
        start: Unpacked,
        spec: &ImportSpec,
    ) -> Result<(), ImportError> {
        let is_whole = start.is_whole;
        let list = reading::open(start, spec).await?;
        let saved = self.mappings.of(connection, spec.supplier).await?;
        let mapping = list.mapping(&spec.mapping, &saved)?;
        reading::check_mapping(&mapping, &list.layout.columns, spec)?;
        let mut rows = false;
        read_all(&list.file, &list.layout, &mut |row| {
            rows = row.number() > list.layout.header_row && !row.is_blank();
            if rows {
                std::ops::ControlFlow::Break(())
            } else {
                std::ops::ControlFlow::Continue(())
            }
        })?;
        if rows || !is_whole {
            Ok(())
        } else {
            Err(FileError::HeaderOnly {
                header_row: list.layout.header_row,
            }
            .into())
        }
    }

    async fn source(
        &self,
        connection: ConnectionId,
        request: &ImportRequest,
    ) -> Result<(Source, String), ImportError> {
        match &request.source {
            None => Err(field("import.source", "must be content, upload_id or url")),
            Some(RequestSource::Content(content)) if content.len() > MAX_CONTENT_BYTES => {
                Err(ImportError::TooLarge {
                    limit: MAX_CONTENT_BYTES as u64,
                })
            }
            Some(RequestSource::Content(content)) => {
                let piece = futures::stream::iter([Ok::<_, ImportError>(content.clone())]);
                let stored = self.upload(connection, &request.file_name, piece).await?;
                Ok((Source::List(stored.id), String::new()))
            }
            Some(RequestSource::List(id)) => {
                let list = self
                    .staging
                    .find(connection, *id)
                    .await?
                    .ok_or(ImportError::UploadNotFound)?;
                Ok((Source::List(list.id), list.file_name))
            }
            Some(RequestSource::Url(url)) => {
                let url = self.http.check_source(url)?;
                let name = url
                    .path_segments()
                    .and_then(|mut parts| parts.next_back())
                    .unwrap_or_default();
                Ok((Source::Url(url.to_string()), short_name(name)))
            }
        }
    }

    /// Finds the contact. While Odoo is away an id is taken at its word: the job finds out.
    pub(super) async fn supplier(
        &self,
        connection: ConnectionId,
        reference: &str,
    ) -> Result<(i64, String), ImportError> {
        let reference = reference.trim();
        if reference.is_empty() {
            return Err(field(
                "import.supplier",
                "must be a contact's id, reference or exact name",
            ));
        }
        let odoo = self.clients.of(connection).await?;
        let candidates = match odoo.find_supplier(reference).await {
            Ok(candidates) => candidates,
            Err(error) if error.is_away() => {
                return match reference.parse::<i64>() {
                    Ok(id) if id > 0 => Ok((id, format!("supplier {id}"))),
                    _ => Err(error.into()),
                };
            }
            Err(error) => return Err(error.into()),
        };
        match &candidates[..] {
            [] => Err(ImportError::SupplierNotFound(reference.to_owned())),
            [one] if one.is_supplier => Ok((one.id, one.name.clone())),
            [one] => Err(ImportError::NotASupplier(one.name.clone())),
            several => Err(ImportError::SupplierAmbiguous {
                reference: reference.to_owned(),
                candidates: several.iter().map(described).collect::<Vec<_>>().join(", "),
            }),
        }
    }

    /// What the job of an import is to do.
    pub fn spec_of(job: Job) -> Result<ImportSpec, ImportError> {
        if job.kind != KIND {
            return Err(ImportError::NotAnImport);
        }
        serde_json::from_value(job.spec).map_err(|_| ImportError::NotAnImport)
    }

    /// At most `limit` of a job's row errors behind a row, of one code or of all, by row number.
    pub async fn row_errors(
        &self,
        job: JobId,
        code: &str,
        after: u32,
        limit: usize,
    ) -> Result<Vec<RowError>, ImportError> {
        let wanted = Some(code).filter(|code| !code.is_empty());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Ok(row_errors::after(self.db.pool(), job, after, wanted, limit).await?)
    }

    /// The rows of a job that failed, in the list's own format, with a column that says why: a name, and the file in pieces.
    pub async fn fix_file(
        &self,
        job: JobId,
        words: fix_file::Words,
    ) -> Result<
        (
            String,
            impl Stream<Item = Result<Vec<u8>, ImportError>> + Send + use<>,
        ),
        ImportError,
    > {
        let spec = Self::spec_of(self.queue.get(job).await?)?;
        let list = self.staging.of_job(job).await?;
        let list = list.ok_or(ImportError::NoList)?;
        let unpacked = self.staging.unpack(list.id).await?;
        let open = reading::open(unpacked, &spec).await?;
        let name = if spec.file_name.is_empty() {
            &list.file_name
        } else {
            &spec.file_name
        };
        let name = fix_file::name(name, open.layout.format);
        let file = fix_file::write(
            self.db.clone(),
            job,
            open,
            words,
            self.staging.scratch().to_owned(),
        )
        .await?;
        Ok((
            name,
            fix_file::pieces(file)
                .map(|piece| piece.map_err(|error| FileError::Disk(error).into())),
        ))
    }
}

fn described(candidate: &SupplierCandidate) -> String {
    let archived = if candidate.active { "" } else { ", archived" };
    format!("{} (id {}{archived})", candidate.name, candidate.id)
}

/// A file's name without its folders, of bearable length.
fn short_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name.chars()
        .filter(|letter| !letter.is_control())
        .take(200)
        .collect()
}
