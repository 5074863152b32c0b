//! How searches look in the contract.

use std::time::Duration;

use sluice_proto::v1::{self, Reason};
use tonic::{Code, Status};

use super::{
    errors::{database_away, field, internal, refusal},
    mirror_messages::filter,
    replies::timestamp,
};
use crate::jobs::search::{
    EmbedError, EmbedderDraft, EmbedderSettings, Failure, GenerationStatus, Hit, Likeness, Mode,
    ModelStatus, Preview, Question, SearchError, SearchableModel, Wanted,
};

/// What a caller wants to be searchable, and by what.
pub(crate) fn wanted(request: v1::SearchConfigureRequest) -> Result<Wanted, Status> {
    Ok(Wanted {
        embedder: request.embedder.map(draft).transpose()?,
        models: request.models.into_iter().map(model_of).collect(),
        removed: request.removed_models,
        skip_test: request.skip_test,
    })
}

fn draft(embedder: v1::Embedder) -> Result<EmbedderDraft, Status> {
    let timeout = embedder.timeout.map(|timeout| {
        Duration::try_from(timeout)
            .map_err(|_negative| field("embedder.timeout", "must be at most 10 minutes"))
    });
    Ok(EmbedderDraft {
        url: embedder.url,
        model: embedder.model,
        dimensions: embedder.dimensions,
        api_key: embedder.api_key.into(),
        remove_api_key: embedder.remove_api_key,
        max_texts: embedder.max_texts,
        max_tokens: embedder.max_tokens,
        calls_per_minute: embedder.calls_per_minute,
        timeout: timeout.transpose()?,
        query_prefix: embedder.query_prefix,
        text_prefix: embedder.text_prefix,
    })
}

/// An embedder in the contract's form, without its key.
pub(crate) fn embedder(settings: EmbedderSettings) -> v1::Embedder {
    let address = settings.address;
    v1::Embedder {
        url: address.url.into(),
        model: address.model,
        dimensions: i32::try_from(address.dimensions).unwrap_or(i32::MAX),
        api_key: String::new(),
        remove_api_key: false,
        has_api_key: address.api_key.is_some(),
        max_texts: settings.max_texts,
        max_tokens: settings.max_tokens,
        calls_per_minute: address
            .calls_per_minute
            .and_then(|calls| i32::try_from(calls).ok())
            .unwrap_or_default(),
        timeout: prost_types::Duration::try_from(address.timeout).ok(),
        query_prefix: settings.query_prefix,
        text_prefix: settings.text_prefix,
    }
}

/// How a caller wants a model to be searchable.
pub(crate) fn model_of(model: v1::SearchableModel) -> SearchableModel {
    SearchableModel {
        model: model.model,
        field_names: model.field_names,
    }
}

/// The same in the contract's form.
pub(crate) fn searchable(model: SearchableModel) -> v1::SearchableModel {
    v1::SearchableModel {
        model: model.model,
        field_names: model.field_names,
    }
}

/// What a caller wants to find.
pub(crate) fn question(request: v1::SearchQueryRequest) -> Question {
    Question {
        mode: match request.mode() {
            v1::SearchMode::Meaning => Mode::Meaning,
            v1::SearchMode::Words => Mode::Words,
            v1::SearchMode::Unspecified | v1::SearchMode::Both => Mode::Both,
        },
        text: request.text,
        models: request.models,
        filters: request.filters.into_iter().map(filter).collect(),
        limit: request.limit.into(),
        min_similarity: request.min_similarity,
    }
}

/// To what a caller wants others to be alike.
pub(crate) fn likeness(request: v1::SearchSimilarRequest) -> Likeness {
    Likeness {
        model: request.model,
        record: request.odoo_id,
        models: request.models,
        limit: request.limit.into(),
        min_similarity: request.min_similarity,
    }
}

/// What was found, in the contract's form.
pub(crate) fn hit(hit: Hit) -> v1::SearchHit {
    v1::SearchHit {
        model: hit.model,
        odoo_id: hit.record,
        part: hit.part,
        score: hit.score,
        similarity: hit.similarity.unwrap_or_default(),
        display_name: hit.title,
        snippet: hit.snippet,
        url: hit.url,
        by_words: hit.by_words,
    }
}

/// What would be embedded, in the contract's form.
pub(crate) fn preview(preview: Preview) -> v1::SearchPreviewResponse {
    let texts = preview.texts.into_iter().map(|text| v1::PreviewText {
        odoo_id: text.record,
        part: text.part,
        text: text.content,
    });
    v1::SearchPreviewResponse {
        field_names: preview.field_names,
        texts: texts.collect(),
        records: preview.records,
        estimated_texts: preview.texts_in_all,
        estimated_tokens: preview.tokens_in_all,
    }
}

/// How far a model is, in the contract's form; its job was put into that form before.
pub(crate) fn status(status: ModelStatus, last_job: Option<v1::Job>) -> v1::SearchModelStatus {
    let lag = status.lag_seconds.map(|seconds| {
        let lag = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or_default();
        prost_types::Duration::try_from(lag).unwrap_or_default()
    });
    v1::SearchModelStatus {
        configuration: Some(searchable(status.settings)),
        searchable: status.records,
        texts: status.texts,
        waiting: status.waiting,
        failed: status.failed,
        lag,
        last_job,
        last_error: status.last_error.unwrap_or_default(),
    }
}

/// A generation in the contract's form.
pub(crate) fn generation(generation: GenerationStatus) -> v1::SearchGeneration {
    v1::SearchGeneration {
        number: generation.number,
        embedding_model: generation.embedding_model,
        dimensions: generation.dimensions,
        is_serving: generation.is_serving,
        vectors: generation.vectors,
        created_at: Some(timestamp(generation.created_at)),
    }
}

/// A failure in the contract's form.
pub(crate) fn failure(failure: Failure) -> v1::SearchFailure {
    v1::SearchFailure {
        model: failure.model,
        odoo_id: failure.record_id,
        error: failure.error,
        tries: failure.tries,
        failed_at: Some(timestamp(failure.failed_at)),
    }
}

impl From<SearchError> for Status {
    fn from(error: SearchError) -> Self {
        let message = error.to_string();
        let precondition = |reason, metadata: &[(&str, String)]| {
            refusal(Code::FailedPrecondition, reason, message.clone(), metadata)
        };
        match error {
            SearchError::Field { field: name, why } => field(&name, why),
            SearchError::ExtensionMissing(_) => precondition(Reason::VectorExtensionMissing, &[]),
            SearchError::ExtensionTooOld(version) => {
                precondition(Reason::VectorExtensionTooOld, &[("version", version)])
            }
            SearchError::EmbedderNotSet => precondition(Reason::EmbedderNotSet, &[]),
            SearchError::NotSearchable(model) => {
                precondition(Reason::ModelNotSearchable, &[("model", model)])
            }
            SearchError::RecordNotSearchable { .. } => {
                refusal(Code::NotFound, Reason::RecordNotSearchable, message, &[])
            }
            SearchError::Embedder(error) => embedder_status(&error),
            SearchError::Mirror(error) => error.into(),
            SearchError::Connections(error) => error.into(),
            SearchError::Secrets(error) => internal(&error),
            SearchError::Queue(error) => error.into(),
            SearchError::Db(error) if error.is_transient() => database_away(&error),
            SearchError::Db(error) => internal(&error),
        }
    }
}

fn embedder_status(error: &EmbedError) -> Status {
    let (code, reason) = match error {
        error if error.is_away() => (Code::Unavailable, Reason::EmbedderUnreachable),
        EmbedError::KeyRefused(_)
        | EmbedError::Misconfigured(_)
        | EmbedError::Rejected(_)
        | EmbedError::TooLarge => (Code::FailedPrecondition, Reason::EmbedderRefused),
        _ => (Code::FailedPrecondition, Reason::EmbedderAnswer),
    };
    refusal(code, reason, error.to_string(), &[])
}
