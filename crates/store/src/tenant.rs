//! The only door to tenant data.
//!
//! **Invariant:** every row this module hands out or changes carries the transaction's tenant; there
//! is no way to name another one.

use std::{ops::Deref, sync::Arc};

use domain::{Actor, TenantId, audit::AuditEvent, change::Change};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseBackend, DatabaseTransaction, DeleteMany,
    EntityTrait, Insert, InsertMany, IntoActiveModel, QueryFilter, Select, Statement, UpdateMany,
};

use crate::{
    Store, StoreError,
    connect::{Begun, Place},
    feed::Feed,
    written::Written,
};

/// A table whose rows belong to exactly one tenant.
pub(crate) trait TenantOwned: EntityTrait {
    /// The column that says whose the row is.
    const TENANT_ID: Self::Column;
    /// The column that names the deletion by which a row lies in the trash, where rows can. Such a row is hidden
    /// from every query but those of the trash itself.
    const DELETION_ID: Option<Self::Column> = None;
}

/// Declares that an entity's rows belong to a tenant, and, after `trash:`, that they can be in its trash.
macro_rules! tenant_owned {
    ($($module:ident),+ $(,)?; trash: $($deletable:ident),+ $(,)?) => {
        $crate::tenant::tenant_owned!($($module),+);
        $(
            impl $crate::tenant::TenantOwned for $deletable::Entity {
                const TENANT_ID: $deletable::Column = $deletable::Column::TenantId;
                const DELETION_ID: Option<$deletable::Column> = Some($deletable::Column::DeletionId);
            }
        )+
    };
    ($($module:ident),+ $(,)?) => {$(
        impl $crate::tenant::TenantOwned for $module::Entity {
            const TENANT_ID: $module::Column = $module::Column::TenantId;
        }
    )+};
}
pub(crate) use tenant_owned;

/// A stretch of a longer list: at most `first` rows after the row named by `after`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// How many rows at the most; the store caps it at 1,000.
    pub first: u64,
    /// The opaque cursor of the last row seen.
    pub after: Option<String>,
}

impl Page {
    /// Where to go on from, if anywhere.
    ///
    /// Errors: `BadCursor`.
    pub(crate) fn cursor<T>(&self, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, StoreError> {
        let cursor = self.after.as_deref();
        cursor
            .map(|cursor| parse(cursor).ok_or(StoreError::BadCursor))
            .transpose()
    }

    /// The number of rows to fetch.
    pub(crate) fn limit(&self) -> u64 {
        self.first.clamp(1, 1000)
    }
}

/// A transaction that looks at one tenant's data.
#[derive(Debug)]
pub struct TenantRead {
    pub(crate) conn: DatabaseTransaction,
    tenant: TenantId,
    /// Held until the transaction ends; see [`Store`].
    place: Place,
}

/// A transaction that changes one tenant's data. Nothing is kept unless [`TenantTx::commit`] is called.
#[derive(Debug)]
pub struct TenantTx {
    read: TenantRead,
    pub(crate) outbox: Outbox,
    feed: Arc<Feed>,
    written: Arc<Written>,
}

/// What the commit announces: written last, so that the tenant's sequence row is locked only briefly.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub audit: Vec<AuditEvent>,
    pub changes: Vec<Change>,
    pub jobs_queued: bool,
}

impl Store {
    /// Opens a transaction in which our filters and row-level security see only `actor`'s tenant.
    pub async fn begin(&self, actor: &Actor) -> Result<TenantTx, StoreError> {
        let begun = self.begin_writing().await?;
        Ok(TenantTx {
            read: TenantRead::of(begun, actor.tenant()).await?,
            outbox: Outbox::default(),
            feed: Arc::clone(self.feed()),
            written: Arc::clone(self.written()),
        })
    }

    /// Opens a transaction that only looks at `actor`'s tenant.
    pub async fn read(&self, actor: &Actor) -> Result<TenantRead, StoreError> {
        TenantRead::of(self.begin_reading().await?, actor.tenant()).await
    }
}

/// What `find` asks of its rows, for tables that are joined to another: the tenant's, and not in the trash.
pub(crate) fn visible<E: TenantOwned>(tenant: uuid::Uuid) -> sea_orm::Condition {
    let visible = sea_orm::Condition::all().add(E::TENANT_ID.eq(tenant));
    match E::DELETION_ID {
        Some(deletion) => visible.add(deletion.is_null()),
        None => visible,
    }
}

/// Leaves out what is in the trash.
fn alive<E: TenantOwned, Q: QueryFilter>(query: Q) -> Q {
    match E::DELETION_ID {
        Some(deletion) => query.filter(deletion.is_null()),
        None => query,
    }
}

async fn scope_to_tenant(conn: &DatabaseTransaction, tenant: TenantId) -> Result<(), StoreError> {
    if conn.get_database_backend() == DatabaseBackend::Postgres {
        conn.execute_raw(Statement::from_sql_and_values(
            DatabaseBackend::Postgres,
            "SELECT set_config('app.tenant_id', $1, true)",
            [tenant.uuid().to_string().into()],
        ))
        .await?;
    }
    Ok(())
}

impl TenantRead {
    async fn of(Begun { conn, place }: Begun, tenant: TenantId) -> Result<Self, StoreError> {
        scope_to_tenant(&conn, tenant).await?;
        Ok(Self { conn, tenant, place })
    }

    /// The tenant of this transaction.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Starts a query over the tenant's rows, without those in the trash.
    pub(crate) fn find<E: TenantOwned>(&self) -> Select<E> {
        alive::<E, _>(self.find_in_trash_too())
    }

    /// Starts a query over the tenant's rows, those in the trash included: for the trash itself, for what looks
    /// after objects, and for keys that stay taken.
    #[expect(clippy::disallowed_methods, reason = "this is the scoping door itself")]
    pub(crate) fn find_in_trash_too<E: TenantOwned>(&self) -> Select<E> {
        E::find().filter(E::TENANT_ID.eq(self.tenant.uuid()))
    }
}

impl Deref for TenantTx {
    type Target = TenantRead;

    fn deref(&self) -> &TenantRead {
        &self.read
    }
}

impl TenantTx {
    /// Starts an update of the tenant's rows, without those in the trash.
    pub(crate) fn update<E: TenantOwned>(&self) -> UpdateMany<E> {
        alive::<E, _>(self.update_in_trash_too())
    }

    /// Starts an update of the tenant's rows, those in the trash included; see [`TenantRead::find_in_trash_too`].
    #[expect(clippy::disallowed_methods, reason = "this is the scoping door itself")]
    pub(crate) fn update_in_trash_too<E: TenantOwned>(&self) -> UpdateMany<E> {
        E::update_many().filter(E::TENANT_ID.eq(self.tenant.uuid()))
    }

    /// Starts a removal of the tenant's rows, those in the trash included: what is removed for good was there first.
    #[expect(clippy::disallowed_methods, reason = "this is the scoping door itself")]
    pub(crate) fn delete<E: TenantOwned>(&self) -> DeleteMany<E> {
        E::delete_many().filter(E::TENANT_ID.eq(self.tenant.uuid()))
    }

    /// An insert of one row, which becomes the tenant's whatever it said before.
    #[expect(clippy::disallowed_methods, reason = "this is the scoping door itself")]
    pub(crate) fn insert<E>(&self, row: impl IntoActiveModel<E::ActiveModel>) -> Insert<E::ActiveModel>
    where
        E: TenantOwned,
        E::ActiveModel: ActiveModelTrait<Entity = E>,
    {
        E::insert(self.own::<E>(row))
    }

    /// An insert of many rows, which become the tenant's. `rows` must not be empty.
    #[expect(clippy::disallowed_methods, reason = "this is the scoping door itself")]
    pub(crate) fn insert_many<E, R>(&self, rows: impl IntoIterator<Item = R>) -> InsertMany<E::ActiveModel>
    where
        E: TenantOwned,
        E::ActiveModel: ActiveModelTrait<Entity = E>,
        R: IntoActiveModel<E::ActiveModel>,
    {
        E::insert_many(rows.into_iter().map(|row| self.own::<E>(row)))
    }

    fn own<E: TenantOwned>(&self, row: impl IntoActiveModel<E::ActiveModel>) -> E::ActiveModel
    where
        E::ActiveModel: ActiveModelTrait<Entity = E>,
    {
        let mut row = row.into_active_model();
        row.set(E::TENANT_ID, self.tenant.uuid().into());
        row
    }

    /// Records `event` in the tenant's audit trail when this transaction commits.
    pub fn audit(&mut self, event: AuditEvent) {
        self.outbox.audit.push(event);
    }

    /// Tells the tenant's live screens of `change` when this transaction commits.
    pub fn announce(&mut self, change: Change) {
        if !self.outbox.changes.contains(&change) {
            self.outbox.changes.push(change);
        }
    }

    /// Makes everything of this transaction durable and visible, then wakes who waits for it.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let outbox = std::mem::take(&mut self.outbox);
        let changed = !outbox.changes.is_empty();
        self.write_outbox(&outbox).await?;
        let TenantTx {
            read, feed, written, ..
        } = self;
        feed.notify_in(&read.conn, changed.then_some(read.tenant), outbox.jobs_queued)
            .await?;
        let committed = read.conn.commit().await;
        // One whose answer was lost may have been kept, too.
        written.count(read.tenant);
        committed?;
        drop(read.place);
        feed.wake(changed.then_some(read.tenant), outbox.jobs_queued);
        Ok(())
    }
}

/// Errors unless exactly one row of `table` changed.
pub(crate) fn one_row(table: &'static str, changed: u64) -> Result<(), StoreError> {
    match changed {
        1 => Ok(()),
        changed => Err(StoreError::RowsAffected { table, changed }),
    }
}
