//! The spooled tar of one batch, written part by part.
//!
//! **Invariant:** the tar holds accepted members only: a part that is refused is cut off again.
//!
//! **Invariant:** while a batch is under way its marker file is locked; whoever can lock it knows that the
//! process that made it is gone.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use dicom::{ChunkSummer, Limits, Refusal, Section, index_instance};
use domain::ErrorCode;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{data_set_hash::DataSetHasher, facts::InstanceFacts, tar};

/// The suffix of marker files. A marker holds the key of the object that the batch is about to become.
pub(super) const MARKER: &str = "batch";

/// What one part turned out to be.
#[derive(Debug)]
pub(super) struct ReceivedPart {
    /// How many bytes it has, also of those that were not kept.
    pub length: u64,
    /// The SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// The instance in it, or why there is none to store.
    pub content: Result<Box<SpooledInstance>, PartRefusal>,
}

/// Why a part is not kept.
#[derive(Debug)]
pub(super) enum PartRefusal {
    /// It is larger than an instance may be.
    TooLarge,
    /// It is no instance that can be stored.
    Instance(Refusal),
    /// The rest of it cannot be had, and why.
    GivenUp(ErrorCode, String),
}

/// An instance that lies in the spool.
#[derive(Debug)]
pub(super) struct SpooledInstance {
    /// Where its bytes begin in the tar.
    pub offset: u64,
    /// How many they are.
    pub length: u64,
    /// Whether they begin with a preamble.
    pub has_preamble: bool,
    /// Where its data set begins in them.
    pub data_set_offset: u64,
    /// What its transfer syntax and data set hash to.
    pub data_set_hash: [u8; 32],
    /// What the rows are made of.
    pub facts: InstanceFacts,
    /// Where the sums of its chunks lie in the side file.
    pub sums: SideRange,
    /// Where the frame index lies in the side file.
    pub frames: SideRange,
    /// Where the DICOM JSON lies in the side file, gzip.
    pub metadata: SideRange,
    /// Where the list of bulk values lies in the side file, as JSON.
    pub bulk: SideRange,
}

/// A range of the side file.
#[derive(Debug, Clone, Copy)]
pub(super) struct SideRange {
    offset: u64,
    length: usize,
}

/// The spooled tar and, beside it, what the index of its members found.
#[derive(Debug)]
pub(super) struct BatchFile {
    path: PathBuf,
    /// What it is told decides whether its end takes the tar with it.
    marker: Marker,
    tar: File,
    reader: File,
    /// Indexes of many members would not fit into memory; they wait in a file without a name.
    side: File,
    side_end: u64,
    end: u64,
    members: u32,
    open: Option<OpenPart>,
    limits: Limits,
}

/// The locked file that says which object a process is about to make.
#[derive(Debug)]
pub(super) struct Marker {
    path: PathBuf,
    /// Whether it stays when it is dropped, for the sweeper.
    stays: bool,
    /// Holds the lock for as long as it is open.
    _lock: File,
}

impl Marker {
    /// Says it in the spool folder.
    pub fn create(folder: &Path, id: Uuid, object_key: &str) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{}.{MARKER}", id.simple()));
        // Locked before it has its name: a sweeper must never find it unlocked.
        let unnamed = folder.join(format!("{}.new", id.simple()));
        let mut lock = File::create_new(&unnamed)?;
        lock.lock()?;
        lock.write_all(object_key.as_bytes())?;
        fs::rename(&unnamed, &path)?;
        Ok(Self {
            path,
            stays: false,
            _lock: lock,
        })
    }

    /// The object is about to be made: from here on only [`Marker::remove`] takes it away. Whoever is broken off leaves
    /// it to the sweeper.
    pub fn stay(&mut self) {
        self.stays = true;
    }

    /// Takes it away: the object is somebody's, or is gone.
    pub fn remove(mut self) {
        self.stays = false;
    }

    /// The tar that goes with it.
    pub fn tar(&self) -> PathBuf {
        tar_of(&self.path)
    }
}

impl Drop for Marker {
    fn drop(&mut self) {
        if self.stays {
            return;
        }
        // The tar goes first: without its marker no sweeper would find it.
        let _ = fs::remove_file(self.tar());
        let _ = fs::remove_file(&self.path);
    }
}

#[derive(Debug)]
struct OpenPart {
    length: u64,
    hash: Sha256,
    sums: ChunkSummer,
    data_set: DataSetHasher,
}

impl BatchFile {
    /// Begins a batch in the spool folder. `object_key` is what it will be called.
    pub fn create(folder: &Path, id: Uuid, object_key: &str, limits: Limits) -> io::Result<Self> {
        let marker = Marker::create(folder, id, object_key)?;
        let path = marker.tar();
        let tar = OpenOptions::new().write(true).create_new(true).open(&path)?;
        let reader = File::open(&path)?;
        let side = tempfile::tempfile_in(folder)?;
        Ok(Self {
            path,
            marker,
            tar,
            reader,
            side,
            side_end: 0,
            end: 0,
            members: 0,
            open: None,
            limits,
        })
    }

    /// Begins a part.
    pub fn begin_part(&mut self) -> io::Result<()> {
        // The header is filled in when length and name are known.
        self.tar.seek(SeekFrom::Start(self.end + tar::BLOCK_BYTES))?;
        self.open = Some(OpenPart {
            length: 0,
            hash: Sha256::new(),
            sums: ChunkSummer::default(),
            data_set: DataSetHasher::default(),
        });
        Ok(())
    }

    /// Adds bytes to the part. What goes beyond the largest instance is counted and not kept.
    pub fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        open.hash.update(chunk);
        open.length += chunk.len() as u64;
        if open.length <= self.limits.part_bytes {
            open.sums.update(chunk);
            open.data_set.update(chunk);
            self.tar.write_all(chunk)?;
        }
        Ok(())
    }

    /// Ends the part: indexes it and keeps it, or cuts it off again.
    pub fn end_part(&mut self, now: DateTime<Utc>) -> io::Result<ReceivedPart> {
        let Some(open) = self.open.take() else {
            return Err(io::Error::other("a part ended that had not begun"));
        };
        let sha256 = open.hash.finalize().into();
        let offset = self.end + tar::BLOCK_BYTES;
        if open.length > self.limits.part_bytes {
            self.cut()?;
            return Ok(ReceivedPart {
                length: open.length,
                sha256,
                content: Err(PartRefusal::TooLarge),
            });
        }
        let mut section = Section::new(&self.reader, offset, open.length)?;
        let index = match index_instance(&mut section, open.length, &self.limits) {
            Ok(index) => index,
            Err(refusal) => {
                self.cut()?;
                return Ok(ReceivedPart {
                    length: open.length,
                    sha256,
                    content: Err(PartRefusal::Instance(refusal)),
                });
            }
        };
        let has_preamble = index.meta.has_preamble;
        let data_set_offset = index.meta.dataset_offset;
        let data_set_hash = open.data_set.finish(
            index.meta.transfer_syntax_uid.as_str(),
            data_set_offset,
            &self.reader,
            offset,
            open.length,
        )?;
        self.members += 1;
        let name = member_name(self.members, index.attributes.sop_instance_uid.as_str());
        self.tar.write_all(&vec![
            0;
            usize::try_from(tar::padding(open.length))
                .unwrap_or_default()
        ])?;
        self.tar
            .write_all_at(&tar::header(&name, open.length, now), self.end)?;
        self.end = offset + open.length + tar::padding(open.length);

        let sums = self.put_aside(open.sums.finish().as_blob())?;
        let frames = self.put_aside(&index.frames.to_blob())?;
        let metadata = self.put_aside(&gzip(&index.metadata_json)?)?;
        let bulk = self.put_aside(&serde_json::to_vec(&index.bulk)?)?;
        let facts = InstanceFacts::from_index(index);
        let content = SpooledInstance {
            offset,
            length: open.length,
            has_preamble,
            data_set_offset,
            data_set_hash,
            facts,
            sums,
            frames,
            metadata,
            bulk,
        };
        Ok(ReceivedPart {
            length: open.length,
            sha256,
            content: Ok(Box::new(content)),
        })
    }

    /// Ends the part and cuts it off again, whatever it is.
    pub fn give_part_up(&mut self, code: ErrorCode, text: String) -> io::Result<ReceivedPart> {
        let Some(open) = self.open.take() else {
            return Err(io::Error::other("a part was given up that had not begun"));
        };
        self.cut()?;
        Ok(ReceivedPart {
            length: open.length,
            sha256: open.hash.finalize().into(),
            content: Err(PartRefusal::GivenUp(code, text)),
        })
    }

    /// Forgets the members that are not in `kept`, which must be sorted by offset, and says in `kept` where the
    /// others are now.
    pub fn keep_only(&mut self, kept: &mut [&mut SpooledInstance], now: DateTime<Utc>) -> io::Result<()> {
        let mut end = 0;
        for (number, member) in (1..).zip(kept) {
            let offset = end + tar::BLOCK_BYTES;
            if offset != member.offset {
                self.move_down(member.offset, offset, member.length)?;
                let name = member_name(number, &member.facts.sop_instance_uid);
                self.tar
                    .write_all_at(&tar::header(&name, member.length, now), end)?;
                let padding = vec![0; usize::try_from(tar::padding(member.length)).unwrap_or_default()];
                self.tar.write_all_at(&padding, offset + member.length)?;
                member.offset = offset;
            }
            end = offset + member.length + tar::padding(member.length);
        }
        self.end = end;
        self.cut()
    }

    /// Ends the tar; gives its path and length.
    pub fn seal(&mut self) -> io::Result<(PathBuf, u64)> {
        self.cut()?;
        self.tar.write_all_at(&tar::END, self.end)?;
        Ok((self.path.clone(), self.end + tar::END.len() as u64))
    }

    /// The object is about to be made; see [`Marker::stay`].
    pub fn object_begins(&mut self) {
        self.marker.stay();
    }

    /// Takes the file and its marker away; see [`Marker::remove`].
    pub fn remove(self) {
        self.marker.remove();
    }

    /// Reads what was put aside.
    pub fn read_side(&self, range: SideRange) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; range.length];
        self.side.read_exact_at(&mut bytes, range.offset)?;
        Ok(bytes)
    }

    fn put_aside(&mut self, bytes: &[u8]) -> io::Result<SideRange> {
        let range = SideRange {
            offset: self.side_end,
            length: bytes.len(),
        };
        self.side.write_all_at(bytes, range.offset)?;
        self.side_end += bytes.len() as u64;
        Ok(range)
    }

    /// Cuts everything after the last accepted member off.
    fn cut(&mut self) -> io::Result<()> {
        self.tar.set_len(self.end)
    }

    fn move_down(&self, from: u64, to: u64, length: u64) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 20];
        let mut moved = 0;
        while moved < length {
            let wanted = usize::try_from(length - moved)
                .unwrap_or(buffer.len())
                .min(buffer.len());
            self.reader.read_exact_at(&mut buffer[..wanted], from + moved)?;
            self.tar.write_all_at(&buffer[..wanted], to + moved)?;
            moved += wanted as u64;
        }
        Ok(())
    }
}

/// The tar that belongs to a marker.
pub(super) fn tar_of(marker: &Path) -> PathBuf {
    marker.with_extension("tar")
}

fn member_name(number: u32, sop_instance_uid: &str) -> String {
    // Numbered, because a batch may hold two files of one UID: the stored one and the quarantined one.
    format!("{number:05}_{sop_instance_uid}.dcm")
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(bytes, flate2::Compression::fast()).read_to_end(&mut packed)?;
    Ok(packed)
}
