//! Looks into a spreadsheet's archive before anything is unpacked into memory.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use zip::ZipArchive;

use super::{
    FileError,
    limits::{MAX_HELD_BYTES, MAX_PACKING_RATIO, MAX_UNPACKED_BYTES, SMALL_UNPACKED_BYTES},
};

/// What an archive holds.
pub(super) enum Contents {
    Xlsx,
    Ods,
    Other(&'static str),
}

/// Tells what is in the archive, after making sure that it can be unpacked safely.
///
/// Declared sizes are checked first; since an archive may lie about them, its parts are then unpacked once into nothing.
pub(super) fn inspect(file: &File) -> Result<Contents, FileError> {
    let mut source = file.try_clone()?;
    source.seek(SeekFrom::Start(0))?;
    let mut archive = ZipArchive::new(source)
        .map_err(|error| FileError::Damaged(format!("its archive is broken ({error})")))?;
    let contents = contents(&archive);
    if matches!(contents, Contents::Other(_)) {
        return Ok(contents);
    }
    let mut unpacked = 0_u64;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(broken)?;
        if part.encrypted() {
            return Err(FileError::PasswordProtected);
        }
        unpacked = unpacked.saturating_add(part.size());
        check(
            &part.name().map_err(broken)?,
            part.size(),
            part.compressed_size(),
            unpacked,
        )?;
    }
    unpacked = 0;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(broken)?;
        let (name, packed) = (
            part.name().map_err(broken)?.into_owned(),
            part.compressed_size(),
        );
        if !matches!(name.rsplit('.').next(), Some("xml" | "rels")) {
            continue;
        }
        let limit = MAX_UNPACKED_BYTES - unpacked + 1;
        let size = io::copy(&mut (&mut part).take(limit), &mut io::sink()).map_err(|error| {
            FileError::Damaged(format!("its part '{name}' cannot be unpacked ({error})"))
        })?;
        unpacked += size;
        check(&name, size, packed, unpacked)?;
    }
    Ok(contents)
}

fn check(name: &str, size: u64, packed: u64, unpacked: u64) -> Result<(), FileError> {
    let mib = |bytes: u64| bytes / (1024 * 1024);
    if unpacked > MAX_UNPACKED_BYTES {
        return Err(FileError::Bomb(format!(
            "it unpacks to more than {} MiB",
            mib(MAX_UNPACKED_BYTES)
        )));
    }
    if size > SMALL_UNPACKED_BYTES && size / packed.max(1) > MAX_PACKING_RATIO {
        return Err(FileError::Bomb(format!(
            "its part '{name}' unpacks to {} times its size, more than the {MAX_PACKING_RATIO} that are accepted",
            size / packed.max(1)
        )));
    }
    if size > MAX_HELD_BYTES && !name.starts_with("xl/worksheets/") {
        return Err(FileError::Bomb(format!(
            "its part '{name}' unpacks to more than {} MiB; save the list as CSV",
            mib(MAX_HELD_BYTES)
        )));
    }
    Ok(())
}

fn contents(archive: &ZipArchive<File>) -> Contents {
    let has = |name: &str| {
        archive
            .file_names()
            .flatten()
            .any(|found| found.eq_ignore_ascii_case(name))
    };
    if has("xl/workbook.xml") {
        Contents::Xlsx
    } else if has("xl/workbook.bin") {
        Contents::Other("it is a binary workbook (XLSB): save it as XLSX")
    } else if has("content.xml") {
        Contents::Ods
    } else {
        Contents::Other("it is an archive without a spreadsheet: unpack it first")
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "map_err hands errors over by value"
)]
fn broken(error: zip::result::ZipError) -> FileError {
    FileError::Damaged(format!("its archive is broken ({error})"))
}
