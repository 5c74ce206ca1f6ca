//! What every object store must do, whatever it is made of.

use std::path::Path;

use app::ports::{BlobError, BlobStore, FoundObject, ObjectKey};
use bytes::Bytes;
use chrono::DateTime;
use domain::TenantId;
use futures_util::TryStreamExt;
use uuid::Uuid;

/// A key like those of real objects.
pub fn key(number: u128) -> ObjectKey {
    let tenant = TenantId::from_uuid(Uuid::from_u128(7));
    ObjectKey::originals(tenant, DateTime::UNIX_EPOCH, Uuid::from_u128(number))
}

/// Larger than one part of a bucket and one chunk of a folder.
fn pattern() -> Vec<u8> {
    (0..9_000_001u32).map(|at| (at % 251) as u8).collect()
}

/// Puts `store` through its paces; `spool` is a folder for files to hand over.
pub async fn behaves_like_an_object_store(store: &dyn BlobStore, spool: &Path) {
    store.check().await.unwrap();
    hands_back_what_it_was_given(store, spool).await;
    never_replaces(store, spool).await;
    knows_what_it_does_not_have(store).await;
    lists_one_folder(store).await;
    walks_over_one_tenant(store).await;
}

async fn walks_over_one_tenant(store: &dyn BlobStore) {
    let tenants = [20, 21].map(|number| TenantId::from_uuid(Uuid::from_u128(number)));
    for tenant in tenants {
        for number in 1..=3u32 {
            let key = ObjectKey::rendition(tenant, Uuid::from_u128(u128::from(number)), number, Uuid::nil());
            let content = vec![0; number as usize];
            store.put(&key, Bytes::from(content)).await.unwrap();
            assert_eq!(store.size(&key).await.unwrap(), u64::from(number));
        }
    }
    let found: Vec<FoundObject> = store
        .walk(&ObjectKey::tenant(tenants[0]))
        .try_collect()
        .await
        .unwrap();
    let mut sizes: Vec<u64> = found.iter().map(|object| object.bytes).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 2, 3]);
    for object in found {
        let key = ObjectKey::stored(tenants[0], object.key).expect("a walk stays with its tenant");
        assert!(
            store.get(&key).await.is_ok(),
            "a walk gives keys that can be read"
        );
    }
    let nobody = ObjectKey::tenant(TenantId::from_uuid(Uuid::from_u128(22)));
    assert_eq!(store.walk(&nobody).try_collect::<Vec<_>>().await.unwrap(), []);
}

async fn lists_one_folder(store: &dyn BlobStore) {
    let tenant = TenantId::from_uuid(Uuid::from_u128(7));
    let folder = ObjectKey::checkpoints(tenant);
    assert!(store.list(&folder).await.unwrap().is_empty());
    for sequence in [9, 10] {
        let key = ObjectKey::checkpoint(tenant, sequence, Uuid::nil());
        store.put(&key, Bytes::from_static(b"signed")).await.unwrap();
    }
    let mut names = store.list(&folder).await.unwrap();
    names.sort();
    assert_eq!(names.len(), 2);
    assert!(
        names[1].starts_with(&ObjectKey::checkpoint_number(10)),
        "{names:?}"
    );
}

async fn hands_back_what_it_was_given(store: &dyn BlobStore, spool: &Path) {
    let content = pattern();
    let path = spool.join("large");
    std::fs::write(&path, &content).unwrap();
    store.put_file(&key(1), &path).await.unwrap();
    assert!(!path.exists(), "the spooled file is gone");

    assert_eq!(store.get(&key(1)).await.unwrap(), content);
    assert_eq!(store.read(&key(1), 250..1250).await.unwrap(), content[250..1250]);
    assert_eq!(store.read(&key(1), 5..5).await.unwrap(), "");
    let streamed: Vec<Bytes> = store
        .stream(&key(1), 3..9_000_000)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(streamed.concat(), content[3..9_000_000]);

    store.put(&key(2), Bytes::from_static(b"small")).await.unwrap();
    assert_eq!(store.get(&key(2)).await.unwrap(), "small");
}

async fn never_replaces(store: &dyn BlobStore, spool: &Path) {
    let path = spool.join("second");
    std::fs::write(&path, b"second").unwrap();
    assert!(store.put_file(&key(2), &path).await.is_err());
    assert!(store.put(&key(2), Bytes::from_static(b"third")).await.is_err());
    assert_eq!(store.get(&key(2)).await.unwrap(), "small");
}

async fn knows_what_it_does_not_have(store: &dyn BlobStore) {
    assert!(matches!(
        store.get(&key(9)).await,
        Err(BlobError::NotFound { .. })
    ));
    assert!(matches!(
        store.read(&key(9), 0..1).await,
        Err(BlobError::NotFound { .. })
    ));
    assert!(matches!(
        store.stream(&key(9), 0..1).await.err(),
        Some(BlobError::NotFound { .. })
    ));
    assert!(
        matches!(store.read(&key(2), 3..50).await, Err(BlobError::Damaged { .. })),
        "a range beyond the end is not cut short in silence"
    );
    assert!(
        matches!(store.read(&key(2), 50..60).await, Err(BlobError::Damaged { .. })),
        "an object that ends before the range begins is damaged, not away"
    );
    let beyond = match store.stream(&key(2), 50..60).await {
        Ok(stream) => stream.try_collect::<Vec<_>>().await.map(drop),
        Err(error) => Err(error),
    };
    assert!(matches!(beyond, Err(BlobError::Damaged { .. })), "{beyond:?}");
    assert!(matches!(
        store.size(&key(9)).await,
        Err(BlobError::NotFound { .. })
    ));
    store.delete(&key(2)).await.unwrap();
    store.delete(&key(2)).await.unwrap();
    assert!(matches!(
        store.get(&key(2)).await,
        Err(BlobError::NotFound { .. })
    ));
}
