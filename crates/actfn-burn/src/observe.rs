use std::fmt;
use std::sync::Arc;

use actfn::{Activation, Format};
use half::{bf16, f16};

/// What a layer calls in every backward pass.
#[derive(Clone)]
pub(crate) struct Observer(pub(crate) Arc<dyn Fn(&Observation) + Send + Sync>);

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// What a layer sees in one backward pass, shown to the observer given to
/// [`ActivationLayer::observe`](crate::ActivationLayer::observe).
#[derive(Debug)]
pub struct Observation<'a> {
    /// The layer's activation.
    pub activation: &'a Activation,
    /// The shape of the pre-activations.
    pub shape: &'a [usize],
    /// The pre-activations: the layer's input x, in row-major order.
    pub x: Values<'a>,
    /// The gradient of the loss with respect to x, in the same order.
    pub grad_x: Values<'a>,
}

/// Numbers in the format that the tensor has.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// 32-bit floats, burn's default.
    F32(&'a [f32]),
    /// 64-bit floats.
    F64(&'a [f64]),
    /// IEEE 754 half precision.
    F16(&'a [f16]),
    /// bfloat16.
    BF16(&'a [bf16]),
}

impl<'a> Values<'a> {
    /// How many numbers these are.
    pub fn len(self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::F16(values) => values.len(),
            Self::BF16(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The number at a place, without rounding.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`len`](Self::len).
    pub fn get(self, index: usize) -> f64 {
        match self {
            Self::F32(values) => values[index].to_f64(),
            Self::F64(values) => values[index],
            Self::F16(values) => values[index].to_f64(),
            Self::BF16(values) => values[index].to_f64(),
        }
    }

    /// All of them, without rounding.
    pub fn iter(self) -> impl Iterator<Item = f64> + 'a {
        (0..self.len()).map(move |index| self.get(index))
    }
}
