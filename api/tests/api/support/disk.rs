//! The object store in a folder, on a disk that a test can fill.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use adapters::blob_store::LocalBlobStore;
use app::ports::{BlobError, BlobStore, BlobStream, ObjectKey, ObjectWalk};
use bytes::Bytes;

/// One folder, opened twice: with room, and with a reserve no disk has.
#[derive(Debug)]
pub struct Disk {
    roomy: LocalBlobStore,
    full: LocalBlobStore,
    is_full: AtomicBool,
}

impl Disk {
    pub fn open(root: &Path) -> Self {
        Self {
            roomy: LocalBlobStore::open(root, 0).unwrap(),
            full: LocalBlobStore::open(root, u64::MAX).unwrap(),
            is_full: AtomicBool::new(false),
        }
    }

    pub fn set_full(&self, full: bool) {
        self.is_full.store(full, Ordering::SeqCst);
    }

    fn store(&self) -> &LocalBlobStore {
        if self.is_full.load(Ordering::SeqCst) {
            &self.full
        } else {
            &self.roomy
        }
    }
}

#[async_trait::async_trait]
impl BlobStore for Disk {
    async fn put_file(&self, key: &ObjectKey, path: &Path) -> Result<(), BlobError> {
        self.store().put_file(key, path).await
    }
    async fn put(&self, key: &ObjectKey, content: Bytes) -> Result<(), BlobError> {
        self.store().put(key, content).await
    }
    async fn read(&self, key: &ObjectKey, range: Range<u64>) -> Result<Bytes, BlobError> {
        self.store().read(key, range).await
    }
    async fn stream(&self, key: &ObjectKey, range: Range<u64>) -> Result<BlobStream, BlobError> {
        self.store().stream(key, range).await
    }
    async fn get(&self, key: &ObjectKey) -> Result<Bytes, BlobError> {
        self.store().get(key).await
    }
    async fn list(&self, folder: &ObjectKey) -> Result<Vec<String>, BlobError> {
        self.store().list(folder).await
    }
    fn local_file(&self, key: &ObjectKey) -> Option<PathBuf> {
        self.store().local_file(key)
    }
    fn walk(&self, folder: &ObjectKey) -> ObjectWalk {
        self.store().walk(folder)
    }
    async fn size(&self, key: &ObjectKey) -> Result<u64, BlobError> {
        self.store().size(key).await
    }
    async fn delete(&self, key: &ObjectKey) -> Result<(), BlobError> {
        self.store().delete(key).await
    }
    async fn check(&self) -> Result<(), BlobError> {
        self.store().check().await
    }
}

/// Every file below `folder` with this extension.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}
