//! The series that a batch makes and by how much it lets them grow.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::{SeriesId, StudyId};
use store::{NewSeries, SeriesGrowth, SeriesRow, TenantTx};

use super::{facts::InstanceFacts, group::Group, whose::Arrival};
use crate::AppError;

impl Group {
    /// Makes the series that a locked study does not have; gives the ids of all by their UIDs.
    pub(super) async fn ensure_series(
        &self,
        tx: &mut TenantTx,
        study: StudyId,
        known: &[SeriesRow],
        arrivals: &[Arrival<'_>],
        now: DateTime<Utc>,
    ) -> Result<HashMap<String, SeriesId>, AppError> {
        let mut ids: HashMap<String, SeriesId> = known
            .iter()
            .map(|series| (series.series_instance_uid.clone(), series.id))
            .collect();
        for arrival in arrivals {
            let facts = arrival.facts();
            if ids.contains_key(&facts.series_instance_uid) {
                continue;
            }
            let id = SeriesId::from_uuid(self.sending.app.ids.next());
            tx.ensure_series(&new_series(id, study, facts), now).await?;
            // What was requested is the same for all instances of a series; its first ones say it.
            let steps = facts.series.requested_steps.iter();
            let steps = steps.map(|step| (self.sending.app.ids.next(), step.clone()));
            tx.add_requested_steps(study, id, steps.collect()).await?;
            ids.insert(facts.series_instance_uid.clone(), id);
        }
        Ok(ids)
    }
}

fn new_series(id: SeriesId, study: StudyId, facts: &InstanceFacts) -> NewSeries {
    let series = &facts.series;
    NewSeries {
        id,
        study,
        series_instance_uid: facts.series_instance_uid.clone(),
        modality: series.modality.clone().unwrap_or_default(),
        number: series.number,
        description: series.description.clone(),
        body_part: facts.study.body_part.clone(),
        laterality: series.laterality.clone(),
        series_date: series.date.clone(),
        series_time: series.time.clone(),
        performed_date: series.performed_date.clone(),
        performed_time: series.performed_time.clone(),
        timezone_offset: series.timezone_offset.clone(),
        protocol_name: series.protocol_name.clone(),
        station_name: series.station_name.clone(),
        manufacturer: series.manufacturer.clone(),
    }
}

/// By how much each series grew, in one order for all writers.
pub(super) fn growths(arrivals: &[Arrival<'_>], series: &HashMap<String, SeriesId>) -> Vec<SeriesGrowth> {
    let mut growths: BTreeMap<SeriesId, SeriesGrowth> = BTreeMap::new();
    for arrival in arrivals {
        let id = series[&arrival.facts().series_instance_uid];
        let growth = growths.entry(id).or_insert(SeriesGrowth {
            series: id,
            instances: 0,
            images: 0,
            frames: 0,
            bytes: 0,
        });
        growth.instances += 1;
        if arrival.facts().has_pixels {
            growth.images += 1;
            growth.frames = growth.frames.saturating_add(arrival.facts().frames.unwrap_or(1));
        }
        growth.bytes += arrival.instance.length;
    }
    growths.into_values().collect()
}
