//! Why a parts list cannot be read.

/// Nothing of the file is used then.
#[derive(Debug, thiserror::Error)]
pub enum PartsListError {
    /// The bytes are no such file.
    #[error("the parts list is no SQLite file")]
    NotSqlite,
    /// The end is missing.
    #[error("the parts list is cut off: it has {has} of {wanted} bytes")]
    Truncated {
        /// How many bytes there are.
        has: u64,
        /// How many its head promises.
        wanted: u64,
    },
    /// The file is larger than we take.
    #[error("the parts list has more than {limit} bytes")]
    TooLarge {
        /// The most bytes.
        limit: usize,
    },
    /// Reading it takes more rows, steps or memory than any true list does.
    #[error("the parts list asks for too much: {0}")]
    TooMuch(String),
    /// Its inside is broken.
    #[error("the parts list is damaged: {0}")]
    Damaged(String),
    /// It has no elevations.
    #[error("the parts list has no table of elevations")]
    NoElevations,
    /// None of its elevations is the one that is sought, or several may be.
    #[error("the parts list has {elevations} elevations, and none of them is surely {name:?}")]
    Ambiguous {
        /// How many it has.
        elevations: usize,
        /// Whose parts were wanted.
        name: String,
    },
}

impl PartsListError {
    /// A stable `lower_snake` word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSqlite => "parts_list_no_sqlite",
            Self::Truncated { .. } => "parts_list_truncated",
            Self::TooLarge { .. } => "parts_list_too_large",
            Self::TooMuch(_) => "parts_list_too_much",
            Self::Damaged(_) => "parts_list_damaged",
            Self::NoElevations => "parts_list_without_elevations",
            Self::Ambiguous { .. } => "parts_list_ambiguous",
        }
    }
}
