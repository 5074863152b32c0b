//! The job: from a list to price lines, from wherever an earlier attempt stopped.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, future::BoxFuture};

use super::{
    apply::{Applying, file_error},
    error::ImportError,
    file::Format,
    mapping::Mapping,
    mappings::Mappings,
    reading::{self, OpenList},
    spec::{Checkpoint, ImportSpec, Source},
    staging::Staging,
    storing::grouped,
    survey::Survey,
    sweep::Sweeping,
};
use crate::{
    adapters::{Http, SourceError, odoo::Odoo},
    connections::ConnectionsError,
    ids::UploadId,
    jobs::{OdooClients, patience::Patience},
    queue::{JobError, Run, RunJob},
};

/// The kind of these jobs.
pub const KIND: &str = "supplier_import";

/// Runs imports.
#[derive(Clone, Debug)]
pub struct SupplierImport {
    pub(super) staging: Staging,
    pub(super) mappings: Mappings,
    pub(super) clients: OdooClients,
    pub(super) http: Http,
    /// How long a job waits for an Odoo that is away.
    pub(super) max_outage: Duration,
    pub(super) max_batch_rows: usize,
}

impl RunJob for SupplierImport {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, run: &'a Run) -> BoxFuture<'a, Result<String, JobError>> {
        Box::pin(self.import(run))
    }
}

impl SupplierImport {
    async fn import(&self, run: &Run) -> Result<String, JobError> {
        let spec: ImportSpec = run.spec()?;
        let mut checkpoint: Checkpoint = run.checkpoint()?.unwrap_or_default();
        let patience = Patience::new(run, self.max_outage);
        let list = self.list(run, &spec, &mut checkpoint).await?;
        let odoo = self.odoo(run, &spec).await?;
        if !checkpoint.read {
            let unpacked = self.staging.unpack(list).await.map_err(storage_error)?;
            let open = reading::open(unpacked, &spec)
                .await
                .map_err(|error| file_error(&error))?;
            let open = Arc::new(open);
            let allowed = async {
                match &odoo {
                    Some(odoo) => check_rights(&patience, odoo).await,
                    None => Ok(()),
                }
            };
            let understand = self.understand(run, &spec, &open, &mut checkpoint);
            let ((mapping, survey), ()) = tokio::try_join!(understand, allowed)?;
            let applying = Applying {
                run,
                spec: &spec,
                list: Arc::clone(&open),
                survey: &survey,
                patience: &patience,
                odoo: odoo.as_deref(),
                most_rows: self.max_batch_rows,
            };
            applying
                .all(open.validator(&mapping, &survey, &spec), &mut checkpoint)
                .await?;
            checkpoint.read = true;
        }
        if let Some(odoo) = &odoo {
            self.end(run, &spec, &patience, odoo, &mut checkpoint)
                .await?;
        }
        if run.counters().errors == 0 {
            // Without errors there is nothing to fix, so the list has served its turn.
            self.staging.release(run.job()).await?;
        }
        Ok(summary(run, &spec, &checkpoint))
    }

    /// The stored list; one from an address is fetched first.
    async fn list(
        &self,
        run: &Run,
        spec: &ImportSpec,
        checkpoint: &mut Checkpoint,
    ) -> Result<UploadId, JobError> {
        if let Some(list) = checkpoint.list {
            return Ok(list);
        }
        let list = match &spec.source {
            Source::List(list) => {
                let found = self.staging.find(run.connection(), *list).await?;
                found.ok_or_else(|| JobError::Fail {
                    code: "upload_not_found",
                    message: "the uploaded list is no longer stored: upload it again".to_owned(),
                })?;
                *list
            }
            Source::Url(url) => {
                let list = tokio::select! {
                    () = run.stopping().cancelled() => return Err(JobError::Stopped),
                    list = self.fetch(run, spec, url) => list?,
                };
                checkpoint.list = Some(list);
                list
            }
        };
        self.staging.keep_for(run.job(), list).await?;
        if checkpoint.list.is_some() {
            run.step()
                .await?
                .about("list_fetched")
                .commit(checkpoint, run.counters(), "fetched the list")
                .await?;
        }
        Ok(list)
    }

    async fn fetch(&self, run: &Run, spec: &ImportSpec, url: &str) -> Result<UploadId, JobError> {
        let source = self
            .http
            .fetch_source(url)
            .await
            .map_err(|error| source_error(&error))?;
        let pieces = source
            .pieces()
            .map(|piece| piece.map_err(ImportError::from));
        let stored = self
            .staging
            .store(run.connection(), &spec.file_name, pieces)
            .await
            .map_err(storage_error)?;
        Ok(stored.id)
    }

    /// The job's Odoo; none in a dry run.
    async fn odoo(&self, run: &Run, spec: &ImportSpec) -> Result<Option<Arc<Odoo>>, JobError> {
        if spec.dry_run {
            return Ok(None);
        }
        self.clients
            .of(run.connection())
            .await
            .map(Some)
            .map_err(|error| match error {
                ConnectionsError::Db(error) => JobError::Db(error),
                other => JobError::Fail {
                    code: "connection_unusable",
                    message: other.to_string(),
                },
            })
    }

    /// Settles the mapping and reads the list once to know its length and how its numbers are written.
    async fn understand(
        &self,
        run: &Run,
        spec: &ImportSpec,
        list: &Arc<OpenList>,
        checkpoint: &mut Checkpoint,
    ) -> Result<(Mapping, Survey), JobError> {
        let unusable = |error: super::mapping::MappingError| JobError::Fail {
            code: "mapping_incomplete",
            message: error.to_string(),
        };
        let mapping = if let Some(settled) = &checkpoint.mapping {
            Mapping::given(&list.layout.columns, settled).map_err(unusable)?
        } else {
            let saved = self.mappings.of(run.connection(), spec.supplier).await?;
            list.mapping(&spec.mapping, &saved).map_err(unusable)?
        };
        reading::check_mapping(&mapping, &list.layout.columns, spec).map_err(unusable)?;
        let stopping = run.stopping().clone();
        let survey = list
            .survey(&mapping, spec, move || stopping.is_cancelled())
            .await
            .map_err(|error| file_error(&error))?;
        if run.stopping().is_cancelled() {
            return Err(JobError::Stopped);
        }
        if checkpoint.mapping.is_none() {
            checkpoint.mapping = Some(reading::written(&mapping, &list.layout.columns));
            let mut counters = run.counters();
            counters.rows_total = i64::from(survey.rows);
            run.step()
                .await?
                .about("list_read")
                .commit(checkpoint, counters, &understood(list, &survey))
                .await?;
            for warning in &survey.warnings {
                run.note(warning.code, &warning.message).await?;
            }
        }
        Ok((mapping, survey))
    }

    /// Sweeps if asked to, and tells Odoo that the list is through.
    async fn end(
        &self,
        run: &Run,
        spec: &ImportSpec,
        patience: &Patience<'_>,
        odoo: &Odoo,
        checkpoint: &mut Checkpoint,
    ) -> Result<(), JobError> {
        if let Some(policy) = spec.sweep {
            // The list need not be read again if the sweep is interrupted.
            Sweeping {
                run,
                spec,
                patience,
                odoo,
            }
            .sweep(policy, checkpoint)
            .await?;
        }
        let clean = run.counters().errors == 0;
        let call = || odoo.finish(run.job(), run.attempt(), spec.supplier, clean);
        let answer = patience.call("finishing", call).await?;
        super::apply::held(answer.status)
    }
}

async fn check_rights(patience: &Patience<'_>, odoo: &Odoo) -> Result<(), JobError> {
    let description = patience.call("going on", || odoo.describe()).await?;
    if let Some(right) = description.missing_rights.first() {
        return Err(JobError::Fail {
            code: "odoo_not_allowed",
            message: format!("the service user lacks a right in Odoo: {right}"),
        });
    }
    Ok(())
}

fn understood(list: &OpenList, survey: &Survey) -> String {
    let layout = &list.layout;
    let rows = grouped(i64::from(survey.rows));
    match layout.format {
        Format::Csv => {
            let delimiter = if layout.delimiter == b'\t' {
                "tab".to_owned()
            } else {
                format!("'{}'", layout.delimiter as char)
            };
            format!(
                "read {rows} rows of {} text with {delimiter} between fields",
                layout.encoding.name()
            )
        }
        Format::Xlsx => format!("read {rows} rows of an XLSX workbook"),
        Format::Xls => format!("read {rows} rows of an XLS workbook"),
        Format::Ods => format!("read {rows} rows of an OpenDocument spreadsheet"),
    }
}

fn summary(run: &Run, spec: &ImportSpec, checkpoint: &Checkpoint) -> String {
    let counters = run.counters();
    let mut parts: Vec<String> = Vec::new();
    let mut add = |count: i64, what: &str| {
        if count > 0 {
            parts.push(format!("{} {what}", grouped(count)));
        }
    };
    if spec.dry_run {
        add(checkpoint.valid, "can be applied");
    }
    add(counters.created, "created");
    add(counters.updated, "updated");
    add(counters.unchanged, "unchanged");
    for (reason, rows) in &checkpoint.skipped {
        add(*rows, &format!("skipped ({})", reason.replace('_', " ")));
    }
    add(counters.errors, "with errors");
    if checkpoint.swept > 0 {
        parts.push(format!("{} lines swept", grouped(checkpoint.swept)));
    }
    let kind = if spec.dry_run {
        " checked, nothing written"
    } else {
        ""
    };
    format!(
        "{} rows{kind}: {}",
        grouped(counters.rows_total),
        parts.join(", ")
    )
}

fn source_error(error: &SourceError) -> JobError {
    let message = error.to_string();
    match error {
        SourceError::Away(_) => JobError::Retry {
            code: "source_away",
            message,
            after: None,
        },
        SourceError::Refused(_) => JobError::Fail {
            code: "source_refused",
            message,
        },
        SourceError::TooLarge { .. } => JobError::Fail {
            code: "file_too_large",
            message,
        },
        SourceError::Missing { .. } => JobError::Fail {
            code: "source_missing",
            message,
        },
    }
}

fn storage_error(error: ImportError) -> JobError {
    match error {
        ImportError::Db(error) => JobError::Db(error),
        ImportError::Source(error) => source_error(&error),
        ImportError::File(error) => file_error(&error),
        ImportError::TooLarge { .. } => JobError::Fail {
            code: "file_too_large",
            message: error.to_string(),
        },
        other => JobError::Retry {
            code: "staging",
            message: other.to_string(),
            after: None,
        },
    }
}
