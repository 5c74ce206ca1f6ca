//! A batch's file, worked on where it may block while its sender goes on.
//!
//! **Invariant:** at most one piece of work is under way; whoever wants the file waits for it.

use std::io;

use tokio::task::JoinHandle;

use super::batch_file::{BatchFile, ReceivedPart};
use crate::{AppError, ports::BlobError};

/// The spooled file of a batch, at rest or in the hands of a thread that may block.
#[derive(Debug)]
pub(super) enum Spool {
    /// Nobody works on it.
    Resting(Box<BatchFile>),
    /// What the work finds comes with the file.
    Working(JoinHandle<io::Result<Worked>>),
    /// A piece of work failed, or was broken off.
    Lost,
}

type Worked = (Box<BatchFile>, Option<ReceivedPart>);

impl Spool {
    /// Begins a piece of work, and gives what the one before it found.
    pub async fn begin(
        &mut self,
        work: impl FnOnce(&mut BatchFile) -> io::Result<Option<ReceivedPart>> + Send + 'static,
    ) -> Result<Option<ReceivedPart>, AppError> {
        let (mut file, found) = self.take().await?;
        *self = Self::Working(tokio::task::spawn_blocking(move || {
            let found = work(&mut file)?;
            Ok((file, found))
        }));
        Ok(found)
    }

    /// Waits for the work under way, and gives what it found.
    pub async fn settle(&mut self) -> Result<Option<ReceivedPart>, AppError> {
        let (file, found) = self.take().await?;
        *self = Self::Resting(file);
        Ok(found)
    }

    /// The file, when the work under way is done and nothing more is added.
    pub async fn into_file(mut self) -> Result<Box<BatchFile>, AppError> {
        Ok(self.take().await?.0)
    }

    async fn take(&mut self) -> Result<Worked, AppError> {
        match std::mem::replace(self, Self::Lost) {
            Self::Resting(file) => Ok((file, None)),
            Self::Working(work) => done(work.await),
            Self::Lost => Err(AppError::Internal {
                what: "a batch went on after its spool had failed".to_owned(),
            }),
        }
    }
}

/// Works on files where it may block.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, AppError> {
    done(tokio::task::spawn_blocking(work).await)
}

fn done<T>(outcome: Result<io::Result<T>, tokio::task::JoinError>) -> Result<T, AppError> {
    match outcome {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(BlobError::of_spool(error.kind()).into()),
        Err(error) => Err(AppError::Internal {
            what: format!("the spool: {error}"),
        }),
    }
}
