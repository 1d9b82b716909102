//! The activation functions of [`actfn`] as layers of [burn] networks.
//!
//! [`ActivationLayer`] stands in a network like burn's own layers. Forward and backward are actfn's kernels, registered as
//! one operation of burn's autodiff, so values and gradients are the library's, bit for bit. Tensors stay where they are:
//! the kernels read and write the buffers of burn's flex CPU device.
//!
//! ```
//! use actfn_burn::ActivationLayer;
//! use burn::nn::{Linear, LinearConfig};
//! use burn::prelude::*;
//!
//! #[derive(Module, Debug)]
//! struct Network {
//!     first: Linear,
//!     activation: ActivationLayer,
//!     second: Linear,
//! }
//!
//! impl Network {
//!     fn forward(&self, x: Tensor<2>) -> Tensor<2> {
//!         let hidden = self.activation.forward(self.first.forward(x));
//!         self.second.forward(hidden)
//!     }
//! }
//!
//! let device = Device::flex().autodiff();
//! let network = Network {
//!     first: LinearConfig::new(4, 8).init(&device),
//!     activation: ActivationLayer::new("leaky_relu(negative_slope=0.2)".parse()?),
//!     second: LinearConfig::new(8, 3).init(&device),
//! };
//! let y = network.forward(Tensor::ones([16, 4], &device));
//! assert_eq!(y.dims(), [16, 3]);
//!
//! let gradients = y.sum().backward();
//! assert!(network.first.weight.val().grad(&gradients).is_some());
//! # Ok::<(), actfn::Error>(())
//! ```
//!
//! To see why a network does not learn, [observe](ActivationLayer::observe) its layers: each reports its pre-activations
//! and their gradients in every backward pass.

mod error;
mod layer;
mod observe;
mod operation;

pub use error::Error;
pub use layer::ActivationLayer;
pub use observe::{Observation, Values};
