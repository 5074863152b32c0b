//! Words: how they are asked for, among records that pass a filter too, and how they are shown.

use sqlx::{AssertSqlSafe, Row as _};

use super::{candidates::WordMatch, nearest::Passing};
use crate::db::{Db, DbError};

/// The most words that are searched for.
const MOST_WORDS: usize = 64;
/// How many characters of a part are shown.
const LONGEST_SNIPPET: usize = 400;
/// How much of the part stands before the first word that was found.
const BEFORE_WORD: usize = 80;

/// Parts in which all words occur, of records that pass, the best first. The statement is made at
/// run time like those of `nearest.rs`.
pub(super) async fn passing(
    db: &Db,
    models: &[i32],
    asked: &str,
    passing: &Passing<'_>,
    limit: i64,
) -> Result<Vec<WordMatch>, DbError> {
    let models: Vec<String> = models.iter().map(ToString::to_string).collect();
    let statement = format!(
        "select model_id, record_id, part, ts_rank_cd(words, asked.query, 1)::double precision as rank \
        from search_text, to_tsquery('pg_catalog.simple', $1) as asked (query) \
        where model_id in ({}) and words @@ asked.query \
            and record_id in (select stored.odoo_id from {} as stored where stored._deleted_at is null{}) \
        order by 4 desc, model_id, record_id, part limit {limit}",
        models.join(", "),
        passing.table,
        passing.conditions
    );
    let mut query = sqlx::query(AssertSqlSafe(statement)).bind(asked);
    for filter in passing.filters {
        query = query.bind(&filter.value);
    }
    let rows = query.persistent(false).fetch_all(db.pool()).await?;
    let matches: Result<_, sqlx::Error> = rows
        .iter()
        .map(|row| {
            Ok(WordMatch {
                found: (row.try_get(0)?, row.try_get(1)?),
                part: row.try_get(2)?,
                rank: row.try_get(3)?,
            })
        })
        .collect();
    Ok(matches?)
}

/// The words as Postgres reads a query: each must occur, or begin a word.
pub(super) fn words_query(text: &str) -> String {
    let words = text.split_whitespace().take(MOST_WORDS).map(|word| {
        let word = word
            .replace('\0', "")
            .replace('\\', "\\\\")
            .replace('\'', "''");
        format!("'{word}':*")
    });
    words.collect::<Vec<_>>().join(" & ")
}

/// What of a part is shown: from a little before the first of the words on, or from its beginning.
pub(super) fn snippet(content: &str, words: &[String]) -> String {
    let letters: Vec<char> = content.chars().collect();
    if letters.len() <= LONGEST_SNIPPET {
        return content.to_owned();
    }
    let lower = content.to_lowercase();
    let at = words
        .iter()
        .filter_map(|word| lower.find(word.as_str()))
        .min();
    let at = at.map_or(0, |at| lower[..at].chars().count());
    let last = letters.len() - LONGEST_SNIPPET;
    let from = at.saturating_sub(BEFORE_WORD).min(last);
    letters[from..from + LONGEST_SNIPPET].iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_for_themselves_whatever_they_hold() {
        assert_eq!(words_query("glass  O'Neil"), "'glass':* & 'O''Neil':*");
        assert_eq!(
            words_query("a\\b & | !"),
            "'a\\\\b':* & '&':* & '|':* & '!':*"
        );
    }

    #[test]
    fn a_snippet_shows_the_word() {
        let long = format!("{} needle {}", "x ".repeat(500), "y ".repeat(500));
        let shown = snippet(&long, &["needle".to_owned()]);
        assert!(shown.contains("needle") && shown.chars().count() == LONGEST_SNIPPET);
        assert_eq!(snippet("short", &[]), "short");
    }
}
