//! `sluice search` and `sluice similar`: mirrored records found by what they mean, or by their words.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use sluice_client::{
    Client,
    v1::{SearchHit, SearchMode, SearchQueryRequest, SearchSimilarRequest},
};

use super::{
    Ending,
    failure::Failure,
    output::Output,
    render::{
        table::{Align, Table},
        text::{clean, short},
    },
};

/// Arguments of `sluice search`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice search \"the glass supplier in Ghent\" --connection webshop
  sluice search \"late deliveries\" --connection webshop --model res.partner --mode meaning --limit 5")]
pub(crate) struct SearchArguments {
    /// What to find
    text: String,
    #[command(flatten)]
    narrowed: Narrowed,
    /// By what to find it
    #[arg(long, value_enum, default_value = "both")]
    mode: Mode,
}

/// Arguments of `sluice similar`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sluice similar res.partner 42 --connection webshop")]
pub(crate) struct SimilarArguments {
    /// Odoo's name of the record's model
    #[arg(value_name = "MODEL")]
    of_model: String,
    /// The record's id in Odoo
    id: i64,
    #[command(flatten)]
    narrowed: Narrowed,
}

/// What narrows a search.
#[derive(Debug, Args)]
struct Narrowed {
    /// The connection; a connection's own token implies it
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    connection: String,
    /// Only records of this model; may be given several times
    #[arg(long = "model", value_name = "MODEL")]
    models: Vec<String>,
    /// The most results [default: 10]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = clap::value_parser!(i32).range(0..=200))]
    limit: i32,
    /// Leave out what is less near in meaning, 0 to 1
    #[arg(
        long,
        value_name = "NEARNESS",
        default_value_t = 0.0,
        hide_default_value = true
    )]
    min_similarity: f64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mode {
    /// The nearness of what is meant
    Meaning,
    /// The words, each of which must occur or begin a word
    Words,
    /// Both, fused
    Both,
}

pub(crate) async fn search(
    arguments: SearchArguments,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    let mode = match arguments.mode {
        Mode::Meaning => SearchMode::Meaning,
        Mode::Words => SearchMode::Words,
        Mode::Both => SearchMode::Both,
    };
    let hits = client
        .search(SearchQueryRequest {
            connection: arguments.narrowed.connection,
            text: arguments.text,
            models: arguments.narrowed.models,
            filters: Vec::new(),
            limit: arguments.narrowed.limit,
            min_similarity: arguments.narrowed.min_similarity,
            mode: mode.into(),
        })
        .await?;
    show(&hits, output)
}

pub(crate) async fn similar(
    arguments: SimilarArguments,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    let hits = client
        .similar(SearchSimilarRequest {
            connection: arguments.narrowed.connection,
            model: arguments.of_model,
            odoo_id: arguments.id,
            models: arguments.narrowed.models,
            limit: arguments.narrowed.limit,
            min_similarity: arguments.narrowed.min_similarity,
        })
        .await?;
    show(&hits, output)
}

fn show(hits: &[SearchHit], output: &Output) -> Result<Ending, Failure> {
    if output.is_json() {
        for hit in hits {
            output.value(&hit_json(hit))?;
        }
        return Ok(Ending::Good);
    }
    if hits.is_empty() {
        output.remark("nothing was found");
        return Ok(Ending::Good);
    }
    let mut table = Table::new(&["NEAR", "MODEL", "ID", "NAME", "TEXT"]).align(&[
        Align::Right,
        Align::Left,
        Align::Right,
        Align::Left,
    ]);
    for hit in hits {
        let near = if hit.similarity == 0.0 {
            "words".to_owned()
        } else {
            format!("{:.2}", hit.similarity)
        };
        table.row([
            near,
            clean(&hit.model),
            hit.odoo_id.to_string(),
            short(&hit.display_name, 32),
            short(&hit.snippet, 64),
        ]);
    }
    output.line(&table.to_string())?;
    if let Some(first) = hits.first() {
        output.remark(&format!("The first one: {}", clean(&first.url)));
    }
    Ok(Ending::Good)
}

fn hit_json(hit: &SearchHit) -> Value {
    json!({
        "model": hit.model,
        "odoo_id": hit.odoo_id,
        "part": hit.part,
        "score": hit.score,
        "similarity": hit.similarity,
        "display_name": hit.display_name,
        "snippet": hit.snippet,
        "url": hit.url,
        "by_words": hit.by_words,
    })
}
