//! QIDO-RS queries (PS3.18 §10.6) as types; matching them is the database's work.
//!
//! **Invariant:** a [`Query`] holds only attributes of the dictionary and values that fit their VR.

mod holds;
mod level;
mod matching;
mod parse;

pub use holds::Fold;
pub use matching::{LIKE_ESCAPE, Matching, Wildcard};

use crate::tag::Tag;

/// What a query asks for, from the outside in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// `/studies`
    Study,
    /// `/series`, `/studies/{study}/series`
    Series,
    /// `/instances` and below studies and series.
    Instance,
}

/// One attribute that must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The attribute: one tag, or for attributes in sequences the tags from the outside in.
    pub path: Vec<Tag>,
    /// What its value must be.
    pub matching: Matching,
}

/// Which attributes to return beyond the ones always returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncludeFields {
    /// `includefield=all`
    All,
    /// The ones named, each a path like [`Condition::path`].
    Named(Vec<Vec<Tag>>),
}

/// A parsed query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What is asked for.
    pub level: Level,
    /// All must match (PS3.4 §C.2.2.2). Universal matching is kept: it asks for the attribute to be returned.
    pub conditions: Vec<Condition>,
    /// Attributes to return.
    pub include: IncludeFields,
    /// Most results; `None` leaves it to the server.
    pub limit: Option<u32>,
    /// Results to leave out.
    pub offset: u32,
    /// Whether names match without accents and in any order of their words.
    pub fuzzy_matching: bool,
    /// Whether an empty value matches empty attributes (PS3.18 §8.3.4.6); optional in the same way.
    pub empty_value_matching: bool,
    /// Whether a list of values matches each of them (PS3.18 §8.3.4.5); optional in the same way.
    pub multiple_value_matching: bool,
}

/// Why a query is not one. Answer with 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Neither a keyword nor a tag nor a parameter of the Standard.
    #[error("{0:?} is not an attribute or query parameter")]
    UnknownAttribute(String),
    /// A value that the attribute's VR cannot have.
    #[error("the value of {attribute} is not valid: {problem}")]
    Value {
        /// The attribute or parameter as it was written.
        attribute: String,
        /// What is expected.
        problem: &'static str,
    },
    /// The same attribute twice.
    #[error("{0} is given twice")]
    Repeated(String),
    /// More conditions than [`MAX_CONDITIONS`] or a value longer than [`MAX_VALUE_BYTES`].
    #[error("the query is too large")]
    TooLarge,
}

/// Most conditions and most include fields of one query.
pub const MAX_CONDITIONS: usize = 64;
/// Longest value of one parameter, in bytes; UID lists are the long ones.
pub const MAX_VALUE_BYTES: usize = 16 << 10;
