//! Brings what GraphQL refuses to the audit trail: the one place where its answers leave.
//!
//! **Invariant:** of a document only field names and ids are kept; other arguments may hold a patient's data.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use app::{
    App,
    trail::{Asked, Refusal},
};
use async_graphql::{
    PathSegment, Response, ServerError, ServerResult, Value, Variables,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextParseQuery, NextRequest, NextSubscribe},
    parser::types::{ExecutableDocument, Selection},
};
use domain::{Actor, ErrorCode};
use futures_util::{StreamExt as _, stream::BoxStream};

use super::errors::code_of;

#[derive(Debug, Clone, Copy)]
pub(super) struct Refusals;

impl ExtensionFactory for Refusals {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(OfRequest::default())
    }
}

/// Who sent the document, and what its fields ask for.
struct Sent {
    app: App,
    actor: Actor,
    /// By the key in the answer.
    fields: HashMap<String, RootField>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct RootField {
    name: String,
    /// The first id among its arguments: what it is about.
    id: Option<String>,
}

#[derive(Default)]
struct OfRequest(Arc<OnceLock<Sent>>);

#[async_trait::async_trait]
impl Extension for OfRequest {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let response = next.run(ctx).await;
        record(&self.0, &response).await;
        response
    }

    fn subscribe<'s>(
        &self,
        ctx: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        let sent = Arc::clone(&self.0);
        next.run(ctx, stream)
            .then(move |response| {
                let sent = Arc::clone(&sent);
                async move {
                    record(&sent, &response).await;
                    response
                }
            })
            .boxed()
    }

    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let document = next.run(ctx, query, variables).await?;
        if let (Some(app), Some(actor)) = (ctx.data_opt::<App>(), ctx.data_opt::<Actor>()) {
            self.0.get_or_init(|| Sent {
                app: app.clone(),
                actor: actor.clone(),
                fields: root_fields(&document, variables),
            });
        }
        Ok(document)
    }
}

async fn record(sent: &OnceLock<Sent>, response: &Response) {
    if response.errors.is_empty() {
        return;
    }
    let Some(sent) = sent.get() else { return };
    for refusal in refusals(&sent.fields, &response.errors) {
        sent.app.record_refusal(&sent.actor, refusal).await;
    }
}

/// One refusal for each field and code.
fn refusals(fields: &HashMap<String, RootField>, errors: &[ServerError]) -> Vec<Refusal> {
    let mut refusals: Vec<Refusal> = Vec::new();
    for error in errors {
        let Some(code) = code_of(error).filter(|code: &ErrorCode| code.is_refusal()) else {
            continue;
        };
        let field = match error.path.first() {
            Some(PathSegment::Field(key)) => fields.get(key).cloned().unwrap_or_default(),
            _ => RootField::default(),
        };
        let refusal = Refusal {
            request: field.name,
            asked: field.id.map_or(Asked::Nothing, Asked::Id),
            code,
        };
        if !refusals.contains(&refusal) {
            refusals.push(refusal);
        }
    }
    refusals
}

fn root_fields(document: &ExecutableDocument, variables: &Variables) -> HashMap<String, RootField> {
    let selections = document
        .operations
        .iter()
        .flat_map(|(_, operation)| &operation.node.selection_set.node.items);
    selections
        .filter_map(|selection| match &selection.node {
            Selection::Field(field) => Some(&field.node),
            // A fragment at the root is recorded without its name.
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => None,
        })
        .map(|field| {
            let id = field.arguments.iter().find_map(|(_, value)| {
                let spelled = |name| variables.get(&name).cloned().ok_or(());
                first_id(&value.node.clone().into_const_with(spelled).ok()?)
            });
            let name = field.name.node.to_string();
            (field.response_key().node.to_string(), RootField { name, id })
        })
        .collect()
}

fn first_id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => id(text),
        Value::List(items) => items.iter().find_map(first_id),
        Value::Object(fields) => fields.values().find_map(first_id),
        _ => None,
    }
}

/// The text, when it has the shape of an id of ours. A claim's token is a secret and names nothing.
fn id(text: &str) -> Option<String> {
    let (kind, rest) = text.split_once('_')?;
    let is_id = kind != "claim"
        && !kind.is_empty()
        && kind.bytes().all(|byte| byte.is_ascii_lowercase())
        && rest.len() == 32
        && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    const CASE: &str = "case_0192aaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    #[test]
    fn a_field_is_named_with_the_id_it_is_about_and_nothing_else() {
        let document = parse_query(
            "query ($id: ID!, $input: I!) { mine: case(id: $id) { id } signReport(input: $input) { id }
             worklist(filter: { text: \"Doe^John\" }) { totalCount } }",
        )
        .unwrap();
        let variables = Variables::from_json(json!({
            "id": CASE,
            "input": { "claimToken": "claim_0192aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "caseId": CASE, "password": "secret" },
        }));
        let fields = root_fields(&document, &variables);
        let field = |name: &str, id: Option<&str>| RootField {
            name: name.to_owned(),
            id: id.map(str::to_owned),
        };
        assert_eq!(fields["mine"], field("case", Some(CASE)));
        assert_eq!(fields["signReport"], field("signReport", Some(CASE)));
        assert_eq!(fields["worklist"], field("worklist", None));
    }
}
