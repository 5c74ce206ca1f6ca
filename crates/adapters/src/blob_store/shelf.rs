//! Objects in a folder on a disk that is not always there.
//!
//! **Invariant:** nothing is read, written or believed absent unless the folder's mark is there. Without it the folder is
//! an empty mount point: an object would seem lost, and one written there would vanish when the disk comes back.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use app::ports::{BlobError, BlobStore, BlobStream, ObjectKey, ObjectWalk};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::fs;

use super::{LocalBlobStore, OpenError};

/// The file by which the folder is known. Who prepares the disk makes it once; the program never does.
pub const SHELF_MARK: &str = "telerad-shelf";

/// The object store on a disk that may be in a cupboard.
#[derive(Debug, Clone)]
pub struct ShelfBlobStore {
    mark: PathBuf,
    incoming: PathBuf,
    folder: LocalBlobStore,
}

impl ShelfBlobStore {
    /// The folder at `root`, whether it is there now or not.
    pub fn open(root: impl AsRef<Path>) -> Result<Self, OpenError> {
        let root = std::path::absolute(root.as_ref()).map_err(|source| OpenError::Folder {
            path: root.as_ref().to_owned(),
            source,
        })?;
        Ok(Self {
            mark: root.join(SHELF_MARK),
            incoming: root.join("incoming"),
            folder: LocalBlobStore::unseen(root),
        })
    }

    fn is_here(&self) -> bool {
        self.mark.is_file()
    }

    /// Fails when the disk is away. A mount that hangs holds nobody else up.
    async fn require(&self, key: &ObjectKey) -> Result<(), BlobError> {
        match fs::metadata(&self.mark).await {
            Ok(mark) if mark.is_file() => Ok(()),
            _ => Err(BlobError::Offline { key: key.to_string() }),
        }
    }

    async fn require_room(&self, key: &ObjectKey) -> Result<(), BlobError> {
        self.require(key).await?;
        let made = fs::create_dir_all(&self.incoming).await;
        made.map_err(|error| BlobError::of_spool(error.kind()))
    }

    /// What an operation found out counts only when the disk was there to the end.
    async fn judged<T>(&self, key: &ObjectKey, done: Result<T, BlobError>) -> Result<T, BlobError> {
        self.require(key).await?;
        done
    }
}

#[async_trait::async_trait]
impl BlobStore for ShelfBlobStore {
    async fn put_file(&self, key: &ObjectKey, path: &Path) -> Result<(), BlobError> {
        self.require_room(key).await?;
        let done = self.folder.put_file(key, path).await;
        self.judged(key, done).await
    }

    async fn put(&self, key: &ObjectKey, content: Bytes) -> Result<(), BlobError> {
        self.require_room(key).await?;
        let done = self.folder.put(key, content).await;
        self.judged(key, done).await
    }

    async fn read(&self, key: &ObjectKey, range: Range<u64>) -> Result<Bytes, BlobError> {
        let done = self.folder.read(key, range).await;
        self.judged(key, done).await
    }

    async fn stream(&self, key: &ObjectKey, range: Range<u64>) -> Result<BlobStream, BlobError> {
        let done = self.folder.stream(key, range).await;
        let (shelf, key) = (self.clone(), key.clone());
        let chunks = self.judged(&key, done).await?;
        Ok(chunks
            .then(move |chunk| {
                let (shelf, key) = (shelf.clone(), key.clone());
                async move {
                    match chunk {
                        Err(error) => shelf.judged(&key, Err(error)).await,
                        chunk => chunk,
                    }
                }
            })
            .boxed())
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes, BlobError> {
        let done = self.folder.get(key).await;
        self.judged(key, done).await
    }

    fn local_file(&self, key: &ObjectKey) -> Option<PathBuf> {
        self.is_here().then(|| self.folder.local_file(key)).flatten()
    }

    async fn list(&self, folder: &ObjectKey) -> Result<Vec<String>, BlobError> {
        let done = self.folder.list(folder).await;
        self.judged(folder, done).await
    }

    fn walk(&self, folder: &ObjectKey) -> ObjectWalk {
        let (shelf, folder) = (self.clone(), folder.clone());
        stream::once(async move {
            shelf.require(&folder).await?;
            Ok(shelf.folder.walk(&folder))
        })
        .try_flatten()
        .boxed()
    }

    async fn size(&self, key: &ObjectKey) -> Result<u64, BlobError> {
        let done = self.folder.size(key).await;
        self.judged(key, done).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), BlobError> {
        let done = self.folder.delete(key).await;
        self.judged(key, done).await
    }

    async fn check(&self) -> Result<(), BlobError> {
        // That a disk is in its cupboard is no fault.
        if !self.is_here() {
            return Ok(());
        }
        let made = fs::create_dir_all(&self.incoming).await;
        made.map_err(|error| BlobError::of_spool(error.kind()))?;
        self.folder.check().await
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::blob_store::suite;

    #[tokio::test]
    async fn a_shelf_that_is_there_is_an_object_store() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("shelf");
        fs::create_dir(&root).unwrap();
        fs::write(root.join(SHELF_MARK), b"").unwrap();
        let shelf = ShelfBlobStore::open(&root).unwrap();
        suite::behaves_like_an_object_store(&shelf, folder.path()).await;
    }

    #[tokio::test]
    async fn an_empty_mount_point_takes_nothing_and_has_lost_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (root, cupboard) = (folder.path().join("shelf"), folder.path().join("cupboard"));
        fs::create_dir(&root).unwrap();
        fs::write(root.join(SHELF_MARK), b"").unwrap();
        let shelf = ShelfBlobStore::open(&root).unwrap();
        let key = suite::key(1);
        shelf.put(&key, Bytes::from_static(b"kept")).await.unwrap();

        fs::rename(&root, &cupboard).unwrap();
        fs::create_dir(&root).unwrap();
        let is_away = |error: Option<BlobError>| matches!(error, Some(BlobError::Offline { .. }));
        assert!(is_away(shelf.get(&key).await.err()));
        assert!(is_away(shelf.size(&key).await.err()));
        assert!(is_away(shelf.stream(&key, 0..4).await.err()));
        assert!(is_away(shelf.delete(&key).await.err()));
        assert!(is_away(shelf.put(&suite::key(2), Bytes::new()).await.err()));
        let spooled = folder.path().join("spooled");
        fs::write(&spooled, b"more").unwrap();
        assert!(is_away(shelf.put_file(&suite::key(3), &spooled).await.err()));
        assert!(spooled.exists(), "what is not stored is still where it was");
        assert!(is_away(shelf.walk(&key).next().await.unwrap().err()));
        assert_eq!(shelf.local_file(&key), None);
        shelf.check().await.unwrap();
        assert_eq!(
            fs::read_dir(&root).unwrap().count(),
            0,
            "nothing is left on the wrong disk"
        );

        fs::remove_dir(&root).unwrap();
        fs::rename(&cupboard, &root).unwrap();
        assert_eq!(shelf.get(&key).await.unwrap(), "kept");
    }
}
