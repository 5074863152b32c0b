//! Which server, which token: from arguments, environment, the configuration file, or a server on this machine.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use sluice_client::{Client, Options};

use super::{args::Global, failure::Failure};

/// Where a server on this machine listens unless told otherwise.
const LOCAL_SERVER: &str = "127.0.0.1:7410";
/// The data folder of a server that runs as root.
const ROOT_DATA: &str = "/var/lib/sluice";

/// The settings of a run, and where each came from.
pub(crate) struct Settings {
    pub(crate) server: String,
    pub(crate) server_from: &'static str,
    pub(crate) token: Option<SecretString>,
    pub(crate) token_from: String,
    pub(crate) config: Option<PathBuf>,
    pub(crate) config_expected: Option<PathBuf>,
    ca_certificate: Option<PathBuf>,
    insecure: bool,
}

/// The configuration file; every key may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    server: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    token: Option<SecretString>,
    token_file: Option<PathBuf>,
    ca_certificate: Option<PathBuf>,
    #[serde(default)]
    insecure: bool,
}

fn secret<'de, D: Deserializer<'de>>(text: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Some(SecretString::from(String::deserialize(text)?)))
}

impl Settings {
    pub(crate) fn find(global: Global) -> Result<Self, Failure> {
        let standard =
            user_folder("XDG_CONFIG_HOME", ".config").map(|path| path.join("config.toml"));
        let config = match &global.config {
            Some(path) => Some(path.clone()),
            None => standard.clone().filter(|path| path.exists()),
        };
        let file = config.as_deref().map(read_config).transpose()?;
        let file = file.unwrap_or_default();
        // A variable that is set to nothing means the same as one that is not set.
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let (server, server_from) = match (given(global.server), file.server) {
            (Some(server), _) => (server, "--server or SLUICE_SERVER"),
            (None, Some(server)) => (server, "the configuration file"),
            (None, None) => (LOCAL_SERVER.to_owned(), "a server on this machine"),
        };
        let (token, token_from) = if let Some(path) = global.token_file {
            (Some(read_token(&path)?), path.display().to_string())
        } else if let Some(token) = given(global.token) {
            (Some(token.into()), "--token or SLUICE_TOKEN".to_owned())
        } else if let Some(path) = file.token_file {
            (Some(read_token(&path)?), path.display().to_string())
        } else if let Some(token) = file.token {
            (Some(token), "the configuration file".to_owned())
        } else if let Some((token, path)) = local_token(&server) {
            (Some(token), path.display().to_string())
        } else {
            (None, "nowhere".to_owned())
        };
        Ok(Self {
            server,
            server_from,
            token,
            token_from,
            config,
            config_expected: standard,
            ca_certificate: global.ca_certificate.or(file.ca_certificate),
            insecure: global.insecure || file.insecure,
        })
    }

    pub(crate) fn options(&self) -> Result<Options, Failure> {
        let mut options = Options::new(self.server.as_str());
        if let Some(token) = &self.token {
            options = options.token(token.clone());
        }
        if let Some(path) = &self.ca_certificate {
            let pem = fs::read(path).map_err(|error| unreadable(path, &error))?;
            options = options.ca_certificate(pem);
        }
        if self.insecure {
            options = options.plaintext_anywhere();
        }
        Ok(options)
    }

    /// Whether http to other machines is allowed.
    pub(crate) fn insecure(&self) -> bool {
        self.insecure
    }

    pub(crate) async fn connect(&self) -> Result<Client, Failure> {
        Ok(Client::connect(self.options()?).await?)
    }
}

fn read_config(path: &Path) -> Result<Keys, Failure> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    toml::from_str(&text).map_err(|error| {
        // The message of the parser shows the line at fault, and that may be the one with the token.
        let line = error
            .span()
            .map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        Failure::usage(
            format!("{}, line {line}: {}", path.display(), error.message()),
            "The keys are server, token, token_file, ca_certificate and insecure.",
        )
    })
}

fn read_token(path: &Path) -> Result<SecretString, Failure> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    Ok(SecretString::from(text.trim()))
}

/// The admin's token that a server on this machine has left in its data folder, if this user may read it.
fn local_token(server: &str) -> Option<(SecretString, PathBuf)> {
    // Never for another machine: an admin's token is not for its ears.
    if !Options::new(server).address().ok()?.starts_with("http://") {
        return None;
    }
    let folders = match env::var_os("SLUICE_DATA_DIR") {
        Some(folder) => vec![PathBuf::from(folder)],
        None => [
            Some(PathBuf::from(ROOT_DATA)),
            user_folder("XDG_DATA_HOME", ".local/share"),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    folders.into_iter().find_map(|folder| {
        let path = folder.join("admin.token");
        Some((read_token(&path).ok()?, path))
    })
}

/// The folder `sluice` in one of the user's standard folders.
fn user_folder(variable: &str, fallback: &str) -> Option<PathBuf> {
    let base = match env::var_os(variable).map(PathBuf::from) {
        Some(path) if path.is_absolute() => path,
        _ => PathBuf::from(env::var_os("HOME")?).join(fallback),
    };
    Some(base.join("sluice"))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(
        format!("{} cannot be read: {error}", path.display()),
        "Check the path and who may read it.",
    )
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn config(text: &str) -> Result<Keys, Failure> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        read_config(file.path())
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_without_the_token() {
        let failure = config("token = \"slc_secret\"\nserver_url = \"x\"").unwrap_err();
        let text = failure.to_string();
        assert!(
            text.contains("line 2") && text.contains("server_url"),
            "{text}"
        );
        let failure = config("token = \"slc_secret\" oops").unwrap_err();
        assert!(!failure.to_string().contains("slc_secret"));
    }

    #[test]
    fn an_empty_file_is_fine() {
        assert!(config("").unwrap().server.is_none());
    }

    #[test]
    fn no_local_token_goes_to_another_machine() {
        assert!(local_token("https://127.0.0.1:7410").is_none());
        assert!(local_token("http://sluice.example:7410").is_none());
    }
}
