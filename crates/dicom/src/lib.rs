//! DICOM only: no tenant, no database.
