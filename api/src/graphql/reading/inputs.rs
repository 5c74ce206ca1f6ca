//! What clients send.

use app::reading::{DraftEdit, KeyImageOrder, SignOrder, rows};
use async_graphql::{ID, InputObject, Result};

use super::enums::{CaseState, Priority, ProtocolFlag, SignKind};
use crate::graphql::parse_id;

/// Which cases to list.
#[derive(Debug, Default, InputObject)]
pub struct WorklistFilter {
    /// In one of these states.
    states: Option<Vec<CaseState>>,
    facility_id: Option<ID>,
    /// With a series of this modality.
    modality: Option<String>,
    /// With this text in the patient's name or id, the accession number or the description.
    text: Option<String>,
    /// Held by the caller now.
    mine: Option<bool>,
}

impl WorklistFilter {
    pub fn parse(self, caller: Option<domain::UserId>) -> Result<rows::WorklistFilter> {
        let facility = self
            .facility_id
            .map(|id| parse_id("facilityId", &id))
            .transpose()?;
        Ok(rows::WorklistFilter {
            states: self
                .states
                .unwrap_or_default()
                .into_iter()
                .map(domain::CaseState::from)
                .collect(),
            facility,
            modality: self.modality,
            text: self.text,
            held_by: caller.filter(|_| self.mine == Some(true)),
        })
    }
}

#[derive(Debug, InputObject)]
pub struct ClaimCaseInput {
    pub case_id: ID,
}

#[derive(Debug, InputObject)]
pub struct CaseInput {
    pub case_id: ID,
}

#[derive(Debug, InputObject)]
pub struct ClaimTokenInput {
    pub case_id: ID,
    pub claim_token: ID,
}

#[derive(Debug, InputObject)]
pub struct ReportSectionInput {
    key: String,
    text: String,
}

#[derive(Debug, InputObject)]
pub struct SaveReportDraftInput {
    case_id: ID,
    claim_token: ID,
    /// The revision the writer began from.
    base_revision: u32,
    /// Changes the template; text that was written is carried over.
    template_id: Option<ID>,
    /// Sections that are not named stay as they are.
    sections: Vec<ReportSectionInput>,
}

impl SaveReportDraftInput {
    pub fn parse(self) -> Result<DraftEdit> {
        Ok(DraftEdit {
            case: parse_id("caseId", &self.case_id)?,
            token: parse_id("claimToken", &self.claim_token)?,
            base_revision: self.base_revision,
            template: self
                .template_id
                .map(|id| parse_id("templateId", &id))
                .transpose()?,
            texts: self
                .sections
                .into_iter()
                .map(|section| (section.key, section.text))
                .collect(),
        })
    }
}

#[derive(InputObject)]
pub struct SignReportInput {
    case_id: ID,
    claim_token: ID,
    /// The revision of the draft the reader saw.
    base_revision: u32,
    /// How many images of the study the reader has seen: the case's receivedCount when they looked.
    image_count: u32,
    kind: SignKind,
    /// Asked again.
    password: String,
}

impl SignReportInput {
    pub fn parse(self) -> Result<SignOrder> {
        Ok(SignOrder {
            case: parse_id("caseId", &self.case_id)?,
            token: parse_id("claimToken", &self.claim_token)?,
            base_revision: self.base_revision,
            image_count: self.image_count,
            kind: self.kind.into(),
            password: self.password,
        })
    }
}

#[derive(InputObject)]
pub struct AddAddendumInput {
    pub case_id: ID,
    pub text: String,
    /// How many images of the study the reader has seen: the case's receivedCount when they looked.
    pub image_count: u32,
    /// Asked again.
    pub password: String,
}

#[derive(InputObject)]
pub struct AcknowledgeLateImagesInput {
    pub case_id: ID,
    /// How many images of the study the reader has seen: the case's receivedCount when they looked.
    pub image_count: u32,
}

#[derive(Debug, InputObject)]
pub struct MarkKeyImageInput {
    case_id: ID,
    claim_token: ID,
    sop_instance_uid: String,
    /// From 1.
    frame: u32,
    window_center: Option<f64>,
    window_width: Option<f64>,
    note: Option<String>,
}

impl MarkKeyImageInput {
    pub fn parse(self) -> Result<KeyImageOrder> {
        Ok(KeyImageOrder {
            case: parse_id("caseId", &self.case_id)?,
            token: parse_id("claimToken", &self.claim_token)?,
            sop_instance_uid: self.sop_instance_uid,
            frame: self.frame,
            window_center: self.window_center,
            window_width: self.window_width,
            note: self.note,
        })
    }
}

#[derive(Debug, InputObject)]
pub struct RemoveKeyImageInput {
    pub case_id: ID,
    pub claim_token: ID,
    pub key_image_id: ID,
}

#[derive(Debug, InputObject)]
pub struct SetCasePriorityInput {
    pub case_id: ID,
    pub priority: Priority,
    pub protocol_flag: Option<ProtocolFlag>,
}
