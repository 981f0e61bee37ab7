//! What gathers goes out: host log, output, event chunks, late effects.

use super::TraceWriter;
use crate::bytes::{put_record, put_varint};
use crate::decode::VersionedLate;
use crate::encode::Encoder;
use crate::error::WriteError;
use crate::frame::kind;
use std::io::Write;

impl<W: Write> TraceWriter<W> {
    pub(super) fn flush_host(&mut self) -> Result<(), WriteError> {
        if self.host.count() == 0 {
            return Ok(());
        }
        let (first, count) = (self.host.first_step(), self.host.count());
        let mut payload = Vec::new();
        self.host.take(&mut payload);
        self.frame(kind::HOST_LOG, first, count, payload).map(|_| ())
    }

    pub(super) fn flush_output(&mut self) -> Result<(), WriteError> {
        let Some(first) = self.output.first().map(|output| output.position.step) else {
            return Ok(());
        };
        let output = std::mem::take(&mut self.output);
        self.output_len = 0;
        let mut payload = Vec::new();
        put_varint(&mut payload, output.len() as u64);
        output.iter().for_each(|output| put_record(&mut payload, output));
        self.frame(kind::OUTPUT, first, 0, payload).map(|_| ())
    }

    #[cold]
    pub(super) fn seal(&mut self) -> Result<(), WriteError> {
        if self.encoder.count > 0 {
            // What came in before a chunk is before it in the file, so that a file cut behind it can be repeated.
            self.flush_host()?;
            self.encoder.close();
            self.counts.events += u64::from(self.encoder.count);
            self.reached(self.encoder.position());
            let spare = self.outbox.columns();
            let Encoder { header, columns, first, count, .. } = &mut self.encoder;
            let (header, columns) = (header.clone(), std::mem::replace(columns, spare));
            let (first, count) = (*first, *count);
            self.encoder.reset();
            self.outbox.chunk(header, first, count, columns);
            self.pushed()?;
        }
        self.flush_late()
    }

    pub(super) fn flush_late(&mut self) -> Result<(), WriteError> {
        if self.late.is_empty() {
            return Ok(());
        }
        let mut late = std::mem::take(&mut self.late);
        late.sort_by_key(|late| late.step);
        let (first, last) = (late[0].step, late[late.len() - 1].step);
        let count = u32::try_from(last - first + 1).unwrap_or(u32::MAX);
        let mut payload = Vec::new();
        put_record(&mut payload, &VersionedLate::V1(late));
        self.frame(kind::LATE, first, count, payload).map(|_| ())
    }
}
