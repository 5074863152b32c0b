//! Where the LOGIKAL of a connection is, and who logs in there.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    Connections, ConnectionsError,
    draft::{invalid, service_url},
};
use crate::ids::ConnectionId;

/// The most sessions that may be asked for.
const MOST_SESSIONS: i32 = 16;
/// The most characters of a user's name.
const LONGEST_USER: usize = 200;
/// The most characters of a directory's path.
const LONGEST_PATH: usize = 1_000;

/// The LOGIKAL of a connection, its password opened.
#[derive(Clone, Debug)]
pub struct LogikalSite {
    /// The address of its service.
    pub url: Url,
    /// Who logs in.
    pub user: String,
    /// With which password.
    pub password: SecretString,
    /// The path below which projects are looked for by name; empty means everywhere.
    pub directory: String,
    /// How many sessions may be open at once.
    pub sessions: i32,
    /// Whether a session may go to a neighbouring phase, if that is known.
    pub sibling_phases: Option<bool>,
    /// Whether a session may go to a neighbouring elevation, if that is known.
    pub sibling_elevations: Option<bool>,
}

/// A connection's LOGIKAL as somebody wants it saved.
#[derive(Clone, Debug)]
pub struct LogikalDraft {
    url: Url,
    user: String,
    /// `None` keeps the one that is known.
    password: Option<SecretString>,
    directory: String,
    /// 0 keeps what is known.
    sessions: i32,
}

impl LogikalDraft {
    /// Checks the values, as far as they can be checked without looking at anything else.
    pub fn new(
        url: &str,
        user: &str,
        password: SecretString,
        directory: &str,
        sessions: i32,
    ) -> Result<Self, ConnectionsError> {
        let user = user.trim();
        if user.is_empty() || is_strange(user, LONGEST_USER) {
            return Err(invalid("user", "must be the name of a user of LOGIKAL"));
        }
        let directory = directory.trim().trim_matches('/');
        if is_strange(directory, LONGEST_PATH) {
            return Err(invalid("directory", "must be the path of a directory"));
        }
        if !(0..=MOST_SESSIONS).contains(&sessions) {
            return Err(invalid("sessions", format!("must be 0 to {MOST_SESSIONS}")));
        }
        Ok(Self {
            url: service_url(url, "https://cad.example.com/MbioeService.svc/api/v3")?,
            user: user.to_owned(),
            password: (!password.expose_secret().is_empty()).then_some(password),
            directory: directory.to_owned(),
            sessions,
        })
    }
}

fn is_strange(text: &str, longest: usize) -> bool {
    text.chars().count() > longest || text.chars().any(char::is_control)
}

impl Connections {
    /// The LOGIKAL of a connection; `None` if none was saved.
    pub async fn logikal(&self, id: ConnectionId) -> Result<Option<LogikalSite>, ConnectionsError> {
        let found = sqlx::query_file!("src/connections/sql/logikal.sql", id.0)
            .fetch_optional(self.db.pool())
            .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        Ok(Some(LogikalSite {
            url: Url::parse(&found.url)
                .map_err(|why| invalid("url", format!("cannot be read ({why})")))?,
            user: found.username,
            password: self.keyring.unseal(&context(id), &found.password_sealed)?,
            directory: found.directory,
            sessions: found.sessions,
            sibling_phases: found.sibling_phases,
            sibling_elevations: found.sibling_elevations,
        }))
    }

    /// The LOGIKAL that a draft describes, to try it before it is saved. A password that is known goes nowhere but to the
    /// address and for the user that it was saved for.
    pub async fn logikal_of(
        &self,
        id: ConnectionId,
        draft: &LogikalDraft,
    ) -> Result<LogikalSite, ConnectionsError> {
        let known = self.logikal(id).await?;
        let password = match (&draft.password, &known) {
            (Some(password), _) => password.clone(),
            (None, Some(known)) if (&known.url, &known.user) == (&draft.url, &draft.user) => {
                known.password.clone()
            }
            (None, _) => {
                return Err(invalid(
                    "password",
                    "must be the password of LOGIKAL's user",
                ));
            }
        };
        Ok(LogikalSite {
            url: draft.url.clone(),
            user: draft.user.clone(),
            password,
            directory: draft.directory.clone(),
            sessions: draft.sessions,
            sibling_phases: None,
            sibling_elevations: None,
        })
    }

    /// Saves the LOGIKAL of a connection; returns how many sessions may be open.
    pub async fn save_logikal(
        &self,
        id: ConnectionId,
        site: &LogikalSite,
    ) -> Result<i32, ConnectionsError> {
        let sealed = self.keyring.seal(&context(id), &site.password)?;
        let saved = sqlx::query_file_scalar!(
            "src/connections/sql/save_logikal.sql",
            id.0,
            site.url.as_str(),
            site.user,
            sealed,
            site.directory,
            site.sessions,
        );
        Ok(saved.fetch_one(self.db.pool()).await?)
    }

    /// Remembers whether sessions of the LOGIKAL at `url` may go to neighbours, as far as it was tried.
    pub async fn remember_siblings(
        &self,
        id: ConnectionId,
        url: &Url,
        phases: Option<bool>,
        elevations: Option<bool>,
    ) -> Result<(), ConnectionsError> {
        sqlx::query_file!(
            "src/connections/sql/remember_siblings.sql",
            id.0,
            url.as_str(),
            phases,
            elevations,
        )
        .execute(self.db.pool())
        .await?;
        Ok(())
    }
}

/// What a sealed password is bound to, so that it cannot stand in for an API key.
fn context(id: ConnectionId) -> Vec<u8> {
    [id.0.as_bytes().as_slice(), b"logikal"].concat()
}
