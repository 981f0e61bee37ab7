//! The file header, and what a file is that has none.

use super::{FILE_HEADER, MAJOR, u16_at, u32_at, u64_at};
use crate::error::{ReadError, ReadErrorKind};

const MAGIC: [u8; 8] = *b"\x89WTR\r\n\x1a\n";

/// The first 64 bytes of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileHeader {
    pub(crate) version: (u16, u16),
    pub(crate) trace_id: [u8; 16],
    pub(crate) salt: u64,
}

impl FileHeader {
    pub(crate) fn encode(&self) -> [u8; FILE_HEADER as usize] {
        let mut out = [0; FILE_HEADER as usize];
        out[0..8].copy_from_slice(&MAGIC);
        out[8..10].copy_from_slice(&self.version.0.to_le_bytes());
        out[10..12].copy_from_slice(&self.version.1.to_le_bytes());
        out[20..36].copy_from_slice(&self.trace_id);
        out[36..44].copy_from_slice(&self.salt.to_le_bytes());
        let crc = crc32fast::hash(&out[..60]);
        out[60..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// `head` is what there is of the first 64 bytes.
    pub(crate) fn decode(head: &[u8]) -> Result<FileHeader, ReadError> {
        let refuse = |at, kind| Err(ReadError::new(at, kind));
        if head.is_empty() || !MAGIC.starts_with(&head[..head.len().min(8)]) {
            return refuse(0, ReadErrorKind::NotATrace(looks_like(head)));
        }
        let Ok(head) = <&[u8; FILE_HEADER as usize]>::try_from(head) else {
            let what = "the file ends inside its header; nothing is readable";
            return Err(ReadError::damaged(head.len() as u64, what));
        };
        if u32_at(head, 60) != crc32fast::hash(&head[..60]) {
            return Err(ReadError::damaged(0, "the file header is damaged (checksum)"));
        }
        let version = (u16_at(head, 8), u16_at(head, 10));
        if version.0 != MAJOR {
            return refuse(8, ReadErrorKind::NewerMajor { found: version });
        }
        match u32_at(head, 12) {
            0 => {}
            flags => return refuse(12, ReadErrorKind::Incompatible(flags)),
        }
        let mut trace_id = [0; 16];
        trace_id.copy_from_slice(&head[20..36]);
        Ok(FileHeader { version, trace_id, salt: u64_at(head, 36) })
    }
}

/// What a file is that is not a trace, as far as its first bytes tell.
fn looks_like(head: &[u8]) -> &'static str {
    let text = |word: &str| {
        let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
        head[start..].starts_with(word.as_bytes())
    };
    if head.is_empty() {
        "the file is empty"
    } else if head.starts_with(b"\0asm\x01\0\0\0") {
        "it is a WebAssembly module"
    } else if head.starts_with(b"\0asm") {
        "it is a WebAssembly component, or a module of another version"
    } else if head.starts_with(b"\x89WTR") {
        "it was one, until a transfer in text mode changed its line ends"
    } else if text("(module") || text("(component") || text(";;") {
        "it looks like WebAssembly text"
    } else if head.starts_with(b"\x1f\x8b") {
        "it is compressed with gzip"
    } else if head.starts_with(b"\x28\xb5\x2f\xfd") {
        "it is compressed with zstd"
    } else if head.starts_with(b"\x04\x22\x4d\x18") {
        "it is compressed with lz4"
    } else if head.starts_with(b"\xfd7zXZ") {
        "it is compressed with xz"
    } else if head.starts_with(b"PK\x03\x04") {
        "it is a zip archive"
    } else if head.starts_with(b"\x7fELF") {
        "it is a native program"
    } else if text("{") || text("[") {
        "it looks like JSON"
    } else if head.iter().all(|&byte| byte == 0) {
        "it starts with zeros"
    } else if head.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 32..=126)) {
        "it looks like text"
    } else {
        "its first bytes are unknown"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(head: &[u8]) -> String {
        FileHeader::decode(head).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_a_trace_is_named() {
        let cases: [(&[u8], &str); 6] = [
            (b"", "byte 0: not a wasmscope trace: the file is empty"),
            (b"\0asm\x01\0\0\0", "byte 0: not a wasmscope trace: it is a WebAssembly module"),
            (b"\x1f\x8b\x08", "byte 0: not a wasmscope trace: it is compressed with gzip"),
            (b"  (module)", "byte 0: not a wasmscope trace: it looks like WebAssembly text"),
            (
                b"\x89WTR\n\x1a\n\x01",
                "byte 0: not a wasmscope trace: it was one, until a transfer in text mode changed its line ends",
            ),
            (b"\x89WTR\r", "byte 5: the file ends inside its header; nothing is readable"),
        ];
        for (head, text) in cases {
            assert_eq!(refusal(head), text);
        }
    }

    #[test]
    fn newer_versions_are_refused_by_number() {
        let header = FileHeader { version: (2, 3), trace_id: [1; 16], salt: 5 };
        assert_eq!(
            refusal(&header.encode()),
            "byte 8: the trace has format version 2.3; this build reads up to 1.x"
        );
        let header = FileHeader { version: (1, 9), ..header };
        assert_eq!(FileHeader::decode(&header.encode()).unwrap(), header);
        let mut bytes = header.encode();
        bytes[20] ^= 1;
        assert_eq!(refusal(&bytes), "byte 0: the file header is damaged (checksum)");
        bytes[20] ^= 1;
        bytes[12] = 4;
        let crc = crc32fast::hash(&bytes[..60]);
        bytes[60..].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(refusal(&bytes), "byte 12: the trace uses features this build does not know (flags 0x4)");
    }
}
