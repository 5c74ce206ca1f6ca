//! A report while it is written.

use chrono::{DateTime, Utc};

use super::{Gap, MAX_SECTION_CHARS, ReportSection, ReportTemplate};
use crate::TemplateId;

/// The one draft of a case's report. It belongs to the case: it survives the claim it was written under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportDraft {
    /// The template it follows.
    pub template: TemplateId,
    /// Grows by one with every save.
    pub revision: u32,
    /// Its parts.
    pub sections: Vec<ReportSection>,
    /// When it was saved last.
    pub updated_at: DateTime<Utc>,
}

/// Why a draft was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditRefused {
    /// It was saved elsewhere since.
    #[error("the draft was changed elsewhere; its revision is {revision}")]
    Conflict {
        /// The revision it has now.
        revision: u32,
    },
    /// The template has no such section.
    #[error("the report has no section `{key}`")]
    UnknownSection {
        /// The key.
        key: String,
    },
    /// A text is longer than [`MAX_SECTION_CHARS`].
    #[error("the section `{key}` is too long")]
    TooLong {
        /// The key.
        key: String,
    },
}

impl ReportDraft {
    /// An untouched draft of `template`.
    pub fn of(template: &ReportTemplate, now: DateTime<Utc>) -> Self {
        Self {
            template: template.id,
            revision: 0,
            sections: template.sections.clone(),
            updated_at: now,
        }
    }

    /// Errors unless `base` is the newest revision.
    pub fn expect_revision(&self, base: u32) -> Result<(), EditRefused> {
        if base == self.revision {
            Ok(())
        } else {
            Err(EditRefused::Conflict {
                revision: self.revision,
            })
        }
    }

    /// Replaces the texts named by key. Sections that are not named stay as they are.
    pub fn write(
        &mut self,
        base: u32,
        texts: Vec<(String, String)>,
        now: DateTime<Utc>,
    ) -> Result<(), EditRefused> {
        self.expect_revision(base)?;
        let mut sections = self.sections.clone();
        for (key, text) in texts {
            if text.chars().count() > MAX_SECTION_CHARS {
                return Err(EditRefused::TooLong { key });
            }
            match sections.iter_mut().find(|section| section.key == key) {
                Some(section) => section.text = text,
                None => return Err(EditRefused::UnknownSection { key }),
            }
        }
        self.sections = sections;
        self.revision += 1;
        self.updated_at = now;
        Ok(())
    }

    /// Changes to `next`, of which `previous` is the template so far. Text that somebody wrote is
    /// carried over, into the section of the same key or behind the others; untouched template text is not.
    pub fn change_template(&mut self, previous: &ReportTemplate, next: &ReportTemplate) {
        let written = std::mem::take(&mut self.sections).into_iter().filter(|section| {
            let untouched = previous
                .sections
                .iter()
                .any(|of| of.key == section.key && of.text == section.text);
            !untouched && !section.text.trim().is_empty()
        });
        let mut sections = next.sections.clone();
        for section in written {
            match sections.iter_mut().find(|of| of.key == section.key) {
                Some(same) => same.text = section.text,
                None => sections.push(ReportSection {
                    required: false,
                    ..section
                }),
            }
        }
        self.sections = sections;
        self.template = next.id;
    }

    /// Everything that keeps the draft from being signed.
    pub fn gaps(&self) -> Vec<Gap> {
        self.sections.iter().filter_map(ReportSection::gap).collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn template(number: u128, sections: &[(&str, &str)]) -> ReportTemplate {
        ReportTemplate {
            id: TemplateId::from_uuid(Uuid::from_u128(number)),
            name: String::new(),
            modality: None,
            body_part: None,
            language: "en".to_owned(),
            sections: sections
                .iter()
                .map(|(key, text)| ReportSection {
                    key: (*key).to_owned(),
                    title: (*key).to_owned(),
                    text: (*text).to_owned(),
                    required: true,
                })
                .collect(),
        }
    }

    fn text<'a>(draft: &'a ReportDraft, key: &str) -> &'a str {
        &draft
            .sections
            .iter()
            .find(|section| section.key == key)
            .unwrap()
            .text
    }

    #[test]
    fn a_save_from_an_old_revision_is_refused_and_loses_nothing() {
        let mut draft = ReportDraft::of(&template(1, &[("findings", "")]), DateTime::UNIX_EPOCH);
        draft
            .write(0, vec![("findings".into(), "first".into())], DateTime::UNIX_EPOCH)
            .unwrap();
        let late = draft.write(
            0,
            vec![("findings".into(), "second".into())],
            DateTime::UNIX_EPOCH,
        );
        assert_eq!(late, Err(EditRefused::Conflict { revision: 1 }));
        assert_eq!(text(&draft, "findings"), "first");
    }

    #[test]
    fn a_refused_edit_changes_no_section() {
        let mut draft = ReportDraft::of(&template(1, &[("findings", "")]), DateTime::UNIX_EPOCH);
        let before = draft.clone();
        let edits = vec![("findings".into(), "x".into()), ("opinion".into(), "y".into())];
        assert_eq!(
            draft.write(0, edits, DateTime::UNIX_EPOCH),
            Err(EditRefused::UnknownSection {
                key: "opinion".into()
            })
        );
        assert_eq!(draft, before);
    }

    #[test]
    fn changing_the_template_keeps_what_was_written_and_drops_what_was_not() {
        let old = template(1, &[("findings", "Normal."), ("technique", "CT"), ("score", "")]);
        let new = template(2, &[("findings", "Unremarkable."), ("technique", "MR")]);
        let mut draft = ReportDraft::of(&old, DateTime::UNIX_EPOCH);
        let edits = vec![
            ("findings".into(), "A fracture.".into()),
            ("score".into(), "4".into()),
        ];
        draft.write(0, edits, DateTime::UNIX_EPOCH).unwrap();
        draft.change_template(&old, &new);
        assert_eq!(text(&draft, "findings"), "A fracture.");
        assert_eq!(text(&draft, "technique"), "MR");
        assert_eq!(text(&draft, "score"), "4");
        assert_eq!(draft.template, new.id);
    }
}
