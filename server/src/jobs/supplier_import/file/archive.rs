//! Looks into a spreadsheet's archive before anything is unpacked into memory.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
};

use zip::ZipArchive;

use super::{
    FileError,
    limits::{
        MAX_HELD_BYTES, MAX_PACKING_RATIO, MAX_UNPACKED_BYTES, MAX_XML_RUN_BYTES,
        SMALL_UNPACKED_BYTES,
    },
};

/// How much of a part's start is kept to be looked at.
const START: usize = 4096;

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
        let limit = MAX_UNPACKED_BYTES - unpacked + 1;
        let mut measure = Measure::default();
        let size = io::copy(&mut (&mut part).take(limit), &mut measure).map_err(|error| {
            FileError::Damaged(format!("its part '{name}' cannot be unpacked ({error})"))
        })?;
        unpacked += size;
        check(&name, size, packed, unpacked)?;
        measure.check(&name, size)?;
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
    if size > MAX_HELD_BYTES && (!name.starts_with("xl/worksheets/") || has_texts(name)) {
        return Err(FileError::Bomb(format!(
            "its part '{name}' unpacks to more than {} MiB; save the list as CSV",
            mib(MAX_HELD_BYTES)
        )));
    }
    Ok(())
}

/// Whether it is the part with the texts that cells share.
fn has_texts(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("sharedstrings.xml")
}

/// Looks at an XML part while it is unpacked into nothing.
#[derive(Default)]
struct Measure {
    start: Vec<u8>,
    /// Bytes since the last tag began, and the most of them.
    run: u64,
    longest_run: u64,
}

impl Write for Measure {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let missing = START.saturating_sub(self.start.len()).min(bytes.len());
        self.start.extend_from_slice(&bytes[..missing]);
        for piece in bytes.split_inclusive(|byte| *byte == b'<') {
            self.run += piece.len() as u64;
            self.longest_run = self.longest_run.max(self.run);
            if piece.ends_with(b"<") {
                self.run = 0;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Measure {
    /// Refuses what would make its reader hold far more than the part is worth.
    fn check(&self, name: &str, size: u64) -> Result<(), FileError> {
        if is_xml(name) && self.longest_run > MAX_XML_RUN_BYTES {
            return Err(FileError::Bomb(format!(
                "its part '{name}' has a text of more than {} MiB",
                MAX_XML_RUN_BYTES / (1024 * 1024)
            )));
        }
        if !has_texts(name) {
            return Ok(());
        }
        // Room is made for as many texts as the part says it has; the shortest one takes five bytes.
        let start = String::from_utf8_lossy(&self.start);
        let said = start.split_once("uniqueCount=").and_then(|(_, rest)| {
            rest.get(1..)?
                .split(['"', '\''])
                .next()?
                .parse::<u64>()
                .ok()
        });
        if said.is_some_and(|said| said > size / 5) || is_longer_than_start(&start) {
            return Err(FileError::Damaged(format!(
                "its part '{name}' says it has more texts than it has room for"
            )));
        }
        Ok(())
    }
}

/// Whether the tag that tells how many texts there are does not end within what was kept.
fn is_longer_than_start(start: &str) -> bool {
    match start.split_once("sst") {
        Some((_, rest)) => !rest.contains('>'),
        None => start.len() >= START,
    }
}

fn is_xml(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".xml", ".rels"].iter().any(|end| name.ends_with(end))
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
