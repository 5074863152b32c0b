//! The answer of one check.

/// How good what was found is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, but something is worth changing.
    Warning,
    /// It does not work.
    Bad,
}

/// What one check found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// What was looked at.
    pub name: &'static str,
    /// How good it is.
    pub verdict: Verdict,
    /// What was found, in words.
    pub message: String,
    /// What to do; empty if nothing.
    pub remedy: String,
}

impl Finding {
    pub(super) fn good(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            verdict: Verdict::Good,
            message: message.into(),
            remedy: String::new(),
        }
    }

    pub(super) fn warning(name: &'static str, message: impl Into<String>, remedy: &str) -> Self {
        Self {
            name,
            verdict: Verdict::Warning,
            message: message.into(),
            remedy: remedy.to_owned(),
        }
    }

    pub(super) fn bad(name: &'static str, message: impl Into<String>, remedy: &str) -> Self {
        Self {
            name,
            verdict: Verdict::Bad,
            message: message.into(),
            remedy: remedy.to_owned(),
        }
    }
}
