//! Why a list as a whole cannot be read.

use std::io;

use thiserror::Error;

use super::limits::{MAX_COLUMNS, MAX_ROWS};

/// Why a list as a whole cannot be read; each text says what to do.
#[derive(Debug, Error)]
pub enum FileError {
    /// There are no bytes, or only blanks.
    #[error("the file is empty")]
    Empty,
    /// There is a header, but nothing under it.
    #[error("the file has a header in row {header_row} and no rows under it")]
    HeaderOnly {
        /// The 1-based row of the header.
        header_row: u32,
    },
    /// The header is wider than a list may be.
    #[error(
        "the list has {columns} columns, more than the {MAX_COLUMNS} that are read: remove the columns you do not need"
    )]
    TooManyColumns {
        /// How many it has.
        columns: usize,
    },
    /// The list is longer than a list may be.
    #[error("the list has more than {MAX_ROWS} rows: split it")]
    TooManyRows,
    /// The workbook is encrypted.
    #[error("the file is protected with a password: save it without one")]
    PasswordProtected,
    /// The file unpacks to far more than a list needs.
    #[error("the spreadsheet is refused: {0}")]
    Bomb(String),
    /// The file is something else than a list.
    #[error("the file cannot be read as a list: {0}")]
    NotAList(String),
    /// The file is of the right format, but broken.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// The sheet that was asked for is not there.
    #[error("the workbook has no sheet '{sheet}'; it has {sheets}")]
    NoSuchSheet {
        /// What was asked for.
        sheet: String,
        /// What there is.
        sheets: String,
    },
    /// What was said about the file cannot be.
    #[error("{field} {why}")]
    Option {
        /// The field of the file options.
        field: &'static str,
        /// Why it cannot be.
        why: String,
    },
    /// The staged file could not be read from disk; this says nothing about the list.
    #[error("the staged file could not be read")]
    Disk(#[from] io::Error),
}

impl FileError {
    /// A stable `lower_snake` word for the job's error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::HeaderOnly { .. } => "file_without_rows",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::TooManyRows => "too_many_rows",
            Self::PasswordProtected => "file_password_protected",
            Self::Bomb(_) => "file_unpacks_too_large",
            Self::NotAList(_) => "file_not_a_list",
            Self::Damaged(_) => "file_damaged",
            Self::NoSuchSheet { .. } => "sheet_missing",
            Self::Option { .. } => "file_option_wrong",
            Self::Disk(_) => "staging_unreadable",
        }
    }
}
