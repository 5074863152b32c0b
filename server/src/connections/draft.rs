//! A connection as somebody wants it saved, and what is wrong with it.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Connection, ConnectionsError};

/// The most jobs of one connection that may run at once.
const MAX_RUNNING: i32 = 100;

/// The most calls a second that can be asked for.
const MOST_CALLS: i32 = 1000;

/// The most characters of a login.
const LONGEST_LOGIN: usize = 200;

/// A connection as somebody wants it saved.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(super) name: String,
    pub(super) url: Url,
    pub(super) database: String,
    /// `None` keeps the key of a known connection.
    pub(super) api_key: Option<SecretString>,
    /// 0 keeps the share of a known connection.
    pub(super) max_running: i32,
    /// Empty keeps the login of a known connection.
    pub(super) login: String,
    /// `None` keeps the pace of a known connection; 0 means as many calls as we can.
    pub(super) calls_per_second: Option<i32>,
}

impl Draft {
    /// Checks the values, as far as they can be checked without looking at anything else.
    pub fn new(
        name: &str,
        url: &str,
        database: &str,
        api_key: &SecretString,
        max_running: i32,
    ) -> Result<Self, ConnectionsError> {
        if !is_name(name) {
            return Err(invalid(
                "name",
                "must be 1 to 40 of the characters a-z, 0-9, - and _",
            ));
        }
        if database.trim().is_empty() || database.chars().any(char::is_control) {
            return Err(invalid("database", "must name the Odoo database"));
        }
        if !(0..=MAX_RUNNING).contains(&max_running) {
            return Err(invalid(
                "max_running",
                format!("must be 0 to {MAX_RUNNING}"),
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            url: service_url(url, "https://odoo.example.com")?,
            database: database.trim().to_owned(),
            api_key: key(api_key)?,
            max_running,
            login: String::new(),
            calls_per_second: None,
        })
    }

    /// The same with the service user's login, which Odoo before 19 wants; empty means none, or what it was.
    pub fn with_login(self, login: &str) -> Result<Self, ConnectionsError> {
        let login = login.trim();
        if login.chars().count() > LONGEST_LOGIN || login.chars().any(char::is_control) {
            return Err(invalid("login", "must be the service user's login in Odoo"));
        }
        Ok(Self {
            login: login.to_owned(),
            ..self
        })
    }

    /// The same with a pace: so many calls a second; 0 means as many as we can, and `None` that, or what it was.
    pub fn with_pace(self, calls_per_second: Option<i32>) -> Result<Self, ConnectionsError> {
        if calls_per_second.is_some_and(|calls| !(0..=MOST_CALLS).contains(&calls)) {
            return Err(invalid(
                "calls_per_second",
                format!("must be 1 to {MOST_CALLS}, or 0 for no limit"),
            ));
        }
        Ok(Self {
            calls_per_second,
            ..self
        })
    }

    /// The address as it is stored: without a slash at its end.
    pub(super) fn url_text(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// Whether this draft and a saved connection mean the same database.
    pub(super) fn is_of(&self, connection: &Connection) -> bool {
        self.url_text() == connection.url && self.database == connection.database
    }

    /// The connection's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// A key as it is stored; `None` if it is empty.
pub(super) fn key(api_key: &SecretString) -> Result<Option<SecretString>, ConnectionsError> {
    match api_key.expose_secret().trim() {
        "" => Ok(None),
        text if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Some(text.into())),
        _ => Err(invalid(
            "api_key",
            "must be one word of letters and digits, as Odoo shows it",
        )),
    }
}

pub(super) fn invalid(field: &'static str, why: impl Into<String>) -> ConnectionsError {
    ConnectionsError::Invalid {
        field,
        why: why.into(),
    }
}

fn is_name(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
}

/// The address of a service, without a slash at its end; `example` is how one looks.
pub(super) fn service_url(text: &str, example: &str) -> Result<Url, ConnectionsError> {
    let mut url = Url::parse(text.trim()).map_err(|why| {
        invalid(
            "url",
            format!("cannot be read ({why}): write it like {example}"),
        )
    })?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(invalid("url", "must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(
            "url",
            "must hold no user and no password: they have a place of their own",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("url", "must end before ? and #"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(
        name: &str,
        url: &str,
        database: &str,
        key: &str,
        max_running: i32,
    ) -> Result<Draft, ConnectionsError> {
        Draft::new(name, url, database, &key.into(), max_running)
    }

    #[test]
    fn each_wrong_field_is_named() {
        let url = "https://odoo.example.com";
        let table = [
            ("name", draft("", url, "db", "key", 0)),
            ("name", draft("Shop", url, "db", "key", 0)),
            ("name", draft(&"a".repeat(41), url, "db", "key", 0)),
            ("url", draft("shop", "odoo.example.com", "db", "key", 0)),
            (
                "url",
                draft("shop", "ftp://odoo.example.com", "db", "key", 0),
            ),
            (
                "url",
                draft("shop", "https://me:pass@odoo.example.com", "db", "key", 0),
            ),
            (
                "url",
                draft("shop", "https://odoo.example.com/?db=x", "db", "key", 0),
            ),
            ("database", draft("shop", url, " ", "key", 0)),
            ("database", draft("shop", url, "a\nb", "key", 0)),
            ("api_key", draft("shop", url, "db", "two words", 0)),
            ("max_running", draft("shop", url, "db", "key", -1)),
            ("max_running", draft("shop", url, "db", "key", 101)),
            (
                "login",
                draft("shop", url, "db", "key", 0).and_then(|draft| draft.with_login("a\nb")),
            ),
            (
                "calls_per_second",
                draft("shop", url, "db", "key", 0).and_then(|draft| draft.with_pace(Some(-1))),
            ),
        ];
        for (expected, result) in table {
            let error = result.unwrap_err();
            assert!(
                matches!(error, ConnectionsError::Invalid { field, .. } if field == expected),
                "{error}"
            );
        }
    }

    #[test]
    fn neither_error_nor_debug_shows_a_secret() {
        let error = draft("shop", "https://me:hunter2@odoo.example.com", "db", "", 0).unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
        let shown = format!(
            "{:?}",
            draft("shop", "https://odoo.example.com/", "db", " s3cret\n", 3).unwrap()
        );
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
