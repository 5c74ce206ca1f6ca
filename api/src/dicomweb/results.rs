//! Data sets as answers: DICOM JSON, or the Native DICOM Model in XML (PS3.18 §8.7.3.2).

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, http::header};
use dicom::{JsonObject, Offer, xml};
use domain::ErrorCode;

use super::{
    address::Asker,
    body::{accept_of, choose, multipart, parameter},
};
use crate::Problem;

const JSON: &str = "application/dicom+json";

/// Lists are one JSON array, or XML documents in parts.
const LIST_OFFERS: [Offer; 3] = [
    single(JSON),
    single("application/json"),
    many(xml::NATIVE_MODEL_TYPE),
];
/// One data set is a JSON object in an array, or one XML document.
const ONE_OFFERS: [Offer; 4] = [
    single(JSON),
    single("application/json"),
    single(xml::NATIVE_MODEL_TYPE),
    many(xml::NATIVE_MODEL_TYPE),
];

const fn single(media_type: &'static str) -> Offer {
    Offer {
        media_type,
        multipart: false,
        transfer_syntax: None,
    }
}

const fn many(media_type: &'static str) -> Offer {
    Offer {
        media_type,
        multipart: true,
        transfer_syntax: None,
    }
}

/// How data sets are to be answered.
#[derive(Debug, Clone)]
pub struct ResultForm(Offer);

impl ResultForm {
    /// As the request accepts a list of results.
    ///
    /// Errors: `NOT_ACCEPTABLE`.
    pub fn of_list(request: &HttpRequest) -> Result<Self, Problem> {
        Self::choose(request, &LIST_OFFERS)
    }

    /// As the request accepts one data set.
    ///
    /// Errors: `NOT_ACCEPTABLE`.
    pub fn of_one(request: &HttpRequest) -> Result<Self, Problem> {
        Self::choose(request, &ONE_OFFERS)
    }

    /// As the request accepts the answer to what it sends. Whoever accepts nothing of ours gets JSON: images are not
    /// refused for the form of a receipt.
    pub fn of_answer(request: &HttpRequest) -> Self {
        let chosen = accept_of(request).choose(&ONE_OFFERS).cloned();
        Self(chosen.unwrap_or(single(JSON)))
    }

    fn choose(request: &HttpRequest, offers: &[Offer]) -> Result<Self, Problem> {
        let chosen = choose(&accept_of(request), offers)?.clone();
        require_utf8(request)?;
        Ok(Self(chosen))
    }

    /// Answers with the data sets.
    pub fn answer(
        &self,
        mut response: HttpResponseBuilder,
        asker: &Asker,
        results: &[JsonObject],
    ) -> Result<HttpResponse, Problem> {
        response.insert_header((header::VARY, "Accept, Authorization"));
        if self.0.media_type != xml::NATIVE_MODEL_TYPE {
            return Ok(response
                .content_type(self.0.media_type)
                .body(JsonObject::array_of(results)));
        }
        if let ([one], false) = (results, self.0.multipart) {
            return Ok(response.content_type(xml::NATIVE_MODEL_TYPE).body(document(one)?));
        }
        let mut writer = multipart(asker, xml::NATIVE_MODEL_TYPE);
        let mut body = Vec::new();
        for result in results {
            let document = document(result)?;
            body.extend_from_slice(
                writer
                    .part_head(None, None, Some(document.len() as u64))
                    .as_bytes(),
            );
            body.extend_from_slice(&document);
        }
        let kind = writer.content_type();
        body.extend_from_slice(writer.end().as_bytes());
        Ok(response.content_type(kind).body(body))
    }

    /// Answers with one JSON object that stands alone, not in an array (PS3.18 §F.2), or its document.
    pub fn answer_object(
        &self,
        mut response: HttpResponseBuilder,
        asker: &Asker,
        object: &JsonObject,
    ) -> Result<HttpResponse, Problem> {
        if self.0.media_type == xml::NATIVE_MODEL_TYPE {
            return self.answer(response, asker, std::slice::from_ref(object));
        }
        response.insert_header((header::VARY, "Accept, Authorization"));
        let mut body = Vec::new();
        object.write(&mut body);
        Ok(response.content_type(self.0.media_type).body(body))
    }
}

fn document(object: &JsonObject) -> Result<Vec<u8>, Problem> {
    let mut json = Vec::new();
    object.write(&mut json);
    let mut document = Vec::with_capacity(2 * json.len());
    xml::write_native_model(&json, &mut document).map_err(|error| {
        tracing::error!(error = %error, "an answer of ours is not the DICOM JSON model");
        Problem::new(ErrorCode::Internal, ErrorCode::Internal.title())
    })?;
    Ok(document)
}

/// JSON is UTF-8 (RFC 8259 §8.1): who accepts only other character sets (PS3.18 §8.3.3.2) cannot be served.
///
/// Errors: `NOT_ACCEPTABLE`.
fn require_utf8(request: &HttpRequest) -> Result<(), Problem> {
    let Some(charsets) = parameter(request, "charset") else {
        return Ok(());
    };
    let is_ours = |charset: &str| {
        let name = charset.split(';').next().unwrap_or_default().trim();
        name == "*" || name.eq_ignore_ascii_case("utf-8")
    };
    if charsets.trim().is_empty() || charsets.split(',').any(is_ours) {
        Ok(())
    } else {
        Err(Problem::new(
            ErrorCode::NotAcceptable,
            "this is available in UTF-8 only",
        ))
    }
}
