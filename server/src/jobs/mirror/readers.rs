//! Who may read a mirror besides the server: one role of Postgres for each connection, which reads its tables and nothing
//! else. It cannot log in; an administrator grants it to people and to their tools.

use sqlx::{Acquire as _, AssertSqlSafe, Executor as _, PgConnection};

use super::identifier::{distinct, quoted, reader_name};
use crate::{db::DbError, ids::ConnectionId};

/// Makes the role of a schema, unless it has one; what is made in the schema later can be read by it too. Nothing happens
/// where the server may make no roles. The caller holds the connection's lock.
pub(super) async fn ensure(
    transaction: &mut PgConnection,
    of: ConnectionId,
    schema: &str,
) -> Result<(), DbError> {
    if reader_of(transaction, schema).await?.is_some() {
        return Ok(());
    }
    let may = sqlx::query_file_scalar!("src/jobs/mirror/sql/may_make_roles.sql")
        .fetch_one(&mut *transaction)
        .await?;
    if !may {
        return Ok(());
    }
    // Roles belong to all databases of a Postgres: another one may have a connection of this name.
    let wanted = reader_name(schema);
    for role in [wanted.clone(), distinct(&wanted, &of.to_string())] {
        let mut attempt = transaction.begin().await?;
        match make(&mut attempt, schema, &role).await {
            Ok(()) => {
                sqlx::query_file!("src/jobs/mirror/sql/set_reader.sql", schema, role)
                    .execute(&mut *attempt)
                    .await?;
                attempt.commit().await?;
                return Ok(());
            }
            Err(error) if error.exists_already() && role == wanted => attempt.rollback().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The role that may read a schema.
pub(super) async fn reader_of(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<Option<String>, DbError> {
    let found = sqlx::query_file_scalar!("src/jobs/mirror/sql/reader_of.sql", schema)
        .fetch_optional(connection)
        .await?;
    Ok(found.flatten())
}

async fn make(connection: &mut PgConnection, schema: &str, role: &str) -> Result<(), DbError> {
    let (schema, role) = (quoted(schema), quoted(role));
    let statements = format!(
        "create role {role} nologin;\n\
        grant usage on schema {schema} to {role};\n\
        grant select on all tables in schema {schema} to {role};\n\
        alter default privileges in schema {schema} grant select on tables to {role};"
    );
    connection.execute(AssertSqlSafe(statements)).await?;
    Ok(())
}

/// Drops a role whose schema is gone. One to which an administrator has given more than that stays.
pub(super) async fn remove(transaction: &mut PgConnection, role: &str) -> Result<(), DbError> {
    let mut attempt = transaction.begin().await?;
    let statement = format!("drop role if exists {}", quoted(role));
    let dropped = attempt.execute(AssertSqlSafe(statement)).await;
    match dropped.map_err(DbError::from) {
        Ok(_) => Ok(attempt.commit().await?),
        Err(error) if error.is_in_use() => Ok(attempt.rollback().await?),
        Err(error) => Err(error),
    }
}
