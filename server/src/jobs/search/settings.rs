//! What callers set: the embedder of a connection, and how a model is searchable.

use std::{collections::BTreeSet, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::error::{SearchError, field};
use crate::{adapters::embeddings::EmbedderAddress, jobs::mirror::check_model};

/// The most dimensions that an index of half precision takes.
const MOST_DIMENSIONS: i32 = 4_000;
const MAX_TEXTS: i32 = 64;
const MOST_TEXTS: i32 = 2_048;
const MAX_TOKENS: i32 = 32_000;
const MOST_TOKENS: i32 = 10_000_000;
const MOST_CALLS_PER_MINUTE: i32 = 1_000_000;
const TIMEOUT: Duration = Duration::from_mins(1);
const LONGEST_TIMEOUT: Duration = Duration::from_mins(10);
const LONGEST_PREFIX: usize = 200;
const LONGEST_NAME: usize = 200;
const MOST_FIELDS: usize = 100;

/// How a model is searchable.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SearchableModel {
    /// Odoo's name of the model.
    pub model: String,
    /// The fields that are embedded; empty means what suits the model.
    pub field_names: Vec<String>,
}

/// An embedder as it is used.
#[derive(Clone, Debug)]
pub struct EmbedderSettings {
    /// Where it is, and what is agreed with it.
    pub address: EmbedderAddress,
    /// The most texts of one call.
    pub max_texts: i32,
    /// About the most tokens of one call.
    pub max_tokens: i32,
    /// What stands before each text that is searched for.
    pub query_prefix: String,
    /// What stands before each text that is embedded.
    pub text_prefix: String,
}

/// An embedder as somebody wants it.
#[derive(Clone, Debug, Default)]
pub struct EmbedderDraft {
    pub url: String,
    pub model: String,
    pub dimensions: i32,
    /// Empty keeps the one that is known for the address.
    pub api_key: SecretString,
    /// Forgets the key.
    pub remove_api_key: bool,
    /// 0 means 64.
    pub max_texts: i32,
    /// 0 means 32,000.
    pub max_tokens: i32,
    /// 0 means no limit.
    pub calls_per_minute: i32,
    /// None means a minute.
    pub timeout: Option<Duration>,
    pub query_prefix: String,
    pub text_prefix: String,
}

impl EmbedderSettings {
    /// Whether vectors that were made with `other` can stand beside those that are made with these.
    pub(super) fn makes_the_same_as(&self, other: &Self) -> bool {
        self.address.model == other.address.model
            && self.address.dimensions == other.address.dimensions
            && self.text_prefix == other.text_prefix
    }
}

impl EmbedderDraft {
    /// Checks the values. A key that is known goes nowhere but to the host that it was saved for.
    pub(super) fn settled(
        &self,
        known: Option<&EmbedderSettings>,
    ) -> Result<EmbedderSettings, SearchError> {
        let url = address(&self.url)?;
        check_text("embedder.model", &self.model, LONGEST_NAME)?;
        if self.model.trim().is_empty() {
            return Err(field("embedder.model", "must name the embedding model"));
        }
        check_text("embedder.query_prefix", &self.query_prefix, LONGEST_PREFIX)?;
        check_text("embedder.text_prefix", &self.text_prefix, LONGEST_PREFIX)?;
        let dimensions = between(
            "embedder.dimensions",
            self.dimensions,
            (1, MOST_DIMENSIONS),
            None,
        )?;
        let calls = between(
            "embedder.calls_per_minute",
            self.calls_per_minute,
            (0, MOST_CALLS_PER_MINUTE),
            None,
        )?;
        let timeout = self.timeout.unwrap_or(TIMEOUT);
        if timeout.is_zero() || timeout > LONGEST_TIMEOUT {
            return Err(field("embedder.timeout", "must be at most 10 minutes"));
        }
        let given = Some(self.api_key.clone()).filter(|key| !key.expose_secret().is_empty());
        let kept = known
            .filter(|known| known.address.url.origin() == url.origin())
            .and_then(|known| known.address.api_key.clone());
        let api_key = if self.remove_api_key {
            given
        } else {
            given.or(kept)
        };
        Ok(EmbedderSettings {
            address: EmbedderAddress {
                url,
                model: self.model.trim().to_owned(),
                dimensions: usize::try_from(dimensions).unwrap_or_default(),
                api_key,
                timeout,
                calls_per_minute: u32::try_from(calls).ok().filter(|calls| *calls > 0),
            },
            max_texts: between(
                "embedder.max_texts",
                self.max_texts,
                (1, MOST_TEXTS),
                Some(MAX_TEXTS),
            )?,
            max_tokens: between(
                "embedder.max_tokens",
                self.max_tokens,
                (1, MOST_TOKENS),
                Some(MAX_TOKENS),
            )?,
            query_prefix: self.query_prefix.clone(),
            text_prefix: self.text_prefix.clone(),
        })
    }
}

fn address(text: &str) -> Result<Url, SearchError> {
    let wrong = || {
        field(
            "embedder.url",
            "must be the http or https address of an embedder, such as https://embed.example.com/v1",
        )
    };
    let url = Url::parse(text.trim()).map_err(|_not_a_url| wrong())?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    if is_plain { Ok(url) } else { Err(wrong()) }
}

fn check_text(at: &str, text: &str, longest: usize) -> Result<(), SearchError> {
    if text.chars().count() > longest || text.chars().any(char::is_control) {
        return Err(field(
            at,
            format!("must be at most {longest} characters in one line"),
        ));
    }
    Ok(())
}

/// A number in a range; 0 stands for the one that is meant without it.
fn between(
    at: &str,
    number: i32,
    (least, most): (i32, i32),
    unset: Option<i32>,
) -> Result<i32, SearchError> {
    match (number, unset) {
        (0, Some(unset)) => Ok(unset),
        (number, _) if (least..=most).contains(&number) => Ok(number),
        _ => Err(field(at, format!("must be {least} to {most}"))),
    }
}

impl SearchableModel {
    /// Checks the names. `at` is their place in the request.
    pub(super) fn check(&self, at: &str) -> Result<(), SearchError> {
        check_model(&self.model, &format!("{at}.model"))?;
        let names = format!("{at}.field_names");
        if self.field_names.len() > MOST_FIELDS {
            return Err(field(names, "must list at most 100 fields"));
        }
        let distinct: BTreeSet<&String> = self.field_names.iter().collect();
        if distinct.len() < self.field_names.len() {
            return Err(field(names, "must list each field once"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> EmbedderDraft {
        EmbedderDraft {
            url: "http://embed.example/v1".to_owned(),
            model: "e5".to_owned(),
            dimensions: 384,
            ..EmbedderDraft::default()
        }
    }

    /// Makes a draft wrong.
    type Spoil = fn(&mut EmbedderDraft);

    #[test]
    fn what_is_not_given_is_what_suits_most() {
        let settled = draft().settled(None).unwrap();
        assert_eq!((settled.max_texts, settled.max_tokens), (64, 32_000));
        assert_eq!(settled.address.timeout, TIMEOUT);
        assert_eq!(settled.address.calls_per_minute, None);
    }

    #[test]
    fn a_setting_that_cannot_be_used_is_named() {
        let table: [(&str, Spoil); 9] = [
            ("embedder.url", |draft| {
                draft.url = "embed".to_owned();
            }),
            ("embedder.url", |draft| {
                draft.url = "file:///x".to_owned();
            }),
            ("embedder.url", |draft| {
                draft.url = "http://a:b@c".to_owned();
            }),
            ("embedder.model", |draft| {
                draft.model = " ".to_owned();
            }),
            ("embedder.dimensions", |draft| draft.dimensions = 0),
            ("embedder.dimensions", |draft| draft.dimensions = 4_001),
            ("embedder.max_texts", |draft| draft.max_texts = -1),
            ("embedder.calls_per_minute", |draft| {
                draft.calls_per_minute = -1;
            }),
            ("embedder.text_prefix", |draft| {
                draft.text_prefix = "a\nb".to_owned();
            }),
        ];
        for (at, spoil) in table {
            let mut draft = draft();
            spoil(&mut draft);
            match draft.settled(None) {
                Err(SearchError::Field { field, .. }) => assert_eq!(field, at),
                other => panic!("{at}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_key_is_kept_for_its_own_host_only() {
        let mut first = draft();
        first.api_key = "k".to_owned().into();
        let known = first.settled(None).unwrap();
        let key = |draft: EmbedderDraft| draft.settled(Some(&known)).unwrap().address.api_key;
        assert!(key(draft()).is_some());
        let elsewhere = EmbedderDraft {
            url: "http://other.example/v1".to_owned(),
            ..draft()
        };
        assert!(key(elsewhere).is_none());
        let forgotten = EmbedderDraft {
            remove_api_key: true,
            ..draft()
        };
        assert!(key(forgotten).is_none());
    }
}
