//! Reading a medium file by file, away from the threads that serve.

use std::{
    collections::HashSet,
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Cursor, Read},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use dicom::{Limits, dicomdir::read_file_ids};
use tokio::sync::mpsc;

/// Bytes that are read at a time.
const PIECE_BYTES: usize = 256 << 10;
/// Pieces that wait for the archive.
const WAITING_PIECES: usize = 8;
/// So many bytes of DICOMDIRs are held, to compare them with what is there.
const LARGEST_DIRECTORIES: u64 = 256 << 20;

/// What a medium holds, one after the other.
#[derive(Debug)]
pub enum Found {
    /// A file begins.
    File(String),
    /// Some bytes of it.
    Data(Bytes),
    /// It ends.
    End,
    /// The rest of it cannot be read, and why.
    Unreadable(String),
    /// Something that cannot be read at all, and why.
    Unread(String, String),
    /// Something that is not to be read, and why.
    PassedOver(String, &'static str),
    /// A file that the DICOMDIR names and that was not there.
    Missing(String),
}

/// A medium that is being read.
pub struct Medium {
    found: mpsc::Receiver<Found>,
}

impl Medium {
    /// Begins to read a folder or a ZIP.
    ///
    /// Errors: when it cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        let is_folder = fs::metadata(path)?.is_dir();
        let archive = match is_folder {
            true => None,
            false => Some(zip::ZipArchive::new(File::open(path)?).map_err(io::Error::other)?),
        };
        let (sender, found) = mpsc::channel(WAITING_PIECES);
        let root = path.to_owned();
        tokio::task::spawn_blocking(move || {
            let mut reading = Reading {
                sender,
                seen: HashSet::new(),
                directories: Vec::new(),
                room: LARGEST_DIRECTORIES,
            };
            // It ends early only when nobody listens any more, because the import itself has failed.
            let _ = match archive {
                Some(archive) => reading.archive(archive),
                None => reading.folder(&root),
            }
            .and_then(|()| reading.missing());
        });
        Ok(Self { found })
    }

    /// What comes next; none at the end.
    pub async fn next(&mut self) -> Option<Found> {
        self.found.recv().await
    }
}

/// A table of contents.
struct Directory {
    name: String,
    bytes: Vec<u8>,
}

/// Errors of its functions say that nobody listens any more. What is wrong with the medium is told as it is found.
struct Reading {
    sender: mpsc::Sender<Found>,
    /// What names were met, as hashes: a medium may hold a million.
    seen: HashSet<u64>,
    /// The medium's tables of contents: that of a CD at its root, of several in one folder each below its own.
    directories: Vec<Directory>,
    /// Bytes that are left for them.
    room: u64,
}

/// Nobody listens any more.
struct GivenUp;

impl Reading {
    fn folder(&mut self, root: &Path) -> Result<(), GivenUp> {
        let mut folders: Vec<PathBuf> = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
            let mut entries = match entries {
                Ok(entries) => entries,
                Err(error) => {
                    self.tell(Found::Unread(name_in(root, &folder), error.to_string()))?;
                    continue;
                }
            };
            entries.sort_by_key(fs::DirEntry::file_name);
            for entry in entries {
                let path = entry.path();
                let name = name_in(root, &path);
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(path),
                    Ok(kind) if kind.is_file() => match File::open(&path) {
                        Ok(mut file) => self.file(name, &mut file)?,
                        Err(error) => self.unread(name, &error)?,
                    },
                    Ok(_) => self.tell(Found::PassedOver(name, "it is a link or a device"))?,
                    Err(error) => self.unread(name, &error)?,
                }
            }
        }
        Ok(())
    }

    fn archive(&mut self, mut archive: zip::ZipArchive<File>) -> Result<(), GivenUp> {
        for number in 0..archive.len() {
            let mut entry = match archive.by_index(number) {
                Ok(entry) => entry,
                Err(error) => {
                    self.tell(Found::Unread(format!("entry {number}"), error.to_string()))?;
                    continue;
                }
            };
            let name = match entry.name() {
                Ok(name) => name.into_owned(),
                Err(_) => format!("entry {number}"),
            };
            if entry.is_file() {
                self.file(name, &mut entry)?;
            } else if !entry.is_dir() {
                self.tell(Found::PassedOver(name, "it is a link"))?;
            }
        }
        Ok(())
    }

    fn file(&mut self, name: String, source: &mut dyn Read) -> Result<(), GivenUp> {
        self.seen.insert(hash_of(name.split(['/', '\\'])));
        let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
        if hash_of(std::iter::once(last)) == hash_of(std::iter::once("DICOMDIR")) {
            return self.directory(name, source);
        }
        self.tell(Found::File(name))?;
        loop {
            let mut piece = vec![0; PIECE_BYTES];
            match source.read(&mut piece) {
                Ok(0) => return self.tell(Found::End),
                Ok(read) => {
                    piece.truncate(read);
                    self.tell(Found::Data(Bytes::from(piece)))?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A scratch, a damaged archive: the other files may be sound.
                Err(error) => return self.tell(Found::Unreadable(error.to_string())),
            }
        }
    }

    /// Keeps a table of contents for the end.
    fn directory(&mut self, name: String, source: &mut dyn Read) -> Result<(), GivenUp> {
        let mut bytes = Vec::new();
        match source.take(self.room + 1).read_to_end(&mut bytes) {
            Err(error) => self.unread(name, &error),
            Ok(read) if read as u64 > self.room => {
                let why = "it is too large to be compared with what is there";
                self.tell(Found::PassedOver(name, why))
            }
            Ok(read) => {
                self.room -= read as u64;
                self.directories.push(Directory {
                    name: name.clone(),
                    bytes,
                });
                self.tell(Found::PassedOver(name, "it is a table of contents"))
            }
        }
    }

    /// Says what the tables of contents name and was not met.
    fn missing(&mut self) -> Result<(), GivenUp> {
        for Directory { name, bytes } in std::mem::take(&mut self.directories) {
            let folder: Vec<&str> = name.split(['/', '\\']).collect();
            let folder = &folder[..folder.len() - 1];
            let length = bytes.len() as u64;
            let mut missing = Vec::new();
            let read = read_file_ids(
                &mut Cursor::new(bytes),
                length,
                &Limits::default(),
                |components| {
                    let path = || {
                        folder
                            .iter()
                            .copied()
                            .chain(components.iter().map(String::as_str))
                    };
                    if !self.seen.contains(&hash_of(path())) {
                        missing.push(path().collect::<Vec<&str>>().join("/"));
                    }
                },
            );
            if read.is_err() {
                let why =
                    "this table of contents cannot be read to its end; every file was looked at all the same";
                self.tell(Found::PassedOver(name.clone(), why))?;
            }
            missing
                .into_iter()
                .try_for_each(|name| self.tell(Found::Missing(name)))?;
        }
        Ok(())
    }

    fn unread(&self, name: String, error: &io::Error) -> Result<(), GivenUp> {
        self.tell(Found::Unread(name, error.to_string()))
    }

    fn tell(&self, found: Found) -> Result<(), GivenUp> {
        self.sender.blocking_send(found).map_err(|_| GivenUp)
    }
}

/// What a path is called on the medium.
fn name_in(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}

/// The hash of a path, as media spell it: in any case, and with `;1` or a dot behind (ISO 9660).
fn hash_of<'a>(components: impl Iterator<Item = &'a str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for component in components {
        let plain = component.split(';').next().unwrap_or_default();
        plain.trim_end_matches('.').to_ascii_uppercase().hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::hash_of;

    #[test]
    fn names_are_the_same_however_the_medium_spells_them() {
        let spelled = |path: &'static str| hash_of(path.split('/'));
        assert_eq!(spelled("DICOM/IM000001"), spelled("dicom/im000001.;1"));
        assert_ne!(spelled("DICOM/IM000001"), spelled("DICOM/IM000002"));
        assert_ne!(spelled("AB/C"), spelled("A/BC"));
    }
}
