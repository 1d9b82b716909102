//! The only loops over slices, and the only place that knows instruction sets, storage formats and threads.
//!
//! One generic loop body serves all: a definition is inlined into it for `f32` and for `f64`, and [`isa::dispatch`]
//! compiles the whole once per instruction set. Other formats, and exact results, go through these two in small pieces, but
//! exact values of `f32`, which have a loop of their own. Every element is computed by the same sequence of correctly rounded
//! operations wherever it stands, or, of exact values, by one of two that agree, so results depend neither on the instruction
//! set, nor on position, length, alignment or the number of threads.

mod float_mode;
mod format;
pub(crate) mod isa;
mod loops;
mod matrix;
mod parameters;
mod precision;
pub(crate) mod row;
mod rows;
mod second_derivative;
mod threads;

pub(crate) use float_mode::in_default_mode;
pub use format::{Format, Narrow};
pub use isa::Path;
pub(crate) use loops::scalar;
pub use loops::{Scalar, backward, derivative, forward, forward_in_place};
pub use matrix::{Matrix, multiply_add};
pub use parameters::{backward_parameter, channels_backward, channels_backward_parameter, channels_forward};
pub(crate) use parameters::{by_channel, sums_by_channel};
pub use precision::Exact;
pub use rows::{Row, jacobian, rows_backward, rows_backward_where, rows_forward, rows_forward_where};
pub use second_derivative::second_derivative;
