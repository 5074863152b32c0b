//! Sending a list in pieces, so that neither side holds the whole of it.

use std::{future::pending, io, path::Path};

use futures::stream;
use sluice_proto::v1::{
    ImportQueueUploadRequest, ImportQueueUploadResponse, import_queue_client::ImportQueueClient,
    supplier_import::Source,
};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt as _},
    sync::{mpsc, watch},
    time::Instant,
};
use tonic::Code;

use crate::{connect::Client, error::ClientError, retry::Backoff};

/// The largest piece that the contract allows.
const PIECE: usize = 1024 * 1024;

/// A list that the server has stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// Names the list in Enqueue and Preview.
    pub id: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its SHA-256 digest in lower-case hex.
    pub sha256: String,
}

impl Uploaded {
    /// The list as the source of an import.
    pub fn source(&self) -> Source {
        Source::UploadId(self.id.clone())
    }
}

impl Client {
    /// Sends a file, from its start again if the line breaks. With a connection's token the connection may be empty.
    pub async fn upload_file(
        &self,
        path: &Path,
        connection: &str,
    ) -> Result<Uploaded, ClientError> {
        self.upload_file_with(path, connection, |_| {}).await
    }

    /// Like [`Client::upload_file`], and tells how many bytes have been sent, each time that it is more.
    pub async fn upload_file_with(
        &self,
        path: &Path,
        connection: &str,
        mut sent: impl FnMut(u64) + Send,
    ) -> Result<Uploaded, ClientError> {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let deadline = Instant::now() + self.patience();
        let mut backoff = Backoff::new();
        loop {
            let file = File::open(path)
                .await
                .map_err(|error| unreadable(path, &error))?;
            let error = match self.upload(file, &name, connection, &mut sent).await {
                Ok(uploaded) => return Ok(uploaded),
                Err(error) => error,
            };
            let delay = backoff.next_delay();
            if !error.is_transient() || Instant::now() + delay > deadline {
                return Err(error);
            }
            tokio::time::sleep(delay).await;
        }
    }

    /// Sends what a reader gives, once.
    ///
    /// Fails with `InvalidArgument` if the reader does; the server then drops what it has.
    pub async fn upload(
        &self,
        reader: impl AsyncRead + Send + Unpin + 'static,
        file_name: &str,
        connection: &str,
        mut sent: impl FnMut(u64) + Send,
    ) -> Result<Uploaded, ClientError> {
        let (tell, mut told) = watch::channel(0_u64);
        let (fail, mut failed) = mpsc::channel(1);
        let pieces = stream::unfold(
            Pieces {
                reader,
                file_name: file_name.to_owned(),
                connection: connection.to_owned(),
                first: true,
                tell,
                fail,
            },
            Pieces::next,
        );
        let mut client = ImportQueueClient::new(self.wire());
        let mut call = std::pin::pin!(client.upload(pieces));
        let answer: ImportQueueUploadResponse = loop {
            tokio::select! {
                answer = &mut call => break answer?.into_inner(),
                Some(error) = failed.recv() => return Err(unreadable(Path::new(file_name), &error)),
                Ok(()) = told.changed() => sent(*told.borrow_and_update()),
            }
        };
        let all = *told.borrow();
        sent(all);
        let size = u64::try_from(answer.size).unwrap_or_default();
        if size != all {
            return Err(ClientError::local(
                Code::DataLoss,
                format!("the server stored {size} of {all} bytes"),
            ));
        }
        Ok(Uploaded {
            id: answer.upload_id,
            size,
            sha256: answer.sha256,
        })
    }
}

fn unreadable(path: &Path, error: &io::Error) -> ClientError {
    ClientError::unusable(
        "file",
        format!("{} cannot be read: {error}", path.display()),
    )
}

/// The request stream of an upload.
struct Pieces<R> {
    reader: R,
    file_name: String,
    connection: String,
    first: bool,
    tell: watch::Sender<u64>,
    fail: mpsc::Sender<io::Error>,
}

impl<R: AsyncRead + Send + Unpin> Pieces<R> {
    async fn next(mut self) -> Option<(ImportQueueUploadRequest, Self)> {
        let mut data = Vec::with_capacity(PIECE);
        let piece = u64::try_from(PIECE).unwrap_or(u64::MAX);
        if let Err(error) = (&mut self.reader).take(piece).read_to_end(&mut data).await {
            // Ending the stream here would make half a list look whole: hold it until the call is dropped.
            // There is room: this is the only message ever.
            let _ = self.fail.try_send(error);
            return pending().await;
        }
        // An empty list is one empty piece: the server is the one to say what is wrong with it.
        if data.is_empty() && !self.first {
            return None;
        }
        self.tell.send_modify(|sent| *sent += data.len() as u64);
        let request = ImportQueueUploadRequest {
            file_name: std::mem::take(&mut self.file_name),
            connection: std::mem::take(&mut self.connection),
            data,
        };
        self.first = false;
        Some((request, self))
    }
}
