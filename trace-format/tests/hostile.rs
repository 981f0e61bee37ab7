//! Files that lie on purpose: every checksum is right, and something else is
//! not. Nothing may panic, hang, or take memory beyond reason; what is read may
//! be nonsense, as it may be in a file somebody made up from the start.

mod common;

use common::*;
use proptest::prelude::*;
use wasmscope_trace_format::*;

const FRAME_HEADER: usize = 40;

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn put_u32(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
}

/// Offsets of all frames of an undamaged trace, with the stored length.
fn frames(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut at, mut frames) = (64, Vec::new());
    while at < bytes.len() {
        assert_eq!(&bytes[at..at + 4], b"WTF1");
        let stored = u32_at(bytes, at + 8) as usize;
        frames.push((at, stored));
        at += FRAME_HEADER + stored.next_multiple_of(8);
    }
    frames
}

/// Bytes worth forging: of page contents, which nothing interprets, a few.
fn places(bytes: &[u8], at: usize, stored: usize) -> impl Iterator<Item = usize> + use<> {
    let pages = bytes[at + 4] == 7;
    let step = if pages { 97 } else { 1 };
    (at + 4..at + 32).chain((at + FRAME_HEADER..at + FRAME_HEADER + stored).step_by(step))
}

/// Makes the checksums of the frame at `at` right again.
fn sign(bytes: &mut [u8], at: usize, stored: usize) {
    let payload = crc32fast::hash(&bytes[at + FRAME_HEADER..at + FRAME_HEADER + stored]);
    put_u32(bytes, at + 32, payload);
    let header = crc32fast::hash(&bytes[at..at + 36]);
    put_u32(bytes, at + 36, header);
}

/// Reads everything, and gives nothing.
fn read_all(bytes: Vec<u8>) {
    let Ok(reader) = TraceReader::open(bytes) else {
        return;
    };
    let _ = reader.completeness().to_string();
    let _ = reader.host_log().count();
    let _ = reader.outputs().take(10_000).count();
    let _ = (reader.markers(), reader.names());
    for entry in reader.modules().unwrap_or_default() {
        let _ = reader.module(entry.hash);
    }
    for number in 0..reader.checkpoints().len() {
        if let Ok(checkpoint) = reader.checkpoint(number) {
            let mut into = page(0);
            for memory in &checkpoint.memories {
                for (_, hash) in &memory.pages {
                    let _ = reader.page(*hash, &mut into);
                }
            }
        }
    }
    if let Ok(events) = reader.events(0..u64::MAX) {
        for event in events.take(10_000).flatten() {
            let code = reader.code(event.func).ok().flatten();
            let _ = dump::line(&event, code.as_deref());
            let _ = dump::json(&event, code.as_deref());
        }
    }
    let _ = reader.verify();
}

fn plain(profile: Profile) -> Vec<u8> {
    write_with(profile, &WriteOptions { codec: Codec::None, ..options() })
}

#[test]
fn every_bit_flipped_and_signed() {
    for bytes in [plain(Profile::Flow), plain(Profile::Values), plain(Profile::Full), write(Profile::Full)] {
        for (at, stored) in frames(&bytes) {
            for byte in places(&bytes, at, stored) {
                for bit in 0..8 {
                    let mut forged = bytes.clone();
                    forged[byte] ^= 1 << bit;
                    sign(&mut forged, at, stored);
                    read_all(forged);
                }
            }
        }
    }
}

#[test]
fn hostile_lengths_do_not_allocate() {
    for profile in [Profile::Log, Profile::Flow, Profile::Values, Profile::Full] {
        let bytes = plain(profile);
        for (at, stored) in frames(&bytes) {
            // Stored and raw length, first and count, one after the other.
            for field in [8, 12, 16, 20, 24] {
                for number in [0, 1, 0x7fff_ffff, u32::MAX, (4 << 20) + 1, 4 << 20] {
                    let mut forged = bytes.clone();
                    put_u32(&mut forged, at + field, number);
                    sign(&mut forged, at, stored);
                    read_all(forged);
                }
            }
            // A varint or postcard length at each place of the payload.
            for place in places(&bytes, at, stored).skip(28) {
                for wide in [&[0xff; 9][..], &[0xff, 0xff, 0xff, 0xff, 0x0f]] {
                    let mut forged = bytes.clone();
                    let end = (place + wide.len()).min(at + FRAME_HEADER + stored);
                    forged[place..end].copy_from_slice(&wide[..end - place]);
                    sign(&mut forged, at, stored);
                    read_all(forged);
                }
            }
        }
    }
}

#[test]
fn unknown_kinds_are_skipped_or_refused() {
    let bytes = write(Profile::Log);
    let with_kind = |kind: u16, version: u8| {
        // The marker stands for anything that is new: it is ancillary itself.
        let (at, stored) = frames(&bytes)
            .into_iter()
            .find(|(at, _)| bytes[*at + 4..*at + 6] == (11u16 | 0x4000).to_le_bytes())
            .expect("there is a marker");
        let mut forged = bytes.clone();
        forged[at + 4..at + 6].copy_from_slice(&kind.to_le_bytes());
        forged[at + 6] = version;
        sign(&mut forged, at, stored);
        // The index disagrees now; a cut file has none.
        forged.truncate(forged.len() - 64);
        let (last, _) = *frames(&forged).last().unwrap();
        forged.truncate(last);
        TraceReader::open(forged)
    };
    for kind in [77 | 0x4000, 77 | 0x8000, 11 | 0x4000] {
        let reader = with_kind(kind, 1).unwrap();
        assert_eq!(reader.completeness().damage, []);
        assert_eq!(reader.host_log().map(Result::unwrap).count(), 20);
    }
    with_kind(11 | 0x4000, 9).expect("a newer marker is still only a marker");
    let refused = with_kind(77, 1).unwrap_err().to_string();
    assert!(
        refused.ends_with(
            "a part of kind 77, version 1, is needed to read this trace, \
             and this build does not know it"
        ),
        "{refused}"
    );
    assert!(with_kind(5, 2).unwrap_err().to_string().contains("kind 5, version 2"));
}

#[test]
fn an_unknown_codec_is_refused_by_number() {
    let mut bytes = write(Profile::Log);
    let (at, stored) = frames(&bytes)[0];
    bytes[at + 7] = 9;
    sign(&mut bytes, at, stored);
    assert_eq!(TraceReader::open(bytes).unwrap_err().to_string(), "byte 64: unknown compression 9");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Several bytes anywhere, in any frame, signed.
    #[test]
    fn random_forgeries(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        full in any::<bool>(),
    ) {
        let mut bytes = plain(if full { Profile::Full } else { Profile::Log });
        let frames = frames(&bytes);
        for (place, byte) in edits {
            let at = 64 + place.index(bytes.len() - 64);
            let (frame, stored) = *frames.iter().rev().find(|(frame, _)| *frame <= at).unwrap();
            if at < frame + FRAME_HEADER + stored && !(frame + 32..frame + 40).contains(&at) {
                bytes[at] = byte;
                sign(&mut bytes, frame, stored);
            }
        }
        read_all(bytes);
    }
}
