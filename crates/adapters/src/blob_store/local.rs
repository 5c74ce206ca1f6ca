//! Objects as files below one folder.
//!
//! **Invariant:** when a write returns, the file's bytes, its name and every folder on the way to it have been
//! synced; a power failure loses none of them.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, ErrorKind, Write},
    ops::Range,
    os::unix::fs::FileExt,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use app::ports::{BlobError, BlobStore, BlobStream, FoundObject, ObjectKey, ObjectWalk};
use bytes::Bytes;
use chrono::DateTime;
use futures_util::{StreamExt, stream};
use rustix::{
    fs::{CWD, RenameFlags, renameat_with, statvfs},
    io::Errno,
};
use tempfile::NamedTempFile;

use super::OpenError;

/// Bytes per chunk of a stream.
const CHUNK_BYTES: u64 = 512 << 10;
/// Half-written small objects older than this are a dead process's.
const LEFTOVER_AGE: Duration = Duration::from_secs(3600);
/// So many folders are remembered as durable; a sync costs as much as an image's own.
const FOLDERS_REMEMBERED: usize = 10_000;

/// The object store in a folder.
#[derive(Debug, Clone)]
pub struct LocalBlobStore {
    root: PathBuf,
    incoming: PathBuf,
    reserve_bytes: u64,
    /// Folders that this process has seen synced into the one above them, up to the root.
    durable: Arc<Mutex<HashSet<PathBuf>>>,
}

impl LocalBlobStore {
    /// Opens or makes the folder. Writes fail with [`BlobError::Full`] when less than `reserve_bytes` are free.
    pub fn open(root: impl AsRef<Path>, reserve_bytes: u64) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Folder {
            path: root.as_ref().to_owned(),
            source,
        };
        let incoming = root.as_ref().join("incoming");
        fs::create_dir_all(&incoming).map_err(failed)?;
        let root = fs::canonicalize(root.as_ref()).map_err(failed)?;
        let incoming = root.join("incoming");
        remove_leftovers(&incoming).map_err(failed)?;
        Ok(Self {
            root,
            incoming,
            reserve_bytes,
            durable: Arc::default(),
        })
    }

    /// The folder as it will be when its disk is there; nothing is made or looked at now.
    pub(super) fn unseen(root: PathBuf) -> Self {
        Self {
            incoming: root.join("incoming"),
            root,
            reserve_bytes: 0,
            durable: Arc::default(),
        }
    }

    fn path_of(&self, key: &ObjectKey) -> Result<PathBuf, BlobError> {
        let path = Path::new(key.as_str());
        // Keys come from our own code and our own rows; a row that was tampered with must still stay inside.
        if path.components().all(|part| matches!(part, Component::Normal(_))) {
            Ok(self.root.join(path))
        } else {
            Err(BlobError::NotFound { key: key.to_string() })
        }
    }

    fn ensure_room(&self, bytes: u64) -> Result<(), BlobError> {
        let disk = statvfs(&self.root).map_err(|errno| failure(&errno.into()))?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free.saturating_sub(bytes) < self.reserve_bytes {
            Err(BlobError::Full)
        } else {
            Ok(())
        }
    }

    /// Syncs the file at `path` and gives it its name.
    fn publish(&self, path: &Path, target: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()?;
        let folder = target.parent().ok_or(ErrorKind::InvalidInput)?;
        self.make_folders(folder)?;
        match rename_unless_taken(path, target) {
            // Somebody removed a folder we remember: make it again.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.durable().clear();
                self.make_folders(folder)?;
                rename_unless_taken(path, target)?;
            }
            done => done?,
        }
        sync_folder(folder)
    }

    fn durable(&self) -> std::sync::MutexGuard<'_, HashSet<PathBuf>> {
        self.durable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the folders from the root down to `folder`, each synced into the one above it, except those this
    /// process has seen synced.
    fn make_folders(&self, folder: &Path) -> io::Result<()> {
        if folder == self.root || self.durable().contains(folder) {
            return Ok(());
        }
        let above = folder.parent().filter(|above| above.starts_with(&self.root));
        let above = above.ok_or(ErrorKind::InvalidInput)?;
        self.make_folders(above)?;
        match fs::create_dir(folder) {
            // Another writer that made it may not have synced it yet, so sync in both cases.
            Ok(()) => sync_folder(above)?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => sync_folder(above)?,
            Err(error) => return Err(error),
        }
        let mut durable = self.durable();
        if durable.len() >= FOLDERS_REMEMBERED {
            durable.clear();
        }
        durable.insert(folder.to_owned());
        Ok(())
    }
}

/// Renames, unless `to` exists. File systems that cannot do both at once take a link and drop the old name.
fn rename_unless_taken(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(Errno::INVAL | Errno::NOSYS) => {
            fs::hard_link(from, to)?;
            fs::remove_file(from)
        }
        Err(errno) => Err(errno.into()),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn remove_leftovers(incoming: &Path) -> io::Result<()> {
    for entry in fs::read_dir(incoming)? {
        let entry = entry?;
        let old = entry
            .metadata()?
            .modified()?
            .elapsed()
            .is_ok_and(|age| age > LEFTOVER_AGE);
        if old {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn failure(error: &io::Error) -> BlobError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => BlobError::Full,
        kind => BlobError::Unavailable {
            cause: kind.to_string(),
        },
    }
}

fn read_failure(key: &ObjectKey, error: &io::Error) -> BlobError {
    match error.kind() {
        ErrorKind::NotFound => BlobError::NotFound { key: key.to_string() },
        // Rows name no byte that an object did not have when it was made.
        ErrorKind::UnexpectedEof => BlobError::Damaged { key: key.to_string() },
        _ => failure(error),
    }
}

/// Runs file work where it may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(BlobError::Unavailable {
            cause: error.to_string(),
        })
    })
}

#[async_trait::async_trait]
impl BlobStore for LocalBlobStore {
    async fn put_file(&self, key: &ObjectKey, path: &Path) -> Result<(), BlobError> {
        let (store, target, path) = (self.clone(), self.path_of(key)?, path.to_owned());
        blocking(move || {
            // The bytes are on this disk already when the spool is where it should be.
            store.ensure_room(0)?;
            match store.publish(&path, &target) {
                Err(error) if error.kind() == ErrorKind::CrossesDevices => store.copy_in(&path, &target),
                done => done.map_err(|error| failure(&error)),
            }
        })
        .await
    }

    async fn put(&self, key: &ObjectKey, content: Bytes) -> Result<(), BlobError> {
        let (store, target) = (self.clone(), self.path_of(key)?);
        blocking(move || {
            store.ensure_room(content.len() as u64)?;
            let mut file = NamedTempFile::new_in(&store.incoming).map_err(|error| failure(&error))?;
            file.write_all(&content).map_err(|error| failure(&error))?;
            store
                .publish(file.path(), &target)
                .map_err(|error| failure(&error))
        })
        .await
    }

    async fn read(&self, key: &ObjectKey, range: Range<u64>) -> Result<Bytes, BlobError> {
        let (path, key) = (self.path_of(key)?, key.clone());
        blocking(move || {
            let file = File::open(&path).map_err(|error| read_failure(&key, &error))?;
            read_range(&file, &range).map_err(|error| read_failure(&key, &error))
        })
        .await
    }

    async fn stream(&self, key: &ObjectKey, range: Range<u64>) -> Result<BlobStream, BlobError> {
        let (path, key) = (self.path_of(key)?, key.clone());
        let (file, key) = blocking(move || {
            let file = File::open(&path).map_err(|error| read_failure(&key, &error))?;
            Ok((file, key))
        })
        .await?;
        let chunks = stream::try_unfold((file, range), move |(file, range)| {
            let key = key.clone();
            async move {
                if range.is_empty() {
                    return Ok(None);
                }
                let end = range.end.min(range.start + CHUNK_BYTES);
                let (chunk, file) = blocking(move || {
                    let chunk =
                        read_range(&file, &(range.start..end)).map_err(|error| read_failure(&key, &error))?;
                    Ok((chunk, file))
                })
                .await?;
                Ok(Some((chunk, (file, end..range.end))))
            }
        });
        Ok(chunks.boxed())
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes, BlobError> {
        let (path, key) = (self.path_of(key)?, key.clone());
        blocking(move || {
            fs::read(&path)
                .map(Bytes::from)
                .map_err(|error| read_failure(&key, &error))
        })
        .await
    }

    async fn list(&self, folder: &ObjectKey) -> Result<Vec<String>, BlobError> {
        let path = self.path_of(folder)?;
        blocking(move || {
            let entries = match fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(failure(&error)),
            };
            let mut names = Vec::new();
            for entry in entries {
                let entry = entry.map_err(|error| failure(&error))?;
                let is_file = entry.file_type().map_err(|error| failure(&error))?.is_file();
                names.extend(entry.file_name().into_string().ok().filter(|_| is_file));
            }
            Ok(names)
        })
        .await
    }

    fn walk(&self, folder: &ObjectKey) -> ObjectWalk {
        let begin = match self.path_of(folder) {
            Ok(path) => vec![path],
            Err(_) => Vec::new(),
        };
        let walking = Walking {
            root: self.root.clone(),
            folders: begin,
            found: Vec::new(),
        };
        stream::try_unfold(walking, |mut walking| async move {
            loop {
                if let Some(found) = walking.found.pop() {
                    return Ok(Some((found, walking)));
                }
                if walking.folders.is_empty() {
                    return Ok(None);
                }
                walking = blocking(move || walking.open_next()).await?;
            }
        })
        .boxed()
    }

    async fn size(&self, key: &ObjectKey) -> Result<u64, BlobError> {
        let (path, key) = (self.path_of(key)?, key.clone());
        blocking(move || {
            fs::metadata(&path)
                .map(|metadata| metadata.len())
                .map_err(|error| read_failure(&key, &error))
        })
        .await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), BlobError> {
        let path = self.path_of(key)?;
        blocking(move || match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failure(&error)),
            _ => Ok(()),
        })
        .await
    }

    async fn check(&self) -> Result<(), BlobError> {
        let store = self.clone();
        blocking(move || {
            store.ensure_room(0)?;
            let mut file = NamedTempFile::new_in(&store.incoming).map_err(|error| failure(&error))?;
            file.write_all(b"ready").map_err(|error| failure(&error))
        })
        .await
    }

    fn local_file(&self, key: &ObjectKey) -> Option<PathBuf> {
        self.path_of(key).ok()
    }
}

/// A walk, one folder in memory at a time.
struct Walking {
    root: PathBuf,
    folders: Vec<PathBuf>,
    found: Vec<FoundObject>,
}

impl Walking {
    /// Reads the next folder. One that vanished meanwhile held nothing.
    fn open_next(mut self) -> Result<Self, BlobError> {
        let Some(folder) = self.folders.pop() else {
            return Ok(self);
        };
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(self),
            Err(error) => return Err(failure(&error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| failure(&error))?;
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(failure(&error)),
            };
            if metadata.is_dir() {
                self.folders.push(entry.path());
                continue;
            }
            let path = entry.path();
            let Some(key) = path.strip_prefix(&self.root).ok().and_then(Path::to_str) else {
                continue;
            };
            let written = metadata.modified().map_err(|error| failure(&error))?;
            self.found.push(FoundObject {
                key: key.to_owned(),
                bytes: metadata.len(),
                written_at: DateTime::from(written),
            });
        }
        Ok(self)
    }
}

impl LocalBlobStore {
    /// The spool lies on another disk: copy, then publish the copy.
    fn copy_in(&self, path: &Path, target: &Path) -> Result<(), BlobError> {
        let mut source = File::open(path).map_err(|error| failure(&error))?;
        let mut copy = NamedTempFile::new_in(&self.incoming).map_err(|error| failure(&error))?;
        self.ensure_room(source.metadata().map_err(|error| failure(&error))?.len())?;
        io::copy(&mut source, &mut copy).map_err(|error| failure(&error))?;
        self.publish(copy.path(), target)
            .and_then(|()| fs::remove_file(path))
            .map_err(|error| failure(&error))
    }
}

fn read_range(file: &File, range: &Range<u64>) -> io::Result<Bytes> {
    // Never allocate by what a caller asks for beyond what is there.
    let length = file.metadata()?.len();
    if range.end > length || range.start > range.end {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let length = usize::try_from(range.end - range.start).map_err(|_| ErrorKind::InvalidInput)?;
    let mut chunk = vec![0; length];
    file.read_exact_at(&mut chunk, range.start)?;
    Ok(Bytes::from(chunk))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob_store::suite;

    #[tokio::test]
    async fn a_folder_is_an_object_store() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalBlobStore::open(folder.path().join("objects"), 0).unwrap();
        suite::behaves_like_an_object_store(&store, folder.path()).await;
    }

    #[tokio::test]
    async fn a_folder_that_was_removed_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalBlobStore::open(folder.path(), 0).unwrap();
        let (first, second) = (suite::key(1), suite::key(2));
        store.put(&first, Bytes::from_static(b"gone")).await.unwrap();
        fs::remove_dir_all(folder.path().join("t")).unwrap();
        store.put(&second, Bytes::from_static(b"there")).await.unwrap();
        assert_eq!(store.get(&second).await.unwrap(), "there");
    }

    #[tokio::test]
    async fn a_disk_without_its_reserve_is_full_and_still_readable() {
        let folder = tempfile::tempdir().unwrap();
        let roomy = LocalBlobStore::open(folder.path(), 0).unwrap();
        let key = suite::key(1);
        roomy.put(&key, Bytes::from_static(b"kept")).await.unwrap();

        let full = LocalBlobStore::open(folder.path(), u64::MAX).unwrap();
        let spooled = folder.path().join("spooled");
        fs::write(&spooled, b"more").unwrap();
        assert!(matches!(
            full.put(&suite::key(2), Bytes::from_static(b"more")).await,
            Err(BlobError::Full)
        ));
        assert!(matches!(
            full.put_file(&suite::key(3), &spooled).await,
            Err(BlobError::Full)
        ));
        assert!(matches!(full.check().await, Err(BlobError::Full)));
        assert_eq!(full.get(&key).await.unwrap(), "kept");
        assert!(matches!(
            full.get(&suite::key(2)).await,
            Err(BlobError::NotFound { .. })
        ));
    }
}
