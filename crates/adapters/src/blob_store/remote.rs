//! Objects in a bucket.
//!
//! **Invariant:** a small object is put with the condition that there is none of its name; a large one is
//! assembled from parts and appears at once. Keys hold a fresh id, so that no two writers ever share one.

use std::{ops::Range, path::Path, sync::Arc};

use app::ports::{BlobError, BlobStore, BlobStream, FoundObject, ObjectKey, ObjectWalk};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::{
    Error, GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt, PutMode, PutOptions,
    path::Path as Name,
};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes per part of a large object; S3 wants at least 5 MiB.
const PART_BYTES: u64 = 8 << 20;

/// The object store in a bucket.
#[derive(Debug, Clone)]
pub struct RemoteBlobStore {
    bucket: Arc<dyn ObjectStore>,
}

impl RemoteBlobStore {
    /// Stores into `bucket`.
    pub fn new(bucket: Arc<dyn ObjectStore>) -> Self {
        Self { bucket }
    }

    /// What a failed read means. A range that begins beyond the end is refused in words that differ from store to
    /// store; that the object is shorter than its rows say is damage, not a store that does not answer.
    async fn read_failure(&self, key: &ObjectKey, name: &Name, end: u64, error: Error) -> BlobError {
        if matches!(error, Error::NotFound { .. }) {
            return failure(error);
        }
        match self.bucket.head(name).await {
            Ok(object) if object.size < end => BlobError::Damaged { key: key.to_string() },
            _ => failure(error),
        }
    }

    async fn put_parts(&self, name: &Name, file: tokio::fs::File) -> Result<(), BlobError> {
        let mut upload = self.bucket.put_multipart(name).await.map_err(failure)?;
        let sent = send_parts(upload.as_mut(), file).await;
        if sent.is_err() {
            // What is not completed costs space until the bucket's own rule removes it.
            if let Err(error) = upload.abort().await {
                tracing::warn!(error = %error, "an unfinished object could not be given up");
            }
        }
        sent
    }
}

async fn send_parts(upload: &mut dyn MultipartUpload, mut file: tokio::fs::File) -> Result<(), BlobError> {
    loop {
        let part = next_part(&mut file).await.map_err(io_failure)?;
        if part.is_empty() {
            break;
        }
        upload.put_part(part.into()).await.map_err(failure)?;
    }
    upload.complete().await.map_err(failure)?;
    Ok(())
}

async fn next_part(file: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Bytes> {
    let mut part = Vec::new();
    file.take(PART_BYTES).read_to_end(&mut part).await?;
    Ok(Bytes::from(part))
}

fn name_of(key: &ObjectKey) -> Result<Name, BlobError> {
    Name::parse(key.as_str()).map_err(|_| BlobError::NotFound { key: key.to_string() })
}

fn failure(error: Error) -> BlobError {
    match error {
        Error::NotFound { path, .. } => BlobError::NotFound { key: path },
        // S3 refuses so what lies in an archive class (Glacier, Deep Archive) and was not restored.
        Error::PermissionDenied { path, source } if source.to_string().contains("InvalidObjectState") => {
            BlobError::Offline { key: path }
        }
        error => BlobError::Unavailable {
            cause: error.to_string(),
        },
    }
}

fn io_failure(error: std::io::Error) -> BlobError {
    BlobError::Unavailable {
        cause: error.kind().to_string(),
    }
}

#[async_trait::async_trait]
impl BlobStore for RemoteBlobStore {
    async fn put_file(&self, key: &ObjectKey, path: &Path) -> Result<(), BlobError> {
        let mut file = tokio::fs::File::open(path).await.map_err(io_failure)?;
        let length = file.metadata().await.map_err(io_failure)?.len();
        if length <= PART_BYTES {
            let content = next_part(&mut file).await.map_err(io_failure)?;
            self.put(key, content).await?;
        } else {
            self.put_parts(&name_of(key)?, file).await?;
        }
        tokio::fs::remove_file(path).await.map_err(io_failure)
    }

    async fn put(&self, key: &ObjectKey, content: Bytes) -> Result<(), BlobError> {
        let options = PutOptions {
            mode: PutMode::Create,
            ..Default::default()
        };
        self.bucket
            .put_opts(&name_of(key)?, content.into(), options)
            .await
            .map_err(failure)?;
        Ok(())
    }

    async fn read(&self, key: &ObjectKey, range: Range<u64>) -> Result<Bytes, BlobError> {
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let wanted = range.end - range.start;
        let name = name_of(key)?;
        let content = match self.bucket.get_range(&name, range.clone()).await {
            Ok(content) => content,
            Err(error) => return Err(self.read_failure(key, &name, range.end, error).await),
        };
        // Stores cut a range that reaches beyond the end; here that means a damaged object.
        if content.len() as u64 == wanted {
            Ok(content)
        } else {
            Err(BlobError::Damaged { key: key.to_string() })
        }
    }

    async fn stream(&self, key: &ObjectKey, range: Range<u64>) -> Result<BlobStream, BlobError> {
        if range.is_empty() {
            return Ok(futures_util::stream::empty().boxed());
        }
        let (name, end) = (name_of(key)?, range.end);
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..Default::default()
        };
        let object = match self.bucket.get_opts(&name, options).await {
            Ok(object) => object,
            Err(error) => return Err(self.read_failure(key, &name, end, error).await),
        };
        Ok(object.into_stream().map_err(failure).boxed())
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes, BlobError> {
        self.bucket
            .get(&name_of(key)?)
            .await
            .map_err(failure)?
            .bytes()
            .await
            .map_err(failure)
    }

    async fn list(&self, folder: &ObjectKey) -> Result<Vec<String>, BlobError> {
        let listed = self
            .bucket
            .list_with_delimiter(Some(&name_of(folder)?))
            .await
            .map_err(failure)?;
        let names = listed
            .objects
            .iter()
            .filter_map(|object| object.location.filename());
        Ok(names.map(str::to_owned).collect())
    }

    fn walk(&self, folder: &ObjectKey) -> ObjectWalk {
        let Ok(prefix) = name_of(folder) else {
            return futures_util::stream::empty().boxed();
        };
        self.bucket
            .list(Some(&prefix))
            .map_ok(|object| FoundObject {
                key: object.location.to_string(),
                bytes: object.size,
                written_at: object.last_modified,
            })
            .map_err(failure)
            .boxed()
    }

    async fn size(&self, key: &ObjectKey) -> Result<u64, BlobError> {
        Ok(self.bucket.head(&name_of(key)?).await.map_err(failure)?.size)
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), BlobError> {
        match self.bucket.delete(&name_of(key)?).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failure(error)),
        }
    }

    async fn check(&self) -> Result<(), BlobError> {
        // Listing proves address and credentials without leaving anything behind.
        self.bucket
            .list(Some(&Name::from("readiness")))
            .try_next()
            .await
            .map_err(failure)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;

    use super::*;
    use crate::blob_store::suite;

    #[tokio::test]
    async fn a_bucket_is_an_object_store() {
        let spool = tempfile::tempdir().unwrap();
        let store = RemoteBlobStore::new(Arc::new(InMemory::new()));
        suite::behaves_like_an_object_store(&store, spool.path()).await;
    }

    #[tokio::test]
    async fn what_s3_has_archived_is_offline_and_not_forbidden() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let codes = ["InvalidObjectState", "AccessDenied"];
            for code in codes {
                let (mut caller, _) = listener.accept().await.unwrap();
                let mut asked = [0; 4096];
                let _ = caller.read(&mut asked).await.unwrap();
                let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 403 Forbidden\r\ncontent-type: application/xml\r\n\
                     content-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
                caller.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let bucket = object_store::aws::AmazonS3Builder::new()
            .with_bucket_name("cold")
            .with_region("eu-central-1")
            .with_endpoint(endpoint)
            .with_allow_http(true)
            .with_access_key_id("id")
            .with_secret_access_key("secret")
            .build()
            .unwrap();
        let store = RemoteBlobStore::new(Arc::new(bucket));
        let archived = store.get(&suite::key(1)).await;
        assert!(matches!(archived, Err(BlobError::Offline { .. })), "{archived:?}");
        let forbidden = store.get(&suite::key(1)).await;
        assert!(
            matches!(forbidden, Err(BlobError::Unavailable { .. })),
            "{forbidden:?}"
        );
    }
}
