//! A side file: sets of numbers beside a trace, which can do without them.
//!
//! ```text
//! header, 64 bytes          magic, version, a tag that says what it was made of
//! [head, 32 bytes][payload] …       found by level and number
//! ```
//!
//! Made out of a trace to find things in it faster, in pieces, in any order, by any number of
//! goes: what is not there yet is not there yet. Deleting it loses nothing but time.
//!
//! Always: a piece that is not whole is not there; the file of another trace is not read, and
//! a file that is no side file is not written to.
//! Elsewhere: what the numbers mean (whoever makes them).

use crate::bytes::{Bytes, put_varint};
use crate::file::{ReadAt, create};
use crate::frame::{Codec, Packer, inflate};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// How every side file begins.
const MAGIC: [u8; 8] = *b"\x89WSI\r\n\x1a\n";
/// Another number means that the file is laid out in another way.
const VERSION: u32 = 1;
/// Bytes of the header.
const HEADER: u64 = 64;
/// How every piece begins.
const PIECE: [u8; 4] = *b"\x1aWSP";
/// Bytes in front of a piece's payload.
const HEAD: usize = 32;

/// What a side file was made of: equal for the same trace looked at in the same way.
pub type Tag = [u8; 32];

/// Where a piece is.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: u64,
    stored: u32,
    raw: u32,
    codec: u8,
    crc: u32,
}

/// A side file; see the module.
pub struct SideFile {
    file: File,
    pieces: HashMap<(u8, u64), Place>,
    /// Behind the last whole piece.
    end: u64,
    packer: Packer,
    /// What lies behind `end`, if anything, has been cut off.
    trimmed: bool,
}

impl SideFile {
    /// Opens the side file at `path`, to be read and, if the system allows it, written;
    /// `None` if there is none that was made for `tag`.
    ///
    /// # Errors
    /// What the system says, but that there is no such file.
    pub fn open(path: impl AsRef<Path>, tag: &Tag) -> io::Result<Option<SideFile>> {
        let path = path.as_ref();
        let opened = OpenOptions::new().read(true).write(true).open(path).or_else(|_| File::open(path));
        let file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if read_header(&file)?.as_ref() != Some(tag) {
            return Ok(None);
        }
        let mut side = SideFile::new(file);
        side.scan()?;
        Ok(Some(side))
    }

    /// Makes an empty side file for `tag` at `path`, in place of one for another tag.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if there is a file that is no side file; or what the
    /// system says.
    pub fn create(path: impl AsRef<Path>, tag: &Tag) -> io::Result<SideFile> {
        let path = path.as_ref();
        let ours = match File::open(path) {
            Ok(file) => file.size()? == 0 || read_header(&file)?.is_some(),
            Err(_) => true,
        };
        if !ours {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let mut header = Vec::with_capacity(HEADER as usize);
        header.extend_from_slice(&MAGIC);
        header.extend_from_slice(&VERSION.to_le_bytes());
        header.extend_from_slice(tag);
        header.resize(HEADER as usize, 0);
        create(path, true)?.write_all(&header)?;
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(SideFile::new(file))
    }

    fn new(file: File) -> SideFile {
        SideFile {
            file,
            pieces: HashMap::new(),
            end: HEADER,
            packer: Packer::new(Codec::Zstd),
            trimmed: false,
        }
    }

    /// Notes where the pieces are, up to the first that is not whole.
    fn scan(&mut self) -> io::Result<()> {
        let size = self.file.size()?;
        let mut head = [0; HEAD];
        while self.end + HEAD as u64 <= size {
            read_exact(&self.file, self.end, &mut head)?;
            let Some((level, number, place)) = decode_head(&head, self.end + HEAD as u64) else { break };
            let end = place.at + u64::from(place.stored);
            if end > size {
                break;
            }
            self.pieces.insert((level, number), place);
            self.end = end;
        }
        Ok(())
    }

    /// Whether there is such a piece.
    pub fn has(&self, level: u8, number: u64) -> bool {
        self.pieces.contains_key(&(level, number))
    }

    /// Bytes of the file that hold whole pieces.
    pub fn bytes(&self) -> u64 {
        self.end
    }

    /// The sets of a piece; `None` if there is none, or it is damaged.
    pub fn get(&self, level: u8, number: u64) -> Option<Vec<KeySet>> {
        let place = self.pieces.get(&(level, number))?;
        let mut stored = vec![0; place.stored as usize];
        read_exact(&self.file, place.at, &mut stored).ok()?;
        if crc32fast::hash(&stored) != place.crc {
            return None;
        }
        let raw = inflate(place.codec, &stored, place.raw).ok()?;
        let mut bytes = Bytes::new(&raw);
        let mut sets = Vec::new();
        while !bytes.is_empty() {
            sets.push(KeySet::decode(&mut bytes)?);
        }
        Some(sets)
    }

    /// Appends a piece.
    ///
    /// # Errors
    /// What the system says; the piece is not there then.
    pub fn put(&mut self, level: u8, number: u64, sets: &[KeySet]) -> io::Result<()> {
        let mut raw = Vec::new();
        for set in sets {
            set.encode(&mut raw);
        }
        let mut bytes = vec![0; HEAD];
        let codec = self.packer.pack(&raw, false, &mut bytes);
        let lens = (u32::try_from(bytes.len() - HEAD), u32::try_from(raw.len()));
        let (Ok(stored), Ok(raw)) = lens else { return Err(io::ErrorKind::FileTooLarge.into()) };
        let crc = crc32fast::hash(&bytes[HEAD..]);
        let place = Place { at: self.end + HEAD as u64, stored, raw, codec, crc };
        bytes[..HEAD].copy_from_slice(&encode_head(level, number, &place));
        if !std::mem::replace(&mut self.trimmed, true) {
            self.file.set_len(self.end)?;
        }
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&bytes)?;
        self.end += bytes.len() as u64;
        self.pieces.insert((level, number), place);
        Ok(())
    }
}

fn encode_head(level: u8, number: u64, place: &Place) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(&PIECE);
    (head[4], head[5]) = (level, place.codec);
    head[8..16].copy_from_slice(&number.to_le_bytes());
    head[16..20].copy_from_slice(&place.stored.to_le_bytes());
    head[20..24].copy_from_slice(&place.raw.to_le_bytes());
    head[24..28].copy_from_slice(&place.crc.to_le_bytes());
    let crc = crc32fast::hash(&head[..28]);
    head[28..].copy_from_slice(&crc.to_le_bytes());
    head
}

/// What a head says of the payload at `at`.
fn decode_head(head: &[u8; HEAD], at: u64) -> Option<(u8, u64, Place)> {
    let word = |from: usize| u32::from_le_bytes(head[from..from + 4].try_into().expect("four bytes"));
    if head[..4] != PIECE || word(28) != crc32fast::hash(&head[..28]) {
        return None;
    }
    let number = u64::from(word(8)) | u64::from(word(12)) << 32;
    let place = Place { at, stored: word(16), raw: word(20), codec: head[5], crc: word(24) };
    Some((head[4], number, place))
}

/// The tag of a side file; `None` if it is none of this version.
fn read_header(file: &File) -> io::Result<Option<Tag>> {
    let mut header = [0; HEADER as usize];
    match read_exact(file, 0, &mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let known = header[..8] == MAGIC && header[8..12] == VERSION.to_le_bytes();
    Ok(known.then(|| header[12..44].try_into().expect("32 bytes")))
}

fn read_exact(file: &File, mut at: u64, mut buf: &mut [u8]) -> io::Result<()> {
    while !buf.is_empty() {
        match file.read_at(at, buf) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(len) => {
                buf = &mut buf[len..];
                at += len as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A set of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet {
    /// What whoever made it wants to know about it.
    pub grain: u8,
    /// The numbers, ascending, each once.
    pub keys: Vec<u64>,
}

impl KeySet {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.grain);
        put_varint(out, self.keys.len() as u64);
        let mut last = 0;
        for &key in &self.keys {
            put_varint(out, key - last);
            last = key;
        }
    }

    fn decode(bytes: &mut Bytes<'_>) -> Option<KeySet> {
        let [grain] = bytes.array::<1>()?;
        let count = usize::try_from(bytes.varint()?).ok()?;
        // A key takes a byte at least.
        if count > bytes.rest().len() {
            return None;
        }
        let mut keys = Vec::with_capacity(count);
        let mut last = 0u64;
        for _ in 0..count {
            last = last.checked_add(bytes.varint()?)?;
            keys.push(last);
        }
        Some(KeySet { grain, keys })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(seed: u64) -> Vec<KeySet> {
        let keys = |n: u64| (0..n).map(|at| at * at * seed + (seed << 60)).collect();
        vec![KeySet { grain: 3, keys: keys(seed) }, KeySet::default(), KeySet { grain: 0, keys: keys(9) }]
    }

    #[test]
    fn pieces_come_back_after_any_cut() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("side");
        let (tag, other) = ([7; 32], [8; 32]);
        assert!(SideFile::open(&path, &tag).expect("no error").is_none());
        let mut side = SideFile::create(&path, &tag).expect("it can be made");
        for number in [4, 1, 9] {
            side.put(0, number, &sets(number)).expect("it can be written");
        }
        assert_eq!((side.get(0, 9), side.get(1, 9)), (Some(sets(9)), None));
        drop(side);
        assert!(SideFile::open(&path, &other).expect("no error").is_none(), "made for something else");
        let whole = std::fs::read(&path).expect("it is there");
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).expect("it can be written");
            let Some(mut side) = SideFile::open(&path, &tag).expect("no error") else {
                assert!(cut < HEADER as usize, "{cut}");
                continue;
            };
            for number in [4, 1, 9] {
                assert!(side.get(0, number).is_none_or(|got| got == sets(number)), "{cut}");
            }
            side.put(2, 5, &sets(5)).expect("it goes on behind what is whole");
            let side = SideFile::open(&path, &tag).expect("no error").expect("it is one");
            assert_eq!(side.get(2, 5), Some(sets(5)), "{cut}");
        }
        for at in HEADER as usize..whole.len() {
            let mut hit = whole.clone();
            hit[at] ^= 4;
            std::fs::write(&path, &hit).expect("it can be written");
            let side = SideFile::open(&path, &tag).expect("no error").expect("its header is whole");
            for number in [4, 1, 9] {
                assert!(side.get(0, number).is_none_or(|got| got == sets(number)), "{at}");
            }
        }
    }

    #[test]
    fn a_file_of_somebody_else_is_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("letter");
        std::fs::write(&path, "dear reader, ".repeat(20)).expect("it can be written");
        let refused = SideFile::create(&path, &[0; 32]).err().expect("an error");
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert!(SideFile::open(&path, &[0; 32]).expect("no error").is_none());
    }
}
