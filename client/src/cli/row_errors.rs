//! `sluice errors` and `sluice fix-file`: the rows that failed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;
use sluice_client::{Client, FixFile};
use tokio::io::AsyncWriteExt as _;

use super::{
    Ending,
    failure::Failure,
    output::Output,
    render::{
        json,
        table::{Align, Table},
        text::{clean, short},
        words,
    },
};

/// Arguments of `sluice errors`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice errors 0198c0de-0000-7000-8000-000000000001
  sluice errors 0198c0de-0000-7000-8000-000000000001 --code unknown_product --limit 1000 --json")]
pub(crate) struct ErrorsArguments {
    /// The import's job
    job: String,
    /// Only errors with this code
    #[arg(long, default_value = "", hide_default_value = true)]
    code: String,
    /// How many errors to show at most; left out: 100, and all with --json
    #[arg(long)]
    limit: Option<usize>,
}

/// Arguments of `sluice fix-file`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  sluice fix-file 0198c0de-0000-7000-8000-000000000001 -o mend-me.csv

The file has the list's own format and one more column, which says what is wrong.
Mend the rows and import the file like any list.")]
pub(crate) struct FixFileArguments {
    /// The import's job
    job: String,
    /// Where to save the file: a path, a folder, or `-` for the standard output
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

pub(crate) async fn list(
    arguments: ErrorsArguments,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    let all = if output.is_json() { usize::MAX } else { 100 };
    let limit = arguments.limit.unwrap_or(all);
    let errors = client
        .row_errors(&arguments.job, &arguments.code, limit)
        .await?;
    if output.is_json() {
        for error in &errors {
            output.value(&json::row_error(error))?;
        }
        return Ok(Ending::Good);
    }
    if errors.is_empty() {
        output.remark("no row errors");
        return Ok(Ending::Good);
    }
    let mut table =
        Table::new(&["ROW", "CODE", "COLUMN", "MESSAGE", "VALUES"]).align(&[Align::Right]);
    for error in &errors {
        table.row([
            error.row.to_string(),
            clean(&error.code),
            short(&error.column, 24),
            clean(&error.message),
            short(&error.values.join(" | "), 60),
        ]);
    }
    output.line(&table.to_string())?;
    if errors.len() == limit {
        let shown = words::number(limit.try_into().unwrap_or(i64::MAX));
        output.remark(&format!("the first {shown}; --limit shows more"));
    }
    Ok(Ending::Good)
}

pub(crate) async fn fix_file(
    arguments: FixFileArguments,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    let mut file = client.fix_file(&arguments.job).await?;
    if arguments.output == Path::new("-") {
        while let Some(piece) = file.piece().await? {
            output.bytes(&piece)?;
        }
        return Ok(Ending::Good);
    }
    let path = target(&arguments.output, &file.name);
    if path.exists() && !arguments.force {
        return Err(Failure::usage(
            format!("{} is there already", path.display()),
            "Give another name, or --force to replace it.",
        ));
    }
    let size = save(&mut file, &path).await?;
    if output.is_json() {
        output.value(&json!({ "file": path, "size": size }))?;
    } else {
        output.line(&format!(
            "{} has {} bytes",
            path.display(),
            words::number(size)
        ))?;
    }
    Ok(Ending::Good)
}

/// In a folder the file gets the server's name for it, of which only the last part counts.
fn target(given: &Path, name: &str) -> PathBuf {
    if !given.is_dir() {
        return given.to_owned();
    }
    let name = Path::new(name).file_name();
    given.join(name.unwrap_or("fix-file".as_ref()))
}

/// Writes beside the target and then renames, so that a broken line leaves no half of a file.
async fn save(file: &mut FixFile, path: &Path) -> Result<i64, Failure> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".part");
    let partial = PathBuf::from(partial);
    let unwritable = |error: io::Error| {
        Failure::local(
            format!("{} cannot be written: {error}", path.display()),
            "Check the folder, who may write to it, and the space left.",
        )
    };
    let mut size = 0;
    let written: Result<(), Failure> = async {
        let mut out = tokio::fs::File::create(&partial)
            .await
            .map_err(unwritable)?;
        while let Some(piece) = file.piece().await? {
            size += i64::try_from(piece.len()).unwrap_or_default();
            out.write_all(&piece).await.map_err(unwritable)?;
        }
        out.flush().await.map_err(unwritable)?;
        fs::rename(&partial, path).map_err(unwritable)
    }
    .await;
    if written.is_err() {
        // The first failure is the one to tell.
        let _ = fs::remove_file(&partial);
    }
    written.map(|()| size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_the_server_cannot_leave_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = target(folder.path(), "../../etc/passwd");
        assert_eq!(path, folder.path().join("passwd"));
        assert_eq!(target(folder.path(), ""), folder.path().join("fix-file"));
        assert_eq!(target(Path::new("out.csv"), "x.csv"), Path::new("out.csv"));
    }
}
