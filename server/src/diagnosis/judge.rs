//! From facts to verdicts.

use std::{fmt::Display, path::Path, time::Duration};

use chrono::TimeDelta;

use super::Finding;
use crate::{
    db::{Durability, Health},
    queue::{Liveness, Load},
};

const SLOW_ROUND_TRIP: Duration = Duration::from_millis(20);
const LARGE_CLOCK_ERROR: TimeDelta = TimeDelta::seconds(5);
const LITTLE_SPACE: u64 = 2 << 30;
const NO_SPACE: u64 = 200 << 20;
const LONG_WAIT_SECONDS: f64 = 300.0;
const LONG_TRANSACTION: Duration = Duration::from_mins(10);

pub(super) fn postgres(health: &Health) -> Finding {
    let whose = if health.is_own {
        "the server's own"
    } else {
        "given"
    };
    let message = format!(
        "{whose} postgres {}, {} on disk, answers in {:.1} ms",
        health.version,
        size(u64::try_from(health.size_bytes).unwrap_or_default()),
        health.round_trip.as_secs_f64() * 1_000.0,
    );
    if health.round_trip > SLOW_ROUND_TRIP {
        let remedy = "a batch takes several statements: run the server nearer to its postgres";
        return Finding::warning("postgres", message, remedy);
    }
    Finding::good("postgres", message)
}

pub(super) fn durability(durability: Durability) -> Finding {
    match durability {
        Durability::Broken => Finding::warning(
            "durability",
            "postgres runs with fsync or full_page_writes off: a power cut may destroy everything",
            "set both to on in postgresql.conf and restart postgres",
        ),
        Durability::Forgetful => Finding::warning(
            "durability",
            "postgres runs with synchronous_commit off: a power cut may undo what Odoo was told is done",
            "set synchronous_commit to on, at least for the database of the server",
        ),
        Durability::Whole => Finding::good("durability", "what postgres confirms is on disk"),
    }
}

pub(super) fn transactions(longest: Duration) -> Finding {
    if longest <= LONG_TRANSACTION {
        return Finding::good("transactions", "no transaction stays open for long");
    }
    Finding::warning(
        "transactions",
        format!(
            "somebody's transaction has been open for {} minutes: dead rows pile up behind it",
            longest.as_secs() / 60
        ),
        "find it in pg_stat_activity by xact_start, and end it",
    )
}

pub(super) fn liveness(liveness: &Liveness) -> Finding {
    let remedy = "connect to postgres directly, or put the pooler in session mode";
    match (liveness.by_lease_only, liveness.without_lock) {
        (0, 0) => Finding::good("liveness", "a server that dies is noticed at once"),
        (0, gone) => Finding::warning(
            "liveness",
            format!("{gone} servers hold jobs but not their liveness lock"),
            "their jobs are rescued within seconds; if this stays, see the log of every server",
        ),
        (blind, _) => Finding::warning(
            "liveness",
            format!("{blind} servers hold jobs and would be missed only when their leases end"),
            remedy,
        ),
    }
}

pub(super) fn no_postgres(error: &impl Display) -> Finding {
    Finding::bad(
        "postgres",
        format!("cannot be looked at: {error}"),
        "see the server's log",
    )
}

pub(super) fn sessions(are_kept: bool) -> Finding {
    if are_kept {
        return Finding::good(
            "sessions",
            "each connection is one session, so a dead worker is noticed at once",
        );
    }
    Finding::warning(
        "sessions",
        "a pooler in transaction mode stands before postgres: a dead worker's jobs wait for the end of their lease",
        "connect to postgres directly, or put the pooler in session mode",
    )
}

pub(super) fn clock(ahead: TimeDelta) -> Finding {
    let (seconds, which) = (
        ahead.abs(),
        if ahead < TimeDelta::zero() {
            "behind"
        } else {
            "ahead of"
        },
    );
    if seconds <= LARGE_CLOCK_ERROR {
        return Finding::good("clock", "this machine and postgres agree on the time");
    }
    Finding::warning(
        "clock",
        format!(
            "the clock of postgres is {} s {which} this machine's",
            seconds.num_seconds()
        ),
        "jobs go by the clock of postgres; set both by NTP so that logs agree with them",
    )
}

pub(super) fn queue(load: &Load) -> Finding {
    let workers = load.workers_alive;
    let waited = match load.due {
        0 => String::new(),
        _ => format!("; the oldest has waited {:.0} s", load.oldest_seconds),
    };
    let message = format!(
        "{workers} {} alive, {} running, {} due{waited}",
        if workers == 1 { "server" } else { "servers" },
        load.running,
        load.due,
    );
    if workers == 0 {
        return Finding::bad(
            "queue",
            message,
            "no server holds its liveness lock: see the log of this one",
        );
    }
    if load.oldest_seconds > LONG_WAIT_SECONDS {
        let remedy =
            "raise `workers`, or the connection's share if its jobs are the ones that wait";
        return Finding::warning("queue", message, remedy);
    }
    Finding::good("queue", message)
}

pub(super) fn no_queue(error: &impl Display) -> Finding {
    Finding::bad(
        "queue",
        format!("cannot be looked at: {error}"),
        "see the server's log",
    )
}

pub(super) fn disk(free: u64, data_dir: &Path) -> Finding {
    let message = format!("{} free in {}", size(free), data_dir.display());
    let remedy = "make room: lists are staged there, and so is the server's own postgres";
    match free {
        ..NO_SPACE => Finding::bad("disk", message, remedy),
        NO_SPACE..LITTLE_SPACE => Finding::warning("disk", message, remedy),
        LITTLE_SPACE.. => Finding::good("disk", message),
    }
}

pub(super) fn no_disk(error: &impl Display, data_dir: &Path) -> Finding {
    let message = format!("{} cannot be looked at: {error}", data_dir.display());
    Finding::bad(
        "disk",
        message,
        "see that the data directory is there and belongs to the server's user",
    )
}

pub(super) fn transport(is_open_to_others: bool) -> Finding {
    if is_open_to_others {
        return Finding::warning(
            "transport",
            "gRPC is served beyond this machine in plain text",
            "set tls_certificate and tls_key, unless a proxy before it ends TLS",
        );
    }
    Finding::good(
        "transport",
        "gRPC is served over TLS or to this machine only",
    )
}

fn size(bytes: u64) -> String {
    if bytes >= 10 << 30 {
        format!("{} GiB", bytes >> 30)
    } else {
        format!("{} MiB", bytes >> 20)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Verdict;

    fn load(workers_alive: i64, oldest_seconds: f64) -> Load {
        Load {
            due: 3,
            running: 1,
            oldest_seconds,
            shortest_lease_seconds: None,
            workers_alive,
        }
    }

    fn holders(by_lease_only: i64, without_lock: i64) -> Liveness {
        Liveness {
            by_lease_only,
            without_lock,
        }
    }

    #[test]
    fn what_is_wrong_comes_with_a_remedy() {
        let cases = [
            (sessions(false), Verdict::Warning),
            (clock(TimeDelta::seconds(-90)), Verdict::Warning),
            (clock(TimeDelta::seconds(1)), Verdict::Good),
            (queue(&load(0, 0.0)), Verdict::Bad),
            (queue(&load(1, 1_000.0)), Verdict::Warning),
            (queue(&load(2, 1.0)), Verdict::Good),
            (disk(100 << 20, Path::new("/d")), Verdict::Bad),
            (disk(1 << 30, Path::new("/d")), Verdict::Warning),
            (disk(50 << 30, Path::new("/d")), Verdict::Good),
            (transport(true), Verdict::Warning),
            (durability(Durability::Broken), Verdict::Warning),
            (durability(Durability::Forgetful), Verdict::Warning),
            (durability(Durability::Whole), Verdict::Good),
            (transactions(Duration::from_hours(1)), Verdict::Warning),
            (transactions(Duration::from_secs(1)), Verdict::Good),
            (liveness(&holders(1, 0)), Verdict::Warning),
            (liveness(&holders(0, 1)), Verdict::Warning),
            (liveness(&holders(0, 0)), Verdict::Good),
        ];
        for (finding, verdict) in cases {
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert_eq!(
                finding.remedy.is_empty(),
                verdict == Verdict::Good,
                "{finding:?}"
            );
        }
        assert!(
            clock(TimeDelta::seconds(-90))
                .message
                .contains("90 s behind")
        );
    }
}
