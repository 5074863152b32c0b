//! Gathers the settings from their sources, and names the place of a wrong one.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format, Toml},
    value::{Dict, Map, Value},
};
use thiserror::Error;

use super::{Settings, TABLE};

/// Variables with our prefix that are not settings of the server.
const OTHERS_VARIABLES: [&str; 4] = ["server", "token", "config", "cache"];

/// Why there are no settings.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A key that means nothing; most likely a typing error.
    #[error("unknown setting `{key}` in {place}{}", hint.as_ref().map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default())]
    Unknown {
        /// The key as it was found.
        key: String,
        /// Where it was found.
        place: String,
        /// A setting of nearly this name.
        hint: Option<&'static str>,
    },
    /// A value that cannot be read.
    #[error("setting `{key}` in {place} cannot be used: {why}")]
    Unreadable {
        /// The setting.
        key: String,
        /// Where it was found.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// A value that cannot work.
    #[error("setting `{key}` {why}")]
    Wrong {
        /// The setting.
        key: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The settings file cannot be read.
    #[error("settings file {path} cannot be read: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        why: String,
    },
    /// There is no place for the server's files.
    #[error("no home directory is known: set data_dir")]
    NoDataDirectory,
}

/// Where settings come from.
#[derive(Debug, Default)]
pub struct Sources {
    /// The settings file that was named; `None` means `SLUICE_CONFIG`, or `sluice.toml` in the data directory if it exists.
    pub file: Option<PathBuf>,
    /// Values of flags, by the names of settings.
    pub flags: BTreeMap<String, String>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// Whether the process is root's, which decides where its files are.
    pub is_root: bool,
}

impl Sources {
    /// The sources of this process, with the flags that it was given.
    pub fn of_process(file: Option<PathBuf>, flags: BTreeMap<String, String>) -> Self {
        Self {
            file,
            flags,
            environment: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
            is_root: rustix::process::geteuid().is_root(),
        }
    }

    /// The settings that hold.
    pub fn load(self) -> Result<Settings, ConfigError> {
        let environment = self.environment_values();
        let data_dir = match self
            .flags
            .get("data_dir")
            .or(environment.values.get("data_dir"))
        {
            Some(path) => PathBuf::from(path),
            None => self.default_data_directory()?,
        };
        let named_file = self
            .file
            .clone()
            .or_else(|| self.variable("SLUICE_CONFIG").map(PathBuf::from));
        let file = named_file.unwrap_or_else(|| data_dir.join("sluice.toml"));

        let mut defaults: BTreeMap<String, String> = TABLE
            .iter()
            .filter(|setting| !setting.default.is_empty())
            .map(|setting| (setting.name.to_owned(), setting.default.to_owned()))
            .collect();
        defaults.insert(
            "data_dir".to_owned(),
            data_dir.to_string_lossy().into_owned(),
        );

        let named = self.file.is_some() || self.variable("SLUICE_CONFIG").is_some();
        let figment = Figment::from(Values {
            place: "the defaults".into(),
            values: defaults,
        })
        .merge(file_values(&file, named)?)
        .merge(environment)
        .merge(Values {
            place: "the flags".into(),
            values: self.flags,
        });
        refuse_unknown(&figment)?;
        let settings: Settings = figment.extract_lossy().map_err(unreadable)?;
        settings.check()
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Settings in the environment; an empty variable counts as unset.
    fn environment_values(&self) -> Values {
        let mut values = BTreeMap::new();
        if let Some(url) = self.variable("DATABASE_URL") {
            values.insert("database_url".to_owned(), url.to_owned());
        }
        for (name, value) in &self.environment {
            let Some(key) = name.strip_prefix("SLUICE_").map(str::to_ascii_lowercase) else {
                continue;
            };
            if !value.is_empty() && !OTHERS_VARIABLES.contains(&key.as_str()) {
                values.insert(key, value.clone());
            }
        }
        Values {
            place: "the environment (SLUICE_*)".into(),
            values,
        }
    }

    fn default_data_directory(&self) -> Result<PathBuf, ConfigError> {
        if self.is_root {
            return Ok(PathBuf::from("/var/lib/sluice"));
        }
        let base = match self.variable("XDG_DATA_HOME") {
            Some(path) => PathBuf::from(path),
            None => Path::new(self.variable("HOME").ok_or(ConfigError::NoDataDirectory)?)
                .join(".local/share"),
        };
        Ok(base.join("sluice"))
    }
}

/// The file's values; a file that nobody named need not exist.
fn file_values(path: &Path, named: bool) -> Result<Figment, ConfigError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => {
            return Ok(Figment::new());
        }
        Err(error) => {
            return Err(ConfigError::File {
                path: path.to_owned(),
                why: error.to_string(),
            });
        }
    };
    let values: Dict = Toml::from_str(&text).map_err(|error| ConfigError::File {
        path: path.to_owned(),
        why: error.to_string(),
    })?;
    Ok(Figment::from(FileValues {
        path: path.to_owned(),
        values,
    }))
}

fn refuse_unknown(figment: &Figment) -> Result<(), ConfigError> {
    let all: Dict = figment.extract().map_err(unreadable)?;
    let Some(key) = all
        .keys()
        .find(|key| TABLE.iter().all(|setting| setting.name != key.as_str()))
    else {
        return Ok(());
    };
    Err(ConfigError::Unknown {
        key: key.clone(),
        place: figment.find_metadata(key).map(place).unwrap_or_default(),
        hint: TABLE
            .iter()
            .map(|setting| setting.name)
            .find(|name| are_near(name, key)),
    })
}

/// Whether one word becomes the other by one letter put in, left out or changed.
fn are_near(a: &str, b: &str) -> bool {
    let same_start = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let same_end = a
        .bytes()
        .rev()
        .zip(b.bytes().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let longer = a.len().max(b.len());
    a.len().abs_diff(b.len()) <= 1 && same_start + same_end + 1 >= longer
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "used as `map_err(unreadable)`"
)]
fn unreadable(error: figment::Error) -> ConfigError {
    ConfigError::Unreadable {
        key: error.path.join("."),
        place: error.metadata.as_ref().map(place).unwrap_or_default(),
        why: error.kind.to_string(),
    }
}

fn place(metadata: &Metadata) -> String {
    metadata.name.clone().into_owned()
}

/// Values that are text, whatever the type of the setting.
struct Values {
    place: String,
    values: BTreeMap<String, String>,
}

impl Provider for Values {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.place.clone())
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        let values = self
            .values
            .iter()
            .map(|(key, value)| (key.clone(), Value::from(value.clone())));
        Ok(Profile::Default.collect(values.collect()))
    }
}

struct FileValues {
    path: PathBuf,
    values: Dict,
}

impl Provider for FileValues {
    fn metadata(&self) -> Metadata {
        Metadata::named(format!("{}", self.path.display()))
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}
