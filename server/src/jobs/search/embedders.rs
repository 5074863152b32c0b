//! The way from a generation to its embedder. All who ask one share its pace and its breaker.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use secrecy::SecretString;
use url::Url;

use super::{
    error::{SearchError, field},
    settings::EmbedderSettings,
    store::GenerationRow,
};
use crate::{
    adapters::{
        Http,
        embeddings::{EmbedderAddress, Guarded, OpenAi},
    },
    ids::ConnectionId,
    secrets::{Keyring, SecretsError},
};

/// An embedder with the settings that it was made for.
type Made = (String, Arc<Guarded>);

/// Embedders of all generations. Clones share them.
#[derive(Clone, Debug)]
pub struct Embedders {
    http: Http,
    keyring: Arc<Keyring>,
    made: Arc<Mutex<HashMap<i64, Made>>>,
}

impl Embedders {
    /// Embedders whose keys are sealed by `keyring`.
    pub fn new(http: Http, keyring: Arc<Keyring>) -> Self {
        Self {
            http,
            keyring,
            made: Arc::default(),
        }
    }

    /// The embedder of a generation.
    pub(super) fn of(
        &self,
        connection: ConnectionId,
        row: &GenerationRow,
    ) -> Result<Arc<Guarded>, SearchError> {
        let settings = self.settings(connection, row)?;
        let meant = format!("{row:?}");
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((for_settings, embedder)) = made.get(&row.id)
            && *for_settings == meant
        {
            return Ok(Arc::clone(embedder));
        }
        let embedder = Arc::new(self.open(&settings));
        made.insert(row.id, (meant, Arc::clone(&embedder)));
        Ok(embedder)
    }

    /// An embedder that nobody shares, such as to try it.
    pub(super) fn open(&self, settings: &EmbedderSettings) -> Guarded {
        Guarded::new(Box::new(OpenAi::new(&self.http, settings.address.clone())))
    }

    /// The settings of a generation, the key opened.
    pub(super) fn settings(
        &self,
        connection: ConnectionId,
        row: &GenerationRow,
    ) -> Result<EmbedderSettings, SearchError> {
        let sealed = row.api_key_sealed.as_deref();
        let api_key = sealed.map(|sealed| self.keyring.unseal(&context(connection), sealed));
        Ok(EmbedderSettings {
            address: EmbedderAddress {
                url: Url::parse(&row.url)
                    .map_err(|why| field("embedder.url", format!("cannot be read ({why})")))?,
                model: row.embedding_model.clone(),
                dimensions: usize::try_from(row.dimensions).unwrap_or_default(),
                api_key: api_key.transpose()?,
                timeout: Duration::from_millis(u64::try_from(row.timeout_ms).unwrap_or_default()),
                calls_per_minute: u32::try_from(row.calls_per_minute)
                    .ok()
                    .filter(|calls| *calls > 0),
            },
            max_texts: row.max_texts,
            max_tokens: row.max_tokens,
            query_prefix: row.query_prefix.clone(),
            text_prefix: row.text_prefix.clone(),
        })
    }

    /// A key as it is stored.
    pub(super) fn seal(
        &self,
        connection: ConnectionId,
        key: Option<&SecretString>,
    ) -> Result<Option<Vec<u8>>, SecretsError> {
        key.map(|key| self.keyring.seal(&context(connection), key))
            .transpose()
    }
}

/// What a sealed key is bound to, so that it cannot stand in for another secret.
fn context(id: ConnectionId) -> Vec<u8> {
    [id.0.as_bytes().as_slice(), b"embedder"].concat()
}
