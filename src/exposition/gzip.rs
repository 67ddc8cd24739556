//! gzip of pieces that were compressed apart, so that a scrape compresses only what is new.
//!
//! Each piece is a run of deflate blocks that ends on a byte and refers to nothing before it; any
//! sequence of pieces is one stream, whose checksum follows from theirs. The result is a single
//! gzip member: readers that stop after the first of several lose nothing.
//!
//! Source: RFC 1951, RFC 1952.

use flate2::{Compress, Compression, Crc, FlushCompress};

/// Magic, deflate, no flags, no time, fastest, unknown system.
pub(super) const HEADER: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

/// An empty final block.
const LAST_BLOCK: &[u8] = &[3, 0];

/// What is known of some plain bytes that were compressed.
#[derive(Debug, Default)]
pub(super) struct Checksum(Crc);

impl Checksum {
    fn of(plain: &[u8]) -> Self {
        let mut crc = Crc::new();
        crc.update(plain);
        Self(crc)
    }

    /// The checksum of these bytes with those behind them; costs some tens of microseconds.
    pub(super) fn append(&mut self, further: &Self) {
        self.0.combine(&further.0);
    }

    /// What tells these bytes from others: their checksum and their length.
    pub(super) fn key(&self) -> (u32, u32) {
        (self.0.sum(), self.0.amount())
    }
}

/// One compressed piece.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// Deflate blocks, none of them final.
    pub(super) blocks: Vec<u8>,
    /// Of the plain bytes.
    pub(super) checksum: Checksum,
}

/// Compresses pieces one after the other, reusing its memory.
pub(super) struct Compressor {
    // Level 1: a scrape target is read once; higher levels cost seven times more for a third less.
    deflate: Compress,
}

impl Compressor {
    pub(super) fn new() -> Self {
        Self { deflate: Compress::new(Compression::fast(), false) }
    }

    /// Compresses `plain` into blocks that refer to nothing before them.
    pub(super) fn compress(&mut self, plain: &[u8]) -> Piece {
        self.deflate.reset();
        let mut blocks = Vec::with_capacity(plain.len() / 6 + 64);
        let mut rest = plain;
        loop {
            let before = self.deflate.total_in();
            let result = self.deflate.compress_vec(rest, &mut blocks, FlushCompress::Sync);
            if let Err(error) = result {
                unreachable!("deflate fails only where its calls are misused: {error}");
            }
            let taken = usize::try_from(self.deflate.total_in() - before).unwrap_or(usize::MAX);
            rest = rest.get(taken..).unwrap_or_default();
            if rest.is_empty() && blocks.len() < blocks.capacity() {
                break;
            }
            blocks.reserve(blocks.capacity().max(64));
        }
        Piece { blocks, checksum: Checksum::of(plain) }
    }
}

/// What comes after the last piece: an empty final block, the checksum, the length.
pub(super) fn end(checksum: &Checksum) -> Vec<u8> {
    let (sum, length) = (checksum.0.sum().to_le_bytes(), checksum.0.amount().to_le_bytes());
    [LAST_BLOCK, &sum, &length].concat()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use proptest::prelude::*;

    use super::*;

    fn joined(pieces: &[Vec<u8>]) -> Vec<u8> {
        let (mut compressor, mut out) = (Compressor::new(), HEADER.to_vec());
        let mut checksum = Checksum::default();
        for plain in pieces {
            let piece = compressor.compress(plain);
            out.extend_from_slice(&piece.blocks);
            checksum.append(&piece.checksum);
        }
        out.extend(end(&checksum));
        out
    }

    fn assert_reads_back(pieces: &[Vec<u8>]) {
        let (packed, mut plain) = (joined(pieces), Vec::new());
        GzDecoder::new(packed.as_slice()).read_to_end(&mut plain).unwrap();
        assert!(plain == pieces.concat());
    }

    proptest! {
        #[test]
        fn any_sequence_of_pieces_is_one_stream(
            pieces in prop::collection::vec(prop::collection::vec(0_u8..4, 0..3000), 0..6)
        ) {
            assert_reads_back(&pieces);
        }
    }

    #[test]
    fn a_piece_that_outgrows_every_guess_of_its_size_is_whole() {
        // A generator of noise, which deflate cannot make smaller.
        let mut state = 1_u64;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0]
        });
        let noise: Vec<_> = noise.take(3_000_000).collect();
        assert_reads_back(&[noise.clone(), b"again".repeat(100_000), noise]);
    }
}
