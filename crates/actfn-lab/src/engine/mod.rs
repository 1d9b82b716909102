//! Fully connected networks and how they learn: forward, loss, backward, update.
//!
//! One step of training is
//!
//! ```
//! use actfn_lab::engine::{Layer, Loss, Matrix, Network, Optimizer, Rule};
//!
//! // Exclusive or: two inputs, four hidden units, one output.
//! let x = Matrix::new(2, vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
//! let wanted = [0.0, 1.0, 1.0, 0.0];
//! let hidden = Matrix::new(4, vec![1.0, -0.5, 0.3, 0.8, 0.6, 0.7, -0.9, -0.4]);
//! let output = Matrix::new(1, vec![0.5, 0.5, -0.5, 0.5]);
//! let mut network = Network {
//!     layers: vec![
//!         Layer::new(hidden, vec![0.0; 4], "tanh".parse()?),
//!         Layer::new(output, vec![0.0], "identity".parse()?),
//!     ],
//! };
//! let mut optimizer = Optimizer::new(Rule::Momentum { momentum: 0.9 }, &network);
//! for _ in 0..200 {
//!     let pass = network.forward(x.clone());                          // what every layer makes of x
//!     let loss = Loss::SquaredError(&wanted);                         // how far the outputs are from what is wanted
//!     let gradients = network.backward(&pass, loss.gradient(pass.outputs())); // back through the layers: the chain rule
//!     optimizer.step(0.1, &mut network, &gradients);                  // down the gradient
//! }
//! assert!(Loss::SquaredError(&wanted).value(&network.outputs(x)) < 0.01);
//! # Ok::<(), actfn::Error>(())
//! ```
//!
//! The same inputs give the same bits on every machine and instruction set, unless numbers overflow to NaN. Three things see
//! to that: products of matrices are chains of fused multiply-adds in a fixed order (`actfn`'s kernel), sums over the rows of a
//! batch go from the first to the last, and logarithms, exponentials and square roots are the library's own.
//!
//! Nothing here knows files, terminals or threads, and nothing needs more than `core` and `alloc`.

mod draw;
mod loss;
mod matrix;
mod network;
mod optimizer;

pub use draw::{Normals, weights};
pub use loss::Loss;
pub use matrix::Matrix;
pub use network::{Gradient, Layer, Network, Pass};
pub use optimizer::{Moments, Optimizer, Rule};
