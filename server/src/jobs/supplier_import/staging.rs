//! Lists in Postgres: stored in pieces, so that any server can go on with a job, and read back in pieces.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use futures::{Stream, StreamExt, TryStreamExt, pin_mut};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::{
    error::ImportError,
    file::{EncodingScan, Encodings, FileError, is_packed},
};
use crate::{
    db::{Db, DbError},
    ids::{ConnectionId, JobId, UploadId},
    jobs::threads::{finished, on_a_thread},
};

/// How many bytes a stored piece has.
const PIECE_BYTES: usize = 1024 * 1024;

/// How many pieces are enough for a first look at a list.
const START_PIECES: usize = 4;

/// The store of lists.
#[derive(Clone, Debug)]
pub(super) struct Staging {
    db: Db,
    /// Where a list is unpacked while it is read.
    scratch: PathBuf,
    most_bytes: u64,
}

/// A list that is stored.
#[derive(Clone, Debug)]
pub(super) struct StagedList {
    /// Its id.
    pub id: UploadId,
    /// How people call it.
    pub file_name: String,
}

/// A list that was just stored.
#[derive(Clone, Debug)]
pub struct Uploaded {
    /// Its id; the same bytes have the same one.
    pub id: UploadId,
    /// Its length in bytes.
    pub size: i64,
    /// Its SHA-256 digest.
    pub sha256: [u8; 32],
}

/// A list on this machine's disk, to be read several times.
pub(super) struct Unpacked {
    pub(super) file: File,
    pub(super) encodings: Encodings,
    /// Whether it is the whole list, or only its start.
    pub(super) is_whole: bool,
}

impl Staging {
    pub(super) fn new(db: Db, scratch: PathBuf, most_bytes: u64) -> Self {
        Self {
            db,
            scratch,
            most_bytes,
        }
    }

    /// Where files are made that live no longer than their use.
    pub(super) fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// Stores a list as it arrives. What broke off leaves nothing behind; the same bytes again are the same list.
    pub(super) async fn store<E>(
        &self,
        connection: ConnectionId,
        file_name: &str,
        pieces: impl Stream<Item = Result<Vec<u8>, E>>,
    ) -> Result<Uploaded, E>
    where
        E: From<ImportError>,
    {
        let id = UploadId::new();
        sqlx::query_file!(
            "src/jobs/supplier_import/sql/insert_list.sql",
            id.0,
            connection.0,
            file_name
        )
        .execute(self.db.pool())
        .await
        .map_err(ImportError::from)?;
        match self.fill(id, pieces).await {
            Ok((size, sha256)) => Ok(self.complete(connection, id, size, sha256).await?),
            Err(error) => {
                self.delete(id).await?;
                Err(error)
            }
        }
    }

    async fn fill<E>(
        &self,
        id: UploadId,
        pieces: impl Stream<Item = Result<Vec<u8>, E>>,
    ) -> Result<(i64, [u8; 32]), E>
    where
        E: From<ImportError>,
    {
        // The next piece is gathered while Postgres stores this one.
        let (sender, mut gathered) = mpsc::channel(1);
        let gather = self.gather(pieces, sender);
        let store = async {
            let mut ordinal = 0;
            while let Some(piece) = gathered.recv().await {
                let packed = pack(piece).await;
                self.insert_piece(id, ordinal, &packed).await?;
                ordinal += 1;
            }
            Ok(())
        };
        let (told, ()) = tokio::try_join!(gather, store)?;
        Ok(told)
    }

    /// Hands on the list in pieces of the stored size; tells its length and digest.
    async fn gather<E>(
        &self,
        pieces: impl Stream<Item = Result<Vec<u8>, E>>,
        gathered: mpsc::Sender<Vec<u8>>,
    ) -> Result<(i64, [u8; 32]), E>
    where
        E: From<ImportError>,
    {
        pin_mut!(pieces);
        let mut digest = Sha256::new();
        let mut size = 0_u64;
        let mut waiting: Vec<u8> = Vec::with_capacity(PIECE_BYTES);
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            size += piece.len() as u64;
            if size > self.most_bytes {
                return Err(ImportError::TooLarge {
                    limit: self.most_bytes,
                }
                .into());
            }
            digest.update(&piece);
            let mut rest = &piece[..];
            while !rest.is_empty() {
                let (now, later) = rest.split_at(rest.len().min(PIECE_BYTES - waiting.len()));
                waiting.extend_from_slice(now);
                rest = later;
                if waiting.len() == PIECE_BYTES {
                    let full = std::mem::replace(&mut waiting, Vec::with_capacity(PIECE_BYTES));
                    // Nobody takes pieces any more where storing failed, which is told from there.
                    let _ = gathered.send(full).await;
                }
            }
        }
        if !waiting.is_empty() {
            let _ = gathered.send(waiting).await;
        }
        Ok((
            i64::try_from(size).unwrap_or(i64::MAX),
            digest.finalize().into(),
        ))
    }

    async fn insert_piece(
        &self,
        id: UploadId,
        ordinal: i32,
        data: &[u8],
    ) -> Result<(), ImportError> {
        sqlx::query_file!(
            "src/jobs/supplier_import/sql/insert_piece.sql",
            id.0,
            ordinal,
            data
        )
        .execute(self.db.pool())
        .await?;
        Ok(())
    }

    async fn complete(
        &self,
        connection: ConnectionId,
        id: UploadId,
        size: i64,
        sha256: [u8; 32],
    ) -> Result<Uploaded, ImportError> {
        let completed = sqlx::query_file!(
            "src/jobs/supplier_import/sql/complete_list.sql",
            id.0,
            size,
            &sha256
        )
        .execute(self.db.pool())
        .await
        .map_err(DbError::from);
        match completed {
            Ok(done) if done.rows_affected() == 1 => return Ok(Uploaded { id, size, sha256 }),
            Ok(_) => {}
            // Two uploads of the same bytes ended at the same moment.
            Err(error) if error.violates("staged_list_content_unique") => {}
            Err(error) => return Err(error.into()),
        }
        let same = sqlx::query_file_scalar!(
            "src/jobs/supplier_import/sql/touch_same_list.sql",
            connection.0,
            &sha256
        )
        .fetch_one(self.db.pool())
        .await?;
        self.delete(id).await?;
        Ok(Uploaded {
            id: UploadId(same),
            size,
            sha256,
        })
    }

    async fn delete(&self, id: UploadId) -> Result<(), ImportError> {
        sqlx::query_file!("src/jobs/supplier_import/sql/delete_list.sql", id.0)
            .execute(self.db.pool())
            .await?;
        Ok(())
    }

    /// A complete list of this connection.
    pub(super) async fn find(
        &self,
        connection: ConnectionId,
        id: UploadId,
    ) -> Result<Option<StagedList>, DbError> {
        let found = sqlx::query_file!(
            "src/jobs/supplier_import/sql/find_list.sql",
            id.0,
            connection.0
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(found.map(|row| StagedList {
            id,
            file_name: row.file_name,
        }))
    }

    /// Says that a job reads a list; until it is released, the list is kept.
    pub(super) async fn keep_for(&self, job: JobId, list: UploadId) -> Result<(), DbError> {
        sqlx::query_file!("src/jobs/supplier_import/sql/use_list.sql", job.0, list.0)
            .execute(self.db.pool())
            .await?;
        Ok(())
    }

    /// Says that a job needs its list no more.
    pub(super) async fn release(&self, job: JobId) -> Result<(), DbError> {
        sqlx::query_file!("src/jobs/supplier_import/sql/release_list.sql", job.0)
            .execute(self.db.pool())
            .await?;
        Ok(())
    }

    /// The list that a job reads.
    pub(super) async fn of_job(&self, job: JobId) -> Result<Option<StagedList>, DbError> {
        let found = sqlx::query_file!("src/jobs/supplier_import/sql/list_of_job.sql", job.0)
            .fetch_optional(self.db.pool())
            .await?;
        Ok(found.map(|row| StagedList {
            id: UploadId(row.id),
            file_name: row.file_name,
        }))
    }

    /// Drops lists that nobody uses.
    pub(super) async fn prune(&self) -> Result<u64, DbError> {
        let dropped = sqlx::query_file!("src/jobs/supplier_import/sql/prune_lists.sql")
            .execute(self.db.pool())
            .await?;
        Ok(dropped.rows_affected())
    }

    /// Writes a stored list to disk and learns its encoding on the way.
    pub(super) async fn unpack(&self, list: UploadId) -> Result<Unpacked, ImportError> {
        self.spool(self.pieces(list)).await
    }

    /// Writes to disk what a first look at a list needs: of a long text only the start.
    pub(super) async fn unpack_start(&self, list: UploadId) -> Result<Unpacked, ImportError> {
        let mut pieces = Box::pin(self.pieces(list));
        let mut start = Vec::new();
        while start.len() < START_PIECES
            && let Some(piece) = pieces.try_next().await?
        {
            start.push(piece);
        }
        let is_text = start.first().is_some_and(|piece| !is_packed(piece));
        let is_whole = start.len() < START_PIECES || !is_text;
        let start = futures::stream::iter(start.into_iter().map(Ok));
        let mut unpacked = if is_text {
            self.spool(start).await?
        } else {
            self.spool(start.chain(pieces)).await?
        };
        unpacked.is_whole = is_whole;
        Ok(unpacked)
    }

    fn pieces(&self, list: UploadId) -> impl Stream<Item = Result<Vec<u8>, ImportError>> {
        futures::stream::try_unfold(0, move |ordinal| async move {
            let piece = sqlx::query_file_scalar!(
                "src/jobs/supplier_import/sql/read_piece.sql",
                list.0,
                ordinal
            )
            .fetch_optional(self.db.pool())
            .await?;
            piece
                .map(|packed| Ok((unpack(&packed)?, ordinal + 1)))
                .transpose()
        })
    }

    /// Writes a list to disk as it arrives, and learns its encoding on the way.
    pub(super) async fn spool(
        &self,
        pieces: impl Stream<Item = Result<Vec<u8>, ImportError>>,
    ) -> Result<Unpacked, ImportError> {
        pin_mut!(pieces);
        let (sender, mut receiver) = mpsc::channel::<Vec<u8>>(2);
        let scratch = self.scratch.clone();
        let most_bytes = self.most_bytes;
        let writer = tokio::task::spawn_blocking(move || {
            let mut file = tempfile::tempfile_in(scratch)?;
            let mut scan = EncodingScan::default();
            while let Some(piece) = receiver.blocking_recv() {
                file.write_all(&piece)?;
                scan.feed(&piece);
            }
            Ok::<_, FileError>(Unpacked {
                file,
                encodings: scan.finish(),
                is_whole: true,
            })
        });
        let mut size = 0_u64;
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            size += piece.len() as u64;
            if size > most_bytes {
                return Err(ImportError::TooLarge { limit: most_bytes });
            }
            if sender.send(piece).await.is_err() {
                break;
            }
        }
        drop(sender);
        Ok(finished(writer.await)?)
    }
}

/// A piece as it is stored: text shrinks to a quarter, which Postgres has to write, log and read the less.
async fn pack(piece: Vec<u8>) -> Vec<u8> {
    on_a_thread(move || lz4_flex::compress_prepend_size(&piece)).await
}

/// The piece that was stored.
fn unpack(packed: &[u8]) -> Result<Vec<u8>, FileError> {
    lz4_flex::decompress_size_prepended(packed).map_err(|error| {
        FileError::Disk(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("a piece of the stored list cannot be unpacked: {error}"),
        ))
    })
}
