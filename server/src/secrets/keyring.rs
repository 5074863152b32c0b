//! Seals with one key, opens with any key it holds, so that keys can be replaced.

use std::{fmt, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::{SecretsError, key_file};
use crate::config::Settings;

/// The first byte of everything sealed: the form `[form, key id, nonce (24), ciphertext]`.
const FORM: u8 = 1;
const NONCE_LENGTH: usize = 24;
const HEAD_LENGTH: usize = 2 + NONCE_LENGTH;

/// The keys that seal credentials at rest (XChaCha20-Poly1305).
///
/// The text of keys is base64, separated by blanks or lines. The first key seals; those after it only open what
/// they sealed while they were the first.
pub struct Keyring {
    keys: Vec<Key>,
}

struct Key {
    id: u8,
    cipher: XChaCha20Poly1305,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}

impl Keyring {
    /// The keys from the setting `secret_key`, else from `secret_key_file`, else from `secret.key` in the data
    /// directory, which is made at the first start.
    pub fn open(settings: &Settings) -> Result<Self, SecretsError> {
        if let Some(key) = &settings.secret_key {
            return Self::from_text("secret_key", key);
        }
        match &settings.secret_key_file {
            Some(path) => Self::from_file(path),
            None => Self::from_file_or_new(&settings.data_dir.join("secret.key")),
        }
    }

    /// A keyring of one given key.
    #[cfg(test)]
    pub(crate) fn of_one_key(key: [u8; 32]) -> Self {
        Self {
            keys: vec![Key::new(key)],
        }
    }

    fn from_file(path: &Path) -> Result<Self, SecretsError> {
        Self::from_text(&path.display().to_string(), &key_file::read(path)?)
    }

    fn from_file_or_new(path: &Path) -> Result<Self, SecretsError> {
        key_file::ensure(path, || STANDARD.encode(rand::random::<[u8; 32]>()).into())?;
        Self::from_file(path)
    }

    fn from_text(origin: &str, text: &SecretString) -> Result<Self, SecretsError> {
        let keys = text
            .expose_secret()
            .split_whitespace()
            .zip(1..)
            .map(|(word, number)| {
                Key::from_base64(word).ok_or_else(|| SecretsError::KeyForm {
                    origin: origin.to_owned(),
                    number,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(SecretsError::KeyAbsent(origin.to_owned()));
        }
        Ok(Self { keys })
    }

    /// Seals a secret. It opens only with the same `context`, so that a sealed value cannot be moved elsewhere.
    pub fn seal(&self, context: &[u8], secret: &SecretString) -> Result<Vec<u8>, SecretsError> {
        let key = &self.keys[0];
        let nonce = rand::random::<[u8; NONCE_LENGTH]>();
        let payload = Payload {
            msg: secret.expose_secret().as_bytes(),
            aad: context,
        };
        let ciphertext = key
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_too_long| SecretsError::TooLong)?;
        Ok([&[FORM, key.id], nonce.as_slice(), &ciphertext].concat())
    }

    /// Opens what was sealed for `context`.
    pub fn unseal(&self, context: &[u8], sealed: &[u8]) -> Result<SecretString, SecretsError> {
        let Some(([FORM, key_id, nonce @ ..], ciphertext)) =
            sealed.split_first_chunk::<HEAD_LENGTH>()
        else {
            return Err(SecretsError::Damaged);
        };
        let nonce: &[u8; NONCE_LENGTH] = nonce;
        // Two keys may share an id: one byte tells which keys are worth a try, the cipher tells which is right.
        let mut fitting = self.keys.iter().filter(|key| key.id == *key_id).peekable();
        if fitting.peek().is_none() {
            return Err(SecretsError::OtherKey);
        }
        fitting
            .find_map(|key| {
                let payload = Payload {
                    msg: ciphertext,
                    aad: context,
                };
                key.cipher.decrypt(&XNonce::from(*nonce), payload).ok()
            })
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .map(SecretString::from)
            .ok_or(SecretsError::Damaged)
    }
}

impl Key {
    fn new(bytes: [u8; 32]) -> Self {
        Self {
            id: Sha256::digest(bytes)[0],
            cipher: XChaCha20Poly1305::new(&bytes.into()),
        }
    }

    fn from_base64(word: &str) -> Option<Self> {
        Some(Self::new(STANDARD.decode(word).ok()?.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(text: &str) -> Result<Keyring, SecretsError> {
        Keyring::from_text("secret_key", &text.into())
    }

    fn key(fill: u8) -> String {
        STANDARD.encode([fill; 32])
    }

    #[test]
    fn what_was_sealed_opens_for_its_context_only() {
        let keyring = keyring(&key(1)).unwrap();
        let sealed = keyring.seal(b"connection 1", &"s3cret".into()).unwrap();
        assert!(!sealed.windows(6).any(|bytes| bytes == b"s3cret"));
        assert_ne!(
            sealed,
            keyring.seal(b"connection 1", &"s3cret".into()).unwrap()
        );
        assert_eq!(
            keyring
                .unseal(b"connection 1", &sealed)
                .unwrap()
                .expose_secret(),
            "s3cret"
        );
        assert!(matches!(
            keyring.unseal(b"connection 2", &sealed),
            Err(SecretsError::Damaged)
        ));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let keyring = keyring(&key(1)).unwrap();
        let sealed = keyring.seal(b"", &"s3cret".into()).unwrap();
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(keyring.unseal(b"", &changed).is_err(), "byte {position}");
            assert!(
                keyring.unseal(b"", &sealed[..position]).is_err(),
                "cut at {position}"
            );
        }
    }

    #[test]
    fn an_old_key_still_opens_and_the_first_one_seals() {
        let sealed = keyring(&key(1))
            .unwrap()
            .seal(b"", &"s3cret".into())
            .unwrap();
        let both = keyring(&format!("{}\n{}\n", key(2), key(1))).unwrap();
        assert_eq!(both.unseal(b"", &sealed).unwrap().expose_secret(), "s3cret");
        assert!(matches!(
            keyring(&key(2)).unwrap().unseal(b"", &sealed),
            Err(SecretsError::OtherKey)
        ));
        let renewed = both.seal(b"", &"s3cret".into()).unwrap();
        assert!(keyring(&key(2)).unwrap().unseal(b"", &renewed).is_ok());
    }

    #[test]
    fn a_key_of_the_wrong_form_is_named_without_being_shown() {
        let short = format!("{} {}", key(1), STANDARD.encode([1; 31]));
        let shown = keyring(&short).unwrap_err().to_string();
        assert!(
            shown.starts_with("key 2 of secret_key is not 32 bytes"),
            "{shown}"
        );
        assert!(matches!(keyring(" \n"), Err(SecretsError::KeyAbsent(_))));
        assert_eq!(
            format!("{:?}", keyring(&key(1)).unwrap()),
            "Keyring { keys: 1, .. }"
        );
    }
}
