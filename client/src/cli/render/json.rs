//! Messages as JSON: the contract's names, words in lower case, times in RFC 3339, null where nothing is set.

use chrono::SecondsFormat;
use prost_types::Timestamp;
use serde_json::{Value, json};
use sluice_client::{
    Enqueued, Update,
    v1::{
        Connection, ConnectionsTestResponse, Counters, DecimalStyle, Event, FileFormat, Finding,
        ImportQueuePreviewResponse, Job, ListField, RowError, RowOutcome, Schedule, SupplierImport,
        Verdict, supplier_import::Source,
    },
};

use super::{advice, words};

/// One update of a story. `type` tells which.
pub(crate) fn update(update: &Update) -> Value {
    match update {
        Update::Snapshot(snapshot) => json!({
            "type": "snapshot",
            "seq": snapshot.seq,
            "time": time(snapshot.time.as_ref()),
            "job": snapshot.job.as_ref().map(job),
        }),
        Update::Event(event) => self::event(event),
        Update::Interrupted { error, retry_in } => json!({
            "type": "interrupted",
            "code": advice::code_word(error.code),
            "message": error.message,
            "retry_in_ms": u64::try_from(retry_in.as_millis()).unwrap_or(u64::MAX),
        }),
    }
}

fn event(event: &Event) -> Value {
    json!({
        "type": "event",
        "job_id": event.job_id,
        "seq": event.seq,
        "event": words::event(event.r#type()),
        "time": time(event.time.as_ref()),
        "message": event.message,
        "counters": counters(event.counters.as_ref()),
        "attempt": event.attempt,
        "code": event.code,
        "folded": event.folded,
    })
}

/// A job that was just made.
pub(crate) fn enqueued(enqueued: &Enqueued) -> Value {
    json!({
        "type": "enqueued",
        "job": job(&enqueued.job),
        "existed": enqueued.existed,
        "behind_job_id": enqueued.behind,
    })
}

pub(crate) fn job(job: &Job) -> Value {
    json!({
        "id": job.id,
        "connection": job.connection,
        "kind": job.kind,
        "title": job.title,
        "state": words::of(job.state().as_str_name(), "JOB_STATE_"),
        "lane": job.lane,
        "priority": job.priority,
        "attempt": job.attempt,
        "retry_count": job.retry_count,
        "counters": counters(job.counters.as_ref()),
        "error": job.error.as_ref().map(|error| json!({ "code": error.code, "message": error.message })),
        "waiting_reason": job.waiting_reason,
        "requested": job.requested,
        "last_seq": job.last_seq,
        "created_at": time(job.created_at.as_ref()),
        "run_at": time(job.run_at.as_ref()),
        "started_at": time(job.started_at.as_ref()),
        "finished_at": time(job.finished_at.as_ref()),
        "request_id": job.request_id,
    })
}

fn counters(counters: Option<&Counters>) -> Value {
    let counters = counters.copied().unwrap_or_default();
    json!({
        "rows_total": counters.rows_total,
        "rows_done": counters.rows_done,
        "created": counters.created,
        "updated": counters.updated,
        "unchanged": counters.unchanged,
        "skipped": counters.skipped,
        "errors": counters.errors,
    })
}

pub(crate) fn connection(connection: &Connection) -> Value {
    json!({
        "name": connection.name,
        "url": connection.url,
        "database": connection.database,
        "max_running": connection.max_running,
        "created_at": time(connection.created_at.as_ref()),
        "tested_at": time(connection.tested_at.as_ref()),
        "odoo_version": connection.odoo_version,
        "addon_version": connection.addon_version,
    })
}

pub(crate) fn connection_test(name: &str, found: &ConnectionsTestResponse) -> Value {
    json!({
        "connection": name,
        "odoo_version": found.odoo_version,
        "addon_version": found.addon_version,
        "user": found.user,
        "workers": found.workers,
        "round_trip_ms": found.round_trip_ms,
        "modules": found.modules,
        "missing_rights": found.missing_rights,
    })
}

pub(crate) fn row_error(error: &RowError) -> Value {
    json!({
        "row": error.row,
        "code": error.code,
        "column": error.column,
        "message": error.message,
        "values": error.values,
    })
}

pub(crate) fn preview(preview: &ImportQueuePreviewResponse) -> Value {
    let columns: Vec<Value> = preview
        .columns
        .iter()
        .map(|column| {
            json!({
                "column": column.column,
                "field": chosen(column.field() == ListField::Unspecified, column.field().as_str_name(), "LIST_FIELD_"),
                "samples": column.samples,
                "decimal_style": decimal_style(column.decimal_style()),
                "question": column.question,
            })
        })
        .collect();
    let rows: Vec<Value> = preview
        .rows
        .iter()
        .map(|row| {
            let outcome = row.outcome();
            json!({
                "row": row.row,
                "outcome": chosen(outcome == RowOutcome::Unspecified, outcome.as_str_name(), "ROW_OUTCOME_"),
                "code": row.code,
                "message": row.message,
                "key": row.key,
                "product": row.product,
                "price_before": row.price_before,
                "price_after": row.price_after,
            })
        })
        .collect();
    let file = preview.file.as_ref().map(|file| {
        let format = file.format();
        json!({
            "format": chosen(format == FileFormat::Unspecified, format.as_str_name(), "FILE_FORMAT_"),
            "encoding": file.encoding,
            "delimiter": file.delimiter,
            "sheet": file.sheet,
            "header_row": file.header_row,
            "decimal_style": decimal_style(file.decimal_style()),
        })
    });
    json!({
        "file": file,
        "columns": columns,
        "rows": rows,
        "counters": counters(preview.counters.as_ref()),
        "warnings": preview.warnings,
        "supplier_id": preview.supplier_id,
        "supplier_name": preview.supplier_name,
    })
}

pub(crate) fn schedule(schedule: &Schedule) -> Value {
    json!({
        "connection": schedule.connection,
        "name": schedule.name,
        "cron": schedule.cron,
        "time_zone": schedule.time_zone,
        "supplier": schedule.import.as_ref().map(|import| import.supplier.clone()),
        "source": schedule.import.as_ref().map(source),
        "next_run_at": time(schedule.next_run_at.as_ref()),
        "last_job_id": schedule.last_job_id,
    })
}

/// Where an import's list is, in a word.
pub(crate) fn source(import: &SupplierImport) -> String {
    match &import.source {
        Some(Source::Url(url)) => url.clone(),
        Some(Source::UploadId(id)) => format!("upload {id}"),
        Some(Source::Content(_)) => "inline".to_owned(),
        None => String::new(),
    }
}

pub(crate) fn finding(finding: &Finding) -> Value {
    let verdict = finding.verdict();
    json!({
        "name": finding.name,
        "verdict": chosen(verdict == Verdict::Unspecified, verdict.as_str_name(), "VERDICT_"),
        "message": finding.message,
        "remedy": finding.remedy,
    })
}

pub(crate) fn time(time: Option<&Timestamp>) -> Value {
    let time = time.and_then(words::moment);
    json!(time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
}

fn decimal_style(style: DecimalStyle) -> Option<String> {
    chosen(
        style == DecimalStyle::Unspecified,
        style.as_str_name(),
        "DECIMAL_STYLE_",
    )
}

/// The word of an enum's value, or nothing where it is unspecified.
fn chosen(unspecified: bool, name: &str, prefix: &str) -> Option<String> {
    (!unspecified).then(|| words::of(name, prefix))
}

#[cfg(test)]
mod tests {
    use sluice_client::v1::{EventType, JobState};

    use super::*;

    #[test]
    fn an_event_reads_as_in_the_contract() {
        let event = Event {
            job_id: "j".to_owned(),
            seq: 3,
            r#type: EventType::Waiting.into(),
            time: Some(Timestamp {
                seconds: 0,
                nanos: 500_000_000,
            }),
            ..Event::default()
        };
        let value = update(&Update::Event(Box::new(event)));
        assert_eq!(value["event"], "waiting");
        assert_eq!(value["time"], "1970-01-01T00:00:00.500Z");
        assert_eq!(value["counters"]["rows_done"], 0);
    }

    #[test]
    fn what_is_not_set_is_null() {
        let value = job(&Job {
            state: JobState::Queued.into(),
            ..Job::default()
        });
        assert_eq!(value["state"], "queued");
        assert!(value["started_at"].is_null() && value["error"].is_null());
    }
}
