//! Neural-network activation functions and their derivatives: accurate to the last bits in both tails, as fast as memory
//! moves, and the same bits on every machine.
//!
//! ```
//! use actfn::{Exact, Relu, Sigmoid, Softmax, rows};
//!
//! let x = [-2.0f32, 0.0, 3.0];
//! let mut y = [0.0; 3];
//! actfn::forward(Sigmoid, &x, &mut y);                        // y = σ(x), at most 2 ULP off
//! actfn::forward(Exact(Sigmoid), &x, &mut y);                 // correctly rounded
//!
//! let mut grad_x = [0.0; 3];
//! actfn::backward(Relu::default(), &x, &[1.0; 3], &mut grad_x); // grad_y · f′(x)
//! assert_eq!(grad_x, [0.0, 1.0, 1.0]);
//!
//! rows::forward(Softmax, 3, &x, &mut y);                      // one row of three
//!
//! let leaky: actfn::Activation = "leaky_relu(negative_slope=0.2)".parse()?;
//! leaky.forward(3, &x, &mut y);
//! # Ok::<(), actfn::Error>(())
//! ```
//!
//! # Concepts
//!
//! - [`Real`]: the number that a definition is written in.
//! - [`Elementwise`] and [`Rowwise`]: the two kinds of activation. A type of your own that implements one of them works
//!   everywhere the built-in ones do.
//! - [`Info`]: what is known and promised of a function.
//! - The kernel: [`forward`], [`forward_in_place`], [`derivative`], [`second_derivative`], [`backward`],
//!   [`backward_parameter`], [`rows`] and [`channels`], for slices of `f32`, `f64`, `f16` and `bf16`, in the default
//!   precision or [`Exact`].
//! - The [`catalogue`]: all functions, by name as [`Activation`], and as each framework has them by [`Convention`].
//!
//! # Promises
//!
//! No result depends on the instruction set, the number of threads, the position in the slice, its length or its alignment.
//! NaN gives the canonical NaN; ±∞ gives the limit; −0 and subnormal numbers are kept.
//!
//! # Features
//!
//! - `std` (default): the instruction set is chosen at run time. Without it the crate is `no_std` (with `alloc`), the same
//!   to the bit, and slow.
//! - `half` (default): `f16` and `bf16` of the `half` crate.
//! - `catalogue`: functions are found by name, with [`catalogue`], `parse` and [`Convention`]. It compiles the kernels of all of them for
//!   each instruction set, which takes minutes; without it a function that is named by its type is compiled where it is used, in
//!   seconds.
//! - `rayon`: large slices are shared among threads. To limit them, call from inside a `rayon::ThreadPool`.

#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod activation;
mod catalogue;
mod convention;
mod functions;
mod kernel;
mod math;
#[cfg(feature = "catalogue")]
mod names;
mod real;

pub use activation::{
    Domain, Elementwise, Gaussian, Info, Initialisation, MaxUlp, Parameter, Rowwise, Saturates, Smoothness,
};
#[doc(hidden)]
pub use activation::{SmallSlopes, Tail};
pub use catalogue::{Activation, Error};
#[doc(hidden)]
pub use catalogue::{Function, Run};
pub use convention::{Convention, Framework};
pub use functions::*;
pub use kernel::{
    Exact, Format, Narrow, Path, Row, Scalar, backward, backward_parameter, derivative, forward, forward_in_place,
    second_derivative,
};
#[cfg(feature = "catalogue")]
pub use names::{Found, catalogue};
pub use real::{Dual, Real};

/// Functions of rows: softmax, maxout.
pub mod rows {
    pub use crate::kernel::{
        jacobian, rows_backward as backward, rows_backward_where as backward_where, rows_forward as forward,
        rows_forward_where as forward_where,
    };
}

/// Elementwise functions whose parameters differ from channel to channel, as PReLU's slopes do.
pub mod channels {
    pub use crate::kernel::{
        channels_backward as backward, channels_backward_parameter as backward_parameter, channels_forward as forward,
    };
}

/// Products of matrices for the networks of actfn-lab, which are compiled for each instruction set as the kernels are. Not a
/// part of what this crate promises: it may change with any version.
#[doc(hidden)]
pub mod matrix {
    pub use crate::kernel::{Matrix, multiply_add};
}
