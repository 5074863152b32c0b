//! How a record reads: a line for each field that has a value, with its label.

use super::{
    html::text_of,
    names::Names,
    plan::{FieldKind, TextPlan},
};

/// The text of a record; `values` are its columns as texts, in the order of the plan. Empty if it has nothing to say.
pub(super) fn text(plan: &TextPlan, values: &[Option<String>], names: &Names) -> String {
    let mut lines: Vec<(String, String)> = Vec::with_capacity(values.len());
    for (field, value) in plan.fields.iter().zip(values) {
        let Some(value) = value else { continue };
        let told = match &field.kind {
            FieldKind::Plain => tidy(value),
            FieldKind::Html => tidy(&text_of(value)),
            FieldKind::Truth if value == "true" => "✓".to_owned(),
            FieldKind::Truth => continue,
            FieldKind::One(model) | FieldKind::Many(model) => {
                let called = ids(value).into_iter().filter_map(|id| names.of(model, id));
                tidy(&called.collect::<Vec<_>>().join(", "))
            }
        };
        // What was said already says nothing new: a complete name that is the name.
        if told.is_empty() || lines.iter().any(|(_, said)| *said == told) {
            continue;
        }
        lines.push((tidy(&field.label), told));
    }
    let lines: Vec<String> = lines
        .into_iter()
        .map(|(label, told)| format!("{label}: {told}"))
        .collect();
    lines.join("\n")
}

/// The ids of a relation, as Postgres writes one number or a list of them.
pub(super) fn ids(value: &str) -> Vec<i64> {
    value
        .trim_matches(['{', '}'])
        .split(',')
        .filter_map(|id| id.parse().ok())
        .collect()
}

/// The text in one line, each space one space.
pub(super) fn tidy(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{super::plan::Planned, *};

    fn field(name: &str, label: &str, kind: FieldKind) -> Planned {
        Planned {
            field: name.to_owned(),
            column: name.to_owned(),
            label: label.to_owned(),
            kind,
        }
    }

    fn plan() -> TextPlan {
        TextPlan {
            fields: vec![
                field("name", "Name", FieldKind::Plain),
                field("complete_name", "Complete Name", FieldKind::Plain),
                field("comment", "Notes", FieldKind::Html),
                field("is_company", "Is a Company", FieldKind::Truth),
                field(
                    "category_id",
                    "Tags",
                    FieldKind::Many("res.partner.category".to_owned()),
                ),
            ],
            title: None,
        }
    }

    #[test]
    fn each_value_has_its_label_and_nothing_is_said_twice_or_empty() {
        let mut names = Names::default();
        names.learnt(
            "res.partner.category",
            &[3, 1, 9],
            vec![(1, "Glass".to_owned()), (3, "Steel".to_owned())],
        );
        let some = |text: &str| Some(text.to_owned());
        let values = [
            some("  Acme\n Ltd "),
            some("Acme Ltd"),
            some("<p>Late <b>again</b></p>"),
            some("true"),
            some("{3,1,9}"),
        ];
        assert_eq!(
            text(&plan(), &values, &names),
            "Name: Acme Ltd\nNotes: Late again\nIs a Company: ✓\nTags: Steel, Glass"
        );
        let nothing = [
            None,
            some(" "),
            some("<p><br></p>"),
            some("false"),
            some("{}"),
        ];
        assert_eq!(text(&plan(), &nothing, &names), "");
        let emoji = [some("🪟🔨"), None, None, None, None];
        assert_eq!(text(&plan(), &emoji, &names), "Name: 🪟🔨");
    }
}
