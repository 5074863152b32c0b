//! The arguments of `sluice searchable`. The comments here are its help.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sluice_client::v1::{Embedder, SearchConfigureRequest};

use super::{failure::Failure, logikal::read_password};

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
    pub(crate) connection: String,
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

impl EmbedderArguments {
    /// What they ask of the server.
    pub(crate) fn request(self) -> Result<SearchConfigureRequest, Failure> {
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
