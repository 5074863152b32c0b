//! What is wrong with search.

use super::Finding;
use crate::jobs::search::{SearchError, SearchHealth};

/// What is found of search, going by what it says of itself.
pub(super) fn judge(answer: Result<Option<SearchHealth>, SearchError>) -> Finding {
    let health = match answer {
        Ok(Some(health)) => health,
        Ok(None) => return Finding::good("search", "nothing is searchable"),
        Err(error @ (SearchError::ExtensionMissing(_) | SearchError::ExtensionTooOld(_))) => {
            return Finding::bad(
                "search",
                error.to_string(),
                "do that; what waits to be embedded waits until then, and the rest works without it",
            );
        }
        Err(error) => {
            return Finding::bad(
                "search",
                format!("cannot be looked at: {error}"),
                "see the finding about postgres",
            );
        }
    };
    if let Some(error) = health.embedder_error {
        return Finding::warning(
            "search",
            format!("{error}; {} records wait", health.waiting),
            "see whether the embedder runs and its key is good; what waits is embedded once it answers",
        );
    }
    if health.failed > 0 {
        return Finding::warning(
            "search",
            format!("{} records could not be embedded", health.failed),
            "see `sluice searchable failed`, then `sluice searchable retry`",
        );
    }
    Finding::good(
        "search",
        format!(
            "pgvector {}, {} searchable models, {} records wait",
            health.extension, health.models, health.waiting
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Verdict;

    #[test]
    fn what_search_lacks_comes_with_a_remedy() {
        let well = SearchHealth {
            models: 2,
            waiting: 5,
            extension: "0.8.1".to_owned(),
            ..SearchHealth::default()
        };
        let missing = SearchError::ExtensionMissing("it is gone".to_owned());
        let away = SearchHealth {
            embedder_error: Some("shop: the embedder does not answer".to_owned()),
            ..well.clone()
        };
        let failed = SearchHealth {
            failed: 3,
            ..well.clone()
        };
        let cases = [
            (Ok(None), Verdict::Good, "nothing"),
            (Ok(Some(well)), Verdict::Good, "2 searchable models"),
            (Ok(Some(away)), Verdict::Warning, "5 records wait"),
            (Ok(Some(failed)), Verdict::Warning, "3 records"),
            (Err(missing), Verdict::Bad, "pgvector"),
        ];
        for (answer, verdict, word) in cases {
            let finding = judge(answer);
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert!(finding.message.contains(word), "{finding:?}");
            assert_eq!(
                finding.remedy.is_empty(),
                verdict == Verdict::Good,
                "{finding:?}"
            );
        }
    }
}
