//! Parts lists as LOGIKAL writes them: `SQLite` files with the tables that are publicly known.

use rusqlite::{Connection, params};
use uuid::Uuid;

/// What such a file holds, and how.
#[derive(Clone, Debug)]
pub struct PartsFile {
    elevations: Vec<(Uuid, String)>,
    has_commas: bool,
    missing: Vec<String>,
    size: usize,
    extra: String,
}

const SCHEMA: &str = "
create table Projects (ProjectID integer primary key, Name text, OfferNo text);
create table Elevations (
    ElevationID integer primary key, ElevationGroupId integer, Name text, xGUID text, Amount real, Description text,
    Width real, Width_Output real, Width_Unit text, Height real, Height_Output real, Height_Unit text, Weight real,
    Perimeter real, Area real, SystemCode text, SystemName text
);
create table Insertions (InsertionID integer primary key, ElevationId integer, InsertionNo integer, Width real, Height real);
create table Glass (
    GlassID integer primary key, InsertionId integer, Name text, Description text, ArtNo text, AreaOffer text,
    Amount, Width, Width_Output, Width_Unit text, Height, Height_Output, Height_Unit text, Price, PriceGross
);
create table Profiles (
    ProfileID integer primary key, InsertionId integer, ArticleCode text, ArticleCode_Supplier text, Description text,
    Amount, Length, Length_Unit text, OuterColorInfoInternal text, CutLeft real, CutRight real, Price, PriceGross
);
create table Articles (
    ArticleID integer primary key, InsertionId integer, ArticleCode text, ArticleCode_Supplier text, Description text,
    Amount, Units, Units_Unit text, Color text, Price, PriceGross
);
create table LabourTimes (LabourTimeId integer primary key, ElevationId integer, TotalMinutes, WhatName text, Name text, TimeType integer);
create table ReportOfferTexts (ReportOfferTextId integer primary key, ElevationId integer, TotalPrice, Description text);
create table REPORTVARIABLES (subNode text, FieldName text, SValue text);
";

impl PartsFile {
    /// A file of one elevation.
    pub fn of(id: Uuid, name: &str) -> Self {
        Self {
            elevations: vec![(id, name.to_owned())],
            has_commas: false,
            missing: Vec::new(),
            size: 0,
            extra: String::new(),
        }
    }

    /// Another elevation in the same file.
    #[must_use]
    pub fn and(mut self, id: Uuid, name: &str) -> Self {
        self.elevations.push((id, name.to_owned()));
        self
    }

    /// Writes figures as texts with a comma, as some releases do.
    #[must_use]
    pub fn with_commas(mut self) -> Self {
        self.has_commas = true;
        self
    }

    /// Leaves a table out.
    #[must_use]
    pub fn without(mut self, table: &str) -> Self {
        self.missing.push(table.to_owned());
        self
    }

    /// Fills the file with what nobody reads up to about so many bytes.
    #[must_use]
    pub fn filled_to(mut self, bytes: usize) -> Self {
        self.size = bytes;
        self
    }

    /// Runs statements on the finished file, such as those of somebody who means ill.
    #[must_use]
    pub fn and_then(mut self, statements: &str) -> Self {
        self.extra.push_str(statements);
        self
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        self.write().expect("SQLite writes the parts list")
    }

    fn write(&self) -> rusqlite::Result<Vec<u8>> {
        let file = Connection::open_in_memory()?;
        file.execute_batch("begin")?;
        file.execute_batch(SCHEMA)?;
        for (number, (id, name)) in (1..).zip(&self.elevations) {
            self.write_elevation(&file, number, *id, name)?;
        }
        for table in &self.missing {
            file.execute_batch(&format!("drop table {table}"))?;
        }
        // A row of this filling takes about 230 bytes.
        for number in 0..self.size / 230 {
            file.execute(
                "insert into REPORTVARIABLES values ('node', ?1, ?2)",
                params![format!("Field {number}"), "x".repeat(200)],
            )?;
        }
        file.execute_batch(&self.extra)?;
        file.execute_batch("commit")?;
        Ok(file.serialize("main")?.to_vec())
    }

    /// Two insertions: in each a pane of 0.5 by 1.2 m, two profiles and an article.
    fn write_elevation(
        &self,
        file: &Connection,
        number: i64,
        id: Uuid,
        name: &str,
    ) -> rusqlite::Result<()> {
        file.execute(
            "insert into Elevations (ElevationID, Name, xGUID, Amount, Width, Width_Output, Width_Unit, Height, Weight, Perimeter,
                Area, SystemCode, SystemName)
            values (?1, ?2, ?3, 2, ?4, 1.2, 'm', 1500, 48.5, 5.4, 1.8, 'ALU.MB86', 'MB-86 SI')",
            params![number, name, format!("{{{id}}}").to_uppercase(), 1200 + number],
        )?;
        for place in 1..=2 {
            let insertion = number * 10 + place;
            file.execute(
                "insert into Insertions values (?1, ?2, ?3, 600, 1400)",
                params![insertion, number, place],
            )?;
            file.execute(
                "insert into Glass (InsertionId, Name, Description, ArtNo, AreaOffer, Amount, Width, Width_Output, Width_Unit,
                    Height, Height_Output, Height_Unit, Price, PriceGross)
                values (?1, ?2, '4-16-4', 'G1', 'Glass', ?3, ?4, ?5, 'mm', ?6, ?7, 'mm', ?8, ?9)",
                params![
                    insertion,
                    format!("HR++ of {name}"),
                    self.figure("1"),
                    self.figure("0.5"),
                    self.figure("500"),
                    self.figure("1.2"),
                    self.figure("1200"),
                    self.figure("63.25"),
                    self.figure("1070.50"),
                ],
            )?;
            for side in ["left", "right"] {
                file.execute(
                    "insert into Profiles (InsertionId, ArticleCode, ArticleCode_Supplier, Description, Amount, Length,
                        OuterColorInfoInternal, CutLeft, CutRight, Price)
                    values (?1, 'K518500', 'ALUPROF', ?2, ?3, ?4, 'RAL 7016', 45, 45, ?5)",
                    params![
                        insertion,
                        format!("Frame {side}"),
                        self.figure("1"),
                        self.figure("1.455"),
                        self.figure("18.4"),
                    ],
                )?;
            }
            file.execute(
                "insert into Articles (InsertionId, ArticleCode, ArticleCode_Supplier, Description, Amount, Units, Units_Unit, Color,
                    Price)
                values (?1, '80018123', 'ALUPROF', 'Gasket', 1, ?2, 'M', 'black', ?3)",
                params![insertion, self.figure("5.8"), self.figure("9.05")],
            )?;
        }
        file.execute(
            "insert into LabourTimes (ElevationId, TotalMinutes, WhatName, Name, TimeType) values (?1, ?2, 'Cutting', 'Saw', 0)",
            params![number, self.figure("42.5")],
        )?;
        file.execute(
            "insert into ReportOfferTexts (ElevationId, TotalPrice, Description) values (?1, ?2, 'Window as drawn')",
            params![number, self.figure("1234.56")],
        )?;
        Ok(())
    }

    /// A figure as this file writes it.
    fn figure(&self, plain: &str) -> rusqlite::types::Value {
        if self.has_commas {
            rusqlite::types::Value::Text(plain.replace('.', ","))
        } else {
            rusqlite::types::Value::Real(plain.parse().expect("figures are numbers"))
        }
    }
}
