//! From records that wait to texts of which each is known to need a vector or not.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    names::Names,
    parts::parts_of,
    plan::{FieldKind, TextPlan},
    reading::{self, SourceRecord, Which},
    rendering::{ids, text, tidy},
    store::{self, Due, StoredText},
    vectors::Vectors,
};
use crate::{
    adapters::odoo::{Odoo, OdooError},
    db::Db,
    jobs::{mirror::Source, patience::Patience},
    queue::JobError,
};

/// How many names are asked for in one call.
const NAMES_AT_ONCE: usize = 1_000;
/// How long a title may be.
const LONGEST_TITLE: usize = 300;

/// A record with its texts.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) due: Due,
    pub(super) title: String,
    /// None if there is nothing to search by.
    pub(super) parts: Vec<PreparedPart>,
    /// Whether what is stored of it is another text.
    pub(super) is_changed: bool,
    /// Whether nothing was stored of it.
    pub(super) is_new: bool,
}

/// A part of a record.
#[derive(Debug)]
pub(super) struct PreparedPart {
    pub(super) content: String,
    /// What tells it from other contents.
    pub(super) hash: Uuid,
    pub(super) vector: Vector,
}

/// What is known of the vector of a part.
#[derive(Debug)]
pub(super) enum Vector {
    /// It is stored.
    Stored,
    /// It is to be made.
    Wanted,
    /// It was made.
    Made(Vec<f32>),
    /// It cannot be made.
    Refused(String),
}

/// What it takes to prepare texts of a model.
pub(super) struct Preparing<'run> {
    pub(super) db: &'run Db,
    pub(super) odoo: &'run Odoo,
    pub(super) patience: &'run Patience<'run>,
    pub(super) model: &'run str,
    pub(super) source: &'run Source,
    pub(super) plan: &'run TextPlan,
    pub(super) vectors: Vectors,
    pub(super) names: Names,
}

impl Preparing<'_> {
    /// Prepares records; those that are no longer there have no parts.
    pub(super) async fn page(&mut self, due: &[Due]) -> Result<Vec<Prepared>, JobError> {
        let wanted: Vec<i64> = due.iter().map(|due| due.record_id).collect();
        let mut connection = self.db.pool().acquire().await?;
        let found =
            reading::read(&mut connection, self.source, self.plan, Which::Ids(&wanted)).await?;
        let hashes = self.vectors.hashes(&mut connection, &wanted).await?;
        drop(connection);
        let mut stored = store::texts_of(self.db, self.vectors.model, &wanted).await?;
        self.names.tidy();
        self.learn(&found).await?;
        let mut found: HashMap<i64, SourceRecord> = found
            .into_iter()
            .map(|record| (record.id, record))
            .collect();
        let prepared = due.iter().map(|due| {
            let record = found.remove(&due.record_id);
            let before = stored.remove(&due.record_id).unwrap_or_default();
            self.prepare(*due, record.as_ref(), &before, &hashes)
        });
        Ok(prepared.collect())
    }

    fn prepare(
        &self,
        due: Due,
        record: Option<&SourceRecord>,
        before: &[StoredText],
        hashes: &HashMap<(i64, i32), Uuid>,
    ) -> Prepared {
        let contents = record
            .map(|record| parts_of(&text(self.plan, &record.values, &self.names)))
            .unwrap_or_default();
        let title = record
            .map(|record| title_of(self.model, record, &self.names))
            .unwrap_or_default();
        let is_changed = contents.len() != before.len()
            || before
                .iter()
                .zip(&contents)
                .any(|(stored, content)| stored.content != *content || stored.title != title);
        let parts = contents.into_iter().zip(0..).map(|(content, part)| {
            let hash = hash_of(&content);
            let vector = if hashes.get(&(due.record_id, part)) == Some(&hash) {
                Vector::Stored
            } else {
                Vector::Wanted
            };
            PreparedPart {
                content,
                hash,
                vector,
            }
        });
        Prepared {
            due,
            title,
            parts: parts.collect(),
            is_changed,
            is_new: before.is_empty(),
        }
    }

    /// Asks Odoo how those are called that these records refer to, and they themselves where their table does not know.
    async fn learn(&mut self, records: &[SourceRecord]) -> Result<(), JobError> {
        for (model, asked) in unknown_names(self.model, self.plan, records, &self.names) {
            for part in asked.chunks(NAMES_AT_ONCE) {
                let answer = self
                    .patience
                    .answered("going on", || self.odoo.names(&model, part))
                    .await?;
                // What may not be seen has no name here; whatever else is wrong must not make texts without names.
                let found = match answer {
                    Ok(found) => found,
                    Err(OdooError::NotAllowed(_) | OdooError::ModelMissing(_)) => Vec::new(),
                    Err(error) => {
                        return Err(JobError::Fail {
                            code: "odoo_answer",
                            message: error.to_string(),
                        });
                    }
                };
                self.names.learnt(&model, part, found);
            }
        }
        Ok(())
    }
}

/// The names that texts of these records need, by model.
pub(super) fn unknown_names(
    model: &str,
    plan: &TextPlan,
    records: &[SourceRecord],
    names: &Names,
) -> Vec<(String, Vec<i64>)> {
    let mut wanted: HashMap<&str, Vec<i64>> = HashMap::new();
    for (index, field) in plan.fields.iter().enumerate() {
        if let FieldKind::One(relation) | FieldKind::Many(relation) = &field.kind {
            let values = records
                .iter()
                .filter_map(|record| record.values[index].as_deref());
            wanted
                .entry(relation)
                .or_default()
                .extend(values.flat_map(ids));
        }
    }
    if plan.title.is_none() {
        let own = records.iter().map(|record| record.id);
        wanted.entry(model).or_default().extend(own);
    }
    wanted
        .into_iter()
        .map(|(relation, ids)| (relation.to_owned(), names.unknown(relation, ids)))
        .collect()
}

/// How a record is called.
pub(super) fn title_of(model: &str, record: &SourceRecord, names: &Names) -> String {
    let title = record
        .title
        .as_deref()
        .or_else(|| names.of(model, record.id));
    tidy(title.unwrap_or_default())
        .chars()
        .take(LONGEST_TITLE)
        .collect()
}

fn hash_of(content: &str) -> Uuid {
    let digest = Sha256::digest(content.as_bytes());
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(first)
}
