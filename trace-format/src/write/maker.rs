//! Event chunks made apart from the file they go into, so that several threads can make them.
//!
//! ```text
//! thread A   steps 0 ·· 1       4 ·· 5       ChunkMaker ──┐ chunks, compressed,
//! thread B         2 ·· 3             …      ChunkMaker ──┤ with the code they need
//!                                            TraceWriter ◄┘ in order
//! ```
//!
//! A chunk can be read alone, so it can be made alone: what a maker knows of the steps before
//! makes it smaller, not different in meaning.

use super::TraceWriter;
use crate::chunk::{self, ChunkHeader, PackedColumns};
use crate::code::CodeFunc;
use crate::encode::Encoder;
use crate::error::WriteError;
use crate::event::{FuncId, Position};
use crate::frame::{Codec, Packer};
use crate::manifest::Profile;
use crate::record::StepRecord;
use crate::shape::Shapes;
use std::io::Write;
use std::sync::Arc;

/// Makes chunks out of steps.
pub struct ChunkMaker {
    encoder: Encoder,
    packer: Packer,
    /// The code given, by the number it has in headers, less one.
    codes: Vec<Arc<CodeFunc>>,
    made: Vec<MadeChunk>,
}

/// A chunk that is to go into a file.
pub struct MadeChunk {
    /// Names code by place in `codes`, from 1.
    header: ChunkHeader,
    codes: Vec<Arc<CodeFunc>>,
    first: u64,
    count: u32,
    packed: PackedColumns,
    end: Position,
}

impl ChunkMaker {
    /// A maker of chunks of this profile, compressed in this way.
    pub fn new(profile: Profile, codec: Codec) -> ChunkMaker {
        ChunkMaker {
            encoder: Encoder::new(profile),
            packer: Packer::new(codec),
            codes: Vec::new(),
            made: Vec::new(),
        }
    }

    /// Makes the code of a function known, before the first step in it.
    ///
    /// # Errors
    /// If the code is not in order.
    pub fn code(&mut self, code: Arc<CodeFunc>) -> Result<(), WriteError> {
        let shapes = Shapes::new(code.clone()).map_err(|why| WriteError::Invalid {
            what: "a function's code",
            step: 0,
            why,
        })?;
        self.codes.push(code);
        self.encoder.code(shapes, self.codes.len() as u64);
        Ok(())
    }

    /// Whether [`ChunkMaker::code`] has been given for the function.
    pub fn has_code(&self, func: FuncId) -> bool {
        self.encoder.has_code(func)
    }

    /// Appends a step. Steps left out begin a new chunk.
    ///
    /// # Errors
    /// As [`TraceWriter::step`], but for the sink's.
    #[inline]
    pub fn step(&mut self, step: &StepRecord<'_>) -> Result<(), WriteError> {
        if self.encoder.fast(step) {
            return Ok(());
        }
        if self.encoder.must_seal(step) {
            self.seal();
        }
        self.encoder.step(step).map_err(|why| WriteError::Invalid { what: "a step", step: step.step, why })
    }

    #[cold]
    fn seal(&mut self) {
        self.encoder.close();
        let end = self.encoder.position();
        let Encoder { header, columns, first, count, .. } = &mut self.encoder;
        let (mut header, first, count) = (header.clone(), *first, *count);
        let packed = chunk::pack(columns, &mut self.packer);
        let mut codes = Vec::new();
        for func in header.funcs.iter_mut().filter(|func| func.code != 0) {
            codes.push(self.codes[func.code as usize - 1].clone());
            func.code = codes.len() as u64;
        }
        self.encoder.reset();
        self.made.push(MadeChunk { header, codes, first, count, packed, end });
    }

    /// The chunks made since the last call; the last one is closed for it.
    pub fn take(&mut self) -> Vec<MadeChunk> {
        if self.encoder.count > 0 {
            self.seal();
        }
        std::mem::take(&mut self.made)
    }
}

impl<W: Write> TraceWriter<W> {
    /// Appends a chunk that was made apart, and the code it needs that is not there yet.
    ///
    /// # Errors
    /// If the sink fails; or if the chunk is not of the trace's profile, or not in order.
    pub fn chunk(&mut self, mut made: MadeChunk) -> Result<(), WriteError> {
        let invalid = |why| WriteError::Invalid { what: "a chunk", step: made.first, why };
        if made.header.profile != self.profile {
            return Err(invalid("it is of another profile"));
        }
        if made.first < self.encoder.next_step() {
            return Err(invalid("it is not in order"));
        }
        self.seal()?;
        // As in `seal`: what came in before a chunk is before it in the file.
        self.flush_host()?;
        for code in &made.codes {
            if !self.encoder.has_code(code.func) {
                self.code(code.clone())?;
            }
        }
        for func in made.header.funcs.iter_mut().filter(|func| func.code != 0) {
            func.code = self.encoder.code_at(func.func).unwrap_or(0);
        }
        self.counts.events += u64::from(made.count);
        self.encoder.skip_to(made.first + u64::from(made.count));
        self.reached(made.end);
        self.outbox.packed_chunk(made.header, made.first, made.count, made.packed);
        self.pushed()
    }
}
