//! An Odoo of one's own: a folder with a private Postgres and the Odoo processes that run on it.

use super::Odoo;
use crate::{checkout::script as setup, price_list::PriceList};
use anyhow::{Context as _, Result, bail};
use std::{
    ffi::OsStr,
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Stdio,
};
use tempfile::TempDir;
use tokio::process::Command;

/// A folder that `odoo.sh` works in. What runs there is stopped when the site is dropped.
pub struct Site {
    folder: TempDir,
}

impl Site {
    /// A site with nothing but our addons in its databases.
    pub async fn new() -> Result<Self> {
        let site = Self::empty()?;
        site.run("cluster-start", &[]).await?;
        Ok(site)
    }

    /// A site whose database `demo` knows the products of a list already.
    /// The first call for a list makes them, which takes most of a minute; later calls copy.
    pub async fn with_catalogue(list: &PriceList, mut told: impl FnMut(usize)) -> Result<Self> {
        let seed = PathBuf::from(answer(Command::new(setup("odoo-seed.sh")).arg("addons")).await?);
        let name = seed
            .file_name()
            .and_then(OsStr::to_str)
            .context("the seed has a name")?;
        let products = list.products_in_odoo().len();
        let catalogue = seed.with_file_name(format!("{name}-catalogue-{products}"));
        if !catalogue.exists() {
            let building = Self::new().await?;
            building.run("new-db", &["demo"]).await?;
            building
                .start("demo", 0)
                .await?
                .create_products(list, &mut told)
                .await?;
            building.run("cluster-stop", &[]).await?;
            let half = catalogue.with_extension("copying");
            copy(building.path(), &half).await?;
            fs::rename(&half, &catalogue)?;
        }
        // Seeds that nobody has used for days are dropped by the age of this file, and catalogues with them.
        fs::write(catalogue.join("ready"), "")?;
        let site = Self::empty()?;
        copy(&catalogue, site.path()).await?;
        site.run("cluster-start", &[]).await?;
        Ok(site)
    }

    fn empty() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("sluice-site.").tempdir()?;
        // Postgres runs as another user, who must be able to enter.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        Ok(Self { folder })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes a database with our addons and the service user.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        self.run("new-db", &[name]).await.map(drop)
    }

    /// Runs a script in Odoo's own Python, on a database that nobody serves yet.
    pub async fn shell(&self, database: &str, script: &Path) -> Result<()> {
        let output = Command::new(setup("odoo.sh"))
            .arg("shell")
            .arg(self.path())
            .arg(database)
            .stdin(fs::File::open(script)?)
            .process_group(0)
            .kill_on_drop(true)
            .output()
            .await?;
        if !output.status.success() {
            bail!(
                "{} failed: {}",
                script.display(),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(())
    }

    /// Serves a database, with so many worker processes; 0 means threads.
    pub async fn start(&self, database: &str, workers: u32) -> Result<Odoo> {
        let workers = workers.to_string();
        self.run("start", &[database, "--workers", &workers, "--detach"])
            .await?;
        Odoo::described_in(&self.path().join(format!("{database}.json")))
    }

    /// Serves a database again where it was served before.
    pub async fn start_again(&self, odoo: &Odoo) -> Result<()> {
        self.serve_again(odoo, &[]).await
    }

    /// Serves a database again where it was served before, with the addons of another folder.
    pub async fn start_again_with(&self, odoo: &Odoo, addons: &Path) -> Result<()> {
        let port = odoo.port()?.to_string();
        let mut starting = self.command("start", &[&odoo.access.database, &port, "--detach"]);
        answer(starting.env("TEST_ODOO_ADDONS", addons))
            .await
            .map(drop)
    }

    /// Serves a database again with arguments of `odoo.sh start`, and behind `--` of Odoo's own.
    pub async fn serve_again(&self, odoo: &Odoo, arguments: &[&str]) -> Result<()> {
        let port = odoo.port()?.to_string();
        let mut all = vec![odoo.access.database.as_str(), port.as_str(), "--detach"];
        all.extend_from_slice(arguments);
        self.run("start", &all).await.map(drop)
    }

    /// The process that serves a database; with worker processes it is their parent.
    pub fn process_of(&self, database: &str) -> Result<u32> {
        let file = self.path().join(format!("{database}.pid"));
        let id = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        Ok(id.trim().parse()?)
    }

    /// The address of a database in the site's Postgres, for a look behind Odoo's back.
    pub fn postgres_url(&self, database: &str) -> Result<String> {
        let read = |name| -> Result<String> {
            let text: String = fs::read_to_string(self.path().join(name))?;
            Ok(text.trim().to_owned())
        };
        let (password, port) = (read("password")?, read("port")?);
        Ok(format!(
            "postgres://odoo:{password}@127.0.0.1:{port}/{database}"
        ))
    }

    /// Brings addons up to date while the database may be served.
    pub async fn upgrade(&self, database: &str, addons: &str) -> Result<()> {
        self.run("upgrade", &[database, addons]).await.map(drop)
    }

    /// Runs one statement in a database; prints its bare answer.
    pub async fn sql(&self, database: &str, statement: &str) -> Result<String> {
        self.run("sql", &[database, statement]).await
    }

    /// Stops serving a database.
    pub async fn stop(&self, database: &str) -> Result<()> {
        self.run("stop", &[database]).await.map(drop)
    }

    async fn run(&self, verb: &str, arguments: &[&str]) -> Result<String> {
        answer(&mut self.command(verb, arguments)).await
    }

    fn command(&self, verb: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(setup("odoo.sh"));
        command.arg(verb).arg(self.path()).args(arguments);
        command
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // A failing test, too, leaves no Odoo and no Postgres behind.
        let _ended = std::process::Command::new(setup("odoo.sh"))
            .arg("cluster-stop")
            .arg(self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .process_group(0)
            .status();
    }
}

async fn copy(from: &Path, to: &Path) -> Result<()> {
    let status = Command::new("cp")
        .arg("-a")
        .arg("--no-target-directory")
        .arg(from)
        .arg(to)
        .status()
        .await?;
    if !status.success() {
        bail!("{} could not be copied to {}", from.display(), to.display());
    }
    Ok(())
}

/// Runs a setup script, whose stdout is its answer; what it says meanwhile goes to our stderr.
pub async fn answer(command: &mut Command) -> Result<String> {
    // A process group of its own: Ctrl-C in the terminal is for us, who then stop things in order.
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .process_group(0)
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| words(command))?;
    if !output.status.success() {
        bail!("{} failed ({})", words(command), output.status);
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// A command as somebody would type it; its environment may hold a token.
fn words(command: &Command) -> String {
    let command = command.as_std();
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}
