//! Names of schemas, tables and columns, and how they and texts are quoted: whatever Odoo calls a thing, it stays a name.

use sha2::{Digest as _, Sha256};

/// The longest name that Postgres keeps, in bytes.
const LONGEST: usize = 63;

/// Columns of ours, and those that Postgres keeps for itself.
const TAKEN: [&str; 11] = [
    "odoo_id",
    "raw",
    "_hash",
    "_synced_at",
    "_deleted_at",
    "ctid",
    "xmin",
    "xmax",
    "cmin",
    "cmax",
    "tableoid",
];

/// A name as a statement may hold it.
pub(in crate::jobs) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\0', "").replace('"', "\"\""))
}

/// A text as a statement may hold it.
pub(super) fn literal(text: &str) -> String {
    // The form with escapes means the same whatever the server's settings are.
    let escaped = text
        .replace('\0', "")
        .replace('\\', "\\\\")
        .replace('\'', "''");
    format!("E'{escaped}'")
}

/// The schema of a connection, if nobody has it yet; the connection's name is `[a-z0-9_-]`.
pub(super) fn schema_name(connection: &str) -> String {
    format!("odoo_{}", connection.replace('-', "_"))
}

/// The role that may read a schema, if nobody has it yet.
pub(super) fn reader_name(schema: &str) -> String {
    format!("{schema}_reader")
}

/// The table of a model.
pub(super) fn table_name(model: &str) -> String {
    short(&plain(model))
}

/// The column of a field; never one that is taken.
pub(super) fn column_name(field: &str) -> String {
    let name = short(&plain(field));
    if TAKEN.contains(&name.as_str()) {
        format!("{name}_field")
    } else {
        name
    }
}

/// The same name made different by what it stands for.
pub(super) fn distinct(name: &str, meaning: &str) -> String {
    let digest = Sha256::digest(meaning.as_bytes());
    let room = LONGEST - 9;
    let kept: String = name.chars().take(room).collect();
    format!(
        "{kept}_{:02x}{:02x}{:02x}{:02x}",
        digest[0], digest[1], digest[2], digest[3]
    )
}

/// In snake case, of letters that need no thought in a query.
fn plain(name: &str) -> String {
    let mut plain: String = name
        .chars()
        .map(|letter| match letter {
            'a'..='z' | '0'..='9' | '_' => letter,
            'A'..='Z' => letter.to_ascii_lowercase(),
            _ => '_',
        })
        .collect();
    if plain.is_empty() || plain.starts_with(|first: char| first.is_ascii_digit()) {
        plain.insert(0, '_');
    }
    plain
}

fn short(name: &str) -> String {
    if name.len() <= LONGEST {
        name.to_owned()
    } else {
        distinct(name, name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sqlx::{AssertSqlSafe, PgPool, Row as _};

    use super::*;

    #[test]
    fn names_are_plain_and_never_ours() {
        assert_eq!(table_name("res.partner"), "res_partner");
        assert_eq!(schema_name("web-shop"), "odoo_web_shop");
        assert_eq!(column_name("x_studio_Größe"), "x_studio_gr__e");
        assert_eq!(column_name("raw"), "raw_field");
        assert_eq!(column_name("xmin"), "xmin_field");
        assert_eq!(column_name("3d"), "_3d");
    }

    proptest! {
        #[test]
        fn a_name_fits_postgres(name in ".{0,200}") {
            for made in [table_name(&name), column_name(&name), distinct(&table_name(&name), &name)] {
                prop_assert!(!made.is_empty() && made.len() <= LONGEST);
                prop_assert!(made.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')));
            }
        }

        #[test]
        fn a_quoted_name_has_no_way_out(name in ".{0,60}") {
            let text = quoted(&name);
            let inside = &text[1..text.len() - 1];
            prop_assert!(!inside.replace("\"\"", "").contains('"'));
        }
    }

    #[sqlx::test(migrations = false)]
    async fn postgres_reads_back_what_was_quoted(pool: PgPool) {
        for text in [
            "plain",
            "it's",
            "a \"b\"",
            r"back\slash",
            r"\'; drop table job; --",
            "new\nline",
            "é€😀",
        ] {
            let statement = format!("select {} as {}", literal(text), quoted(text));
            let row = sqlx::query(AssertSqlSafe(statement))
                .fetch_one(&pool)
                .await
                .unwrap();
            assert_eq!(row.get::<String, _>(0), text);
            assert_eq!(sqlx::Column::name(row.column(0)), text);
        }
    }
}
