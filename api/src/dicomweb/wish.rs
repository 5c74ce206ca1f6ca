//! An instance and the form in which it is most welcome.

use std::ops::Range;

use app::{
    AppError,
    archive::{InstanceForm, file_length, is_impossible, rows::InstanceRow},
    ports::BlobStream,
};
use dicom::{Accept, Offer};

use super::{
    address::Asker,
    body::{choose, fingerprint},
    parts::Part,
};
use crate::Problem;

pub const DICOM: &str = "application/dicom";
pub const ZIP: &str = "application/zip";

/// What instances are put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    Multipart,
    /// None: one instance by itself.
    Single,
    Zip,
}

impl Container {
    /// Every one, the Standard's default first.
    pub const ALL: [Self; 3] = [Self::Multipart, Self::Single, Self::Zip];

    fn offer(self, transfer_syntax: Option<dicom::Uid>) -> Offer {
        Offer {
            media_type: if self == Self::Zip { ZIP } else { DICOM },
            multipart: self == Self::Multipart,
            transfer_syntax,
        }
    }
}

/// An instance and the most welcome of its forms.
#[derive(Debug, Clone)]
pub struct Wish {
    instance: InstanceRow,
    location: String,
    /// The forms that were not found to be impossible.
    forms: Vec<(InstanceForm, Container, Offer)>,
    form: InstanceForm,
    container: Container,
    offer: Offer,
}

impl Wish {
    /// Errors: `NOT_ACCEPTABLE`.
    pub fn new(
        accept: &Accept,
        instance: InstanceRow,
        location: String,
        containers: &[Container],
    ) -> Result<Self, Problem> {
        let mut forms = Vec::new();
        for (form, transfer_syntax) in InstanceForm::of(&instance) {
            for container in containers {
                forms.push((form, *container, container.offer(transfer_syntax.clone())));
            }
        }
        let (form, container, offer) = choose_form(accept, &forms)?;
        Ok(Self {
            instance,
            location,
            forms,
            form,
            container,
            offer,
        })
    }

    pub fn container(&self) -> Container {
        self.container
    }

    pub fn offer(&self) -> &Offer {
        &self.offer
    }

    pub fn instance(&self) -> &InstanceRow {
        &self.instance
    }

    /// Type and length of the part, where they are known before it is opened.
    pub fn known(&self) -> Option<(String, u64)> {
        (self.form == InstanceForm::Original).then(|| (self.kind(), file_length(&self.instance)))
    }

    /// Opens a range of an original.
    pub async fn open_range(&self, asker: &Asker, range: Range<u64>) -> Result<BlobStream, AppError> {
        asker
            .app
            .stream_file_range(&asker.actor, &self.instance, range)
            .await
    }

    /// Opens one of many: what cannot be had in a welcome form is a part that says so.
    pub async fn open_or_say_why(&mut self, asker: &Asker, accept: &Accept) -> Result<Part, AppError> {
        match self.open(asker, accept).await {
            Err(error) if is_impossible(&error) => Ok(Part::problem(error, self.location.clone())),
            opened => opened,
        }
    }

    /// Opens the instance in its most welcome form, or in the next one where that turns out to be impossible.
    pub async fn open(&mut self, asker: &Asker, accept: &Accept) -> Result<Part, AppError> {
        loop {
            let opening = asker.app.open_instance(&asker.actor, &self.instance, self.form);
            match opening.await {
                Err(error) if self.form != InstanceForm::Original && is_impossible(&error) => {
                    self.forms.retain(|(form, ..)| *form != self.form);
                    match choose_form(accept, &self.forms) {
                        Ok(next) => (self.form, self.container, self.offer) = next,
                        // Nothing else is welcome: why it failed says more than that.
                        Err(_) => return Err(error),
                    }
                }
                opened => {
                    let opened = opened?;
                    return Ok(Part {
                        kind: self.kind(),
                        location: None,
                        length: Some(opened.length),
                        bytes: opened.bytes,
                    });
                }
            }
        }
    }

    fn kind(&self) -> String {
        match &self.offer.transfer_syntax {
            Some(uid) => format!("{DICOM}; transfer-syntax={uid}"),
            None => DICOM.to_owned(),
        }
    }
}

fn choose_form(
    accept: &Accept,
    forms: &[(InstanceForm, Container, Offer)],
) -> Result<(InstanceForm, Container, Offer), Problem> {
    let offers: Vec<Offer> = forms.iter().map(|(.., offer)| offer.clone()).collect();
    let chosen = choose(accept, &offers)?;
    let form = forms.iter().find(|(.., offer)| offer == chosen);
    // It is one of them.
    form.cloned().ok_or_else(super::address::not_found)
}

/// Instances never change: which they are and in which form says all.
pub fn etag_of(wishes: &[Wish]) -> String {
    let names = wishes.iter().map(|wish| {
        let syntax = wish.offer.transfer_syntax.as_ref().map_or("", |uid| uid.as_str());
        format!("{} {syntax} {:?}", wish.instance.id, wish.container)
    });
    format!("\"i-{}\"", fingerprint(names))
}
