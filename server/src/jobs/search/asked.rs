//! The texts that were searched for lately, with their vectors, in memory: whoever asks again, or for other models, waits for no
//! embedder and pays none.

use std::sync::{Arc, Mutex, PoisonError};

use hashlink::LruCache;

/// How many are remembered. One has four to forty kilobytes.
const MOST: usize = 256;

/// Clones share what they remember.
#[derive(Clone, Debug)]
pub(super) struct AskedTexts {
    vectors: Arc<Mutex<LruCache<Question, Arc<str>>>>,
}

/// A generation, and a text with the prefix that the generation puts before it.
type Question = (i64, String);

impl Default for AskedTexts {
    fn default() -> Self {
        Self {
            vectors: Arc::new(Mutex::new(LruCache::new(MOST))),
        }
    }
}

impl AskedTexts {
    /// The vector of a text by a generation, as Postgres reads it, if it was asked for lately.
    pub(super) fn vector(&self, generation: i64, text: &str) -> Option<Arc<str>> {
        let mut vectors = self.vectors.lock().unwrap_or_else(PoisonError::into_inner);
        vectors.get(&(generation, text.to_owned())).cloned()
    }

    pub(super) fn remember(&self, generation: i64, text: String, vector: Arc<str>) {
        let mut vectors = self.vectors.lock().unwrap_or_else(PoisonError::into_inner);
        vectors.insert((generation, text), vector);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_are_remembered_each_for_its_generation() {
        let asked = AskedTexts::default();
        asked.remember(1, "glass".to_owned(), "[1]".into());
        assert_eq!(asked.vector(1, "glass").as_deref(), Some("[1]"));
        assert_eq!(asked.vector(2, "glass"), None);
        for number in 0..MOST {
            asked.remember(1, number.to_string(), "[2]".into());
        }
        assert_eq!(asked.vector(1, "glass"), None);
        assert_eq!(asked.vector(1, "0").as_deref(), Some("[2]"));
    }
}
