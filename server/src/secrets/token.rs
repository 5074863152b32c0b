//! Tokens of callers: shown once, stored as a digest.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

/// A new token: the prefix, then 32 random bytes in URL-safe base64.
///
/// The prefix, such as `slu_admin_`, tells people and secret scanners what it is; it grants nothing.
pub fn new_token(prefix: &str) -> SecretString {
    format!(
        "{prefix}{}",
        URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
    )
    .into()
}

/// What is stored of a token. A plain digest is enough: nobody guesses 32 random bytes.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn tokens_are_long_and_never_the_same() {
        let (one, other) = (new_token("slu_conn_"), new_token("slu_conn_"));
        assert_eq!(one.expose_secret().len(), "slu_conn_".len() + 43);
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert_ne!(
            token_hash(one.expose_secret()),
            token_hash(other.expose_secret())
        );
    }
}
