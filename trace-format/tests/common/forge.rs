//! Files that lie: any byte of a trace changed, and the checksums made right again, so that what is behind them is
//! reached.

#![allow(dead_code, unreachable_pub)] // each user takes a part

pub const FILE_HEADER: usize = 64;
pub const FRAME_HEADER: usize = 40;

/// A frame of a file that may be nonsense.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Where it starts.
    pub at: usize,
    /// Bytes of its payload.
    pub stored: usize,
    /// Its kind, without the flags.
    pub kind: u16,
}

impl Frame {
    /// The payload's place in the file.
    pub fn payload(self) -> std::ops::Range<usize> {
        self.at + FRAME_HEADER..self.at + FRAME_HEADER + self.stored
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn put_u32(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
}

/// The frames of a file, as far as each leads to the next.
pub fn frames(bytes: &[u8]) -> Vec<Frame> {
    let (mut at, mut frames) = (FILE_HEADER, Vec::new());
    while at + FRAME_HEADER <= bytes.len() {
        let stored = u32_at(bytes, at + 8) as usize;
        if stored > bytes.len() - at - FRAME_HEADER {
            break;
        }
        let kind = u16::from_le_bytes([bytes[at + 4], bytes[at + 5]]) & 0x1fff;
        frames.push(Frame { at, stored, kind });
        at += FRAME_HEADER + stored.next_multiple_of(8);
    }
    frames
}

/// Makes sync word, salt and checksums of a frame right.
pub fn sign(bytes: &mut [u8], frame: Frame) {
    bytes[frame.at..frame.at + 4].copy_from_slice(b"WTF1");
    let salt = u32_at(bytes, 36);
    put_u32(bytes, frame.at + 28, salt);
    let payload = crc32fast::hash(&bytes[frame.payload()]);
    put_u32(bytes, frame.at + 32, payload);
    let header = crc32fast::hash(&bytes[frame.at..frame.at + 36]);
    put_u32(bytes, frame.at + 36, header);
}

/// Makes the header's and all frames' checksums right.
pub fn sign_all(bytes: &mut [u8]) {
    if bytes.len() < FILE_HEADER {
        return;
    }
    bytes[..8].copy_from_slice(b"\x89WTR\r\n\x1a\n");
    let header = crc32fast::hash(&bytes[..60]);
    put_u32(bytes, 60, header);
    for frame in frames(bytes) {
        sign(bytes, frame);
    }
}

/// The file with another payload in one frame; what is behind it moves.
pub fn replace(bytes: &[u8], frame: Frame, payload: &[u8]) -> Vec<u8> {
    let mut forged = bytes[..frame.at + FRAME_HEADER].to_vec();
    put_u32(&mut forged, frame.at + 8, payload.len() as u32);
    // It is stored as it is.
    forged[frame.at + 7] = 0;
    put_u32(&mut forged, frame.at + 12, payload.len() as u32);
    forged.extend_from_slice(payload);
    forged.resize(forged.len().next_multiple_of(8), 0);
    let behind = frame.at + FRAME_HEADER + frame.stored.next_multiple_of(8);
    forged.extend_from_slice(bytes.get(behind..).unwrap_or_default());
    sign(&mut forged, Frame { stored: payload.len(), ..frame });
    forged
}
