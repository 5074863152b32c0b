//! pgvector: whether this Postgres has it, and where. It is looked for when something is first made searchable, so that a
//! Postgres without it does for all else.

use sqlx::{Executor as _, PgConnection};

use super::error::SearchError;
use crate::{
    db::{Db, DbError},
    jobs::mirror::quoted,
};

/// The oldest one that knows half precision, and the oldest whose index goes on looking when a filter leaves too little.
const OLDEST: (u32, u32) = (0, 7);
const ITERATIVE: (u32, u32) = (0, 8);

/// The pgvector of this database.
#[derive(Clone, Debug)]
pub(super) struct Extension {
    pub(super) version: String,
    /// The schema that it is in, quoted.
    schema: String,
}

impl Extension {
    /// A type of it in a statement.
    pub(super) fn half(&self, dimensions: i32) -> String {
        format!("{}.halfvec({dimensions})", self.schema)
    }

    /// The same of whatever length.
    pub(super) fn any_half(&self) -> String {
        format!("{}.halfvec", self.schema)
    }

    /// The distance by the angle between two vectors.
    pub(super) fn distance(&self) -> String {
        format!("operator({}.<=>)", self.schema)
    }

    /// The mean of vectors.
    pub(super) fn mean(&self) -> String {
        format!("{}.avg", self.schema)
    }

    /// What an index by that distance is made with.
    pub(super) fn index_class(&self) -> String {
        format!("{}.halfvec_cosine_ops", self.schema)
    }

    /// Whether its index goes on looking when a filter leaves too little.
    pub(super) fn is_iterative(&self) -> bool {
        number(&self.version) >= ITERATIVE
    }

    /// What Postgres says of it.
    pub(super) fn told(version: String, schema: &str) -> Self {
        Self {
            version,
            schema: quoted(schema),
        }
    }

    /// Itself if it is new enough.
    pub(super) fn checked(self) -> Result<Self, SearchError> {
        if number(&self.version) < OLDEST {
            return Err(SearchError::ExtensionTooOld(self.version));
        }
        Ok(self)
    }
}

/// The pgvector of this database, if it has one.
pub(super) async fn installed(connection: &mut PgConnection) -> Result<Option<Extension>, DbError> {
    let found = sqlx::query_file!("src/jobs/search/sql/extension.sql")
        .fetch_optional(connection)
        .await?;
    Ok(found.map(|found| Extension::told(found.extversion, &found.nspname)))
}

/// The pgvector of this database, which is to have one.
pub(super) async fn present(connection: &mut PgConnection) -> Result<Extension, SearchError> {
    match installed(connection).await? {
        Some(extension) => extension.checked(),
        None => Err(SearchError::ExtensionMissing(
            "the extension was removed".to_owned(),
        )),
    }
}

/// Makes sure that this database has pgvector, as far as we may.
pub(super) async fn ensure(db: &Db) -> Result<Extension, SearchError> {
    let mut connection = db.pool().acquire().await?;
    if let Some(extension) = installed(&mut connection).await? {
        return extension.checked();
    }
    let available = sqlx::query_file_scalar!("src/jobs/search/sql/available.sql")
        .fetch_optional(&mut *connection)
        .await?
        .flatten();
    let Some(version) = available else {
        let why = "it is not installed on its machine".to_owned();
        return Err(SearchError::ExtensionMissing(why));
    };
    if number(&version) < OLDEST {
        return Err(SearchError::ExtensionTooOld(version));
    }
    let made = connection
        .execute("create extension if not exists vector")
        .await
        .map_err(DbError::from);
    match made {
        Err(error) if error.is_transient() => return Err(error.into()),
        // Somebody else may have made it at this moment.
        Err(error) => match installed(&mut connection).await? {
            Some(extension) => return extension.checked(),
            None => return Err(SearchError::ExtensionMissing(error.to_string())),
        },
        Ok(_) => {}
    }
    present(&mut connection).await
}

/// The first two numbers of a version; what is none counts as 0.
fn number(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers() {
        assert!(number("0.10.1") > number("0.8.0"));
        assert!(number("0.6.2") < OLDEST);
        assert!(number("1.0") >= ITERATIVE);
    }

    #[test]
    fn one_that_is_too_old_is_told_from_one_that_is_missing() {
        let of = |version: &str| Extension {
            version: version.to_owned(),
            schema: "public".to_owned(),
        };
        let error = of("0.6.2").checked().unwrap_err().to_string();
        assert!(error.contains("0.6.2") && error.contains("alter extension"));
        of("0.7.0").checked().unwrap();
    }
}
