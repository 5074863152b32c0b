//! A database file from outside, opened so that it can only be read, and only so much of it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::{
    Connection, OpenFlags,
    config::DbConfig,
    ffi::ErrorCode,
    hooks::{AuthAction, AuthContext, Authorization},
    limits::Limit,
    types::ValueRef,
};

use super::PartsListError;

/// True lists have up to two megabytes.
const MOST_BYTES: usize = 48 << 20;
/// Steps of `SQLite`'s machine; a true list takes some hundred thousand.
const MOST_STEPS: u64 = 60_000_000;
const STEPS_BETWEEN_LOOKS: i32 = 1_000;
/// Of one table.
const MOST_ROWS: usize = 100_000;
/// Of the whole file.
const MOST_TABLES: usize = 1_000;
const MOST_BYTES_OF_A_CELL: i32 = 1 << 20;
/// Of what is read from one table.
const MOST_BYTES_OF_A_TABLE: usize = 64 << 20;

const HEAD: &[u8; 16] = b"SQLite format 3\0";

/// An open file and its tables.
pub(super) struct File {
    connection: Connection,
    /// Columns by table.
    pub(super) tables: BTreeMap<String, Vec<String>>,
    /// What is no table: views, triggers, virtual tables. They are not followed.
    pub(super) ignored: Vec<String>,
}

/// A value of a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
}

/// Rows of a table, with the names of the columns that were read.
pub(super) struct Table {
    pub(super) name: String,
    columns: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Where a column stands, whatever the case of its name.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        position(&self.columns, name)
    }
}

fn position(columns: &[String], name: &str) -> Option<usize> {
    columns
        .iter()
        .position(|column| column.eq_ignore_ascii_case(name))
}

/// Opens a copy of the file in memory.
pub(super) fn open(file: &[u8]) -> Result<File, PartsListError> {
    let copy = checked(file)?;
    let mut connection = Connection::open_in_memory_with_flags(
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(broken)?;
    for (setting, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
    ] {
        connection.set_db_config(setting, on).map_err(broken)?;
    }
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, MOST_BYTES_OF_A_CELL),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 200_000),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 50),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 2),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_VDBE_OP, 100_000),
    ] {
        connection.set_limit(limit, most).map_err(broken)?;
    }
    connection
        .deserialize_read_exact("main", &copy[..], copy.len(), true)
        .map_err(broken)?;
    let looks = Arc::new(AtomicU64::new(0));
    let stop = move || {
        let steps =
            looks.fetch_add(1, Ordering::Relaxed) * u64::from(STEPS_BETWEEN_LOOKS.unsigned_abs());
        steps > MOST_STEPS
    };
    connection
        .progress_handler(STEPS_BETWEEN_LOOKS, Some(stop))
        .map_err(broken)?;
    connection.authorizer(Some(may)).map_err(broken)?;
    sound(&connection)?;
    let (tables, ignored) = contents(&connection)?;
    Ok(File {
        connection,
        tables,
        ignored,
    })
}

/// The bytes as they can be opened, if their head is true.
fn checked(file: &[u8]) -> Result<Vec<u8>, PartsListError> {
    if file.len() > MOST_BYTES {
        return Err(PartsListError::TooLarge { limit: MOST_BYTES });
    }
    let Some(head) = file
        .first_chunk::<100>()
        .filter(|head| head.starts_with(HEAD))
    else {
        return Err(PartsListError::NotSqlite);
    };
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        page => u64::from(page),
    };
    if page < 512 || !page.is_power_of_two() {
        return Err(PartsListError::Damaged("its pages have no size".to_owned()));
    }
    let pages = u32::from_be_bytes([head[28], head[29], head[30], head[31]]);
    let (has, wanted) = (file.len() as u64, page * u64::from(pages));
    if has < wanted {
        return Err(PartsListError::Truncated { has, wanted });
    }
    let mut copy = file.to_vec();
    // A file that was last written by way of a log beside it says so in its head, and would be looked for beside the copy.
    for mode in &mut copy[18..20] {
        if *mode == 2 {
            *mode = 1;
        }
    }
    Ok(copy)
}

/// What may be done with the file: its tables may be read and their columns asked for.
fn may(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select | AuthAction::Read { .. } => Authorization::Allow,
        AuthAction::Pragma { pragma_name, .. }
            if ["table_info", "quick_check"].contains(&pragma_name) =>
        {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }
}

fn sound(connection: &Connection) -> Result<(), PartsListError> {
    let verdict: String = connection
        .query_row("pragma quick_check(1)", [], |row| row.get(0))
        .map_err(broken)?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(PartsListError::Damaged(one_line(&verdict)))
    }
}

type Contents = (BTreeMap<String, Vec<String>>, Vec<String>);

fn contents(connection: &Connection) -> Result<Contents, PartsListError> {
    let mut listing = connection
        .prepare("select type, name, rootpage from sqlite_master")
        .map_err(broken)?;
    let mut rows = listing.query([]).map_err(broken)?;
    let (mut names, mut ignored) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next().map_err(broken)? {
        let (ValueRef::Text(kind), ValueRef::Text(name)) = (
            row.get_ref(0).map_err(broken)?,
            row.get_ref(1).map_err(broken)?,
        ) else {
            continue;
        };
        let name = String::from_utf8_lossy(name).into_owned();
        match kind {
            // A virtual table has no page of its own: a module would run to read it.
            b"table" if row.get::<_, i64>(2).unwrap_or_default() > 0 => names.push(name),
            b"index" => {}
            _ => ignored.push(name),
        }
        if names.len() + ignored.len() > MOST_TABLES {
            return Err(PartsListError::TooMuch(format!(
                "it has more than {MOST_TABLES} tables"
            )));
        }
    }
    let mut tables = BTreeMap::new();
    for name in names {
        let columns = columns_of(connection, &name)?;
        tables.insert(name, columns);
    }
    Ok((tables, ignored))
}

fn columns_of(connection: &Connection, table: &str) -> Result<Vec<String>, PartsListError> {
    let mut asked = connection
        .prepare(&format!("pragma table_info({})", quoted(table)))
        .map_err(broken)?;
    let mut rows = asked.query([]).map_err(broken)?;
    let mut columns = Vec::new();
    while let Some(row) = rows.next().map_err(broken)? {
        columns.push(row.get(1).map_err(broken)?);
    }
    Ok(columns)
}

impl File {
    /// The name of a table as the file spells it.
    pub(super) fn spelling(&self, table: &str) -> Option<&str> {
        self.tables
            .keys()
            .find(|name| name.eq_ignore_ascii_case(table))
            .map(String::as_str)
    }

    /// All rows of a table, of those columns that it has; `None` if the file has no such table.
    pub(super) fn read(
        &self,
        table: &str,
        wanted: &[&str],
    ) -> Result<Option<Table>, PartsListError> {
        let Some(name) = self.spelling(table) else {
            return Ok(None);
        };
        let has = &self.tables[name];
        let columns: Vec<String> = wanted
            .iter()
            .filter_map(|wanted| position(has, wanted).map(|at| has[at].clone()))
            .collect();
        let mut read = Table {
            name: name.to_owned(),
            columns,
            rows: Vec::new(),
        };
        if read.columns.is_empty() {
            return Ok(Some(read));
        }
        let list: Vec<String> = read.columns.iter().map(|column| quoted(column)).collect();
        let statement = format!("select {} from {}", list.join(", "), quoted(name));
        let mut asked = self.connection.prepare(&statement).map_err(broken)?;
        let mut rows = asked.query([]).map_err(broken)?;
        let mut bytes = 0;
        while let Some(row) = rows.next().map_err(broken)? {
            let cells: Vec<Cell> = (0..read.columns.len())
                .map(|at| row.get_ref(at).map(cell))
                .collect::<Result<_, _>>()
                .map_err(broken)?;
            bytes += cells.iter().map(Cell::bytes).sum::<usize>();
            if read.rows.len() >= MOST_ROWS || bytes > MOST_BYTES_OF_A_TABLE {
                return Err(PartsListError::TooMuch(format!(
                    "the table {name} never ends"
                )));
            }
            read.rows.push(cells);
        }
        Ok(Some(read))
    }
}

impl Cell {
    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => 32 + text.len(),
            _ => 32,
        }
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => Cell::Null,
        ValueRef::Integer(integer) => Cell::Integer(integer),
        ValueRef::Real(real) => Cell::Real(real),
        // Postgres stores no zeros in texts.
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).replace('\0', "")),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[expect(clippy::needless_pass_by_value, reason = "called by map_err")]
fn broken(error: rusqlite::Error) -> PartsListError {
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => {
            PartsListError::TooMuch("it takes too many steps".to_owned())
        }
        Some(ErrorCode::TooBig) => PartsListError::TooMuch("a cell is too large".to_owned()),
        Some(ErrorCode::OutOfMemory) => PartsListError::TooMuch("memory ran out".to_owned()),
        Some(ErrorCode::NotADatabase) => PartsListError::NotSqlite,
        _ => PartsListError::Damaged(one_line(&error.to_string())),
    }
}

/// What `SQLite` says, which may repeat what stands in the file.
fn one_line(text: &str) -> String {
    text.chars()
        .take(200)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}
