//! Golden hashes: one number for all results of a function, which every machine, instruction set and thread count must
//! reproduce.
//!
//! Results are hashed in the order of their inputs' bits, 2¹⁶ inputs at a time, and the hashes of these chunks once more;
//! so chunks may be computed in any order. The hash is XXH3 with 64 bits.

use alloc::vec;
use alloc::vec::Vec;

use actfn::{Activation, Format};
use half::{bf16, f16};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Inputs of a chunk, skipped ones included.
pub const CHUNK: usize = 1 << 16;

/// Of `f32`, continuous integration runs every 257th input.
pub const STRIDE: usize = 257;

/// Where each takes long, every 65 521st.
pub const COARSE: usize = 65_521;

/// What of a function is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// f, or the image of a row.
    Value,
    /// f′, or a row's vector–Jacobian product.
    Derivative,
    /// f″, which functions of rows have not. It is computed in `f64` always, so that there is no exact one beside the default.
    SecondDerivative,
}

impl Of {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Value, Self::Derivative, Self::SecondDerivative];

    /// As the files have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Derivative => "derivative",
            Self::SecondDerivative => "second_derivative",
        }
    }

    /// Whether a function has it.
    pub fn is_of(self, f: &Activation) -> bool {
        self != Self::SecondDerivative || !f.is_rowwise()
    }

    /// Computes it of an elementwise function.
    pub fn compute<T: Format>(self, f: &Activation, x: &[T], y: &mut [T]) {
        match self {
            Self::Value => f.forward(x.len().max(1), x, y),
            Self::Derivative => f.derivative(x, y),
            Self::SecondDerivative => f.second_derivative(x, y),
        }
    }
}

/// A format by the bits of its numbers.
pub trait Bits: Format {
    /// How many bits it has.
    const WIDTH: u32;
    /// The number with these bits.
    fn of(bits: u64) -> Self;
    /// Appends the bits of this number, the lowest byte first.
    fn write(self, bytes: &mut Vec<u8>);
}

macro_rules! bits {
    ($($float:ident $bits:ident,)*) => {$(
        impl Bits for $float {
            const WIDTH: u32 = $bits::BITS;
            fn of(bits: u64) -> Self {
                $float::from_bits(bits as $bits)
            }
            fn write(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_bits().to_le_bytes());
            }
        }
    )*};
}
bits! { f32 u32, f64 u64, f16 u16, bf16 u16, }

/// The hash of a chunk's results.
pub fn hash<T: Bits>(y: &[T]) -> u64 {
    let mut bytes = Vec::with_capacity(y.len() * T::WIDTH as usize / 8);
    y.iter().for_each(|y| y.write(&mut bytes));
    xxh3_64(&bytes)
}

/// The hash of all chunks' hashes, in their order.
pub fn combine(chunks: impl IntoIterator<Item = u64>) -> u64 {
    let mut all = Xxh3::new();
    chunks.into_iter().for_each(|chunk| all.update(&chunk.to_le_bytes()));
    all.digest()
}

/// The inputs of a chunk: every `stride`-th in the order of bits. Of `f64` there are four chunks, a fixed sample of all
/// numbers and of those between −40 and 40.
pub fn inputs<T: Bits>(chunk: usize, stride: usize) -> Vec<T> {
    // In u64: where usize has 32 bits, the last chunk of f32 ends beyond it.
    let first = (chunk * CHUNK) as u64;
    (first.next_multiple_of(stride as u64)..first + CHUNK as u64)
        .step_by(stride)
        .map(|i| match T::WIDTH {
            64 => {
                let random = mix(i);
                if i % 2 == 0 {
                    T::of(random)
                } else {
                    T::from_f64(((random >> 11) as f64 / (1u64 << 53) as f64 - 0.5) * 80.0)
                }
            }
            _ => T::of(i),
        })
        .collect()
}

/// How many chunks a format has.
pub fn chunks<T: Bits>() -> usize {
    if T::WIDTH == 64 { 4 } else { (1 << T::WIDTH.saturating_sub(CHUNK.ilog2())) as usize }
}

/// SplitMix64 (Steele, Lea & Flood 2014): the i-th of a fixed sequence of random numbers.
pub fn mix(i: u64) -> u64 {
    let z = i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// The hash of a function of rows: of images, or of vector–Jacobian products.
pub fn of_rows<T: Bits>(f: &Activation, of: Of) -> u64 {
    let mut drawn = 0;
    let mut uniform = |spread: f64| {
        drawn += 1;
        T::from_f64(((mix(drawn) >> 11) as f64 / (1u64 << 53) as f64 - 0.5) * spread)
    };
    combine([2, 4, 6, 16, 34, 64, 130, 1000, 4096].into_iter().flat_map(|columns| {
        [1.0, 10.0, 100.0].map(|spread| {
            let count = (256 / columns).max(1);
            let outputs = f.outputs(columns).unwrap_or_else(|| unreachable!("even lengths suit all"));
            let x: Vec<T> = (0..count * columns).map(|_| uniform(spread)).collect();
            let grad_y: Vec<T> = (0..count * outputs).map(|_| uniform(2.0)).collect();
            let mut result = vec![T::default(); count * if of == Of::Value { outputs } else { columns }];
            match of {
                Of::Value => f.forward(columns, &x, &mut result),
                _ => f.backward(columns, &x, &grad_y, &mut result),
            }
            hash(&result)
        })
    }))
}

/// The hash of an elementwise function's results at every `stride`-th input.
pub fn of_function<T: Bits>(f: &Activation, of: Of, stride: usize) -> u64 {
    combine((0..chunks::<T>()).map(|chunk| of_chunk::<T>(f, of, stride, chunk)))
}

/// The hash of one chunk.
pub fn of_chunk<T: Bits>(f: &Activation, of: Of, stride: usize, chunk: usize) -> u64 {
    let x = inputs::<T>(chunk, stride);
    let mut y = vec![T::default(); x.len()];
    of.compute(f, &x, &mut y);
    hash(&y)
}

/// The precisions that a function is computed in, with their names: see [`Of::SecondDerivative`].
pub fn precisions(f: &Activation, of: Of) -> Vec<(&'static str, Activation)> {
    let default = ("default", f.clone());
    if of == Of::SecondDerivative { vec![default] } else { vec![default, ("exact", f.clone().exact())] }
}
