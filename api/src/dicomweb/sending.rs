//! The forms in which instances are sent (PS3.18 §10.5.1, table 10.5.2-2), and reading each as it comes.

use std::time::Duration;

use actix_web::{HttpRequest, http::header, web};
use app::archive::{Composing, Ingest, StoreReport};
use dicom::{
    MediaType,
    multipart::{Event, MultipartReader, PartHeaders},
};
use domain::ErrorCode;

use crate::{Problem, bodies::next_chunk};

/// What to do about a request that did not come to its end.
const SEND_AGAIN: &str = "send it again, what is stored already stays as it is";

/// How a request sends instances.
#[derive(Debug)]
pub enum Sending {
    /// Files in parts.
    Files(MultipartReader),
    /// One file.
    File,
    /// Metadata and bulk data in parts.
    Apart(MultipartReader),
    /// Metadata alone.
    Metadata(MediaType),
}

impl Sending {
    /// By the request's Content-Type. A body that is compressed as a whole is not taken.
    ///
    /// Errors: `UNSUPPORTED_MEDIA_TYPE`.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let unsupported = |text: String| Problem::new(ErrorCode::UnsupportedMediaType, text);
        let coding = request.headers().get(header::CONTENT_ENCODING);
        if coding.is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(unsupported(
                "nothing was stored: send the instances without a Content-Encoding".to_owned(),
            ));
        }
        let content_type = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let media_type = MediaType::parse(content_type);
        let essence = media_type
            .as_ref()
            .map_or("", |media_type| media_type.essence.as_str());
        match essence {
            "application/dicom" => return Ok(Self::File),
            "application/dicom+json" | "application/dicom+xml" => {
                return media_type
                    .map(Self::Metadata)
                    .ok_or_else(|| unsupported(String::new()));
            }
            _ => {}
        }
        let part_type = media_type
            .as_ref()
            .and_then(|media_type| media_type.parameter("type"));
        // How large a part may be is the archive's to say: it refuses the part and not the request.
        let reader =
            MultipartReader::new(content_type, u64::MAX).map_err(|error| unsupported(error.to_string()))?;
        match part_type.map(str::to_ascii_lowercase).as_deref() {
            None | Some("application/dicom") => Ok(Self::Files(reader)),
            Some("application/dicom+json" | "application/dicom+xml") => Ok(Self::Apart(reader)),
            Some(_) => Err(unsupported(
                "send parts of type application/dicom, application/dicom+json or application/dicom+xml"
                    .to_owned(),
            )),
        }
    }

    /// Streams the body into the archive.
    ///
    /// Errors: `BAD_REQUEST` for a body that is not what it says or breaks off, `REQUEST_TIMEOUT`; those of
    /// [`Ingest`] and [`Composing`].
    pub async fn receive(
        self,
        mut ingest: Ingest,
        body: &mut web::Payload,
        idle: Duration,
    ) -> Result<StoreReport, Problem> {
        match self {
            Self::Files(mut reader) => {
                let mut parts = 0;
                while let Some(event) = next_event(&mut reader, body, idle).await? {
                    match event {
                        Event::PartStart(headers) => {
                            parts += 1;
                            ingest.begin_part(name_of(&headers)).await?;
                        }
                        Event::Data(bytes) => ingest.write(bytes).await?,
                        Event::PartEnd => ingest.end_part().await?,
                        Event::End => {}
                    }
                }
                if parts == 0 {
                    return Err(Problem::new(ErrorCode::BadRequest, "the request has no parts"));
                }
                Ok(ingest.commit().await?)
            }
            Self::File => {
                ingest.begin_part(None).await?;
                while let Some(chunk) = next_chunk(body, idle).await.map_err(broke_off)? {
                    ingest.write(chunk).await?;
                }
                ingest.end_part().await?;
                Ok(ingest.commit().await?)
            }
            Self::Apart(mut reader) => {
                let mut composing = Composing::begin(ingest).await?;
                while let Some(event) = next_event(&mut reader, body, idle).await? {
                    match event {
                        Event::PartStart(headers) => {
                            composing.begin_part(headers.content_type(), headers.get("content-location"))?;
                        }
                        Event::Data(bytes) => composing.write(bytes).await?,
                        Event::PartEnd => composing.end_part().await?,
                        Event::End => {}
                    }
                }
                Ok(composing.commit().await?)
            }
            Self::Metadata(media_type) => {
                let mut composing = Composing::begin(ingest).await?;
                composing.begin_part(Some(media_type), None)?;
                while let Some(chunk) = next_chunk(body, idle).await.map_err(broke_off)? {
                    composing.write(chunk).await?;
                }
                composing.end_part().await?;
                Ok(composing.commit().await?)
            }
        }
    }
}

/// The next event of a body in parts; none after its end.
async fn next_event(
    reader: &mut MultipartReader,
    body: &mut web::Payload,
    idle: Duration,
) -> Result<Option<Event>, Problem> {
    loop {
        if let Some(event) = reader.next_event().map_err(unreadable)? {
            return Ok(Some(event));
        }
        match next_chunk(body, idle).await.map_err(broke_off)? {
            Some(chunk) => reader.push(chunk),
            None => {
                reader.finish().map_err(unreadable)?;
                return Ok(None);
            }
        }
    }
}

/// What the sender calls a part: the last segment of its Content-Location.
fn name_of(headers: &PartHeaders) -> Option<&str> {
    headers
        .get("content-location")?
        .rsplit('/')
        .next()
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

fn broke_off(problem: Problem) -> Problem {
    Problem {
        detail: format!("{}: {SEND_AGAIN}", problem.detail),
        ..problem
    }
}

fn unreadable(error: dicom::multipart::MultipartError) -> Problem {
    Problem::new(ErrorCode::BadRequest, format!("{error}; {SEND_AGAIN}"))
}
