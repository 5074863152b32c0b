//! A pgbouncer before a Postgres of the tests. Debian's keeps no prepared statements, without which its transaction mode is of no
//! use to us.

use crate::{
    checkout::{free_port, script},
    odoo::answer,
    until::until,
};
use anyhow::{Result, ensure};
use std::{fs, os::unix::fs::PermissionsExt as _, process::Stdio};
use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

/// A running pgbouncer; it ends when it is dropped.
pub struct Pooler {
    /// Where it listens.
    pub port: u16,
    _process: Child,
    _folder: TempDir,
}

impl Pooler {
    /// Starts one in session mode before the Postgres at a port of this machine.
    pub async fn start(postgres: u16) -> Result<Self> {
        Self::start_in("session", postgres).await
    }

    /// Starts one in a mode of its own: "session" or "transaction".
    pub async fn start_in(mode: &str, postgres: u16) -> Result<Self> {
        let program = answer(Command::new(script("chaos-tools.sh")).arg("pgbouncer")).await?;
        let folder = tempfile::Builder::new()
            .prefix("sluice-pooler.")
            .tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let port = free_port()?;
        let users = folder.path().join("users");
        fs::write(&users, "\"postgres\" \"\"\n")?;
        let configuration = folder.path().join("pgbouncer.ini");
        fs::write(
            &configuration,
            format!(
                "[databases]\n* = host=127.0.0.1 port={postgres}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
                 unix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = {mode}\ndefault_pool_size = 8\n\
                 max_client_conn = 100\nserver_lifetime = 2\nignore_startup_parameters = extra_float_digits\n",
                users.display()
            ),
        )?;
        // It refuses to run as root.
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"])
            .arg(&program)
            .arg("--quiet")
            .arg(&configuration);
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        until(
            "the pooler answers",
            async || {
                ensure!(process.try_wait()?.is_none(), "the pooler ended at once");
                Ok(TcpStream::connect(("127.0.0.1", port)).await?)
            },
            |_| true,
        )
        .await?;
        Ok(Self {
            port,
            _process: process,
            _folder: folder,
        })
    }
}
