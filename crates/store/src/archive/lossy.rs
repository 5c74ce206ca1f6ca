//! What a tenant decided about lossy copies.

use domain::lossy::LossyPolicy;
use sea_orm::ActiveValue::Set;

use crate::{StoreError, TenantRead, TenantTx, entity::lossy_policy};

impl TenantRead {
    /// What the tenant decided about lossy copies; none while they are forbidden.
    pub async fn lossy_policy(&self) -> Result<Option<LossyPolicy>, StoreError> {
        let row = self.find::<lossy_policy::Entity>().one(&self.conn).await?;
        Ok(row.map(|row| LossyPolicy {
            after_days: row.after_days.unsigned_abs(),
            modalities: row.modalities.split('\\').map(str::to_owned).collect(),
            least_psnr_db: row.least_psnr_db.unsigned_abs(),
        }))
    }
}

impl TenantTx {
    /// Replaces it; none forbids them.
    pub async fn set_lossy_policy(&mut self, policy: Option<&LossyPolicy>) -> Result<(), StoreError> {
        self.delete::<lossy_policy::Entity>().exec(&self.conn).await?;
        let Some(policy) = policy else { return Ok(()) };
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let row = lossy_policy::ActiveModel {
            tenant_id: Set(self.tenant().uuid()),
            after_days: Set(number(policy.after_days)),
            modalities: Set(policy.modalities.join("\\")),
            least_psnr_db: Set(number(policy.least_psnr_db)),
        };
        self.insert::<lossy_policy::Entity>(row)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }
}
