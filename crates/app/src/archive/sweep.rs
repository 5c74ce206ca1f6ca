//! Cleaning up after processes that are gone.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use domain::{BatchId, ErrorCode, TenantId};
use uuid::Uuid;

use super::{
    batch_file::{MARKER, tar_of},
    spool::blocking,
};
use crate::{App, AppError, jobs::program_actor, ports::ObjectKey};

/// Spooled files that are no batches and older than this are nobody's.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 3600);

/// What a sweep found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Batches that broke off before they were committed.
    pub batches: u32,
    /// Objects of such batches that no row refers to.
    pub objects: u32,
}

/// A batch whose process is gone. The lock keeps other sweepers away.
#[derive(Debug)]
struct Abandoned {
    marker: PathBuf,
    object_key: String,
    _lock: File,
}

impl App {
    /// Removes what requests left behind whose process died: the spooled file, and the object if the database does
    /// not know it. Several processes may share the spool: a batch under way is locked.
    pub async fn sweep_spool(&self) -> Result<Swept, AppError> {
        let folder = self.settings.spool_dir.clone();
        let abandoned = blocking(move || {
            fs::create_dir_all(&folder)?;
            remove_old(&folder)?;
            find_abandoned(&folder)
        })
        .await?;
        let mut swept = Swept::default();
        for batch in abandoned {
            match self.remove_unknown_object(&batch.object_key).await {
                Ok(removed) => swept.objects += u32::from(removed),
                // The marker stays until the media are there to be looked at.
                Err(error) if error.code() == ErrorCode::StudyOffline => continue,
                Err(error) => {
                    tracing::warn!(error = %error, "an abandoned batch waits for the next sweep");
                    continue;
                }
            }
            blocking(move || {
                remove_if_there(&tar_of(&batch.marker))?;
                remove_if_there(&batch.marker)
            })
            .await?;
            swept.batches += 1;
        }
        Ok(swept)
    }

    async fn remove_unknown_object(&self, key: &str) -> Result<bool, AppError> {
        // A marker that a power cut left empty names nothing. If its object was begun, `verify` finds that nobody's.
        let Some((tenant, batch)) = parse(key) else {
            return Ok(false);
        };
        let Some(key) = ObjectKey::stored(tenant, key.to_owned()) else {
            return Ok(false);
        };
        let tx = self.store.begin(&program_actor(tenant)).await?;
        let is_nobodys = tx.is_nobodys_batch(batch, self.clock.now()).await?;
        if is_nobodys {
            // What was on its way to the slow store has its marker here, too.
            for store in [Some(&self.blobs), self.cold.as_ref()].into_iter().flatten() {
                store.delete(&key).await?;
            }
        }
        Ok(is_nobodys)
    }
}

/// The tenant and batch of an originals' key.
fn parse(key: &str) -> Option<(TenantId, BatchId)> {
    let mut parts = key.strip_prefix("t/")?.split('/');
    let tenant = Uuid::try_parse(parts.next()?).ok()?;
    let batch = Uuid::try_parse(parts.next_back()?.strip_suffix(".tar")?).ok()?;
    Some((TenantId::from_uuid(tenant), BatchId::from_uuid(batch)))
}

fn find_abandoned(folder: &Path) -> io::Result<Vec<Abandoned>> {
    let mut abandoned = Vec::new();
    for entry in fs::read_dir(folder)? {
        let marker = entry?.path();
        if marker.extension().is_none_or(|extension| extension != MARKER) {
            continue;
        }
        let lock = match File::open(&marker) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if lock.try_lock().is_ok() {
            let object_key = fs::read_to_string(&marker).unwrap_or_default();
            abandoned.push(Abandoned {
                marker,
                object_key,
                _lock: lock,
            });
        }
    }
    Ok(abandoned)
}

fn remove_old(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let batch = path
            .extension()
            .is_some_and(|extension| extension == MARKER || extension == "tar");
        let Ok(metadata) = entry.metadata() else { continue };
        let old = metadata.modified()?.elapsed().is_ok_and(|age| age > LEFTOVER_AGE);
        if metadata.is_file() && old && !batch {
            remove_if_there(&path)?;
        }
    }
    Ok(())
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_key_names_its_tenant_and_batch() {
        let (tenant, batch) = (TenantId::from_uuid(Uuid::from_u128(1)), Uuid::from_u128(2));
        let key = ObjectKey::originals(tenant, DateTime::UNIX_EPOCH, batch);
        assert_eq!(parse(key.as_str()), Some((tenant, BatchId::from_uuid(batch))));
        assert_eq!(parse("t/../../etc/passwd.tar"), None);
        assert_eq!(parse(""), None);
    }
}
