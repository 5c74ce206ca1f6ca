//! How much one GraphQL document may ask for. All limits stand here, and bind HTTP and WebSocket alike.
//!
//! **Invariant:** a document is measured with every fragment spelled out, in time that grows with the
//! document and not with what it spells out to; only then is it validated and executed.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Name, Positioned, ServerResult, Variables,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextParseQuery},
    parser::types::{Directive, ExecutableDocument, OperationType, Selection, SelectionSet},
};
use domain::ErrorCode;

use super::errors::refusal;

/// The longest document, in bytes. Variables are bound by the size of the body.
const MAX_DOCUMENT_BYTES: usize = 32 * 1024;
/// Brackets inside brackets: the parser is recursive.
const MAX_NESTED_BRACKETS: usize = 40;
/// Fields inside fields.
const MAX_DEPTH: u64 = 12;
/// Fields in all, with fragments spelled out.
const MAX_FIELDS: u64 = 1000;
/// Fields under another name.
const MAX_ALIASES: u64 = 30;
/// Directives in all.
const MAX_DIRECTIVES: u64 = 30;
/// Fragments and operations in one document.
const MAX_DEFINITIONS: usize = 100;

#[derive(Debug, Clone, Copy)]
pub(super) struct Limits;

impl ExtensionFactory for Limits {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Limits {
    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let too_complex = |why| refusal(ErrorCode::QueryTooComplex, why);
        check_text(query).map_err(too_complex)?;
        let document = next.run(ctx, query, variables).await?;
        check_document(&document).map_err(too_complex)?;
        Ok(document)
    }
}

/// Bounds what the parser is given.
fn check_text(query: &str) -> Result<(), &'static str> {
    if query.len() > MAX_DOCUMENT_BYTES {
        return Err("the document is longer than 32 KB");
    }
    let mut depth = 0usize;
    for byte in query.bytes() {
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        // Brackets inside strings count, too: that only makes the bound tighter.
        if depth > MAX_NESTED_BRACKETS {
            return Err("the document is nested too deeply");
        }
    }
    Ok(())
}

fn check_document(document: &ExecutableDocument) -> Result<(), &'static str> {
    if document.fragments.len() + document.operations.iter().count() > MAX_DEFINITIONS {
        return Err("the document has too many operations and fragments");
    }
    let mut measure = Measure {
        document,
        fragments: HashMap::new(),
    };
    for (_, operation) in document.operations.iter() {
        let size = measure.selections(&operation.node.selection_set.node)?;
        let directives = size.directives.saturating_add(count(&operation.node.directives));
        if operation.node.ty == OperationType::Subscription && size.roots != 1 {
            return Err("a subscription watches exactly one thing");
        }
        check(
            size.depth,
            MAX_DEPTH,
            "the document asks for fields inside fields more than 12 deep",
        )?;
        check(
            size.fields,
            MAX_FIELDS,
            "the document asks for more than 1,000 fields",
        )?;
        check(size.aliases, MAX_ALIASES, "the document has more than 30 aliases")?;
        check(
            directives,
            MAX_DIRECTIVES,
            "the document has more than 30 directives",
        )?;
    }
    Ok(())
}

fn check(value: u64, limit: u64, refusal: &'static str) -> Result<(), &'static str> {
    if value > limit { Err(refusal) } else { Ok(()) }
}

fn count(directives: &[Positioned<Directive>]) -> u64 {
    directives.len() as u64
}

/// How much a selection spells out to.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    /// Fields on the first level.
    roots: u64,
    depth: u64,
    fields: u64,
    aliases: u64,
    directives: u64,
}

impl Size {
    fn and(self, other: Self) -> Self {
        Self {
            roots: self.roots.saturating_add(other.roots),
            depth: self.depth.max(other.depth),
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
        }
    }
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    /// Sizes of fragments; none while one is being measured.
    fragments: HashMap<&'a Name, Option<Size>>,
}

impl<'a> Measure<'a> {
    fn selections(&mut self, set: &'a SelectionSet) -> Result<Size, &'static str> {
        let mut size = Size::default();
        for item in &set.items {
            size = size.and(self.selection(&item.node)?);
        }
        Ok(size)
    }

    fn selection(&mut self, selection: &'a Selection) -> Result<Size, &'static str> {
        match selection {
            Selection::Field(field) => {
                let inner = self.selections(&field.node.selection_set.node)?;
                Ok(Size {
                    roots: 1,
                    depth: inner.depth + 1,
                    fields: inner.fields.saturating_add(1),
                    aliases: inner
                        .aliases
                        .saturating_add(u64::from(field.node.alias.is_some())),
                    directives: inner.directives.saturating_add(count(&field.node.directives)),
                })
            }
            Selection::InlineFragment(inline) => {
                let inner = self.selections(&inline.node.selection_set.node)?;
                Ok(Size {
                    directives: inner.directives.saturating_add(count(&inline.node.directives)),
                    ..inner
                })
            }
            Selection::FragmentSpread(spread) => {
                let inner = self.fragment(&spread.node.fragment_name.node)?;
                Ok(Size {
                    directives: inner.directives.saturating_add(count(&spread.node.directives)),
                    ..inner
                })
            }
        }
    }

    fn fragment(&mut self, name: &Name) -> Result<Size, &'static str> {
        // A fragment that is not there is the validation's to name.
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(Size::default());
        };
        match self.fragments.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => return Err("a fragment spells out to itself"),
            None => {}
        }
        self.fragments.insert(name, None);
        let size = self.selections(&fragment.node.selection_set.node)?;
        self.fragments.insert(name, Some(size));
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn judge(query: &str) -> Result<(), &'static str> {
        check_text(query)?;
        check_document(&parse_query(query).expect("the test's document parses"))
    }

    #[test]
    fn twelve_levels_pass_and_thirteen_do_not() {
        let nested = |levels: usize| format!("{}{}", "{ a ".repeat(levels), "}".repeat(levels));
        assert!(judge(&nested(12)).is_ok());
        assert!(judge(&nested(13)).is_err());
    }

    #[test]
    fn depth_does_not_hide_in_fragments() {
        let mut query = "{ ...f0 }".to_owned();
        for level in 0..13 {
            query += &format!(" fragment f{level} on T {{ a {{ ...f{} }} }}", level + 1);
        }
        query += " fragment f13 on T { a }";
        assert!(judge(&query).is_err());
    }

    #[test]
    fn fragments_that_double_each_other_are_measured_without_being_spelled_out() {
        let mut query = "{ ...f0 }".to_owned();
        for level in 0..60 {
            query += &format!(" fragment f{level} on T {{ ...f{0} ...f{0} }}", level + 1);
        }
        query += " fragment f60 on T { a }";
        assert_eq!(judge(&query), Err("the document asks for more than 1,000 fields"));
    }

    #[test]
    fn a_fragment_inside_itself_is_refused() {
        assert!(judge("{ ...f } fragment f on T { a ...g } fragment g on T { ...f }").is_err());
    }

    #[test]
    fn a_subscription_watches_one_thing_however_it_is_spelled() {
        assert!(judge("subscription { changes { sequence } }").is_ok());
        assert!(judge("subscription { ...f } fragment f on Subscription { changes { sequence } }").is_ok());
        for two in [
            "subscription { a: changes { sequence } b: changes { sequence } }",
            "subscription { ...f ...f } fragment f on Subscription { changes { sequence } }",
            "subscription { ... { a: changes { sequence } } b: changes { sequence } }",
        ] {
            assert!(judge(two).is_err(), "{two}");
        }
    }

    #[test]
    fn aliases_directives_fields_and_length_are_bounded() {
        let aliases: String = (0..31).map(|n| format!("a{n}: a ")).collect();
        let directives = "a @skip(if: false) ".repeat(31);
        assert!(judge(&format!("{{ {aliases} }}")).is_err());
        assert!(judge(&format!("{{ {directives} }}")).is_err());
        assert!(judge(&format!("{{ {} }}", "a ".repeat(1001))).is_err());
        assert!(judge(&format!("{{ {} }}", "a ".repeat(1000))).is_ok());
        assert!(check_text(&" ".repeat(32 * 1024 + 1)).is_err());
        assert!(check_text(&"{".repeat(100_000)).is_err());
    }
}
