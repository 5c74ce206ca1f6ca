//! What must hold of a result.

use domain::FacilityScope;
use sea_orm::{
    ColumnTrait, Condition, DatabaseBackend,
    sea_query::{Alias, Expr, ExprTrait, IntoColumnRef, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use super::{
    Matching, Search, SearchField, Within,
    columns::{column, is_of_request, time_of},
    lead::{Lead, begun, wanted_group},
    patterns::like,
};
use crate::{
    archive::names::PartKind,
    entity::{name_part, patient, requested_step, series, study},
};

/// The name under which a question for other parts of a name knows them.
const OTHER: &str = "named";

/// What conditions are made with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking {
    pub dialect: DatabaseBackend,
    pub tenant: Uuid,
    /// Whether the series is joined; if not, what is asked of one is asked of any of the study.
    pub has_series: bool,
}

impl Asking {
    /// All that must hold; what leads the search holds already.
    pub(super) fn condition(&self, search: &Search, lead: &Lead) -> Condition {
        let mut all = Condition::all();
        if let FacilityScope::Only(facilities) = &search.scope {
            let facilities = facilities.iter().map(|facility| facility.uuid());
            all = all.add(study::Column::FacilityId.is_in(facilities));
        }
        if let Some(Within { study, series }) = search.within {
            all = all
                .add(study::Column::Id.eq(study.uuid()))
                .add_option(series.map(|series| series::Column::Id.eq(series.uuid())));
        }
        for (field, matching) in &search.matching {
            if !is_of_request(*field) && !is_said_with_its_date(search, *field) {
                all = all.add(self.matches(search, lead, *field, matching));
            }
        }
        all.add_option(self.requested(search))
    }

    fn matches(&self, search: &Search, lead: &Lead, field: SearchField, matching: &Matching) -> Condition {
        match (field, matching) {
            (_, Matching::Number(number)) => Condition::all().add(column(field).eq(*number)),
            (_, Matching::Range(from, to)) => {
                let time = time_of(field).and_then(|time| Some((time, search.matching(time)?)));
                match time {
                    Some((time, Matching::Range(early, late))) => moments(
                        (field, from.as_deref(), to.as_deref()),
                        (time, early.as_deref(), late.as_deref()),
                    ),
                    _ => range(field, from.as_deref(), to.as_deref()),
                }
            }
            (SearchField::PatientName, Matching::Words(words)) => {
                let leads = |word: &String| *lead == Lead::Names(PartKind::PatientWord, begun(word));
                self.named(PartKind::PatientWord, words.iter().filter(|word| !leads(word)))
            }
            (_, Matching::Words(words)) => self.named(PartKind::ReferrerWord, words.iter()),
            (SearchField::PatientName, Matching::Text(texts)) => {
                let mut any = Condition::any();
                for text in texts {
                    let wanted = wanted_group(text);
                    any = if *lead == Lead::Names(PartKind::PatientGroup, wanted.clone()) {
                        any.add(Expr::val(1).eq(1))
                    } else if text.contains('=') {
                        any.add(self.any_of(field, &in_groups(text)))
                    } else {
                        any.add(Expr::exists(self.other_part(PartKind::PatientGroup, &wanted)))
                    };
                }
                any
            }
            (SearchField::ReferringPhysicianName, Matching::Text(texts)) => {
                let patterns: Vec<String> = texts.iter().flat_map(|text| in_groups(text)).collect();
                self.any_of(field, &patterns)
            }
            (SearchField::ModalitiesInStudy, Matching::Text(texts)) => {
                let patterns: Vec<String> = texts.iter().map(|text| format!("*\\{text}\\*")).collect();
                self.any_of(field, &patterns)
            }
            (_, Matching::Text(texts)) => self.any_of(field, texts),
        }
    }

    fn any_of(&self, field: SearchField, patterns: &[String]) -> Condition {
        if patterns.len() > 1 && patterns.iter().all(|text| !text.contains(['*', '?'])) {
            return Condition::any().add(column(field).is_in(patterns.iter().map(String::as_str)));
        }
        patterns.iter().fold(Condition::any(), |any, pattern| {
            any.add(like(self.dialect, &column(field), pattern))
        })
    }

    /// Each of the words begins one of the name's.
    fn named<'a>(&self, kind: PartKind, words: impl Iterator<Item = &'a String>) -> Condition {
        words.fold(Condition::all(), |all, word| {
            all.add(Expr::exists(self.other_part(kind, &begun(word))))
        })
    }

    /// A part of the name of this patient, or of this study's referring physician, that is like `pattern`.
    fn other_part(&self, kind: PartKind, pattern: &str) -> SelectStatement {
        let owner = match kind {
            PartKind::ReferrerWord => (study::Entity, study::Column::Id).into_column_ref(),
            PartKind::PatientGroup | PartKind::PatientWord => {
                (patient::Entity, patient::Column::Id).into_column_ref()
            }
        };
        let part = Expr::col((Alias::new(OTHER), name_part::Column::Part));
        Query::select()
            .expr(Expr::val(1))
            .from_as(name_part::Entity, Alias::new(OTHER))
            .and_where(Expr::col((Alias::new(OTHER), name_part::Column::TenantId)).eq(self.tenant))
            .and_where(Expr::col((Alias::new(OTHER), name_part::Column::OwnerId)).equals(owner))
            .and_where(Expr::col((Alias::new(OTHER), name_part::Column::Kind)).eq(kind.as_str()))
            .cond_where(like(self.dialect, &part, pattern))
            .take()
    }

    /// Somebody whose name has several parts that match is found by the first of them.
    pub(super) fn is_first_part(&self, kind: PartKind, pattern: &str) -> Condition {
        let part = Expr::col((name_part::Entity, name_part::Column::Part));
        let earlier = self
            .other_part(kind, pattern)
            .and_where(
                Expr::col((Alias::new(OTHER), name_part::Column::Part))
                    .lt(Expr::col((name_part::Entity, name_part::Column::Part))),
            )
            .take();
        Condition::all()
            .add(Expr::col((name_part::Entity, name_part::Column::Kind)).eq(kind.as_str()))
            .add(like(self.dialect, &part, pattern))
            .add(Expr::exists(earlier).not())
    }

    /// All that is asked of a request holds of one item (PS3.4 §C.2.2.2.6).
    fn requested(&self, search: &Search) -> Option<SimpleExpr> {
        let asked: Vec<_> = search
            .matching
            .iter()
            .filter(|(field, _)| is_of_request(*field))
            .collect();
        if asked.is_empty() {
            return None;
        }
        let mut item = Condition::all().add(requested_step::Column::TenantId.eq(self.tenant));
        for (field, matching) in asked {
            if let Matching::Text(texts) = matching {
                item = item.add(self.any_of(*field, texts));
            }
        }
        let (of, id) = if self.has_series {
            (
                requested_step::Column::SeriesId,
                Expr::col((series::Entity, series::Column::Id)),
            )
        } else {
            (
                requested_step::Column::StudyId,
                Expr::col((study::Entity, study::Column::Id)),
            )
        };
        let items = Query::select()
            .column((requested_step::Entity, of))
            .from(requested_step::Entity)
            .cond_where(item)
            .take();
        Some(id.in_subquery(items))
    }
}

/// A name has up to three groups between `=`; any of them may match.
fn in_groups(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    vec![
        text.clone(),
        format!("{text}=*"),
        format!("*={text}"),
        format!("*={text}=*"),
    ]
}

fn is_said_with_its_date(search: &Search, field: SearchField) -> bool {
    let is_range = |field| matches!(search.matching(field), Some(Matching::Range(..)));
    let dates = [
        SearchField::StudyDate,
        SearchField::SeriesDate,
        SearchField::PerformedDate,
    ];
    dates
        .into_iter()
        .any(|date| time_of(date) == Some(field) && is_range(date) && is_range(field))
}

fn range(field: SearchField, from: Option<&str>, to: Option<&str>) -> Condition {
    Condition::all()
        .add_option(from.map(|from| column(field).gte(from)))
        .add_option(to.map(|to| column(field).lte(to)))
}

type Ends<'a> = (SearchField, Option<&'a str>, Option<&'a str>);

/// From a moment to a moment: the times count on the first and on the last day.
fn moments((date, from, to): Ends<'_>, (time, early, late): Ends<'_>) -> Condition {
    let on_last = |day: &str, late: &str| {
        let that_day = Condition::all()
            .add(column(date).eq(day))
            .add(column(time).lte(late));
        Condition::any().add(column(date).lt(day)).add(that_day)
    };
    let on_first = |day: &str, early: &str| {
        let that_day = Condition::all()
            .add(column(date).eq(day))
            .add(column(time).gte(early));
        Condition::any().add(column(date).gt(day)).add(that_day)
    };
    range(date, from, to)
        .add_option(from.zip(early).map(|(day, early)| on_first(day, early)))
        .add_option(to.zip(late).map(|(day, late)| on_last(day, late)))
}
