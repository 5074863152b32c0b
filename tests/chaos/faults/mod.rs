//! The faults: each strikes in the middle of an import and mends itself, in a file of its own.

mod addon_upgrade;
mod all_servers_killed;
mod backends_killed;
mod bad_line;
mod clock_wrong;
mod connections_used_up;
mod deaf_listener;
mod disk_full;
mod long_transaction;
mod lost_answer;
mod lost_commit;
mod odoo_killed;
mod odoo_outage;
mod odoo_stalled;
mod odoo_worker_killed;
mod pooler;
mod postgres_crash;
mod second_writer;
mod server_frozen;
mod server_killed;
mod servers_rolled;
mod watchers_at_stop;

use crate::{
    dice::Dice,
    stage::{Seat, Stage},
};
use anyhow::Result;
use uuid::Uuid;

/// What a fault strikes.
pub(crate) struct Scene<'run> {
    pub(crate) stage: &'run Stage,
    pub(crate) job: Uuid,
    pub(crate) supplier: i64,
}

impl Scene<'_> {
    /// The seat whose server holds the job; any one while nobody does.
    async fn holder(&self, dice: &mut Dice) -> &Seat {
        if let Some(process) = self.stage.holder(self.job).await {
            for seat in &self.stage.seats {
                if seat
                    .server
                    .try_lock()
                    .is_ok_and(|server| server.process_id() == Some(process))
                {
                    return seat;
                }
            }
        }
        dice.pick(&self.stage.seats)
    }
}

/// Makes the enum, its names and its table out of one list, so that a fault cannot be forgotten in one of them.
macro_rules! faults {
    ($($variant:ident $name:literal $group:literal $tells:literal => $strike:expr;)*) => {
        /// A kind of fault.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Fault { $($variant),* }

        impl Fault {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// How it is called on the command line and in the report.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it is about: 1 servers, 2 Odoo, 3 Postgres, 4 network, 5 notifications, clocks and poolers, 6 watchers.
            pub(crate) fn group(self) -> u8 {
                match self { $(Self::$variant => $group),* }
            }

            /// What happens, in a line.
            pub(crate) fn tells(self) -> &'static str {
                match self { $(Self::$variant => $tells),* }
            }

            /// Whether it means something only to an Odoo with worker processes.
            pub(crate) fn needs_workers(self) -> bool {
                self == Self::OdooWorkerKilled
            }

            /// Breaks something and mends it again.
            pub(crate) async fn strike(self, scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
                match self { $(Self::$variant => $strike(scene, dice).await),* }
            }
        }
    };
}

faults! {
    ServerKilled "server-killed" 1 "kill -9 of the server that runs the job" => server_killed::strike;
    AllServersKilled "all-servers-killed" 1 "kill -9 of all three servers" => all_servers_killed::strike;
    ServersRolled "servers-rolled" 1 "SIGTERM and start of one server after the other" => servers_rolled::strike;
    ServerFrozen "server-frozen" 1 "SIGSTOP of the holder for longer than its lease, then SIGCONT" => server_frozen::strike;
    OdooKilled "odoo-killed" 2 "kill -9 of Odoo with its workers, and a start" => odoo_killed::strike;
    OdooOutage "odoo-outage" 2 "Odoo is stopped for seconds" => odoo_outage::strike;
    OdooWorkerKilled "odoo-worker-killed" 2 "kill -9 of a worker of a prefork Odoo, as at its memory limit" => odoo_worker_killed::strike;
    OdooStalled "odoo-stalled" 2 "Odoo waits for a lock beyond a prefork worker's time limit" => odoo_stalled::strike;
    SecondWriter "second-writer" 2 "somebody else changes the same lines: serialization failures" => second_writer::strike;
    AddonUpgrade "addon-upgrade" 2 "the addons are upgraded while Odoo serves" => addon_upgrade::strike;
    PostgresCrash "postgres-crash" 3 "the servers' Postgres stops at once and comes back" => postgres_crash::strike;
    BackendsKilled "backends-killed" 3 "every session of the servers is terminated, listeners too" => backends_killed::strike;
    ConnectionsUsedUp "connections-used-up" 3 "somebody takes all of Postgres' connections" => connections_used_up::strike;
    DiskFull "disk-full" 3 "the volume of Postgres is full" => disk_full::strike;
    LongTransaction "long-transaction" 3 "one transaction stays open to the job's end" => long_transaction::strike;
    LineToOdoo "line-to-odoo" 4 "servers to Odoo: cut, half-open, 2 s delay, or drip" => bad_line::to_odoo;
    LineToPostgres "line-to-postgres" 4 "one server to Postgres: cut, half-open, delay, or drip" => bad_line::to_postgres;
    LineFromClients "line-from-clients" 4 "watchers to servers: cut, half-open, 2 s delay, or drip" => bad_line::from_clients;
    LostAnswer "lost-answer" 4 "Odoo's answer is lost after the request was sent" => lost_answer::strike;
    LostCommit "lost-commit" 4 "Postgres' answer to a COMMIT is lost" => lost_commit::strike;
    DeafListener "deaf-listener" 5 "listeners stay connected and hear nothing" => deaf_listener::strike;
    ClockWrong "clock-wrong" 5 "the holder's clock goes an hour wrong" => clock_wrong::strike;
    Pooler "pooler" 5 "a server works through a pgbouncer" => pooler::strike;
    WatchersAtStop "watchers-at-stop" 6 "SIGTERM of the holder with 1,000 streams open" => watchers_at_stop::strike;
}
