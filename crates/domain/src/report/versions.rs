//! A case's report: what may be signed, and what follows what.

use chrono::{DateTime, Utc};

use super::{
    EditRefused, Gap, ReportDraft, ReportSection, SignedContent, SignedKeyImage, SignedReport, SignedSection,
};
use crate::{CaseId, ReportId, UserId, names::named};

named! {
    /// Where a report stands.
    ReportState {
        /// Being written.
        Draft = "DRAFT",
        /// Written by one, to be signed by another.
        PendingSignature = "PENDING_SIGNATURE",
        /// Signed, but not for good.
        Preliminary = "PRELIMINARY",
        /// Signed for good.
        Final = "FINAL",
        /// Final, with an addendum.
        Addended = "ADDENDED",
        /// Final, replaced by a corrected version.
        Corrected = "CORRECTED",
        /// Not valid any more.
        Withdrawn = "WITHDRAWN",
    }
}

named! {
    /// How a draft is signed.
    SignKind {
        /// Another reader makes it final.
        Preliminary = "PRELIMINARY",
        /// For good.
        Final = "FINAL",
    }
}

named! {
    /// What a signed version is.
    ReportVersionKind {
        /// Not for good.
        Preliminary = "PRELIMINARY",
        /// The report.
        Final = "FINAL",
        /// Something to add to it.
        Addendum = "ADDENDUM",
    }
}

/// A case's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// The case.
    pub case: CaseId,
    /// Where it stands.
    pub state: ReportState,
    /// What is being written; none once it is final.
    pub draft: Option<ReportDraft>,
    /// Number and hash of the newest signed version.
    pub newest: Option<(u32, String)>,
    /// Who signed the preliminary version, if there is one.
    pub preliminary_by: Option<UserId>,
}

/// Who signs, when, and which images belong to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// Who.
    pub signer: UserId,
    /// The signer's name.
    pub signer_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The marked images.
    pub key_images: Vec<SignedKeyImage>,
}

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignRefused {
    /// A version of that kind is signed already; a final report is only amended.
    #[error("this report is already signed")]
    AlreadySigned,
    /// Whoever signed the preliminary report does not over-read it.
    #[error("you signed the preliminary report; another reader makes it final")]
    SecondReader,
    /// There is no final report to amend.
    #[error("there is no final report to amend")]
    NotFinal,
    /// The draft is not the one the reader saw.
    #[error(transparent)]
    Draft(#[from] EditRefused),
    /// Parts are missing.
    #[error("the report is not complete")]
    Incomplete(Vec<Gap>),
}

impl Report {
    /// A report nobody has signed yet.
    pub fn begin(id: ReportId, case: CaseId, draft: ReportDraft) -> Self {
        Self {
            id,
            case,
            state: ReportState::Draft,
            draft: Some(draft),
            newest: None,
            preliminary_by: None,
        }
    }

    /// The draft, for writing.
    ///
    /// Errors: `AlreadySigned` once the report is final.
    pub fn draft_mut(&mut self) -> Result<&mut ReportDraft, SignRefused> {
        self.draft.as_mut().ok_or(SignRefused::AlreadySigned)
    }

    /// Errors when `reader` signed the preliminary report that is to be made final: an over-read is a second
    /// pair of eyes.
    pub fn expect_reader(&self, reader: UserId) -> Result<(), SignRefused> {
        if self.state == ReportState::Preliminary && self.preliminary_by == Some(reader) {
            Err(SignRefused::SecondReader)
        } else {
            Ok(())
        }
    }

    /// Signs the draft of revision `base`. A preliminary report keeps it for the final reader.
    pub fn sign(
        &mut self,
        kind: SignKind,
        base: u32,
        signature: Signature,
    ) -> Result<SignedReport, SignRefused> {
        let next = match (self.state, kind) {
            (ReportState::Draft | ReportState::PendingSignature, SignKind::Preliminary) => {
                ReportState::Preliminary
            }
            (
                ReportState::Draft | ReportState::PendingSignature | ReportState::Preliminary,
                SignKind::Final,
            ) => ReportState::Final,
            _ => return Err(SignRefused::AlreadySigned),
        };
        self.expect_reader(signature.signer)?;
        let draft = self.draft.as_ref().ok_or(SignRefused::AlreadySigned)?;
        draft.expect_revision(base)?;
        let gaps = draft.gaps();
        if !gaps.is_empty() {
            return Err(SignRefused::Incomplete(gaps));
        }
        let sections = draft
            .sections
            .iter()
            .filter(|section| !section.text.trim().is_empty())
            .map(|section| SignedSection {
                key: section.key.clone(),
                title: section.title.clone(),
                text: section.text.trim_end().to_owned(),
            })
            .collect();
        self.state = next;
        match kind {
            SignKind::Preliminary => self.preliminary_by = Some(signature.signer),
            SignKind::Final => self.draft = None,
        }
        Ok(self.seal(kind.into(), sections, signature))
    }

    /// Signs `text` as an addendum to the final report.
    pub fn amend(&mut self, text: &str, signature: Signature) -> Result<SignedReport, SignRefused> {
        if !matches!(
            self.state,
            ReportState::Final | ReportState::Addended | ReportState::Corrected
        ) {
            return Err(SignRefused::NotFinal);
        }
        let section = ReportSection {
            key: "addendum".to_owned(),
            title: "Addendum".to_owned(),
            text: text.trim().to_owned(),
            required: true,
        };
        if let Some(gap) = section.gap() {
            return Err(SignRefused::Incomplete(vec![gap]));
        }
        self.state = ReportState::Addended;
        let section = SignedSection {
            key: section.key,
            title: section.title,
            text: section.text,
        };
        Ok(self.seal(ReportVersionKind::Addendum, vec![section], signature))
    }

    fn seal(
        &mut self,
        kind: ReportVersionKind,
        sections: Vec<SignedSection>,
        signature: Signature,
    ) -> SignedReport {
        let (number, follows) = match self.newest.take() {
            Some((number, sha256)) => (number + 1, Some(sha256)),
            None => (1, None),
        };
        let signed = SignedReport::seal(SignedContent {
            case: self.case,
            report: self.id,
            number,
            kind,
            follows,
            sections,
            key_images: signature.key_images,
            signer: signature.signer,
            signer_name: signature.signer_name,
            signed_at: signature.at,
        });
        self.newest = Some((number, signed.sha256().to_owned()));
        signed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{TemplateId, report::Tampered};

    fn report(findings: &str) -> Report {
        let section = |key: &str, text: &str, required| ReportSection {
            key: key.to_owned(),
            title: key.to_owned(),
            text: text.to_owned(),
            required,
        };
        let draft = ReportDraft {
            template: TemplateId::from_uuid(Uuid::nil()),
            revision: 3,
            sections: vec![
                section("comparison", "", false),
                section("findings", findings, true),
            ],
            updated_at: DateTime::UNIX_EPOCH,
        };
        Report::begin(
            ReportId::from_uuid(Uuid::nil()),
            CaseId::from_uuid(Uuid::nil()),
            draft,
        )
    }

    fn signature() -> Signature {
        signature_of(0)
    }

    fn signature_of(reader: u128) -> Signature {
        Signature {
            signer: UserId::from_uuid(Uuid::from_u128(reader)),
            signer_name: "R".to_owned(),
            at: DateTime::UNIX_EPOCH,
            key_images: Vec::new(),
        }
    }

    #[test]
    fn a_signed_report_refuses_edits() {
        let mut report = report("Normal.");
        report.sign(SignKind::Final, 3, signature()).unwrap();
        assert_eq!(report.draft_mut(), Err(SignRefused::AlreadySigned));
        assert_eq!(
            report.sign(SignKind::Final, 3, signature()),
            Err(SignRefused::AlreadySigned)
        );
        assert_eq!(
            report.sign(SignKind::Preliminary, 3, signature()),
            Err(SignRefused::AlreadySigned)
        );
    }

    #[test]
    fn a_report_with_gaps_or_an_old_draft_is_not_signed() {
        let mut empty = report("  ");
        let refused = empty.sign(SignKind::Final, 3, signature()).unwrap_err();
        assert!(
            matches!(&refused, SignRefused::Incomplete(gaps) if gaps.len() == 1 && gaps[0].key == "findings")
        );
        assert!(matches!(
            report("Nodule of [[size]] mm").sign(SignKind::Final, 3, signature()),
            Err(SignRefused::Incomplete(_))
        ));
        assert!(matches!(
            report("Normal.").sign(SignKind::Final, 2, signature()),
            Err(SignRefused::Draft(_))
        ));
        assert_eq!(empty.state, ReportState::Draft);
    }

    #[test]
    fn versions_form_a_chain_of_hashes() {
        let mut report = report("Normal.");
        let preliminary = report.sign(SignKind::Preliminary, 3, signature()).unwrap();
        let last = report.sign(SignKind::Final, 3, signature_of(1)).unwrap();
        let addendum = report.amend("Also a cyst.", signature()).unwrap();
        assert_eq!(preliminary.content().follows, None);
        assert_eq!(last.content().follows.as_deref(), Some(preliminary.sha256()));
        assert_eq!(addendum.content().follows.as_deref(), Some(last.sha256()));
        assert_eq!(addendum.content().number, 3);
        assert_eq!(report.state, ReportState::Addended);
        assert_eq!(
            last.content().sections.len(),
            1,
            "an empty optional section is not part of the report"
        );
    }

    #[test]
    fn a_preliminary_report_is_made_final_by_another_reader() {
        let mut report = report("Normal.");
        report.sign(SignKind::Preliminary, 3, signature_of(7)).unwrap();
        let before = report.clone();
        assert_eq!(
            report.sign(SignKind::Final, 3, signature_of(7)),
            Err(SignRefused::SecondReader)
        );
        assert_eq!(report, before, "a refusal changes nothing");
        report.sign(SignKind::Final, 3, signature_of(8)).unwrap();
        report.amend("Also a cyst.", signature_of(7)).unwrap();
    }

    #[test]
    fn only_a_final_report_takes_an_addendum() {
        assert_eq!(
            report("Normal.").amend("More.", signature()),
            Err(SignRefused::NotFinal)
        );
    }

    proptest! {
        #[test]
        fn a_stored_version_reads_back_and_any_changed_byte_is_noticed(
            findings in "[a-zA-Z0-9äß山א ,.\n\\]]{1,60}[a-z]", place in any::<prop::sample::Index>(),
        ) {
            let signed = report(&findings).sign(SignKind::Final, 3, signature()).unwrap();
            let read = SignedReport::from_stored(signed.bytes().to_owned(), signed.sha256().to_owned());
            prop_assert_eq!(read.as_ref(), Ok(&signed));
            let mut bytes = signed.bytes().as_bytes().to_vec();
            bytes[place.index(signed.bytes().len())] ^= 1;
            if let Ok(changed) = String::from_utf8(bytes) {
                prop_assert_eq!(SignedReport::from_stored(changed, signed.sha256().to_owned()), Err(Tampered));
            }
        }
    }
}
