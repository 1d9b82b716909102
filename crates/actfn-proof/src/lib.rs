//! The proof that actfn is right: every input of a format against a reference written a second time.
//!
//! A result is correct if it is the number that the true value of the real function rounds to. Three judges find that
//! number, each asked only where the one before cannot tell:
//!
//! 1. [`interval`]: the [`Formula`] in `f64` intervals, a block of inputs at once, as one interval where it is flat;
//! 2. the same element by element;
//! 3. [`precise`]: the same in intervals of 128 bits and more.
//!
//! NaN goes to the canonical NaN. ±∞ counts as a number beyond all others. At ±0, where f is 0, the sign is that of f on
//! the same side of 0, and free where f is 0 there too. A value too small for the format becomes 0 with its own sign; a
//! value that is 0 elsewhere is +0. Parameters and the constants in a definition are the real numbers that their `f64` are.

extern crate alloc;

pub mod accuracy;
mod elementary;
mod format;
pub mod formula;
mod functions;
pub mod golden;
pub mod golden_file;
pub mod interval;
pub mod precise;
pub mod record;
pub mod rows;
mod sample;
mod sweep;
mod turns;
pub mod twofold;

pub use format::{Layout, Storage};
pub use formula::{Formula, Term};
pub use functions::Reference;
pub use sample::sample;
pub use sweep::{Demand, Outcome, Subject, Worst, Wrong, sweep};
