//! A searchable mirror for one story: a mirror of categories of its own, and an embedder that does as it is told.

use crate::{
    embedder::StubEmbedder,
    mirror::{CONNECTION, MODEL, Mirrored},
    until::until,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use sluice_client::v1::{
    EventType, Job, SearchConfigureRequest, SearchConfigureResponse, SearchEmbedRequest, SearchHit,
    SearchMode, SearchModelStatus, SearchQueryRequest, SearchableModel,
};

/// Everything that a story of a search needs.
pub struct Searched {
    pub mirrored: Mirrored,
    pub embedder: StubEmbedder,
}

impl Searched {
    /// Categories of these names, behind the story's prefix, are mirrored and searchable; returns their ids as well.
    pub async fn with(names: &[&str]) -> Result<(Self, Vec<i64>)> {
        let mirrored = Mirrored::new().await?;
        let embedder = StubEmbedder::start().await?;
        let searched = Self { mirrored, embedder };
        let ids = searched.create(names).await?;
        searched.mirrored.sync(searched.mirrored.changes()).await?;
        searched.configure(searched.wanted()).await?;
        searched.at_rest().await?;
        Ok((searched, ids))
    }

    /// Makes categories in Odoo.
    pub async fn create(&self, names: &[&str]) -> Result<Vec<i64>> {
        let values: Vec<_> = names
            .iter()
            .map(|name| json!({ "name": self.name(name) }))
            .collect();
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let odoo = &self.mirrored.odoo;
        let made = odoo.call(MODEL, "create", json!({ "vals_list": values }));
        Ok(serde_json::from_value(made.await?)?)
    }

    /// Gives a category another name.
    pub async fn rename(&self, id: i64, name: &str) -> Result<()> {
        let values = json!({ "name": self.name(name) });
        self.mirrored.write(&[id], values).await
    }

    /// A name as it is in Odoo.
    pub fn name(&self, name: &str) -> String {
        format!("{} {name}", self.mirrored.prefix())
    }

    /// The categories by the stub.
    pub fn wanted(&self) -> SearchConfigureRequest {
        SearchConfigureRequest {
            connection: CONNECTION.to_owned(),
            embedder: Some(self.embedder.settings()),
            models: vec![SearchableModel {
                model: MODEL.to_owned(),
                field_names: Vec::new(),
            }],
            ..SearchConfigureRequest::default()
        }
    }

    /// Sets the search up.
    pub async fn configure(
        &self,
        request: SearchConfigureRequest,
    ) -> Result<SearchConfigureResponse> {
        Ok(self.mirrored.client.configure_search(request).await?)
    }

    /// Reads the changes from Odoo.
    pub async fn sync(&self) -> Result<()> {
        self.mirrored.sync(self.mirrored.changes()).await?;
        Ok(())
    }

    /// The same, and waits until they are embedded.
    pub async fn synced(&self) -> Result<()> {
        self.sync().await?;
        self.at_rest().await?;
        Ok(())
    }

    /// How far the index of the categories is.
    pub async fn status(&self) -> Result<SearchModelStatus> {
        let status = self.mirrored.client.search_status(CONNECTION).await?;
        let mut models = status.models.into_iter();
        models.next().context("nothing is searchable")
    }

    /// Waits until nothing waits, and no job embeds any more.
    pub async fn at_rest(&self) -> Result<SearchModelStatus> {
        let is_done = |status: &SearchModelStatus| {
            let job = status.last_job.as_ref();
            status.waiting == 0 && job.is_some_and(|job| job.finished_at.is_some())
        };
        let status = until("all is embedded", async || self.status().await, is_done).await;
        status.map_err(|error| error.context(self.mirrored.server.log()))
    }

    /// Starts to embed, and returns the job when it has ended, however.
    pub async fn embedded(&self, full: bool) -> Result<(EventType, String, Job)> {
        let request = SearchEmbedRequest {
            connection: CONNECTION.to_owned(),
            model: MODEL.to_owned(),
            full,
            ..SearchEmbedRequest::default()
        };
        let client = &self.mirrored.client;
        let job = client.embed(request).await?;
        let end = self.mirrored.ended(&job).await?;
        let job = client.job(&job.id).await?;
        Ok((end.r#type(), end.code, job))
    }

    /// The question for a text.
    pub fn question(text: &str, mode: SearchMode) -> SearchQueryRequest {
        SearchQueryRequest {
            connection: CONNECTION.to_owned(),
            text: text.to_owned(),
            mode: mode.into(),
            ..SearchQueryRequest::default()
        }
    }

    /// What is found by meaning, the best first.
    pub async fn find(&self, text: &str) -> Result<Vec<SearchHit>> {
        let question = Self::question(text, SearchMode::Meaning);
        Ok(self.mirrored.client.search(question).await?)
    }

    /// The ids of what is found by meaning and is near, the best first.
    pub async fn near(&self, text: &str) -> Result<Vec<i64>> {
        let question = SearchQueryRequest {
            min_similarity: 0.5,
            ..Self::question(text, SearchMode::Meaning)
        };
        let hits = self.mirrored.client.search(question).await?;
        Ok(hits.iter().map(|hit| hit.odoo_id).collect())
    }

    /// Fails unless texts and vectors are exactly those of the living rows of the mirror; returns how many they are.
    pub async fn equals_mirror(&self) -> Result<usize> {
        let mirrored = &self.mirrored;
        let there = mirrored
            .rows(
                "select odoo_id, name from odoo_mirrored.res_partner_category \
                 where _deleted_at is null and active is not false order by odoo_id",
            )
            .await?;
        let texts = mirrored
            .rows("select record_id, title, content from search_text order by record_id, part")
            .await?;
        let table = mirrored
            .rows(
                "select 0::bigint, 'sluice_search.vectors_' || max(generation.id) || '_' || max(model.id) \
                 from search_generation as generation, search_model as model",
            )
            .await?;
        let vectors = mirrored
            .rows(&format!(
                "select record_id from {} order by record_id, part",
                table[0][1]
            ))
            .await?;
        ensure!(
            there.len() == texts.len() && there.len() == vectors.len(),
            "{} rows, {} texts, {} vectors",
            there.len(),
            texts.len(),
            vectors.len()
        );
        for ((row, text), vector) in there.iter().zip(&texts).zip(&vectors) {
            ensure!(row[0] == text[0] && row[0] == vector[0], "{row:?} {text:?}");
            ensure!(
                row[1] == text[1] && text[2].contains(&row[1]),
                "{row:?} {text:?}"
            );
        }
        Ok(there.len())
    }
}
