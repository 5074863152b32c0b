//! How things look: words, tables, bars, JSON. Values in, text out; nothing here writes anywhere.

pub(crate) mod advice;
pub(crate) mod bar;
pub(crate) mod json;
pub(crate) mod picture;
pub(crate) mod plain;
pub(crate) mod rate;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod words;
