//! `sluice mirror`: which models are mirrored, and how far each is.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use sluice_client::{
    Client,
    v1::{
        FieldChoice, MirrorConfigureRequest, MirrorGetStatusResponse, MirrorState, MirroredModel,
        ModelStatus,
    },
};

use super::{
    Ending,
    failure::Failure,
    output::Output,
    overview,
    render::{
        json as form,
        table::{Align, Table},
        text::{clean, short},
        words,
    },
    sync,
};

/// Commands of `sluice mirror`.
#[derive(Debug, Subcommand)]
pub(crate) enum MirrorCommand {
    /// Show how far each model is, and what could not be mirrored
    #[command(after_help = "Example:\n  sluice mirror status --connection webshop")]
    Status {
        /// The connection; a connection's own token implies it
        #[arg(
            long,
            value_name = "NAME",
            default_value = "",
            hide_default_value = true
        )]
        connection: String,
    },
    /// Show a company in a few numbers, once its mirror is filled
    #[command(after_help = "Example:\n  sluice mirror overview --connection webshop")]
    Overview {
        /// The connection; a connection's own token implies it
        #[arg(
            long,
            value_name = "NAME",
            default_value = "",
            hide_default_value = true
        )]
        connection: String,
    },
    /// Say how models are mirrored from now on
    #[command(after_help = "Examples:
  sluice mirror configure res.partner sale.order --connection webshop
  sluice mirror configure res.partner --connection webshop --fields name,email,city --domain '[[\"is_company\",\"=\",true]]'
  sluice mirror configure --remove res.partner --connection webshop")]
    Configure(ConfigureArguments),
    /// Try records of a model again that could not be read or stored
    #[command(
        after_help = "Example:\n  sluice mirror retry res.partner --connection webshop --watch"
    )]
    Retry {
        /// Odoo's name of the model
        model: String,
        /// The connection; a connection's own token implies it
        #[arg(
            long,
            value_name = "NAME",
            default_value = "",
            hide_default_value = true
        )]
        connection: String,
        /// Follow the job to its end
        #[arg(long)]
        watch: bool,
    },
}

/// Arguments of `sluice mirror configure`.
#[derive(Debug, Args)]
pub(crate) struct ConfigureArguments {
    /// Odoo's names of the models, such as res.partner
    #[arg(value_name = "MODEL", required_unless_present = "remove")]
    models: Vec<String>,
    /// The connection; a connection's own token implies it
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    connection: String,
    /// Which fields; without it what suits each model
    #[arg(long, value_enum)]
    choice: Option<Choice>,
    /// These fields only
    #[arg(
        long,
        value_name = "FIELD",
        value_delimiter = ',',
        conflicts_with = "choice"
    )]
    fields: Vec<String>,
    /// Only records that meet this Odoo domain, in JSON
    #[arg(
        long,
        value_name = "JSON",
        default_value = "",
        hide_default_value = true
    )]
    domain: String,
    /// How many records one call asks for [default: 1000]
    #[arg(
        long,
        value_name = "RECORDS",
        default_value_t = 0,
        hide_default_value = true
    )]
    page_size: i32,
    /// Read changes by this cron expression, such as '*/5 * * * *'
    #[arg(
        long,
        value_name = "EXPRESSION",
        default_value = "",
        hide_default_value = true
    )]
    cron: String,
    /// Read changes so often instead: 5min, 2h or 1d
    #[arg(long, value_name = "SPAN", conflicts_with = "cron", value_parser = every)]
    every: Option<prost_types::Duration>,
    /// The time zone of the expression, such as Europe/Amsterdam
    #[arg(
        long,
        value_name = "ZONE",
        default_value = "",
        hide_default_value = true
    )]
    time_zone: String,
    /// Mirror this model no longer; its table stays; may be given several times
    #[arg(long, value_name = "MODEL")]
    remove: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Choice {
    /// A list that suits well-known models
    Curated,
    /// All fields that Odoo stores with the record
    Stored,
}

pub(crate) async fn run(
    command: MirrorCommand,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    match command {
        MirrorCommand::Status { connection } => {
            status(&client.mirror_status(&connection).await?, output)
        }
        MirrorCommand::Overview { connection } => {
            overview::show(&client.mirror_overview(&connection).await?, output)
        }
        MirrorCommand::Configure(arguments) => {
            let models = client.configure_mirror(arguments.request()).await?;
            configured(&models, output)
        }
        MirrorCommand::Retry {
            model,
            connection,
            watch,
        } => {
            let job = client.retry_parked(&connection, &model).await?;
            sync::show(&job, watch, client, output).await
        }
    }
}

impl ConfigureArguments {
    fn request(self) -> MirrorConfigureRequest {
        let choice = match self.choice {
            Some(Choice::Curated) => FieldChoice::Curated,
            Some(Choice::Stored) => FieldChoice::Stored,
            None if self.fields.is_empty() => FieldChoice::Unspecified,
            None => FieldChoice::Named,
        };
        let model = |model| MirroredModel {
            model,
            field_choice: choice.into(),
            field_names: self.fields.clone(),
            domain: self.domain.clone(),
            page_size: self.page_size,
            cron: self.cron.clone(),
            time_zone: self.time_zone.clone(),
            interval: self.every,
        };
        MirrorConfigureRequest {
            connection: self.connection,
            models: self.models.into_iter().map(model).collect(),
            removed_models: self.remove,
        }
    }
}

/// A span of time as people write it; which ones can be kept is the server's to say.
fn every(text: &str) -> Result<prost_types::Duration, String> {
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err("must end in min, h or d, such as 5min".to_owned()),
    };
    let number: u16 = digits
        .parse()
        .map_err(|_not_a_number| "must begin with a whole number, such as 5min".to_owned())?;
    Ok(prost_types::Duration {
        seconds: i64::from(number) * unit,
        nanos: 0,
    })
}

fn configured(models: &[MirroredModel], output: &Output) -> Result<Ending, Failure> {
    if output.is_json() {
        for model in models {
            output.value(&model_json(model))?;
        }
        return Ok(Ending::Good);
    }
    if models.is_empty() {
        output.remark("no models are mirrored");
        return Ok(Ending::Good);
    }
    let mut table = Table::new(&["MODEL", "FIELDS", "DOMAIN", "PAGE", "CRON"]);
    for model in models {
        let fields = match model.field_choice() {
            FieldChoice::Named => format!("{} named", model.field_names.len()),
            FieldChoice::Unspecified => "what suits it".to_owned(),
            choice => words::of(choice.as_str_name(), "FIELD_CHOICE_"),
        };
        table.row([
            clean(&model.model),
            fields,
            short(&model.domain, 48),
            model.page_size.to_string(),
            clean(&model.cron),
        ]);
    }
    output.line(&table.to_string())?;
    output.remark("To fill them now: sluice sync MODEL --watch");
    Ok(Ending::Good)
}

fn status(status: &MirrorGetStatusResponse, output: &Output) -> Result<Ending, Failure> {
    if output.is_json() {
        for model in &status.models {
            output.value(&status_json(model))?;
        }
        return Ok(Ending::Good);
    }
    if status.models.is_empty() {
        output.remark("no models are mirrored; `sluice sync MODEL` begins with one");
        return Ok(Ending::Good);
    }
    let mut table = Table::new(&["MODEL", "STATE", "ROWS", "DELETED", "LAG", "ASIDE", "TABLE"])
        .align(&[
            Align::Left,
            Align::Left,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
        ]);
    for model in &status.models {
        let lag = model.lag.as_ref().map_or_else(
            || "-".to_owned(),
            |lag| words::span(f64::from(i32::try_from(lag.seconds).unwrap_or(i32::MAX))),
        );
        let table_name = if model.table.is_empty() {
            "-".to_owned()
        } else {
            format!("{}.{}", clean(&status.schema), clean(&model.table))
        };
        table.row([
            clean(name(model)),
            state(model.state()),
            words::number(model.rows),
            words::number(model.deleted_rows),
            lag,
            words::number(model.parked_count),
            table_name,
        ]);
    }
    output.line(&table.to_string())?;
    for model in &status.models {
        details(model, output)?;
    }
    output.line(&format!(
        "in all: {}, {} %",
        state(status.state()),
        status.percent
    ))?;
    if !status.reader_role.is_empty() {
        output.remark(&format!(
            "To let somebody read it: grant {} to ...",
            clean(&status.reader_role)
        ));
    }
    Ok(Ending::Good)
}

/// What is wrong with a model, if anything.
fn details(model: &ModelStatus, output: &Output) -> Result<(), Failure> {
    let name = clean(name(model));
    if model.state() == MirrorState::Failed
        && let Some(error) = model.last_job.as_ref().and_then(|job| job.error.as_ref())
    {
        output.line(&format!("{name}: {}", clean(&error.message)))?;
    }
    for dropped in &model.dropped_fields {
        output.line(&format!(
            "{name}.{}: {}",
            clean(&dropped.name),
            clean(&dropped.reason)
        ))?;
    }
    for parked in &model.parked_records {
        output.line(&format!(
            "{name} {} put aside after {} tries: {}",
            parked.odoo_id,
            parked.tries,
            clean(&parked.error)
        ))?;
    }
    Ok(())
}

fn name(model: &ModelStatus) -> &str {
    model
        .configuration
        .as_ref()
        .map_or("", |settings| &settings.model)
}

fn state(state: MirrorState) -> String {
    words::of(state.as_str_name(), "MIRROR_STATE_").replace('_', " ")
}

fn model_json(model: &MirroredModel) -> Value {
    json!({
        "model": model.model,
        "field_choice": words::of(model.field_choice().as_str_name(), "FIELD_CHOICE_"),
        "field_names": model.field_names,
        "domain": model.domain,
        "page_size": model.page_size,
        "cron": model.cron,
        "time_zone": model.time_zone,
    })
}

fn status_json(model: &ModelStatus) -> Value {
    let dropped: Vec<Value> = model
        .dropped_fields
        .iter()
        .map(|field| json!({ "name": field.name, "code": field.code, "reason": field.reason }))
        .collect();
    let parked: Vec<Value> = model
        .parked_records
        .iter()
        .map(|record| {
            json!({
                "odoo_id": record.odoo_id,
                "error": record.error,
                "tries": record.tries,
                "tried_at": form::time(record.tried_at.as_ref()),
            })
        })
        .collect();
    json!({
        "configuration": model.configuration.as_ref().map(model_json),
        "state": words::of(model.state().as_str_name(), "MIRROR_STATE_"),
        "table": model.table,
        "rows": model.rows,
        "deleted_rows": model.deleted_rows,
        "cursor": form::time(model.cursor.as_ref()),
        "lag_seconds": model.lag.as_ref().map(|lag| lag.seconds),
        "last_job": model.last_job.as_ref().map(form::job),
        "dropped_fields": dropped,
        "parked_count": model.parked_count,
        "parked_records": parked,
    })
}
