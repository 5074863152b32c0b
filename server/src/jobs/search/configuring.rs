//! Says which embedder a connection has and what is searchable; all of it becomes true at once.

use sqlx::PgConnection;

use super::{
    error::{SearchError, field},
    extension::{self, Extension},
    generations, outbox,
    settings::{EmbedderDraft, EmbedderSettings, SearchableModel},
    store::{self, GenerationRow, ModelRow},
    vectors::Vectors,
};
use crate::{
    adapters::embeddings::Embedder as _,
    ids::ConnectionId,
    jobs::mirror::{MirrorError, Source, check_model},
    queue::Job,
};

use super::Search;

/// What an embedder is tried with.
const PLAIN: &str = "window";

/// How searches are set up, as a caller wants it.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// None keeps the embedder.
    pub embedder: Option<EmbedderDraft>,
    /// Made searchable, or searchable in another way.
    pub models: Vec<SearchableModel>,
    /// Searchable no longer.
    pub removed: Vec<String>,
    /// Saves the embedder without trying it.
    pub skip_test: bool,
}

/// How searches are set up.
#[derive(Clone, Debug)]
pub struct Configured {
    /// None if there is none.
    pub embedder: Option<EmbedderSettings>,
    /// By name.
    pub models: Vec<SearchableModel>,
    /// What embeds what changed by it.
    pub jobs: Vec<Job>,
}

impl Search {
    /// Sets searches up. The embedder and Odoo are asked first; if anything is wrong, nothing is changed.
    pub async fn configure(
        &self,
        connection: ConnectionId,
        wanted: &Wanted,
    ) -> Result<Configured, SearchError> {
        for (index, model) in wanted.models.iter().enumerate() {
            model.check(&format!("models[{index}]"))?;
        }
        for (index, name) in wanted.removed.iter().enumerate() {
            check_model(name, &format!("removed_models[{index}]"))?;
        }
        let mut acquired = self.db.pool().acquire().await?;
        let before = store::generations(&mut acquired, connection).await?;
        drop(acquired);
        let known = before
            .first()
            .map(|row| self.embedders.settings(connection, row))
            .transpose()?;
        let draft = wanted.embedder.as_ref();
        let settings = draft
            .map(|draft| draft.settled(known.as_ref()))
            .transpose()?;
        if let Some(settings) = settings.as_ref().filter(|_| !wanted.skip_test) {
            let embedder = self.embedders.open(settings);
            let text = format!("{}{PLAIN}", settings.text_prefix);
            embedder.embed(&[text]).await?;
        }
        if settings.is_none() && known.is_none() && !wanted.models.is_empty() {
            return Err(SearchError::EmbedderNotSet);
        }
        let mut sources = Vec::with_capacity(wanted.models.len());
        for (index, model) in wanted.models.iter().enumerate() {
            sources.push(self.try_out(connection, index, model).await?);
        }
        let changed = self
            .write(connection, wanted, settings.as_ref(), &sources)
            .await?;
        let mut jobs = Vec::with_capacity(changed.len());
        for model in &changed {
            jobs.push(self.starter.ensure(connection, model).await?);
        }
        self.configured(connection, jobs).await
    }

    /// Asks the mirror and Odoo about a model that is to be searchable; returns its table, if it has one yet.
    async fn try_out(
        &self,
        connection: ConnectionId,
        index: usize,
        model: &SearchableModel,
    ) -> Result<Option<Source>, SearchError> {
        if !Source::is_mirrored(&self.db, connection, &model.model).await? {
            return Err(MirrorError::NotMirrored(model.model.clone()).into());
        }
        let source = Source::of(&self.db, connection, &model.model).await?;
        let odoo = self.clients.of(connection).await?;
        let known = odoo.fields(&model.model).await;
        let known = known.map_err(MirrorError::from)?;
        let is_mirrored = |name: &String| {
            let columns = source.as_ref();
            columns.is_none_or(|source| source.column(name).is_some())
        };
        let wrong = model
            .field_names
            .iter()
            .find(|name| !known.contains_key(*name) || !is_mirrored(name));
        match wrong {
            Some(name) => Err(field(
                format!("models[{index}].field_names"),
                format!(
                    "must be fields of {} that are mirrored, which {name:?} is not",
                    model.model
                ),
            )),
            None => Ok(source),
        }
    }

    /// Stores all of it in one transaction; returns the models of which something waits now.
    async fn write(
        &self,
        connection: ConnectionId,
        wanted: &Wanted,
        settings: Option<&EmbedderSettings>,
        sources: &[Option<Source>],
    ) -> Result<Vec<String>, SearchError> {
        // Not within the transaction, which a refusal would end.
        let extension = if settings.is_some() || !wanted.models.is_empty() {
            Some(extension::ensure(&self.db).await?)
        } else {
            None
        };
        let mut transaction = self.db.begin().await?;
        store::lock(&mut transaction, connection).await?;
        let mut changed = Vec::new();
        for name in &wanted.removed {
            outbox::drop_model(&mut transaction, connection, name).await?;
        }
        if let (Some(settings), Some(extension)) = (settings, &extension) {
            let models = self
                .write_embedder(&mut transaction, connection, settings, extension)
                .await?;
            changed.extend(models.into_iter().map(|row| row.model));
        }
        let generations = store::generations(&mut transaction, connection).await?;
        for (model, source) in wanted.models.iter().zip(sources) {
            let saved = sqlx::query_file_scalar!(
                "src/jobs/search/sql/save_model.sql",
                connection.0,
                model.model,
                &model.field_names
            );
            let id = saved.fetch_one(&mut *transaction).await?;
            sqlx::query_file!(
                "src/jobs/search/sql/set_searched_as.sql",
                connection.0,
                model.model,
                Some(id)
            )
            .execute(&mut *transaction)
            .await?;
            for generation in &generations {
                if let Some(extension) = &extension {
                    let vectors = Vectors {
                        generation: generation.id,
                        model: id,
                    };
                    vectors
                        .create(&mut transaction, extension, generation)
                        .await?;
                }
            }
            if let Some(source) = source {
                let living = source.is_living();
                outbox::note_all(&mut transaction, id, &source.table, &living).await?;
                changed.push(model.model.clone());
            }
        }
        transaction.commit().await?;
        changed.sort();
        changed.dedup();
        Ok(changed)
    }

    /// Stores the embedder: in the newest generation if its vectors can stay, else in a new one that is built beside the one that
    /// answers. Returns the models that are to be embedded by it.
    async fn write_embedder(
        &self,
        connection: &mut PgConnection,
        of: ConnectionId,
        settings: &EmbedderSettings,
        extension: &Extension,
    ) -> Result<Vec<ModelRow>, SearchError> {
        let generations = store::generations(connection, of).await?;
        let key = settings.address.api_key.as_ref();
        let sealed = self.embedders.seal(of, key)?;
        let newest = generations.first();
        let known = newest.map(|row| self.embedders.settings(of, row));
        if let (Some(newest), Some(known)) = (newest, known.transpose()?)
            && known.makes_the_same_as(settings)
        {
            update(connection, newest.id, settings, sealed).await?;
            return Ok(Vec::new());
        }
        let models = store::models(connection, of).await?;
        // One that never answered will not.
        for unfinished in generations.iter().filter(|row| !row.is_serving) {
            generations::drop_generation(connection, unfinished.id, &models).await?;
        }
        let serves = !generations.iter().any(|row| row.is_serving);
        let generation = insert(connection, of, settings, sealed, serves).await?;
        for model in &models {
            let vectors = Vectors {
                generation: generation.id,
                model: model.id,
            };
            vectors.create(connection, extension, &generation).await?;
            if let Some(source) = Source::of(&self.db, of, &model.model).await? {
                let living = source.is_living();
                outbox::note_all(connection, model.id, &source.table, &living).await?;
            }
        }
        Ok(models)
    }

    /// How searches are set up.
    pub(super) async fn configured(
        &self,
        connection: ConnectionId,
        jobs: Vec<Job>,
    ) -> Result<Configured, SearchError> {
        let mut acquired = self.db.pool().acquire().await?;
        let generations = store::generations(&mut acquired, connection).await?;
        let models = store::models(&mut acquired, connection).await?;
        let newest = generations.first();
        Ok(Configured {
            embedder: newest
                .map(|row| self.embedders.settings(connection, row))
                .transpose()?,
            models: models
                .into_iter()
                .map(|row| SearchableModel {
                    model: row.model,
                    field_names: row.field_names,
                })
                .collect(),
            jobs,
        })
    }
}

/// What a call limit is in a row.
fn limit(calls: Option<u32>) -> i32 {
    calls
        .and_then(|calls| i32::try_from(calls).ok())
        .unwrap_or(0)
}

async fn update(
    connection: &mut PgConnection,
    generation: i64,
    settings: &EmbedderSettings,
    sealed: Option<Vec<u8>>,
) -> Result<(), SearchError> {
    sqlx::query_file!(
        "src/jobs/search/sql/update_generation.sql",
        generation,
        settings.address.url.as_str(),
        sealed,
        settings.max_texts,
        settings.max_tokens,
        limit(settings.address.calls_per_minute),
        milliseconds(settings),
        settings.query_prefix,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert(
    connection: &mut PgConnection,
    of: ConnectionId,
    settings: &EmbedderSettings,
    sealed: Option<Vec<u8>>,
    serves: bool,
) -> Result<GenerationRow, SearchError> {
    let dimensions = i32::try_from(settings.address.dimensions).unwrap_or(i32::MAX);
    sqlx::query_file!(
        "src/jobs/search/sql/insert_generation.sql",
        of.0,
        settings.address.url.as_str(),
        settings.address.model,
        dimensions,
        sealed,
        settings.max_texts,
        settings.max_tokens,
        limit(settings.address.calls_per_minute),
        milliseconds(settings),
        settings.query_prefix,
        settings.text_prefix,
        serves,
    )
    .fetch_one(&mut *connection)
    .await?;
    let generations = store::generations(connection, of).await?;
    let newest = generations.into_iter().next();
    newest.ok_or(SearchError::EmbedderNotSet)
}

fn milliseconds(settings: &EmbedderSettings) -> i32 {
    i32::try_from(settings.address.timeout.as_millis()).unwrap_or(i32::MAX)
}
