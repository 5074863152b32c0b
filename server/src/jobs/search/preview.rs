//! Shows what would be embedded of a model, and how much that is, before anything is.

use super::{
    Search, count,
    error::{SearchError, field},
    names::Names,
    parts::parts_of,
    plan::TextPlan,
    preparing::unknown_names,
    reading::{self, SourceRecord, Which},
    rendering::text,
    settings::SearchableModel,
};
use crate::{
    adapters::odoo::{Odoo, OdooError},
    ids::ConnectionId,
    jobs::mirror::{MirrorError, Source},
};

/// How many records the estimate goes by.
const SAMPLE: i64 = 500;
const MOST_SHOWN: i64 = 20;
const SHOWN: i64 = 3;
/// How many characters make about a token.
const LETTERS_OF_TOKEN: i64 = 4;

/// What would be embedded.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// The fields, in their order.
    pub field_names: Vec<String>,
    /// What would be embedded of the first records.
    pub texts: Vec<PreviewText>,
    /// How many records would be embedded.
    pub records: i64,
    /// About how many texts they make.
    pub texts_in_all: i64,
    /// About how many tokens those have.
    pub tokens_in_all: i64,
}

/// One text that would be embedded.
#[derive(Clone, Debug)]
pub struct PreviewText {
    pub record: i64,
    pub part: i32,
    pub content: String,
}

impl Search {
    /// What would be embedded of a mirrored model; 0 shows the texts of 3 records. Names are asked of Odoo.
    pub async fn preview(
        &self,
        connection: ConnectionId,
        model: &SearchableModel,
        shown: i64,
    ) -> Result<Preview, SearchError> {
        model.check("model")?;
        let shown = match shown {
            0 => SHOWN,
            1..=MOST_SHOWN => shown,
            _ => return Err(field("limit", "must be 1 to 20, or 0 for 3")),
        };
        let source = Source::of(&self.db, connection, &model.model).await?;
        let source = source.ok_or_else(|| MirrorError::NotMirrored(model.model.clone()))?;
        let odoo = self.clients.of(connection).await?;
        let known = odoo.fields(&model.model).await;
        let known = known.map_err(MirrorError::from)?;
        let wrong = model
            .field_names
            .iter()
            .find(|name| !known.contains_key(*name) || source.column(name).is_none());
        if let Some(name) = wrong {
            let why = format!(
                "must be fields of {} that are mirrored, which {name:?} is not",
                model.model
            );
            return Err(field("model.field_names", why));
        }
        let plan = TextPlan::of(&known, &source, &model.field_names);
        let mut acquired = self.db.pool().acquire().await?;
        let records = reading::living(&mut acquired, &source).await?;
        let sample = reading::read(&mut acquired, &source, &plan, Which::First(SAMPLE)).await?;
        drop(acquired);
        let names = learnt(&odoo, &model.model, &plan, &sample).await?;
        Ok(estimated(&plan, &sample, &names, (records, shown)))
    }
}

async fn learnt(
    odoo: &Odoo,
    model: &str,
    plan: &TextPlan,
    sample: &[SourceRecord],
) -> Result<Names, SearchError> {
    let mut names = Names::default();
    for (model, asked) in unknown_names(model, plan, sample, &names) {
        if asked.is_empty() {
            continue;
        }
        let found = match odoo.names(&model, &asked).await {
            Ok(found) => found,
            Err(OdooError::NotAllowed(_) | OdooError::ModelMissing(_)) => Vec::new(),
            Err(error) => return Err(MirrorError::from(error).into()),
        };
        names.learnt(&model, &asked, found);
    }
    Ok(names)
}

fn estimated(
    plan: &TextPlan,
    sample: &[SourceRecord],
    names: &Names,
    (records, shown): (i64, i64),
) -> Preview {
    let mut preview = Preview {
        field_names: plan.names(),
        records,
        ..Preview::default()
    };
    let (mut texts, mut letters) = (0, 0);
    let mut left = shown;
    for record in sample {
        let parts = parts_of(&text(plan, &record.values, names));
        texts += count(parts.len());
        letters += parts
            .iter()
            .map(|part| count(part.chars().count()))
            .sum::<i64>();
        if left > 0 && !parts.is_empty() {
            left -= 1;
            preview.texts.extend(
                parts
                    .into_iter()
                    .zip(0..)
                    .map(|(content, part)| PreviewText {
                        record: record.id,
                        part,
                        content,
                    }),
            );
        }
    }
    let in_all = |of_sample: i64| of_sample * records / count(sample.len()).max(1);
    preview.texts_in_all = in_all(texts);
    preview.tokens_in_all = in_all(letters / LETTERS_OF_TOKEN);
    preview
}
