//! Holds an import at a row of its list for as long as a test needs: Odoo writes no price of a product that another transaction has locked.

use super::Site;
use crate::price_list::PriceList;
use anyhow::{Context as _, Result, ensure};
use sqlx::{Connection as _, PgConnection};

/// A locked product. The lock ends with [`Hold::release`], at the latest when this is dropped.
pub struct Hold {
    connection: PgConnection,
}

impl Site {
    /// Lets no import come past the first good row from an index of the list on.
    pub async fn hold_at(&self, database: &str, list: &PriceList, index: usize) -> Result<Hold> {
        let row = list.rows()[index..]
            .iter()
            .find(|row| row.defect.is_none())
            .context("no good row comes behind this index")?;
        let mut connection = PgConnection::connect(&self.postgres_url(database)?).await?;
        sqlx::query("begin").execute(&mut connection).await?;
        let locked = sqlx::query(
            "select id from product_template where id in (select product_tmpl_id from product_product where default_code = $1) for update",
        )
        .bind(list.product(row.product).code)
        .execute(&mut connection)
        .await?;
        ensure!(locked.rows_affected() > 0, "the product is not in Odoo");
        Ok(Hold { connection })
    }
}

impl Hold {
    /// Lets the import go on.
    pub async fn release(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}
