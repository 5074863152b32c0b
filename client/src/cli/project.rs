//! `sluice project`: LOGIKAL projects, fetched and looked at.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sluice_client::{
    Client,
    v1::{
        ForceSyncSyncProjectRequest, Project, ProjectElevation, ProjectPhase, ProjectSync,
        ProjectTally, ProjectsGetRequest, ProjectsGetResponse,
    },
};

use super::{
    Ending,
    failure::Failure,
    output::Output,
    render::{
        json,
        table::{Align, Table},
        text::clean,
        words,
    },
    sync,
};

/// Commands of `sluice project`.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Fetch a project whole from LOGIKAL, and hand it to Odoo
    #[command(after_help = "Examples:
  sluice project sync DOS22309 --directory 'Offers/2026' --connection webshop --watch
  sluice project sync --id 5ddb1393-56eb-4280-9f7e-3c3aec51483c --connection webshop --full --watch

Without --full only what has changed is fetched.
With --watch it ends with 0 if all went well, 3 if something could not be had, 1 if the sync failed.")]
    Sync(SyncArguments),
    /// List the projects that are known
    #[command(after_help = "Examples:
  sluice project list --connection webshop
  sluice project list --connection webshop --refresh")]
    List {
        /// The connection; a connection's own token implies it
        #[arg(
            long,
            value_name = "NAME",
            default_value = "",
            hide_default_value = true
        )]
        connection: String,
        /// Look into LOGIKAL first
        #[arg(long)]
        refresh: bool,
    },
    /// Show a project as it was last fetched
    #[command(after_help = "Example:\n  sluice project show DOS22309 --connection webshop")]
    Show(Target),
}

/// Which project of which connection.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The project's name
    #[arg(
        required_unless_present = "id",
        default_value = "",
        hide_default_value = true
    )]
    name: String,
    /// LOGIKAL's GUID of the project instead of its name
    #[arg(
        long,
        value_name = "GUID",
        conflicts_with = "name",
        default_value = "",
        hide_default_value = true
    )]
    id: String,
    /// The directory that it is in; left out: any below the one that was saved
    #[arg(
        long,
        value_name = "PATH",
        default_value = "",
        hide_default_value = true
    )]
    directory: String,
    /// The connection; a connection's own token implies it
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    connection: String,
}

/// Arguments of `sluice project sync`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, Args)]
pub(crate) struct SyncArguments {
    #[command(flatten)]
    target: Target,
    /// Fetch what has not changed as well
    #[arg(long)]
    full: bool,
    /// Fetch no pictures
    #[arg(long)]
    no_thumbnails: bool,
    /// Fetch no parts lists, which take the most time
    #[arg(long)]
    no_parts_lists: bool,
    /// Hand nothing to Odoo
    #[arg(long)]
    no_odoo: bool,
    /// Follow the job to its end
    #[arg(long)]
    watch: bool,
    /// A UUID: however often the command runs with it, one job is made
    #[arg(
        long,
        value_name = "UUID",
        default_value = "",
        hide_default_value = true
    )]
    request_id: String,
}

pub(crate) async fn run(
    command: ProjectCommand,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    match command {
        ProjectCommand::Sync(arguments) => {
            let request = ForceSyncSyncProjectRequest {
                connection: arguments.target.connection,
                project_id: arguments.target.id,
                name: arguments.target.name,
                directory: arguments.target.directory,
                full: arguments.full,
                skip_thumbnails: arguments.no_thumbnails,
                skip_parts_lists: arguments.no_parts_lists,
                skip_odoo: arguments.no_odoo,
                request_id: arguments.request_id,
            };
            let (job, _project) = client.sync_project(request).await?;
            sync::show(&job, arguments.watch, client, output).await
        }
        ProjectCommand::List {
            connection,
            refresh,
        } => list(&client.projects(&connection, refresh).await?, output),
        ProjectCommand::Show(target) => {
            let request = ProjectsGetRequest {
                connection: target.connection,
                project_id: target.id,
                name: target.name,
                directory: target.directory,
            };
            show(&client.project(request).await?, output)
        }
    }
}

fn list(projects: &[Project], output: &Output) -> Result<Ending, Failure> {
    if output.is_json() {
        for project in projects {
            output.value(&project_json(project))?;
        }
        return Ok(Ending::Good);
    }
    if projects.is_empty() {
        output.remark("no projects yet; `sluice project list --refresh` looks into LOGIKAL");
        return Ok(Ending::Good);
    }
    let mut table = Table::new(&["NAME", "DIRECTORY", "JOB", "OFFER", "ELEVATIONS", "SYNCED"])
        .align(&[
            Align::Left,
            Align::Left,
            Align::Left,
            Align::Left,
            Align::Right,
        ]);
    for project in projects {
        table.row([
            clean(&project.name),
            clean(&project.directory),
            clean(&project.job_number),
            clean(&project.offer_number),
            project.elevations.to_string(),
            words::time_or(project.synced_at.as_ref(), "never"),
        ]);
    }
    output.line(&table.to_string())?;
    Ok(Ending::Good)
}

fn show(answer: &ProjectsGetResponse, output: &Output) -> Result<Ending, Failure> {
    let project = answer.project.clone().unwrap_or_default();
    if output.is_json() {
        let phases: Vec<Value> = answer.phases.iter().map(phase_json).collect();
        let last_sync = answer.last_sync.as_ref().map(sync_json);
        let mut value = project_json(&project);
        value["phases"] = json!(phases);
        value["last_sync"] = json!(last_sync);
        output.value(&value)?;
        return Ok(Ending::Good);
    }
    let mut facts = Table::facts();
    facts.row(["project".to_owned(), clean(&project.name)]);
    facts.row(["directory".to_owned(), clean(&project.directory)]);
    facts.row(["id".to_owned(), clean(&project.id)]);
    facts.row(["offer".to_owned(), clean(&project.offer_number)]);
    facts.row([
        "synced".to_owned(),
        words::time_or(project.synced_at.as_ref(), "never"),
    ]);
    if let Some(sync) = &answer.last_sync {
        for (name, tally) in tallies(sync) {
            facts.row([name.to_owned(), tally_words(tally)]);
        }
    }
    output.line(&facts.to_string())?;
    for phase in &answer.phases {
        output.line(&format!("\n{}", clean(&phase.name)))?;
        output.line(&elevations(phase, &project.currency).to_string())?;
    }
    let Some(sync) = answer
        .last_sync
        .as_ref()
        .filter(|sync| !sync.failures.is_empty())
    else {
        return Ok(Ending::Good);
    };
    let mut failures = Table::new(&["PHASE", "ELEVATION", "PART", "CODE", "WHY"]);
    for failure in &sync.failures {
        failures.row([
            clean(&failure.phase),
            clean(&failure.elevation),
            clean(&failure.part),
            clean(&failure.code),
            clean(&failure.message),
        ]);
    }
    output.line(&format!("\n{failures}"))?;
    Ok(Ending::Good)
}

fn elevations(phase: &ProjectPhase, currency: &str) -> Table {
    let mut table = Table::new(&[
        "ELEVATION",
        "AMOUNT",
        "MM",
        "SYSTEM",
        "PRICE",
        "GLASS",
        "PARTS",
        "STATE",
    ])
    .align(&[
        Align::Left,
        Align::Right,
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
    ]);
    for elevation in &phase.elevations {
        let price = match elevation.unit_price.as_str() {
            "" => "-".to_owned(),
            price => format!("{} {}", clean(price), clean(currency)),
        };
        table.row([
            clean(&elevation.name),
            elevation.amount.to_string(),
            format!("{} x {}", elevation.width_mm, elevation.height_mm),
            clean(&elevation.system),
            price,
            elevation.glass.to_string(),
            elevation.parts.to_string(),
            state(elevation).to_owned(),
        ]);
    }
    table
}

fn state(elevation: &ProjectElevation) -> &'static str {
    match (elevation.is_recycled, elevation.is_current) {
        (true, _) => "recycled",
        (false, true) => "ok",
        (false, false) => "failed",
    }
}

fn tallies(sync: &ProjectSync) -> [(&'static str, ProjectTally); 4] {
    [
        ("phases", sync.phases.unwrap_or_default()),
        ("elevations", sync.elevations.unwrap_or_default()),
        ("pictures", sync.thumbnails.unwrap_or_default()),
        ("parts lists", sync.parts_lists.unwrap_or_default()),
    ]
}

fn tally_words(tally: ProjectTally) -> String {
    format!(
        "{} synced, {} skipped, {} failed",
        tally.synced, tally.skipped, tally.failed
    )
}

fn project_json(project: &Project) -> Value {
    json!({
        "id": project.id,
        "name": project.name,
        "directory": project.directory,
        "job_number": project.job_number,
        "offer_number": project.offer_number,
        "person_in_charge": project.person_in_charge,
        "currency": project.currency,
        "changed_at": json::time(project.changed_at.as_ref()),
        "synced_at": json::time(project.synced_at.as_ref()),
        "elevations": project.elevations,
    })
}

fn phase_json(phase: &ProjectPhase) -> Value {
    let elevations: Vec<Value> = phase
        .elevations
        .iter()
        .map(|elevation| {
            json!({
                "id": elevation.id,
                "name": elevation.name,
                "amount": elevation.amount,
                "width_mm": elevation.width_mm,
                "height_mm": elevation.height_mm,
                "system": elevation.system,
                "unit_price": elevation.unit_price,
                "glass": elevation.glass,
                "parts": elevation.parts,
                "has_thumbnail": elevation.has_thumbnail,
                "has_parts_list": elevation.has_parts_list,
                "is_recycled": elevation.is_recycled,
                "is_current": elevation.is_current,
            })
        })
        .collect();
    json!({ "id": phase.id, "name": phase.name, "elevations": elevations })
}

fn sync_json(sync: &ProjectSync) -> Value {
    let tally = |tally: Option<ProjectTally>| {
        let tally = tally.unwrap_or_default();
        json!({ "synced": tally.synced, "skipped": tally.skipped, "failed": tally.failed })
    };
    let failures: Vec<Value> = sync
        .failures
        .iter()
        .map(|failure| {
            json!({
                "phase": failure.phase, "elevation": failure.elevation, "part": failure.part, "code": failure.code,
                "message": failure.message,
            })
        })
        .collect();
    json!({
        "job_id": sync.job_id,
        "phases": tally(sync.phases),
        "elevations": tally(sync.elevations),
        "thumbnails": tally(sync.thumbnails),
        "parts_lists": tally(sync.parts_lists),
        "seconds": sync.seconds,
        "failures": failures,
    })
}
