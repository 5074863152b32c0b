//! Finds records by a text.

use std::{collections::HashMap, sync::Arc};

use super::{
    Search,
    asking::Asker,
    candidates::{Candidate, WordMatch, best, both, by_meaning, by_words},
    error::{SearchError, field},
    fusing::Found,
    handle::Turn,
    nearest::{Near, Nearest, Passing},
    store::{self, Answering, ModelRow, Searched},
    vectors::{Vectors, written},
    words::{self, snippet, words_query},
};
use crate::{
    adapters::embeddings::Embedder as _,
    connections::Connection,
    db::DbError,
    ids::ConnectionId,
    jobs::mirror::{MirrorError, RecordFilter, Source},
};

/// The most bytes of a text that is searched for.
const LONGEST_TEXT: usize = 8_000;
pub(super) const MOST_HITS: i64 = 200;
pub(super) const HITS: i64 = 10;
/// How many parts are looked at for each result, since several may be of one record.
const PARTS_OF_HIT: i64 = 4;
/// How many of each list are fused, at least: what is low in both may be high in the sum.
const LEAST_FUSED: i64 = 30;

/// By what records are found.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Mode {
    Meaning,
    Words,
    #[default]
    Both,
}

/// What to find.
#[derive(Clone, Debug, Default)]
pub struct Question {
    pub text: String,
    /// Empty means all searchable models.
    pub models: Vec<String>,
    /// All must hold; only for one model.
    pub filters: Vec<RecordFilter>,
    /// 0 means 10.
    pub limit: i64,
    pub min_similarity: f64,
    pub mode: Mode,
}

/// A record that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    pub model: String,
    pub record: i64,
    pub part: i32,
    pub score: f64,
    /// None if it was found by words alone.
    pub similarity: Option<f64>,
    pub title: String,
    pub snippet: String,
    /// Opens the record in Odoo.
    pub url: String,
    pub by_words: bool,
}

/// Among what is searched by meaning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Among<'a> {
    pub(super) models: &'a [ModelRow],
    /// The most parts that are found.
    pub(super) limit: i64,
    /// Who looks.
    pub(super) asker: &'a Asker<'a>,
    /// None if all may be found.
    pub(super) passing: Option<&'a Passing<'a>>,
}

impl Search {
    /// Records that fit a text, the best first. By meaning the embedder is asked once, unless it was lately asked the same.
    pub async fn query(
        &self,
        connection: &Connection,
        question: &Question,
    ) -> Result<Vec<Hit>, SearchError> {
        let text = question.text.trim();
        if text.is_empty() || question.text.len() > LONGEST_TEXT {
            return Err(field("text", "must be 1 to 8,000 bytes"));
        }
        check_similarity(question.min_similarity)?;
        let limit = checked_limit(question.limit)?;
        let asker = self.asking.enter();
        let searched = self.chosen(connection.id, &question.models).await?;
        let models = &searched.models;
        if !question.filters.is_empty() && models.len() != 1 {
            return Err(field("filters", "need exactly one model"));
        }
        let passing = self.passing(connection.id, question, models).await?;
        if question.mode == Mode::Words {
            let found = self
                .by_words(text, models, passing.as_ref(), limit * PARTS_OF_HIT)
                .await?;
            let mut hits = best(found.into_iter().map(by_words));
            hits.truncate(usize::try_from(limit).unwrap_or(0));
            return self.shown(connection, models, hits, text).await;
        }
        let candidates = self
            .by_meaning(connection.id, &searched, question, &asker, passing.as_ref())
            .await?;
        let mut candidates = if question.mode == Mode::Both {
            let depth = limit.max(LEAST_FUSED) * PARTS_OF_HIT;
            let words = self.by_words(text, models, passing.as_ref(), depth).await?;
            both(candidates, best(words.into_iter().map(by_words)))
        } else {
            candidates
        };
        candidates.truncate(usize::try_from(limit).unwrap_or(0));
        self.shown(connection, models, candidates, text).await
    }

    /// The searchable models of these names, all if none is named, and what answers for them.
    pub(super) async fn chosen(
        &self,
        connection: ConnectionId,
        names: &[String],
    ) -> Result<Searched, SearchError> {
        let mut searched = store::searched(&self.db, connection).await?;
        let models = &mut searched.models;
        if let Some(strange) = names
            .iter()
            .find(|name| !models.iter().any(|row| row.model == **name))
        {
            return Err(SearchError::NotSearchable(strange.clone()));
        }
        models.retain(|row| names.is_empty() || names.contains(&row.model));
        Ok(searched)
    }

    /// What the filters mean; none if there are none.
    async fn passing<'q>(
        &self,
        connection: ConnectionId,
        question: &'q Question,
        models: &[ModelRow],
    ) -> Result<Option<Passing<'q>>, SearchError> {
        let [model] = models else { return Ok(None) };
        if question.filters.is_empty() {
            return Ok(None);
        }
        let source = Source::of(&self.db, connection, &model.model).await?;
        let source = source.ok_or_else(|| MirrorError::NotMirrored(model.model.clone()))?;
        Ok(Some(Passing {
            conditions: source.passing(&model.model, &question.filters, 2)?,
            table: source.table,
            filters: &question.filters,
        }))
    }

    async fn by_meaning(
        &self,
        connection: ConnectionId,
        searched: &Searched,
        question: &Question,
        asker: &Asker<'_>,
        passing: Option<&Passing<'_>>,
    ) -> Result<Vec<Candidate>, SearchError> {
        let least = match question.mode {
            Mode::Both => LEAST_FUSED,
            Mode::Meaning | Mode::Words => 1,
        };
        let among = Among {
            models: &searched.models,
            limit: checked_limit(question.limit)?.max(least) * PARTS_OF_HIT,
            asker,
            passing,
        };
        let text = question.text.trim();
        let answering = searched.answering.clone();
        let near = match self.near_text(connection, text, among, answering).await {
            // Another generation answers since a moment; its table is there, but its vectors are of another kind.
            Err(SearchError::Db(error)) if error.is_about_a_missing_table() => {
                self.near_text(connection, text, among, None).await?
            }
            near => near?,
        };
        let near = near
            .into_iter()
            .filter(|near| near.similarity >= question.min_similarity);
        Ok(best(near.map(by_meaning)))
    }

    /// What is near a text, by what answers; that is looked up if it is not known.
    async fn near_text(
        &self,
        connection: ConnectionId,
        text: &str,
        among: Among<'_>,
        answering: Option<Answering>,
    ) -> Result<Vec<Near>, SearchError> {
        let known = answering.and_then(|answering| {
            let text = format!("{}{text}", answering.query_prefix);
            let vector = self.asked.vector(answering.generation, &text)?;
            Some((answering, vector))
        });
        // An embedder may take its time, for which nobody is to wait who has a turn already.
        let (answering, vector) = match known {
            Some(known) => known,
            None => self.embedded(connection, text).await?,
        };
        self.near(self.turn().await?, &answering, &vector, among)
            .await
    }

    /// The vector of a text, by the generation that answers.
    async fn embedded(
        &self,
        connection: ConnectionId,
        text: &str,
    ) -> Result<(Answering, Arc<str>), SearchError> {
        let mut acquired = self.db.pool().acquire().await?;
        let (generation, answering) = self.serving(&mut acquired, connection).await?;
        drop(acquired);
        let text = format!("{}{text}", generation.query_prefix);
        if let Some(known) = self.asked.vector(generation.id, &text) {
            return Ok((answering, known));
        }
        let embedder = self.embedders.of(connection, &generation)?;
        let vectors = embedder.embed(std::slice::from_ref(&text)).await?;
        let vector = vectors.first().map(|vector| written(vector));
        let vector: Arc<str> = vector.unwrap_or_default().into();
        self.asked
            .remember(generation.id, text, Arc::clone(&vector));
        Ok((answering, vector))
    }

    /// What is near a vector of a generation.
    pub(super) async fn near(
        &self,
        mut turn: Turn,
        answering: &Answering,
        vector: &str,
        among: Among<'_>,
    ) -> Result<Vec<Near>, SearchError> {
        let tables: Vec<Vectors> = among
            .models
            .iter()
            .map(|row| Vectors {
                generation: answering.generation,
                model: row.id,
            })
            .collect();
        let nearest = Nearest {
            extension: &answering.extension,
            tables: &tables,
            vector,
            limit: among.limit,
            is_alone: among.asker.is_alone(),
        };
        let found = match (among.passing, tables.as_slice()) {
            (Some(passing), [table]) => {
                // It opens transactions of its own; the turn lasts.
                drop(turn.connection);
                nearest.of_passing(&self.db, *table, passing).await
            }
            _ => nearest.of_all(&mut turn.connection).await,
        };
        found.map_err(about_filters)
    }

    /// Parts in which all words of a text occur, or begin a word.
    async fn by_words(
        &self,
        text: &str,
        models: &[ModelRow],
        passing: Option<&Passing<'_>>,
        limit: i64,
    ) -> Result<Vec<WordMatch>, SearchError> {
        let asked = words_query(text);
        let ids: Vec<i32> = models.iter().map(|row| row.id).collect();
        if let Some(passing) = passing {
            return words::passing(&self.db, &ids, &asked, passing, limit)
                .await
                .map_err(about_filters);
        }
        let found = sqlx::query_file!("src/jobs/search/sql/by_words.sql", &ids, asked, limit)
            .fetch_all(self.db.pool())
            .await?;
        let matches = found.into_iter().map(|row| WordMatch {
            found: (row.model_id, row.record_id),
            part: row.part,
            rank: row.rank,
        });
        Ok(matches.collect())
    }

    /// Candidates as people see them; what is gone since it was found is left out.
    pub(super) async fn shown(
        &self,
        connection: &Connection,
        models: &[ModelRow],
        candidates: Vec<Candidate>,
        text: &str,
    ) -> Result<Vec<Hit>, SearchError> {
        let model_ids: Vec<i32> = candidates.iter().map(|hit| hit.found.0).collect();
        let records: Vec<i64> = candidates.iter().map(|hit| hit.found.1).collect();
        let parts: Vec<i32> = candidates.iter().map(|hit| hit.part).collect();
        let texts = sqlx::query_file!(
            "src/jobs/search/sql/found_texts.sql",
            &model_ids,
            &records,
            &parts
        )
        .fetch_all(self.db.pool())
        .await?;
        let mut texts: HashMap<(Found, i32), (String, String)> = texts
            .into_iter()
            .map(|row| {
                let at = ((row.model_id, row.record_id), row.part);
                (at, (row.title, row.content))
            })
            .collect();
        let home = connection.url.trim_end_matches('/');
        let names: HashMap<i32, &str> = models
            .iter()
            .map(|row| (row.id, row.model.as_str()))
            .collect();
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let shown = candidates.into_iter().filter_map(|hit| {
            let (title, content) = texts.remove(&(hit.found, hit.part))?;
            let model = (*names.get(&hit.found.0)?).to_owned();
            Some(Hit {
                url: format!("{home}/odoo/{model}/{}", hit.found.1),
                snippet: snippet(&content, &words),
                model,
                record: hit.found.1,
                part: hit.part,
                score: hit.score,
                similarity: hit.similarity,
                title,
                by_words: hit.by_words,
            })
        });
        Ok(shown.collect())
    }
}

pub(super) fn checked_limit(limit: i64) -> Result<i64, SearchError> {
    match limit {
        0 => Ok(HITS),
        1..=MOST_HITS => Ok(limit),
        _ => Err(field("limit", "must be 1 to 200, or 0 for 10")),
    }
}

pub(super) fn check_similarity(similarity: f64) -> Result<(), SearchError> {
    if (0.0..=1.0).contains(&similarity) {
        Ok(())
    } else {
        Err(field("min_similarity", "must be 0 to 1"))
    }
}

/// Values that a column cannot have are the caller's to mend.
fn about_filters(error: DbError) -> SearchError {
    if error.is_about_data() {
        return field(
            "filters",
            format!("must hold values that their columns can have ({error})"),
        );
    }
    error.into()
}
