//! Gathers the settings from their sources, and names the place of a wrong one.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use figment::{Figment, Metadata, value::Dict};

use super::{
    ConfigError, Settings, TABLE,
    values::{Values, file_values, file_values_if_any},
};

/// Variables with our prefix that are not settings of the server.
const OTHERS_VARIABLES: [&str; 4] = ["server", "token", "config", "cache"];

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
        let file = match self
            .file
            .clone()
            .or_else(|| self.variable("SLUICE_CONFIG").map(PathBuf::from))
        {
            Some(named) => file_values(&named)?,
            None => file_values_if_any(&data_dir.join("sluice.toml"))?,
        };

        let mut defaults: BTreeMap<String, String> = TABLE
            .iter()
            .filter(|setting| !setting.default.is_empty())
            .map(|setting| (setting.name.to_owned(), setting.default.to_owned()))
            .collect();
        defaults.insert(
            "data_dir".to_owned(),
            data_dir.to_string_lossy().into_owned(),
        );

        let figment = Figment::from(Values {
            place: "the defaults".into(),
            values: defaults,
        })
        .merge(file)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LogFormat;

    fn sources(environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Sources {
        let owned = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        Sources {
            file: None,
            flags: owned(flags),
            environment: owned(environment),
            is_root: false,
        }
    }

    fn with_file(
        text: &str,
        environment: &[(&str, &str)],
        flags: &[(&str, &str)],
    ) -> Result<Settings, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, text).unwrap();
        Sources {
            file: Some(path),
            ..sources(environment, &[flags, &[("data_dir", "/nowhere")]].concat())
        }
        .load()
    }

    #[test]
    fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
        let file = "workers = 5\nlease = \"40s\"\nlog_format = \"json\"\nallow_plaintext = true";
        let environment = [("SLUICE_LEASE", "50s"), ("SLUICE_LOG_FORMAT", "human")];
        let settings = with_file(file, &environment, &[("log_format", "auto")]).unwrap();
        assert_eq!(settings.database_connections, 10);
        assert_eq!(settings.workers, 5);
        assert_eq!(settings.lease.as_secs(), 50);
        assert_eq!(settings.log_format, LogFormat::Auto);
        assert!(settings.allow_plaintext);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_wherever_it_stands() {
        let error = with_file("lisen = \"127.0.0.1:1\"", &[], &[])
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("unknown setting `lisen` in /"), "{error}");
        assert!(
            error.ends_with("settings.toml (did you mean `listen`?)"),
            "{error}"
        );
        let error = with_file("", &[("SLUICE_WORKER", "4")], &[])
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "unknown setting `worker` in the environment (SLUICE_*) (did you mean `workers`?)"
        );
    }

    #[test]
    fn a_value_that_cannot_be_read_is_named_with_its_place() {
        let cases = [
            ("workers", "many"),
            ("lease", "30"),
            ("listen", "localhost"),
            ("allow_plaintext", "perhaps"),
            ("log_format", "pretty"),
        ];
        for (key, value) in cases {
            let error = with_file("", &[], &[(key, value)]).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("setting `{key}` in the flags cannot be used")),
                "{error}"
            );
        }
        assert!(
            with_file("workers 5", &[], &[])
                .unwrap_err()
                .to_string()
                .contains("settings.toml cannot be read")
        );
    }

    #[test]
    fn variables_of_others_and_empty_ones_are_left_alone() {
        let environment = [
            ("SLUICE_SERVER", "http://127.0.0.1:1"),
            ("SLUICE_TOKEN", "x"),
            ("SLUICE_CACHE", "/x"),
            ("SLUICE_WORKERS", ""),
            ("DATABASE_URL", "postgres://a:secret@b/c"),
        ];
        let settings = with_file("", &environment, &[]).unwrap();
        assert_eq!(settings.workers, 4);
        assert!(settings.database_url.is_some());
        assert!(
            !settings.print().contains("secret@") && !format!("{settings:?}").contains("secret@")
        );
    }

    #[test]
    fn a_named_file_must_exist_and_an_unnamed_one_need_not() {
        let named = Sources {
            file: Some("/nowhere/a.toml".into()),
            is_root: true,
            ..Sources::default()
        };
        assert!(
            named
                .load()
                .unwrap_err()
                .to_string()
                .starts_with("settings file /nowhere/a.toml cannot be read")
        );
        sources(&[], &[("data_dir", "/nowhere")]).load().unwrap();
    }

    #[test]
    fn the_data_directory_follows_the_user() {
        let root = Sources {
            is_root: true,
            ..Sources::default()
        };
        assert_eq!(root.load().unwrap().data_dir, Path::new("/var/lib/sluice"));
        let home = sources(&[("HOME", "/h/a")], &[]).load().unwrap();
        assert_eq!(home.data_dir, Path::new("/h/a/.local/share/sluice"));
        let xdg = sources(&[("HOME", "/h/a"), ("XDG_DATA_HOME", "/x")], &[])
            .load()
            .unwrap();
        assert_eq!(xdg.data_dir, Path::new("/x/sluice"));
        assert!(matches!(
            sources(&[], &[]).load(),
            Err(ConfigError::NoDataDirectory)
        ));
    }

    #[test]
    fn the_printed_settings_are_a_settings_file() {
        let first = with_file("listen = \"[::1]:9000\"\nkeep_jobs = \"3d\"", &[], &[]).unwrap();
        let again = with_file(&first.print(), &[], &[]).unwrap();
        assert_eq!(first.print(), again.print());
        assert_eq!(again.listen.port(), 9000);
    }

    #[test]
    fn listening_beyond_loopback_needs_tls_or_an_explicit_word() {
        let open = [("listen", "0.0.0.0:7410")];
        let error = with_file("", &[], &open).unwrap_err().to_string();
        assert!(
            error.contains("`listen` is not a loopback address"),
            "{error}"
        );
        with_file("allow_plaintext = true", &[], &open).unwrap();
        with_file("tls_certificate = \"/a\"\ntls_key = \"/b\"", &[], &open).unwrap();
        assert!(
            with_file("tls_key = \"/b\"", &[], &open)
                .unwrap_err()
                .to_string()
                .contains("tls_certificate")
        );
        with_file("", &[("SLUICE_LISTEN", "[::1]:7410")], &[]).unwrap();
    }
}
