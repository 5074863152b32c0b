//! How `sluice searchable` shows what it was told.

use serde_json::{Value, json};
use sluice_client::v1::{
    Embedder, SearchConfigureResponse, SearchFailure, SearchGetStatusResponse, SearchModelStatus,
    SearchPreviewResponse, SearchableModel,
};

use super::{
    Ending,
    failure::Failure,
    output::Output,
    render::{
        json as form,
        table::{Align, Table},
        text::{clean, short},
        words,
    },
};

pub(crate) fn configured(
    answer: &SearchConfigureResponse,
    output: &Output,
) -> Result<Ending, Failure> {
    if output.is_json() {
        output.value(&json!({
            "embedder": answer.embedder.as_ref().map(embedder_json),
            "models": answer.models.iter().map(model_json).collect::<Vec<_>>(),
            "jobs": answer.jobs.iter().map(form::job).collect::<Vec<_>>(),
        }))?;
        return Ok(Ending::Good);
    }
    if let Some(embedder) = &answer.embedder {
        output.line(&named(embedder))?;
    }
    for model in &answer.models {
        let fields = if model.field_names.is_empty() {
            "what suits it".to_owned()
        } else {
            model.field_names.join(", ")
        };
        output.line(&format!("{}: {}", clean(&model.model), clean(&fields)))?;
    }
    if answer.models.is_empty() {
        output.remark("nothing is searchable yet; `sluice searchable add MODEL` begins with one");
    }
    for job in &answer.jobs {
        output.remark(&format!("To follow it: sluice watch {}", clean(&job.id)));
    }
    Ok(Ending::Good)
}

fn named(embedder: &Embedder) -> String {
    format!(
        "embedder: {} at {}, {} dimensions",
        clean(&embedder.model),
        clean(&embedder.url),
        embedder.dimensions
    )
}

pub(crate) fn status(status: &SearchGetStatusResponse, output: &Output) -> Result<Ending, Failure> {
    if output.is_json() {
        output.value(&status_json(status))?;
        return Ok(Ending::Good);
    }
    let Some(embedder) = &status.embedder else {
        output.remark("no embedder yet; `sluice searchable embedder --help` shows how to name one");
        return Ok(Ending::Good);
    };
    output.line(&named(embedder))?;
    for generation in &status.generations {
        let does = if generation.is_serving {
            "answers"
        } else {
            "is being built"
        };
        output.line(&format!(
            "generation {} {does}: {} vectors of {}",
            generation.number,
            words::number(generation.vectors),
            clean(&generation.embedding_model)
        ))?;
    }
    let mut table =
        Table::new(&["MODEL", "RECORDS", "TEXTS", "WAITING", "FAILED", "LAG"]).align(&[
            Align::Left,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
        ]);
    for model in &status.models {
        let lag = model.lag.as_ref().map_or_else(
            || "-".to_owned(),
            |lag| words::span(f64::from(i32::try_from(lag.seconds).unwrap_or(i32::MAX))),
        );
        table.row([
            clean(name(model)),
            words::number(model.searchable),
            words::number(model.texts),
            words::number(model.waiting),
            words::number(model.failed),
            lag,
        ]);
    }
    output.line(&table.to_string())?;
    for model in status
        .models
        .iter()
        .filter(|model| !model.last_error.is_empty())
    {
        output.line(&format!(
            "{}: {}",
            clean(name(model)),
            clean(&model.last_error)
        ))?;
    }
    Ok(Ending::Good)
}

fn name(model: &SearchModelStatus) -> &str {
    model
        .configuration
        .as_ref()
        .map_or("", |configuration| &configuration.model)
}

pub(crate) fn preview(preview: &SearchPreviewResponse, output: &Output) -> Result<Ending, Failure> {
    if output.is_json() {
        let texts: Vec<Value> = preview
            .texts
            .iter()
            .map(|text| json!({ "odoo_id": text.odoo_id, "part": text.part, "text": text.text }))
            .collect();
        output.value(&json!({
            "field_names": preview.field_names,
            "texts": texts,
            "records": preview.records,
            "estimated_texts": preview.estimated_texts,
            "estimated_tokens": preview.estimated_tokens,
        }))?;
        return Ok(Ending::Good);
    }
    for text in &preview.texts {
        output.line(&format!("-- {} part {}", text.odoo_id, text.part))?;
        for line in text.text.lines() {
            output.line(&clean(line))?;
        }
    }
    output.line(&format!(
        "{} records, about {} texts with {} tokens",
        words::number(preview.records),
        words::number(preview.estimated_texts),
        words::number(preview.estimated_tokens)
    ))?;
    Ok(Ending::Good)
}

pub(crate) fn failed(failures: &[SearchFailure], output: &Output) -> Result<Ending, Failure> {
    if output.is_json() {
        for failure in failures {
            output.value(&json!({
                "model": failure.model,
                "odoo_id": failure.odoo_id,
                "error": failure.error,
                "tries": failure.tries,
                "failed_at": form::time(failure.failed_at.as_ref()),
            }))?;
        }
        return Ok(Ending::Good);
    }
    if failures.is_empty() {
        output.remark("nothing has failed");
        return Ok(Ending::Good);
    }
    let mut table = Table::new(&["MODEL", "ID", "TRIES", "ERROR"]).align(&[
        Align::Left,
        Align::Right,
        Align::Right,
    ]);
    for failure in failures {
        table.row([
            clean(&failure.model),
            failure.odoo_id.to_string(),
            failure.tries.to_string(),
            short(&failure.error, 80),
        ]);
    }
    output.line(&table.to_string())?;
    Ok(Ending::Good)
}

fn embedder_json(embedder: &Embedder) -> Value {
    json!({
        "url": embedder.url,
        "model": embedder.model,
        "dimensions": embedder.dimensions,
        "has_api_key": embedder.has_api_key,
        "max_texts": embedder.max_texts,
        "max_tokens": embedder.max_tokens,
        "calls_per_minute": embedder.calls_per_minute,
        "timeout_seconds": embedder.timeout.as_ref().map(|timeout| timeout.seconds),
        "query_prefix": embedder.query_prefix,
        "text_prefix": embedder.text_prefix,
    })
}

fn model_json(model: &SearchableModel) -> Value {
    json!({ "model": model.model, "field_names": model.field_names })
}

fn status_json(status: &SearchGetStatusResponse) -> Value {
    let models: Vec<Value> = status
        .models
        .iter()
        .map(|model| {
            json!({
                "configuration": model.configuration.as_ref().map(model_json),
                "searchable": model.searchable,
                "texts": model.texts,
                "waiting": model.waiting,
                "failed": model.failed,
                "lag_seconds": model.lag.as_ref().map(|lag| lag.seconds),
                "last_job": model.last_job.as_ref().map(form::job),
                "last_error": model.last_error,
            })
        })
        .collect();
    let generations: Vec<Value> = status
        .generations
        .iter()
        .map(|generation| {
            json!({
                "number": generation.number,
                "embedding_model": generation.embedding_model,
                "dimensions": generation.dimensions,
                "is_serving": generation.is_serving,
                "vectors": generation.vectors,
                "created_at": form::time(generation.created_at.as_ref()),
            })
        })
        .collect();
    json!({
        "embedder": status.embedder.as_ref().map(embedder_json),
        "models": models,
        "generations": generations,
        "extension_version": status.extension_version,
    })
}
