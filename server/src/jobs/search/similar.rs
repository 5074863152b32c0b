//! Finds records that mean much the same as a given one.

use super::{
    Search,
    candidates::{best, by_meaning},
    error::{SearchError, field},
    query::{Among, Hit, check_similarity, checked_limit},
    vectors::Vectors,
};
use crate::{connections::Connection, jobs::mirror::check_model};

/// How many parts are looked at for each result, since several may be of one record.
const PARTS_OF_HIT: i64 = 4;

/// To what others are to be alike.
#[derive(Clone, Debug, Default)]
pub struct Likeness {
    pub model: String,
    pub record: i64,
    /// Empty means the record's own model.
    pub models: Vec<String>,
    /// 0 means 10.
    pub limit: i64,
    pub min_similarity: f64,
}

impl Search {
    /// Records that are near to a given one, the nearest first, without itself. No embedder is asked.
    pub async fn similar(
        &self,
        connection: &Connection,
        likeness: &Likeness,
    ) -> Result<Vec<Hit>, SearchError> {
        check_model(&likeness.model, "model")?;
        if likeness.record < 1 {
            return Err(field("odoo_id", "must be an id of Odoo, which is above 0"));
        }
        check_similarity(likeness.min_similarity)?;
        let limit = checked_limit(likeness.limit)?;
        let asker = self.asking.enter();
        let own = self.searchable(connection.id, &likeness.model).await?;
        let names = if likeness.models.is_empty() {
            vec![likeness.model.clone()]
        } else {
            likeness.models.clone()
        };
        let models = self.chosen(connection.id, &names).await?.models;
        let mut turn = self.turn().await?;
        let (_, answering) = self.serving(&mut turn.connection, connection.id).await?;
        let vectors = Vectors {
            generation: answering.generation,
            model: own.id,
        };
        let vector = vectors
            .mean(&mut turn.connection, &answering.extension, likeness.record)
            .await?
            .ok_or_else(|| SearchError::RecordNotSearchable {
                model: likeness.model.clone(),
                record: likeness.record,
            })?;
        let among = Among {
            models: &models,
            limit: (limit + 1) * PARTS_OF_HIT,
            asker: &asker,
            passing: None,
        };
        let near = self.near(turn, &answering, &vector, among).await?;
        let itself = (own.id, likeness.record);
        let mut found = best(near.into_iter().map(by_meaning));
        found.retain(|candidate| {
            let near_enough = candidate.similarity >= Some(likeness.min_similarity);
            candidate.found != itself && near_enough
        });
        found.truncate(usize::try_from(limit).unwrap_or(0));
        self.shown(connection, &models, found, "").await
    }
}
