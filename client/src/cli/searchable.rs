//! `sluice searchable`: what can be searched, by which embedder, and how far that is.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sluice_client::{
    Client,
    v1::{
        Embedder, SearchConfigureRequest, SearchConfigureResponse, SearchEmbedRequest,
        SearchFailure, SearchGetStatusResponse, SearchModelStatus, SearchPreviewRequest,
        SearchPreviewResponse, SearchableModel,
    },
};

use super::{
    Ending,
    failure::Failure,
    logikal::read_password,
    output::Output,
    render::{
        json as form,
        table::{Align, Table},
        text::{clean, short},
        words,
    },
    sync,
};

/// How many failures are listed.
const MOST_FAILURES: usize = 1_000;

/// Commands of `sluice searchable`.
#[derive(Debug, Subcommand)]
pub(crate) enum SearchableCommand {
    /// Say which embedder is used; it is tried first
    #[command(after_help = "Examples:
  sluice searchable embedder --connection webshop --url http://127.0.0.1:8765/v1 --name multilingual-e5-small --dimensions 384 --query-prefix 'query: ' --text-prefix 'passage: '
  sluice searchable embedder --connection webshop --url https://api.example.com/v1 --name embed-3 --dimensions 1024 --key-file key.txt")]
    Embedder(Box<EmbedderArguments>),
    /// Make mirrored models searchable
    #[command(after_help = "Examples:
  sluice searchable add res.partner product.template --connection webshop
  sluice searchable add crm.lead --fields name,description,tag_ids --connection webshop")]
    Add {
        /// Odoo's names of the models
        #[arg(value_name = "MODEL", required = true)]
        models: Vec<String>,
        #[command(flatten)]
        whose: Whose,
        /// Embed these fields only; left out: what suits each model
        #[arg(long, value_name = "FIELD", value_delimiter = ',')]
        fields: Vec<String>,
    },
    /// Make models searchable no longer, and drop what was embedded of them
    #[command(after_help = "Example:\n  sluice searchable remove crm.lead --connection webshop")]
    Remove {
        /// Odoo's names of the models
        #[arg(value_name = "MODEL", required = true)]
        models: Vec<String>,
        #[command(flatten)]
        whose: Whose,
    },
    /// Show what is searchable, what waits and what failed
    #[command(after_help = "Example:\n  sluice searchable status --connection webshop")]
    Status {
        #[command(flatten)]
        whose: Whose,
    },
    /// Show what would be embedded of a model, and how much that is
    #[command(
        after_help = "Example:\n  sluice searchable preview res.partner --connection webshop"
    )]
    Preview {
        /// Odoo's name of the model
        model: String,
        #[command(flatten)]
        whose: Whose,
        /// Embed these fields only; left out: what suits the model
        #[arg(long, value_name = "FIELD", value_delimiter = ',')]
        fields: Vec<String>,
        /// The most records to show [default: 3]
        #[arg(long, default_value_t = 0, hide_default_value = true)]
        limit: i32,
    },
    /// Embed what waits of a model now
    #[command(
        after_help = "Example:\n  sluice searchable embed res.partner --connection webshop --watch"
    )]
    Embed {
        /// Odoo's name of the model
        model: String,
        #[command(flatten)]
        whose: Whose,
        /// Write the text of every record anew, such as after names of related records changed
        #[arg(long)]
        full: bool,
        /// Follow the job to its end
        #[arg(long)]
        watch: bool,
    },
    /// List records that could not be embedded
    #[command(after_help = "Example:\n  sluice searchable failed --connection webshop")]
    Failed {
        /// Odoo's name of a model; left out: all
        #[arg(default_value = "", hide_default_value = true)]
        model: String,
        #[command(flatten)]
        whose: Whose,
    },
    /// Try records of a model again that could not be embedded
    #[command(
        after_help = "Example:\n  sluice searchable retry res.partner --connection webshop --watch"
    )]
    Retry {
        /// Odoo's name of the model
        model: String,
        #[command(flatten)]
        whose: Whose,
        /// Follow the job to its end
        #[arg(long)]
        watch: bool,
    },
}

/// Whose records.
#[derive(Debug, Args)]
pub(crate) struct Whose {
    /// The connection; a connection's own token implies it
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    connection: String,
}

/// Arguments of `sluice searchable embedder`.
#[derive(Debug, Args)]
pub(crate) struct EmbedderArguments {
    #[command(flatten)]
    whose: Whose,
    /// Its address, with or without /embeddings
    #[arg(long)]
    url: String,
    /// The embedding model's name, as the embedder knows it
    #[arg(long)]
    name: String,
    /// How many numbers one of its vectors has
    #[arg(long)]
    dimensions: i32,
    /// A file with its key, `-` for the standard input; left out: what it was
    #[arg(long, value_name = "FILE", conflicts_with = "no_key")]
    key_file: Option<PathBuf>,
    /// Forget the key
    #[arg(long)]
    no_key: bool,
    /// The most texts of one call [default: 64]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    max_texts: i32,
    /// About the most tokens of one call [default: 32000]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    max_tokens: i32,
    /// The most calls a minute; left out: as many as it takes
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    calls_per_minute: i32,
    /// How many seconds one call may take [default: 60]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u16>,
    /// What stands before each text that is searched for, such as 'query: '
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    query_prefix: String,
    /// What stands before each text that is embedded, such as 'passage: '
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    text_prefix: String,
    /// Save without trying it first
    #[arg(long)]
    skip_test: bool,
}

pub(crate) async fn run(
    command: SearchableCommand,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    match command {
        SearchableCommand::Embedder(arguments) => {
            let request = arguments.request()?;
            configured(&client.configure_search(request).await?, output)
        }
        SearchableCommand::Add {
            models,
            whose,
            fields,
        } => {
            let request = SearchConfigureRequest {
                connection: whose.connection,
                models: models
                    .into_iter()
                    .map(|model| searchable(model, &fields))
                    .collect(),
                ..SearchConfigureRequest::default()
            };
            configured(&client.configure_search(request).await?, output)
        }
        SearchableCommand::Remove { models, whose } => {
            let request = SearchConfigureRequest {
                connection: whose.connection,
                removed_models: models,
                ..SearchConfigureRequest::default()
            };
            configured(&client.configure_search(request).await?, output)
        }
        SearchableCommand::Status { whose } => {
            status(&client.search_status(&whose.connection).await?, output)
        }
        SearchableCommand::Preview {
            model,
            whose,
            fields,
            limit,
        } => {
            let request = SearchPreviewRequest {
                connection: whose.connection,
                model: Some(searchable(model, &fields)),
                limit,
            };
            preview(&client.preview_search(request).await?, output)
        }
        SearchableCommand::Embed {
            model,
            whose,
            full,
            watch,
        } => {
            let request = SearchEmbedRequest {
                connection: whose.connection,
                model,
                full,
                request_id: String::new(),
            };
            sync::show(&client.embed(request).await?, watch, client, output).await
        }
        SearchableCommand::Failed { model, whose } => {
            let found = client.embedding_failures(&whose.connection, &model, MOST_FAILURES);
            failed(&found.await?, output)
        }
        SearchableCommand::Retry {
            model,
            whose,
            watch,
        } => {
            let job = client.retry_embedding(&whose.connection, &model).await?;
            sync::show(&job, watch, client, output).await
        }
    }
}

fn searchable(model: String, fields: &[String]) -> SearchableModel {
    SearchableModel {
        model,
        field_names: fields.to_vec(),
    }
}

impl EmbedderArguments {
    fn request(self) -> Result<SearchConfigureRequest, Failure> {
        let key = self
            .key_file
            .as_deref()
            .map(|path| read_password(path, "--key-file"));
        Ok(SearchConfigureRequest {
            connection: self.whose.connection,
            embedder: Some(Embedder {
                url: self.url,
                model: self.name,
                dimensions: self.dimensions,
                api_key: key.transpose()?.unwrap_or_default(),
                remove_api_key: self.no_key,
                has_api_key: false,
                max_texts: self.max_texts,
                max_tokens: self.max_tokens,
                calls_per_minute: self.calls_per_minute,
                timeout: self.timeout.map(|seconds| prost_types::Duration {
                    seconds: seconds.into(),
                    nanos: 0,
                }),
                query_prefix: self.query_prefix,
                text_prefix: self.text_prefix,
            }),
            skip_test: self.skip_test,
            ..SearchConfigureRequest::default()
        })
    }
}

fn configured(answer: &SearchConfigureResponse, output: &Output) -> Result<Ending, Failure> {
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

fn status(status: &SearchGetStatusResponse, output: &Output) -> Result<Ending, Failure> {
    if output.is_json() {
        output.value(&status_json(status))?;
        return Ok(Ending::Good);
    }
    match &status.embedder {
        Some(embedder) => output.line(&named(embedder))?,
        None => {
            output.remark(
                "no embedder yet; `sluice searchable embedder --help` shows how to name one",
            );
            return Ok(Ending::Good);
        }
    }
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

fn preview(preview: &SearchPreviewResponse, output: &Output) -> Result<Ending, Failure> {
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

fn failed(failures: &[SearchFailure], output: &Output) -> Result<Ending, Failure> {
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
