//! Pages of a listing (AIP-158): their size, and tokens that fit only the question they were made for.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use sluice_proto::v1::Reason;
use tonic::{Code, Status};

use super::errors::{field, refusal};

/// How much of the question's digest a token carries, in bytes.
const DIGEST: usize = 8;

/// One question to one listing: which listing, and all that narrows it.
pub(crate) struct Question {
    digest: [u8; DIGEST],
    usual: i32,
    most: i32,
}

/// The page that was asked for.
#[derive(Debug)]
pub(crate) struct Page<P> {
    /// How many to return at most.
    pub(crate) size: usize,
    /// After which; `None` means from the start.
    pub(crate) after: Option<P>,
}

impl Question {
    /// A question to the listing `name`; pages have `usual` entries where the caller names no size, and `most` at most.
    pub(crate) fn new(name: &str, narrowed_by: &[&str], usual: i32, most: i32) -> Self {
        let mut hasher = Sha256::new();
        for part in [&[name], narrowed_by].concat() {
            hasher.update(part.len().to_be_bytes());
            hasher.update(part);
        }
        let mut digest = [0; DIGEST];
        digest.copy_from_slice(&hasher.finalize()[..DIGEST]);
        Self {
            digest,
            usual,
            most,
        }
    }

    /// Reads size and token of a request.
    pub(crate) fn page<P: DeserializeOwned>(
        &self,
        size: i32,
        token: &str,
    ) -> Result<Page<P>, Status> {
        let size = match size {
            ..0 => return Err(field("page_size", "must not be negative")),
            0 => self.usual,
            size => size.min(self.most),
        };
        let size = usize::try_from(size).unwrap_or_default();
        let after = if token.is_empty() {
            None
        } else {
            Some(self.position(token).ok_or_else(foreign)?)
        };
        Ok(Page { size, after })
    }

    /// The token of the page after `position`.
    pub(crate) fn token<P: Serialize>(&self, position: &P) -> String {
        let mut bytes = self.digest.to_vec();
        // A position is a handful of plain values: it always has a JSON form.
        bytes.extend(serde_json::to_vec(position).unwrap_or_default());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn position<P: DeserializeOwned>(&self, token: &str) -> Option<P> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let position = bytes.strip_prefix(self.digest.as_slice())?;
        serde_json::from_slice(position).ok()
    }
}

/// Cuts a listing that was read one entry further than the page; the last entry's position makes the next token.
pub(crate) fn cut<T, P: Serialize>(
    mut entries: Vec<T>,
    size: usize,
    question: &Question,
    position: impl FnOnce(&T) -> P,
) -> (Vec<T>, String) {
    if entries.len() <= size {
        return (entries, String::new());
    }
    entries.truncate(size);
    let token = entries
        .last()
        .map(|last| question.token(&position(last)))
        .unwrap_or_default();
    (entries, token)
}

fn foreign() -> Status {
    refusal(
        Code::InvalidArgument,
        Reason::PageTokenInvalid,
        "page_token was not made by this server for this listing; begin again without one",
        &[],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_only_its_own_question() {
        let mine = Question::new("jobs", &["acme", ""], 50, 500);
        let token = mine.token(&7);
        assert_eq!(mine.page::<i32>(0, &token).unwrap().after, Some(7));
        for other in [
            Question::new("jobs", &["", "acme"], 50, 500),
            Question::new("schedules", &["acme", ""], 50, 500),
        ] {
            let refused = other.page::<i32>(0, &token).unwrap_err();
            assert_eq!(refused.code(), Code::InvalidArgument);
        }
        assert!(mine.page::<i32>(0, "not a token").is_err());
        assert!(mine.page::<String>(0, &token).is_err());
    }

    #[test]
    fn sizes_are_bounded() {
        let question = Question::new("jobs", &[], 50, 500);
        let size = |asked| question.page::<i32>(asked, "").map(|page| page.size);
        assert_eq!(
            (size(0).unwrap(), size(7).unwrap(), size(100_000).unwrap()),
            (50, 7, 500)
        );
        assert!(size(-1).is_err());
    }

    #[test]
    fn a_full_page_names_the_next_and_the_last_does_not() {
        let question = Question::new("jobs", &[], 2, 2);
        let (page, token) = cut(vec![1, 2, 3], 2, &question, |last| *last);
        assert_eq!(
            (page, question.page::<i32>(0, &token).unwrap().after),
            (vec![1, 2], Some(2))
        );
        assert_eq!(
            cut(vec![1, 2], 2, &question, |last| *last),
            (vec![1, 2], String::new())
        );
    }
}
