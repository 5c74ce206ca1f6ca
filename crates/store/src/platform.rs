//! Work across tenants: the job runner, sign-in before a tenant is known, and the operator's screens.
//!
//! **Invariant:** a `PlatformTx` is opened only for one of the named purposes; an operator's is
//! opened with a reason, which is logged where the purpose is stated.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseBackend, DatabaseTransaction, DeleteMany, EntityTrait, Insert,
    Select, Statement, UpdateMany,
};

use crate::{
    Store, StoreError,
    connect::{Begun, Place},
    written::Written,
};

/// A transaction that sees every tenant.
#[derive(Debug)]
pub struct PlatformTx {
    conn: DatabaseTransaction,
    _place: Place,
    /// Where its commit is counted; a job runner's is not, for nobody remembers jobs.
    written: Option<Arc<Written>>,
}

impl Store {
    /// For the job runner: leases and settles jobs of all tenants.
    pub async fn begin_job_runner(&self) -> Result<PlatformTx, StoreError> {
        PlatformTx::of(self.begin_writing().await?, None).await
    }

    /// For sign-in, refresh and invitations, where the tenant is found out first.
    pub async fn begin_sign_in(&self) -> Result<PlatformTx, StoreError> {
        self.begin_platform().await
    }

    /// For an operator, who states why.
    pub async fn begin_operator(
        &self,
        operator: domain::UserId,
        reason: &str,
    ) -> Result<PlatformTx, StoreError> {
        tracing::info!(operator.id = %operator, operator.reason = reason, "operator looks across tenants");
        self.begin_platform().await
    }

    /// For first start and the admin commands of the command line.
    pub async fn begin_setup(&self) -> Result<PlatformTx, StoreError> {
        self.begin_platform().await
    }

    /// For the job runner, to look only.
    pub async fn read_jobs(&self) -> Result<PlatformTx, StoreError> {
        self.read_sign_in().await
    }

    /// For sign-in and invitations, to look only.
    pub async fn read_sign_in(&self) -> Result<PlatformTx, StoreError> {
        PlatformTx::of(self.begin_reading().await?, None).await
    }

    async fn begin_platform(&self) -> Result<PlatformTx, StoreError> {
        let written = Arc::clone(self.written());
        PlatformTx::of(self.begin_writing().await?, Some(written)).await
    }
}

async fn see_all_tenants(conn: &DatabaseTransaction) -> Result<(), StoreError> {
    if conn.get_database_backend() == DatabaseBackend::Postgres {
        conn.execute_raw(Statement::from_string(
            DatabaseBackend::Postgres,
            "SELECT set_config('app.platform', 'on', true)",
        ))
        .await?;
    }
    Ok(())
}

impl PlatformTx {
    async fn of(Begun { conn, place }: Begun, written: Option<Arc<Written>>) -> Result<Self, StoreError> {
        see_all_tenants(&conn).await?;
        Ok(Self {
            conn,
            _place: place,
            written,
        })
    }

    pub(crate) fn conn(&self) -> &DatabaseTransaction {
        &self.conn
    }

    /// Starts a query over all tenants' rows.
    #[expect(clippy::disallowed_methods, reason = "the one door across tenants")]
    pub(crate) fn all_rows<E: EntityTrait>(&self) -> Select<E> {
        E::find()
    }

    /// Starts an update over all tenants' rows.
    #[expect(clippy::disallowed_methods, reason = "the one door across tenants")]
    pub(crate) fn update_rows<E: EntityTrait>(&self) -> UpdateMany<E> {
        E::update_many()
    }

    /// An insert of one row outside any tenant, or into the tenant the row names.
    #[expect(clippy::disallowed_methods, reason = "the one door across tenants")]
    pub(crate) fn insert_row<E>(&self, row: E::ActiveModel) -> Insert<E::ActiveModel>
    where
        E: EntityTrait,
        E::ActiveModel: ActiveModelTrait<Entity = E>,
    {
        E::insert(row)
    }

    /// Starts a deletion over all tenants' rows.
    #[expect(clippy::disallowed_methods, reason = "the one door across tenants")]
    pub(crate) fn delete_rows<E: EntityTrait>(&self) -> DeleteMany<E> {
        E::delete_many()
    }

    /// Makes everything of this transaction durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        let committed = self.conn.commit().await;
        if let Some(written) = self.written {
            written.count_across();
        }
        Ok(committed?)
    }
}
