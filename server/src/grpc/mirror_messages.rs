//! How mirrors look in the contract.

use prost_types::{ListValue, Struct, value::Kind};
use serde_json::{Map, Value};
use sluice_proto::v1::{self, Reason};
use tonic::{Code, Status};

use super::{
    errors::{database_away, field, internal, refusal},
    replies::timestamp,
};
use crate::jobs::mirror::{
    Dropped, FieldChoice, FilterOperator, MirrorError, MirrorState, MirroredRecord, ModelSettings,
    ModelStatus, Parked, RecordFilter, Section,
};

/// A model's settings as a caller wants them.
pub(crate) fn settings(model: v1::MirroredModel) -> ModelSettings {
    ModelSettings {
        field_choice: match model.field_choice() {
            v1::FieldChoice::Unspecified => FieldChoice::Suitable,
            v1::FieldChoice::Curated => FieldChoice::Curated,
            v1::FieldChoice::Stored => FieldChoice::Stored,
            v1::FieldChoice::Named => FieldChoice::Named,
        },
        model: model.model,
        field_names: model.field_names,
        domain: model.domain,
        page_size: model.page_size,
        cron: model.cron,
        time_zone: model.time_zone,
        interval: model.interval.map(|interval| interval.seconds),
    }
}

/// A model's settings in the contract's form.
pub(crate) fn model(settings: ModelSettings) -> v1::MirroredModel {
    let field_choice = match settings.field_choice {
        FieldChoice::Suitable => v1::FieldChoice::Unspecified,
        FieldChoice::Curated => v1::FieldChoice::Curated,
        FieldChoice::Stored => v1::FieldChoice::Stored,
        FieldChoice::Named => v1::FieldChoice::Named,
    };
    v1::MirroredModel {
        model: settings.model,
        field_choice: field_choice.into(),
        field_names: settings.field_names,
        domain: settings.domain,
        page_size: settings.page_size,
        cron: settings.cron,
        time_zone: settings.time_zone,
        interval: None,
    }
}

/// How far a mirror is, in the contract's form.
pub(crate) fn state(state: MirrorState) -> v1::MirrorState {
    match state {
        MirrorState::NotStarted => v1::MirrorState::NotStarted,
        MirrorState::InProgress => v1::MirrorState::InProgress,
        MirrorState::Done => v1::MirrorState::Done,
        MirrorState::Partial => v1::MirrorState::Partial,
        MirrorState::Failed => v1::MirrorState::Failed,
    }
}

/// A model's status in the contract's form; its job was put into that form before.
pub(crate) fn status(status: ModelStatus, last_job: Option<v1::Job>) -> v1::ModelStatus {
    let lag = status.cursor.map(|cursor| {
        let lag = (status.now - cursor).max(chrono::Duration::zero());
        prost_types::Duration {
            seconds: lag.num_seconds(),
            nanos: lag.subsec_nanos(),
        }
    });
    v1::ModelStatus {
        configuration: Some(model(status.settings)),
        state: state(status.state).into(),
        table: status.table.unwrap_or_default(),
        rows: status.rows,
        deleted_rows: status.deleted_rows,
        cursor: status.cursor.map(timestamp),
        lag,
        last_job,
        dropped_fields: status.dropped.into_iter().map(dropped).collect(),
        parked_count: status.parked_count,
        parked_records: status.parked.into_iter().map(parked).collect(),
    }
}

fn dropped(dropped: Dropped) -> v1::DroppedField {
    v1::DroppedField {
        name: dropped.field,
        code: dropped.code,
        reason: dropped.reason,
    }
}

fn parked(parked: Parked) -> v1::ParkedRecord {
    v1::ParkedRecord {
        odoo_id: parked.odoo_id,
        error: parked.error,
        tries: parked.tries,
        tried_at: Some(timestamp(parked.tried_at)),
    }
}

/// A condition as a caller wants it.
pub(crate) fn filter(filter: v1::RecordFilter) -> RecordFilter {
    let operator = match filter.operator() {
        v1::FilterOperator::Unspecified | v1::FilterOperator::Equal => FilterOperator::Equal,
        v1::FilterOperator::NotEqual => FilterOperator::NotEqual,
        v1::FilterOperator::Less => FilterOperator::Less,
        v1::FilterOperator::LessOrEqual => FilterOperator::LessOrEqual,
        v1::FilterOperator::Greater => FilterOperator::Greater,
        v1::FilterOperator::GreaterOrEqual => FilterOperator::GreaterOrEqual,
        v1::FilterOperator::Contains => FilterOperator::Contains,
        v1::FilterOperator::Empty => FilterOperator::Empty,
        v1::FilterOperator::NotEmpty => FilterOperator::NotEmpty,
    };
    RecordFilter {
        column: filter.column,
        operator,
        value: filter.value,
    }
}

/// A record in the contract's form.
pub(crate) fn record(record: MirroredRecord) -> v1::MirrorRecord {
    v1::MirrorRecord {
        odoo_id: record.odoo_id,
        values: Some(structure(record.values)),
        synced_at: Some(timestamp(record.synced_at)),
        deleted_at: record.deleted_at.map(timestamp),
    }
}

/// A company's numbers in the contract's form.
pub(crate) fn section(section: Section) -> v1::OverviewSection {
    let total = |(currency_id, amount)| v1::OverviewTotal {
        currency_id,
        amount,
    };
    v1::OverviewSection {
        name: section.name.to_owned(),
        model: section.model.to_owned(),
        count: section.count,
        totals: section.totals.into_iter().map(total).collect(),
    }
}

fn structure(values: Map<String, Value>) -> Struct {
    Struct {
        fields: values
            .into_iter()
            .map(|(name, value)| (name, any(value)))
            .collect(),
    }
}

fn any(value: Value) -> prost_types::Value {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(truth) => Kind::BoolValue(truth),
        Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Value::String(text) => Kind::StringValue(text),
        Value::Array(values) => Kind::ListValue(ListValue {
            values: values.into_iter().map(any).collect(),
        }),
        Value::Object(values) => Kind::StructValue(structure(values)),
    };
    prost_types::Value { kind: Some(kind) }
}

impl From<MirrorError> for Status {
    fn from(error: MirrorError) -> Self {
        let message = error.to_string();
        match error {
            MirrorError::Field { field: name, why } => field(&name, why),
            MirrorError::NotMirrored(_) => refusal(
                Code::FailedPrecondition,
                Reason::ModelNotMirrored,
                message,
                &[],
            ),
            MirrorError::NotReady(models) => refusal(
                Code::FailedPrecondition,
                Reason::SyncNotReady,
                message,
                &[("models", models.join(","))],
            ),
            MirrorError::Odoo(error) => error.into(),
            MirrorError::Connections(error) => error.into(),
            MirrorError::Queue(error) => error.into(),
            MirrorError::Db(error) if error.is_transient() => database_away(&error),
            MirrorError::Db(error) => internal(&error),
        }
    }
}
