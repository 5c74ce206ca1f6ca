//! A report while it is written.

use chrono::{DateTime, Utc};

use super::{Gap, MAX_SECTION_CHARS, ReportSection, ReportTemplate};
use crate::{
    TemplateId,
    text::{code_point, unfit_character, with_plain_line_ends},
};

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
    /// A text holds a character that no report may hold.
    #[error("the section `{key}` has a character that is not allowed: {}", code_point(*character))]
    Unfit {
        /// The key.
        key: String,
        /// The first one.
        character: char,
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
            let text = with_plain_line_ends(&text);
            if text.chars().count() > MAX_SECTION_CHARS {
                return Err(EditRefused::TooLong { key });
            }
            if let Some(character) = unfit_character(&text) {
                return Err(EditRefused::Unfit { key, character });
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
    use proptest::prelude::*;
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

    proptest! {
        #[test]
        fn a_draft_keeps_a_text_whole_or_refuses_it(text in any::<String>(), odd in any::<Option<char>>()) {
            let text = odd.map_or(text.clone(), |odd| format!("{text}{odd}"));
            let mut draft = ReportDraft::of(&template(1, &[("findings", "")]), DateTime::UNIX_EPOCH);
            let before = draft.clone();
            match draft.write(0, vec![("findings".into(), text.clone())], DateTime::UNIX_EPOCH) {
                Ok(()) => {
                    let kept = &draft.sections[0].text;
                    prop_assert_eq!(kept, &text.replace("\r\n", "\n").replace('\r', "\n"));
                    prop_assert!(!kept.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
                    let reorders = |c| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
                    prop_assert!(!kept.contains(reorders));
                }
                Err(EditRefused::Unfit { character, .. }) => {
                    prop_assert!(text.contains(character));
                    prop_assert_eq!(draft, before);
                }
                Err(other) => prop_assert!(false, "{}", other),
            }
        }

        #[test]
        fn what_reorders_or_hides_is_always_refused(
            odd in prop::sample::select(vec![
                '\0', '\u{1b}', '\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\u{2066}',
                '\u{2067}', '\u{2068}', '\u{2069}', '\u{FEFF}', '\u{E0061}',
            ]),
            before in "[a-zא-ת ]{0,20}", after in "[0-9]{0,5}",
        ) {
            let mut draft = ReportDraft::of(&template(1, &[("findings", "")]), DateTime::UNIX_EPOCH);
            let refused = draft.write(
                0,
                vec![("findings".into(), format!("{before}{odd}{after}"))],
                DateTime::UNIX_EPOCH,
            );
            prop_assert_eq!(refused, Err(EditRefused::Unfit { key: "findings".into(), character: odd }));
        }
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
