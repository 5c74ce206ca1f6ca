//! An HTTP client that knows the contract and nothing else.

use anyhow::{Context as _, ensure};
use reqwest::{Method, RequestBuilder, header};
use serde_json::{Value, json};

use crate::{Person, multipart::related_body};

/// Speaks to one program as one caller.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
    bearer: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Content-Type.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// `code` of a problem document.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// What became of each instance of a STOW request (PS3.18 §10.5).
#[derive(Debug, Clone)]
pub struct StowOutcome {
    /// The status.
    pub status: u16,
    /// SOP Instance UIDs of Referenced SOP Sequence (0008,1199).
    pub stored: Vec<String>,
    /// SOP Instance UID and Failure Reason (0008,1197) of Failed SOP Sequence (0008,1198), and of Other
    /// Failures Sequence (0008,119A), where what could not be read stands without a UID.
    pub failed: Vec<(String, u64)>,
    /// The whole answer.
    pub body: Value,
}

impl Client {
    pub(crate) fn new(base_url: &str, bearer: Option<String>) -> Self {
        Self {
            http: reqwest::Client::new(),
            base_url: base_url.to_owned(),
            bearer,
        }
    }

    /// Where the program serves.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The caller's token or key.
    pub fn bearer(&self) -> Option<&str> {
        self.bearer.as_deref()
    }

    /// The same caller with another token or key.
    pub fn with_bearer(&self, bearer: &str) -> Self {
        Self {
            bearer: Some(bearer.to_owned()),
            ..self.clone()
        }
    }

    /// A request to a path, with the caller's token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base_url));
        match &self.bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: RequestBuilder) -> anyhow::Result<Reply> {
        let answer = request.send().await?;
        let content_type = answer.headers().get(header::CONTENT_TYPE);
        let content_type = content_type
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        Ok(Reply {
            status: answer.status().as_u16(),
            content_type,
            body: answer.bytes().await?.to_vec(),
        })
    }

    /// GET.
    pub async fn get(&self, path: &str) -> anyhow::Result<Reply> {
        self.send(self.request(Method::GET, path)).await
    }

    /// GET with an Accept header.
    pub async fn get_as(&self, path: &str, accept: &str) -> anyhow::Result<Reply> {
        self.send(self.request(Method::GET, path).header(header::ACCEPT, accept))
            .await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Reply> {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// An access token.
    pub async fn sign_in(&self, person: &Person) -> anyhow::Result<String> {
        let reply = self
            .post(
                "/auth/sign-in",
                &json!({ "email": person.email, "password": person.password }),
            )
            .await?;
        ensure!(
            reply.status == 200,
            "sign-in: {} {}",
            reply.status,
            String::from_utf8_lossy(&reply.body)
        );
        Ok(reply.json()["access_token"]
            .as_str()
            .context("an access token")?
            .to_owned())
    }

    /// A GraphQL operation's whole answer.
    pub async fn graphql_raw(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let reply = self
            .post("/graphql", &json!({ "query": query, "variables": variables }))
            .await?;
        Ok(reply.json())
    }

    /// A GraphQL operation's data.
    ///
    /// Errors when the answer has errors.
    pub async fn graphql(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let answer = self.graphql_raw(query, variables).await?;
        ensure!(answer["errors"].is_null(), "GraphQL: {answer}");
        Ok(answer["data"].clone())
    }

    /// The code of a GraphQL operation's first error; empty when there is none.
    pub async fn graphql_code(&self, query: &str, variables: Value) -> anyhow::Result<String> {
        Ok(code_of(&self.graphql_raw(query, variables).await?))
    }

    /// Stores Part 10 files by STOW-RS.
    pub async fn stow<F: AsRef<[u8]>>(&self, tenant: &str, files: &[F]) -> anyhow::Result<StowOutcome> {
        self.stow_in(tenant, files, None).await
    }

    /// The same as part of an announced upload.
    pub async fn stow_in<F: AsRef<[u8]>>(
        &self,
        tenant: &str,
        files: &[F],
        upload: Option<&str>,
    ) -> anyhow::Result<StowOutcome> {
        let (content_type, body) = related_body("application/dicom", files);
        let mut request = self
            .request(Method::POST, &format!("/dicomweb/{tenant}/studies"))
            .header(header::CONTENT_TYPE, content_type)
            .header(header::ACCEPT, "application/dicom+json");
        if let Some(upload) = upload {
            request = request.header("Telerad-Upload", upload);
        }
        let reply = self.send(request.body(body)).await?;
        let body = reply.json();
        let uid = |item: &Value| {
            item["00081155"]["Value"][0]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        let items = |tag: &str| body[tag]["Value"].as_array().cloned().unwrap_or_default();
        Ok(StowOutcome {
            status: reply.status,
            stored: items("00081199").iter().map(uid).collect(),
            failed: [items("00081198"), items("0008119A")]
                .iter()
                .flatten()
                .map(|item| {
                    (
                        uid(item),
                        item["00081197"]["Value"][0].as_u64().unwrap_or_default(),
                    )
                })
                .collect(),
            body,
        })
    }

    /// The original bytes of one instance by WADO-RS.
    pub async fn retrieve(
        &self,
        tenant: &str,
        study: &str,
        series: &str,
        instance: &str,
    ) -> anyhow::Result<Reply> {
        let path = format!("/dicomweb/{tenant}/studies/{study}/series/{series}/instances/{instance}");
        self.get_as(
            &path,
            "multipart/related; type=\"application/dicom\"; transfer-syntax=*",
        )
        .await
    }
}

/// The code of the first error of a GraphQL answer; empty when there is none.
pub fn code_of(answer: &Value) -> String {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
