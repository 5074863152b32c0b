//! Values on their way into the settings, with the place that they come from.

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format, Toml},
    value::{Dict, Map, Value},
};

use super::ConfigError;

/// Values that are text, whatever the type of the setting.
pub(super) struct Values {
    pub(super) place: String,
    pub(super) values: BTreeMap<String, String>,
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

/// The values of a file that need not exist.
pub(super) fn file_values_if_any(path: &Path) -> Result<Figment, ConfigError> {
    match file_values(path) {
        Err(ConfigError::File { why, .. }) if why.kind() == ErrorKind::NotFound => {
            Ok(Figment::new())
        }
        values => values,
    }
}

/// The values of a file.
pub(super) fn file_values(path: &Path) -> Result<Figment, ConfigError> {
    let failed = |why| ConfigError::File {
        path: path.to_owned(),
        why,
    };
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let values: Dict = Toml::from_str(&text)
        .map_err(|error| failed(io::Error::new(ErrorKind::InvalidData, error)))?;
    Ok(Figment::from(FileValues {
        path: path.to_owned(),
        values,
    }))
}
