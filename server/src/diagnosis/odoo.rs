//! What the Odoos of the saved connections say of themselves.

use std::{fmt::Display, time::Duration};

use futures::{StreamExt as _, stream};
use tokio::time::timeout;

use super::Finding;
use crate::{
    adapters::odoo::{Description, OdooError},
    connections::{Connection, Connections},
    jobs::OdooClients,
};

/// The most connections that are looked at.
const MOST: i64 = 50;
/// How many are looked at once.
const TOGETHER: usize = 8;
/// How long an Odoo may think.
const PATIENCE: Duration = Duration::from_secs(8);
/// A batch aims at a second and is given up after ten; below this Odoo ends itself in the middle of one.
const LEAST_SECONDS: i64 = 15;
/// A batch of 4,000 rows takes Odoo some 200 MiB above what it needs by itself.
const LEAST_MEMORY: i64 = 512 << 20;

/// A finding for each saved connection.
pub(super) async fn findings(connections: &Connections, odoo: &OdooClients) -> Vec<Finding> {
    let saved = match connections.list("", MOST).await {
        Ok(saved) => saved,
        Err(error) => return vec![unknown("connections", &error)],
    };
    stream::iter(saved)
        .map(|connection| look(connection, odoo))
        .buffered(TOGETHER)
        .collect()
        .await
}

async fn look(connection: Connection, odoo: &OdooClients) -> Finding {
    let name = connection.name;
    let client = match odoo.of(connection.id).await {
        Ok(client) => client,
        Err(error) => return unknown(&name, &error),
    };
    match timeout(PATIENCE, client.describe()).await {
        Ok(answer) => judge(&name, answer),
        Err(_) => judge(
            &name,
            Err(OdooError::Away(format!(
                "no answer within {} s",
                PATIENCE.as_secs()
            ))),
        ),
    }
}

fn unknown(name: &str, error: &impl Display) -> Finding {
    Finding::bad(
        "odoo",
        format!("{name}: cannot be looked at: {error}"),
        "save the connection again with its address and key",
    )
}

fn judge(name: &str, answer: Result<Description, OdooError>) -> Finding {
    let told = match answer {
        Ok(told) => told,
        Err(error @ OdooError::AddonVersion { .. }) => {
            return Finding::bad(
                "odoo",
                format!("{name}: {error}"),
                "install the addon that came with this server and upgrade it in Odoo, or update the server",
            );
        }
        Err(error) if error.is_away() => {
            return Finding::warning(
                "odoo",
                format!("{name}: {error}"),
                "jobs wait for it and go on by themselves; see whether Odoo runs and can be reached from here",
            );
        }
        Err(error) => {
            return Finding::bad(
                "odoo",
                format!("{name}: {error}"),
                "see to the key and the rights of the service user in Odoo",
            );
        }
    };
    if told.addon_version.is_empty() {
        return Finding::warning(
            "odoo",
            format!("{name}: Odoo {} without our addon", told.odoo_version),
            "mirrors work without it; install the addon for imports and for mirrors that miss nothing",
        );
    }
    if let Some(right) = told.missing_rights.first() {
        return Finding::warning(
            "odoo",
            format!("{name}: {right}"),
            "give the service user the group Sluice / Service",
        );
    }
    if let Some(limit) = tight_limit(&told) {
        return Finding::warning(
            "odoo",
            format!(
                "{name}: {limit}, so Odoo ends itself in the middle of a batch, which is then made again and smaller"
            ),
            "raise it in odoo.conf, or lower max_batch_rows here",
        );
    }
    let processes = match told.workers {
        0 => "threaded".to_owned(),
        workers => format!("{workers} workers"),
    };
    Finding::good(
        "odoo",
        format!(
            "{name}: Odoo {}, addon {}, {processes}",
            told.odoo_version, told.addon_version
        ),
    )
}

/// The first limit that a batch may meet; 0 is none.
fn tight_limit(told: &Description) -> Option<String> {
    let limits = told.limits?;
    let seconds = |name: &str, limit: i64| {
        (1..LEAST_SECONDS)
            .contains(&limit)
            .then(|| format!("{name} is {limit} s"))
    };
    // Memory ends only workers; a threaded Odoo has none.
    let memory = || {
        (told.workers > 0 && (1..LEAST_MEMORY).contains(&limits.memory_soft))
            .then(|| format!("limit_memory_soft is {} MiB", limits.memory_soft >> 20))
    };
    seconds("limit_time_real", limits.time_real)
        .or_else(|| seconds("limit_time_cpu", limits.time_cpu))
        .or_else(memory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{adapters::odoo::ProcessLimits, diagnosis::Verdict};

    fn told(addon_version: &str, limits: Option<ProcessLimits>) -> Description {
        Description {
            addon_version: addon_version.to_owned(),
            contract: 1,
            odoo_version: "19.0".to_owned(),
            database_uuid: String::new(),
            modules: Vec::new(),
            user: "sluice".to_owned(),
            company_id: 1,
            company_currency: "EUR".to_owned(),
            workers: 2,
            missing_rights: Vec::new(),
            limits,
        }
    }

    fn limits(time_real: i64, time_cpu: i64, memory_soft: i64) -> ProcessLimits {
        ProcessLimits {
            time_real,
            time_cpu,
            memory_soft,
        }
    }

    #[test]
    fn an_odoo_that_breaks_the_promise_is_named_with_what_to_do() {
        let old = OdooError::AddonVersion {
            installed: "19.0.1.0.0".to_owned(),
            contract: 0,
            expected: 1,
        };
        let cases = [
            (
                Ok(told("19.0.1", Some(limits(120, 60, 2 << 30)))),
                Verdict::Good,
                "2 workers",
            ),
            (
                Ok(told("19.0.1", Some(limits(0, 0, 0)))),
                Verdict::Good,
                "2 workers",
            ),
            (Ok(told("19.0.1", None)), Verdict::Good, "2 workers"),
            (Ok(told("", None)), Verdict::Warning, "without our addon"),
            (
                Ok(told("19.0.1", Some(limits(5, 60, 0)))),
                Verdict::Warning,
                "limit_time_real is 5 s",
            ),
            (
                Ok(told("19.0.1", Some(limits(120, 10, 0)))),
                Verdict::Warning,
                "limit_time_cpu is 10 s",
            ),
            (
                Ok(told("19.0.1", Some(limits(0, 0, 256 << 20)))),
                Verdict::Warning,
                "limit_memory_soft is 256 MiB",
            ),
            (Err(old), Verdict::Bad, "keeps contract 0"),
            (
                Err(OdooError::Away("cut".to_owned())),
                Verdict::Warning,
                "cut",
            ),
            (Err(OdooError::KeyRefused), Verdict::Bad, "API key"),
        ];
        for (answer, verdict, word) in cases {
            let finding = judge("shop", answer);
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert!(finding.message.contains(word), "{finding:?}");
            assert!(finding.message.starts_with("shop: "), "{finding:?}");
            assert_eq!(
                finding.remedy.is_empty(),
                verdict == Verdict::Good,
                "{finding:?}"
            );
        }
    }
}
