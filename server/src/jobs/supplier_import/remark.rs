//! A sentence about a list or one of its columns, and the word by which screens in other languages know it.

/// What is worth knowing about a list, or asked about a column.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Remark {
    /// A stable `lower_snake` word.
    pub code: &'static str,
    /// The sentence, in English; names that it is about are in quotes.
    pub message: String,
}

impl Remark {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}
