//! Instances as files of a ZIP archive (PS3.18 §8.7.3.6), made while it is sent.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use actix_web::{HttpResponse, HttpResponseBuilder, http::header};
use app::{AppError, archive::FoundInstances};
use bytes::Bytes;
use dicom::{Accept, zip::ZipWriter};
use domain::SeriesId;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    address::Asker,
    body::answer,
    parts::Part,
    wish::{Wish, ZIP},
};
use crate::Problem;

/// Answers with an archive of the instances, one folder a series. One that cannot be had in a welcome form is a text
/// that says why.
pub async fn send_zip(
    asker: Asker,
    accept: Accept,
    mut response: HttpResponseBuilder,
    found: &FoundInstances,
    wishes: Vec<Wish>,
) -> Result<HttpResponse, Problem> {
    let mut names = Names::default();
    let mut files: Vec<(String, Wish)> = wishes
        .into_iter()
        .map(|wish| (names.next(found, &wish), wish))
        .collect();
    // What is missing or damaged at once is an answer, not a broken connection.
    let first = match files.first_mut() {
        Some((_, wish)) => Some(wish.open_or_say_why(&asker, &accept).await?),
        None => None,
    };
    response.content_type(ZIP);
    response.insert_header((
        header::CONTENT_DISPOSITION,
        format!("attachment; filename=\"{}.zip\"", found.study.study_instance_uid),
    ));
    let zip = Rc::new(RefCell::new(ZipWriter::default()));
    let (ending, mut first) = (zip.clone(), first);
    let files = stream::iter(files).then(move |(name, mut wish)| {
        let (asker, accept, first) = (asker.clone(), accept.clone(), first.take());
        async move {
            let part = match first {
                Some(part) => part,
                None => wish.open_or_say_why(&asker, &accept).await?,
            };
            Ok::<_, AppError>((name, part))
        }
    });
    let bytes = files
        .map_ok(move |(name, part)| file(&zip, &name, part))
        .try_flatten();
    let end = stream::once(async move { Ok(Bytes::from(ending.take().finish())) });
    Ok(answer(response, None, bytes.chain(end)))
}

/// One file of the archive.
fn file(
    zip: &Rc<RefCell<ZipWriter>>,
    name: &str,
    part: Part,
) -> impl futures_util::Stream<Item = Result<Bytes, AppError>> + use<> {
    let extension = if part.location.is_some() { "txt" } else { "dcm" };
    let name = format!("{name}.{extension}");
    let head = zip.borrow_mut().begin(&name, part.length.unwrap_or(u64::MAX));
    let (packing, ending) = (zip.clone(), zip.clone());
    let bytes = part
        .bytes
        .map_err(AppError::from)
        .map_ok(move |chunk| Bytes::from(packing.borrow_mut().data(&chunk)));
    let end = stream::once(async move { Ok(Bytes::from(ending.borrow_mut().end())) });
    stream::iter([Ok(Bytes::from(head))]).chain(bytes).chain(end)
}

/// Names of files: `SE0003-CT/IM00001`, in the order of the series' numbers and of reading.
#[derive(Debug, Default)]
struct Names {
    folders: HashMap<SeriesId, (String, u32)>,
}

impl Names {
    fn next(&mut self, found: &FoundInstances, wish: &Wish) -> String {
        let series = wish.instance().series;
        if !self.folders.contains_key(&series) {
            let row = found.series.get(&series);
            let number = row.and_then(|row| row.number).unwrap_or(0);
            let modality = row.map_or("OT", |row| row.modality.as_str());
            let taken: Vec<&str> = self.folders.values().map(|(name, _)| name.as_str()).collect();
            let folder = free_name(number, modality, &taken);
            self.folders.insert(series, (folder, 0));
        }
        let (folder, files) = self.folders.entry(series).or_default();
        *files += 1;
        format!("{folder}/IM{files:05}")
    }
}

/// A folder's name that is not taken; of the modality only what is safe in a name.
fn free_name(number: i32, modality: &str, taken: &[&str]) -> String {
    let modality: String = modality
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(16)
        .collect();
    let name = format!("SE{number:04}-{modality}");
    let mut free = name.clone();
    let mut again = 2;
    while taken.contains(&free.as_str()) {
        free = format!("{name}-{again}");
        again += 1;
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_have_names_of_their_own() {
        let taken = ["SE0003-CT", "SE0003-CT-2"];
        assert_eq!(free_name(3, "CT", &taken), "SE0003-CT-3");
        assert_eq!(free_name(3, "../CT", &[]), "SE0003-CT");
    }
}
