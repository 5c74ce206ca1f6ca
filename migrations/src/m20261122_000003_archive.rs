//! The archive: patients, studies, series, instances, the objects that hold them, uploads, quarantine.
//!
//! Values that come out of data sets are `text`: a modality that overruns a VR's length loses nothing.

use sea_orm_migration::prelude::*;

use crate::support::{isolate_tenants, run, tenant_id};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            patient(),
            study(),
            series(),
            batch_object(),
            instance(),
            instance_metadata(),
            quarantined_instance(),
            upload(),
            upload_item(),
            upload_refused_file(),
            series_metadata(),
            rendition(),
        ] {
            manager.create_table(table).await?;
        }
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX patient_identity ON patient (tenant_id, issuer, patient_id, lone_study_uid)",
                "CREATE UNIQUE INDEX study_uid ON study (tenant_id, study_instance_uid)",
                "CREATE INDEX study_by_date ON study (tenant_id, study_date, id)",
                "CREATE INDEX study_by_patient ON study (tenant_id, patient_id, id)",
                "CREATE INDEX study_by_facility ON study (tenant_id, facility_id, id)",
                "CREATE INDEX study_by_accession ON study (tenant_id, accession_number)",
                "CREATE UNIQUE INDEX series_uid ON series (tenant_id, study_id, series_instance_uid)",
                "CREATE UNIQUE INDEX instance_uid ON instance (tenant_id, sop_instance_uid)",
                "CREATE INDEX instance_by_series ON instance (tenant_id, series_id, instance_number, id)",
                "CREATE INDEX instance_by_study ON instance (tenant_id, study_id, series_id, instance_number, id)",
                "CREATE INDEX instance_by_batch ON instance (tenant_id, batch_object_id)",
                "CREATE INDEX instance_metadata_by_series ON instance_metadata (tenant_id, series_id)",
                "CREATE UNIQUE INDEX batch_object_key ON batch_object (tenant_id, object_key)",
                "CREATE UNIQUE INDEX quarantined_once ON quarantined_instance (tenant_id, sop_instance_uid, sha256)",
                "CREATE INDEX quarantined_by_study ON quarantined_instance (tenant_id, study_instance_uid, id)",
                "CREATE INDEX upload_by_facility ON upload (tenant_id, facility_id, id)",
                "CREATE INDEX upload_item_by_study ON upload_item (tenant_id, study_instance_uid, upload_id)",
                "CREATE UNIQUE INDEX upload_refused_once ON upload_refused_file (tenant_id, upload_id, sha256)",
                "CREATE UNIQUE INDEX rendition_once ON rendition (tenant_id, instance_id, codec_version)",
            ],
        )
        .await?;
        isolate_tenants(
            manager,
            &[
                "patient",
                "study",
                "series",
                "batch_object",
                "instance",
                "instance_metadata",
                "quarantined_instance",
                "upload",
                "upload_item",
                "upload_refused_file",
                "series_metadata",
                "rendition",
            ],
        )
        .await
    }
}

fn id() -> ColumnDef {
    ColumnDef::new("id").uuid().not_null().primary_key().take()
}

fn uid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string_len(64).not_null().take()
}

fn refers(column: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from_col(column).to(table, "id").take()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

fn count(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().default(0).take()
}

fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().default(0).take()
}

fn moment(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().not_null().take()
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// The deletion by which a row lies in the trash; none while it is alive.
fn deletion_id() -> ColumnDef {
    ColumnDef::new("deletion_id").uuid().take()
}

/// Which object store holds the bytes: HOT or COLD.
fn tier() -> ColumnDef {
    ColumnDef::new("tier")
        .string_len(16)
        .not_null()
        .default("HOT")
        .take()
}

fn digest(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).binary().not_null().take()
}

fn patient() -> TableCreateStatement {
    Table::create()
        .table("patient")
        .col(id())
        .col(tenant_id())
        .col(text("issuer").not_null())
        .col(text("patient_id").not_null())
        // A patient without an id, or under an id that is known of somebody else, is told apart by the one study
        // they came with; otherwise empty.
        .col(uid("lone_study_uid"))
        .col(text("name").not_null())
        .col(text("name_folded").not_null())
        .col(text("birth_date"))
        .col(text("sex"))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .take()
}

fn study() -> TableCreateStatement {
    Table::create()
        .table("study")
        .col(id())
        .col(tenant_id())
        .col(uuid("facility_id"))
        .col(uuid("patient_id"))
        // As its own images name it: the patient's row may know it from another study.
        .col(text("patient_birth_date"))
        .col(uid("study_instance_uid"))
        .col(text("accession_number"))
        .col(text("study_id"))
        .col(text("study_date"))
        .col(text("study_time"))
        .col(text("description"))
        // SQLite folds ASCII only.
        .col(text("description_folded"))
        .col(text("referring_physician"))
        .col(text("referring_physician_folded"))
        .col(text("patient_age"))
        .col(text("body_part"))
        .col(text("timezone_offset"))
        // Between backslashes, such as `\CT\SR\`, so that one modality is found by a substring.
        .col(text("modalities").not_null())
        .col(count("series_count"))
        .col(count("instance_count"))
        .col(bytes("stored_bytes"))
        .col(ColumnDef::new("representative_series_id").uuid())
        .col(moment("created_at"))
        .col(moment("last_received_at"))
        .col(ColumnDef::new("completed_at").timestamp_with_time_zone())
        .col(deletion_id())
        // Whether some hold on it is not lifted.
        .col(ColumnDef::new("legal_hold").boolean().not_null().default(false))
        .col(tier())
        .col(ColumnDef::new("last_read_at").timestamp_with_time_zone())
        // Since when it is to come back from the slow store; none when nobody asked, or it is back.
        .col(ColumnDef::new("recall_requested_at").timestamp_with_time_zone())
        .foreign_key(&mut refers("patient_id", "patient"))
        .take()
}

fn series() -> TableCreateStatement {
    Table::create()
        .table("series")
        .col(id())
        .col(tenant_id())
        .col(uuid("study_id"))
        .col(uid("series_instance_uid"))
        .col(text("modality").not_null())
        .col(ColumnDef::new("series_number").integer())
        .col(text("description"))
        .col(text("body_part"))
        .col(text("laterality"))
        .col(text("series_date"))
        .col(text("series_time"))
        .col(text("performed_date"))
        .col(text("performed_time"))
        .col(text("timezone_offset"))
        .col(text("protocol_name"))
        .col(text("station_name"))
        .col(text("manufacturer"))
        .col(count("instance_count"))
        // Instances with pixels.
        .col(count("image_count"))
        // Their frames: one for a plain image, many for a multi-frame one.
        .col(count("frame_count"))
        .col(bytes("stored_bytes"))
        // Grows with every change to the series' instances; what is derived from them names the one it saw.
        .col(count("revision"))
        .col(ColumnDef::new("rendition_state").string_len(16).not_null())
        .col(text("thumbnail_key"))
        .col(ColumnDef::new("thumbnail_bytes").big_integer())
        .col(ColumnDef::new("thumbnail_sums").binary())
        .col(ColumnDef::new("thumbnail_version").integer())
        .col(moment("created_at"))
        .col(moment("last_received_at"))
        .col(deletion_id())
        .foreign_key(&mut refers("study_id", "study"))
        .take()
}

fn batch_object() -> TableCreateStatement {
    Table::create()
        .table("batch_object")
        .col(id())
        .col(tenant_id())
        .col(text("object_key").not_null())
        .col(bytes("stored_bytes"))
        .col(uuid("facility_id"))
        .col(ColumnDef::new("upload_id").uuid())
        .col(moment("received_at"))
        .col(tier())
        // When the replica had it; none while it has not.
        .col(ColumnDef::new("replicated_at").timestamp_with_time_zone())
        .take()
}

fn instance() -> TableCreateStatement {
    Table::create()
        .table("instance")
        .col(id())
        .col(tenant_id())
        .col(uuid("study_id"))
        .col(uuid("series_id"))
        .col(uid("sop_instance_uid"))
        .col(uid("sop_class_uid"))
        .col(uid("transfer_syntax_uid"))
        .col(ColumnDef::new("instance_number").integer())
        .col(ColumnDef::new("pixel_rows").integer())
        .col(ColumnDef::new("pixel_columns").integer())
        .col(ColumnDef::new("bits_allocated").integer())
        .col(ColumnDef::new("number_of_frames").integer())
        .col(ColumnDef::new("has_pixels").boolean().not_null())
        .col(uuid("batch_object_id"))
        .col(bytes("byte_offset"))
        .col(bytes("byte_length"))
        .col(digest("sha256"))
        // Whether it begins as a file must (PS3.10 §7.1). What does not gets its beginning when it is handed out.
        .col(ColumnDef::new("has_preamble").boolean().not_null())
        // Where the data set begins in it, and what transfer syntax and data set hash to: the same image may come
        // with another file meta.
        .col(bytes("data_set_offset"))
        .col(digest("data_set_hash"))
        // The checksums of its 64 KiB chunks, so that any range of it can be proven.
        .col(ColumnDef::new("chunk_sums").binary().not_null())
        .col(ColumnDef::new("frame_index").binary().not_null())
        // What was odd about the file, one remark a line.
        .col(text("remarks"))
        .col(moment("received_at"))
        // When its bytes were found missing or damaged; none while they are believed sound.
        .col(ColumnDef::new("damaged_at").timestamp_with_time_zone())
        .col(deletion_id())
        .foreign_key(&mut refers("study_id", "study"))
        .foreign_key(&mut refers("series_id", "series"))
        .foreign_key(&mut refers("batch_object_id", "batch_object"))
        .take()
}

/// The DICOM JSON of one instance, gzip; apart from `instance`, so that lists do not read it.
fn instance_metadata() -> TableCreateStatement {
    Table::create()
        .table("instance_metadata")
        .col(tenant_id())
        .col(uuid("instance_id"))
        .col(uuid("series_id"))
        .col(ColumnDef::new("json_gzip").binary().not_null())
        // Where the values behind the BulkDataURIs lie in the file, as JSON.
        .col(text("bulk_values").not_null())
        .primary_key(Index::create().col("tenant_id").col("instance_id"))
        .foreign_key(&mut refers("instance_id", "instance"))
        .take()
}

fn quarantined_instance() -> TableCreateStatement {
    Table::create()
        .table("quarantined_instance")
        .col(id())
        .col(tenant_id())
        .col(uuid("facility_id"))
        .col(uid("sop_instance_uid"))
        .col(uid("series_instance_uid"))
        .col(uid("study_instance_uid"))
        .col(ColumnDef::new("reason").string_len(64).not_null())
        .col(uuid("batch_object_id"))
        .col(bytes("byte_offset"))
        .col(bytes("byte_length"))
        .col(digest("sha256"))
        .col(moment("received_at"))
        .foreign_key(&mut refers("batch_object_id", "batch_object"))
        .take()
}

fn upload() -> TableCreateStatement {
    Table::create()
        .table("upload")
        .col(id())
        .col(tenant_id())
        .col(uuid("facility_id"))
        // The wire id of the user or key that announced it.
        .col(ColumnDef::new("announced_by").string_len(64).not_null())
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(ColumnDef::new("priority").string_len(16).not_null())
        .col(ColumnDef::new("protocol_flag").string_len(16))
        .col(text("indication"))
        .col(moment("created_at"))
        .col(ColumnDef::new("finished_at").timestamp_with_time_zone())
        .take()
}

fn upload_item() -> TableCreateStatement {
    Table::create()
        .table("upload_item")
        .col(tenant_id())
        .col(uuid("upload_id"))
        .col(uid("sop_instance_uid"))
        .col(uid("series_instance_uid"))
        .col(uid("study_instance_uid"))
        .col(bytes("announced_bytes"))
        // Without it only the length tells whether what comes is what was announced.
        .col(ColumnDef::new("announced_sha256").binary())
        .col(ColumnDef::new("outcome").string_len(16).not_null())
        .col(ColumnDef::new("reason_code").string_len(64))
        .col(text("reason"))
        .primary_key(
            Index::create()
                .col("tenant_id")
                .col("upload_id")
                .col("sop_instance_uid"),
        )
        .foreign_key(&mut refers("upload_id", "upload"))
        .take()
}

/// Files of an upload that are no instances of its manifest: set aside by the sender, or refused here.
fn upload_refused_file() -> TableCreateStatement {
    Table::create()
        .table("upload_refused_file")
        .col(id())
        .col(tenant_id())
        .col(uuid("upload_id"))
        .col(text("name").not_null())
        .col(ColumnDef::new("reason_code").string_len(64))
        .col(text("reason").not_null())
        // Of a file that was sent, so that a batch sent again does not list it twice.
        .col(ColumnDef::new("sha256").binary())
        .foreign_key(&mut refers("upload_id", "upload"))
        .take()
}

/// The DICOM JSON of a whole series, gzip, as it was at `revision`.
fn series_metadata() -> TableCreateStatement {
    Table::create()
        .table("series_metadata")
        .col(tenant_id())
        .col(uuid("series_id"))
        .col(ColumnDef::new("revision").integer().not_null())
        // What the BulkDataURIs begin with.
        .col(text("base_url").not_null())
        .col(ColumnDef::new("json_gzip").binary().not_null())
        .col(moment("built_at"))
        .primary_key(Index::create().col("tenant_id").col("series_id"))
        .foreign_key(&mut refers("series_id", "series"))
        .take()
}

/// A derived form of one instance for the viewer: one object, its frames one after the other.
fn rendition() -> TableCreateStatement {
    Table::create()
        .table("rendition")
        .col(id())
        .col(tenant_id())
        .col(uuid("instance_id"))
        .col(ColumnDef::new("codec_version").integer().not_null())
        // READY, or UNAVAILABLE with the reason: the original serves.
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(text("reason"))
        .col(ColumnDef::new("transfer_syntax_uid").string_len(64))
        .col(text("object_key"))
        .col(bytes("stored_bytes"))
        .col(ColumnDef::new("chunk_sums").binary())
        // Lengths of the frames in order, LEB128.
        .col(ColumnDef::new("frame_lengths").binary())
        .col(moment("created_at"))
        .foreign_key(&mut refers("instance_id", "instance"))
        .take()
}
