//! `sluice searchable`: what can be searched, by which embedder, and how far that is.

use sluice_client::{
    Client,
    v1::{SearchConfigureRequest, SearchEmbedRequest, SearchPreviewRequest, SearchableModel},
};

use super::{
    Ending,
    failure::Failure,
    output::Output,
    searchable_arguments::SearchableCommand,
    searchable_view::{configured, failed, preview, status},
    sync,
};

/// How many failures are listed.
const MOST_FAILURES: usize = 1_000;

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
