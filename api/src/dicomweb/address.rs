//! Who asks for what: the caller, checked against the address's tenant, and the UIDs and frames of the address.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use app::{App, archive::ArchiveAddress};
use dicom::Uid;
use domain::{Actor, ErrorCode};

use crate::{ApiState, Problem, authenticate};

/// The verified asker of a DICOMweb request.
#[derive(Debug, Clone)]
pub struct Asker {
    /// The use cases.
    pub app: App,
    /// Who asks.
    pub actor: Actor,
    /// The tenant of the address, which is the actor's.
    pub tenant: String,
}

impl Asker {
    /// Where the tenant's DICOMweb begins.
    pub fn root(&self) -> String {
        format!("{}/dicomweb/{}", self.app.settings.public_url, self.tenant)
    }
}

impl FromRequest for Asker {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let actor = authenticate(&request).await?;
            let state = request
                .app_data::<web::Data<ApiState>>()
                .ok_or_else(|| Problem::new(ErrorCode::Internal, ErrorCode::Internal.title()))?;
            let tenant = request.match_info().query("tenant").to_owned();
            state.app.require_tenant(&actor, &tenant).await?;
            Ok(Self {
                app: state.app.clone(),
                actor,
                tenant,
            })
        })
    }
}

/// The UIDs of an address.
#[derive(Debug, Clone)]
pub struct Address(pub Option<ArchiveAddress>);

impl Address {
    /// The address of a route that names a study at least.
    pub fn required(self) -> Result<ArchiveAddress, Problem> {
        self.0.ok_or_else(not_found)
    }
}

impl FromRequest for Address {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let uid = |name| match request.match_info().get(name) {
            None => Ok(None),
            // What is no UID names nothing.
            Some(text) => Uid::parse(text).map(Some).map_err(|_| not_found()),
        };
        let address = || {
            let (study, series, instance) = (uid("study")?, uid("series")?, uid("instance")?);
            Ok(Self(study.map(|study| ArchiveAddress {
                study,
                series,
                instance,
            })))
        };
        std::future::ready(address())
    }
}

pub(super) fn not_found() -> Problem {
    Problem::new(ErrorCode::NotFound, "not found")
}

/// A list of frame numbers from 1, such as `1,3,4`.
pub(super) fn frame_list(list: &str) -> Result<Vec<u32>, Problem> {
    const MOST: usize = 10_000;
    let wrong = || {
        Problem::new(
            ErrorCode::BadRequest,
            "frames are numbers from 1, separated by commas",
        )
    };
    let numbers: Vec<u32> = list
        .split(',')
        .take(MOST + 1)
        .map(|number| number.trim().parse().ok().filter(|number| *number > 0))
        .collect::<Option<_>>()
        .ok_or_else(wrong)?;
    if numbers.len() > MOST {
        Err(wrong())
    } else {
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_from_one() {
        assert_eq!(frame_list("1,3, 4").unwrap(), [1, 3, 4]);
        for wrong in ["", "0", "1,,2", "a", "-1", "1;2", "4294967296"] {
            assert!(frame_list(wrong).is_err(), "{wrong}");
        }
    }
}
