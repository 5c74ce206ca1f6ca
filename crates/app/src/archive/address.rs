//! What a DICOMweb address names: a study, a series of it, an instance of that (PS3.18 §10.1.2).

use dicom::Uid;
use domain::{Actor, Permission};
use store::{InstanceRow, PlacedInstance, SeriesRow, StudyRow, TenantRead};

use crate::{App, AppError};

/// The UIDs of an address, from the outside in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ArchiveAddress {
    /// Study Instance UID.
    pub study: Uid,
    /// Series Instance UID.
    pub series: Option<Uid>,
    /// SOP Instance UID.
    pub instance: Option<Uid>,
}

impl ArchiveAddress {
    /// The address as a path below a DICOMweb root, without a slash at either end.
    pub fn path(&self) -> String {
        let mut path = format!("studies/{}", self.study);
        if let Some(series) = &self.series {
            path.push_str(&format!("/series/{series}"));
        }
        if let Some(instance) = &self.instance {
            path.push_str(&format!("/instances/{instance}"));
        }
        path
    }
}

impl App {
    /// The study of an address, within the actor's reach.
    pub(super) async fn study_at(
        &self,
        tx: &TenantRead,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<StudyRow, AppError> {
        tx.study_of_uid(address.study.as_str())
            .await?
            .filter(|study| actor.facilities().contains(study.facility))
            .ok_or(AppError::NotFound { what: "study" })
    }

    /// The series of an address, which must name one.
    pub(super) async fn series_at(
        &self,
        tx: &TenantRead,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<(StudyRow, SeriesRow), AppError> {
        let missing = AppError::NotFound { what: "series" };
        let study = self.study_at(tx, actor, address).await?;
        let Some(uid) = &address.series else {
            return Err(missing);
        };
        let series = tx.series_of_uid(study.id, uid.as_str()).await?.ok_or(missing)?;
        Ok((study, series))
    }

    /// The instance of an address, which must name one.
    pub(crate) async fn instance_at(
        &self,
        tx: &TenantRead,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<PlacedInstance, AppError> {
        let missing = || AppError::NotFound { what: "instance" };
        let (Some(series), Some(instance)) = (&address.series, &address.instance) else {
            return Err(missing());
        };
        tx.instance_of_uids(address.study.as_str(), series.as_str(), instance.as_str())
            .await?
            .filter(|placed| actor.facilities().contains(placed.facility))
            .ok_or_else(missing)
    }

    /// The instances of an address, in reading order: one, or all of a series or study.
    pub(super) async fn instances_at(
        &self,
        tx: &TenantRead,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<(StudyRow, Vec<InstanceRow>), AppError> {
        if address.instance.is_some() {
            let study = self.study_at(tx, actor, address).await?;
            let placed = self.instance_at(tx, actor, address).await?;
            return Ok((study, vec![placed.instance]));
        }
        if address.series.is_some() {
            let (study, series) = self.series_at(tx, actor, address).await?;
            return Ok((study, tx.instances_of_series(series.id).await?));
        }
        let study = self.study_at(tx, actor, address).await?;
        let instances = tx.instances_of_study(study.id).await?;
        Ok((study, instances))
    }

    /// Errors with `NOT_FOUND` unless `slug` is the actor's own tenant. Every DICOMweb request asks this first.
    pub async fn require_tenant(&self, actor: &Actor, slug: &str) -> Result<(), AppError> {
        let writes = self.store.writes_of(actor);
        let known = match self.lately.slugs.get(&actor.tenant(), &self.store) {
            Some(known) => known,
            None => {
                let known = slug_of(&self.store.read(actor).await?).await?;
                self.lately.slugs.keep(actor.tenant(), writes, known.clone());
                known
            }
        };
        if known == slug {
            Ok(())
        } else {
            Err(AppError::NotFound { what: "tenant" })
        }
    }

    /// Where the tenant's DICOMweb begins, for a sender that announced an upload.
    pub async fn dicomweb_url(&self, actor: &Actor) -> Result<String, AppError> {
        self.authorise(actor, Permission::StoreStudies)?;
        let tx = self.store.read(actor).await?;
        self.dicomweb_root(&tx).await
    }

    /// Where the tenant's DICOMweb begins, for addresses in answers. Without a slash at the end.
    pub(crate) async fn dicomweb_root(&self, tx: &TenantRead) -> Result<String, AppError> {
        Ok(format!(
            "{}/dicomweb/{}",
            self.settings.public_url,
            slug_of(tx).await?
        ))
    }
}

async fn slug_of(tx: &TenantRead) -> Result<String, AppError> {
    let tenant = tx.tenant_row().await?;
    Ok(tenant.ok_or(AppError::NotFound { what: "tenant" })?.slug)
}
