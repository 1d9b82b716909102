//! Experiments that show what an activation function does to a network.
//!
//! - [`Source`], [`Dataset`], [`Splits`]: rows with a class or a number to predict, from files or compiled in,
//!   standardised and parted.
//! - [`engine`]: fully connected networks and backpropagation, small enough to be read.
//! - [`Architecture`], [`Mixture`], [`Training`]: the shapes of such networks, and how they are trained.
//! - [`Run`] and [`Model`]: a network trained into a folder, which can be stopped and continued, and predictions from it.
//! - [`Diagnosis`]: what one backward pass says about every hidden layer: gradients that vanish, dead and saturated units.
//!   Its [`Finding`]s name the cause and the one change to try.
//! - [`Claims`]: what the page that this project started from says, tested by experiment.
//! - [`Settings`] and [`Comparison`]: which activation learns, at which depth, and why not.
//!
//! ```
//! use actfn_lab::{Dataset, Settings, Splits};
//!
//! let digits = Dataset::digits();
//! let splits = Splits::new(&digits)?;
//! let settings = Settings {
//!     activations: vec!["relu".parse().unwrap(), "perceptron".parse().unwrap()],
//!     depths: vec![1],
//!     width: 32,
//!     epochs: Some(5),
//!     seeds: 1,
//!     learning_rates: vec![0.1],
//!     ..Settings::default()
//! };
//! let comparison = settings.run(&digits, &splits, |_| {})?;
//!
//! let [relu, perceptron] = &comparison.results[..] else { panic!("two functions at one depth") };
//! assert!(relu.accuracy() > 0.9 && relu.accuracy() > perceptron.accuracy());
//! assert_eq!(perceptron.stuck, 1.0, "its derivative is 0, so only the output layer learns");
//! # Ok::<(), actfn_lab::Error>(())
//! ```

extern crate alloc;

pub mod engine;

mod advice;
mod chart;
mod claims;
mod compare;
mod data;
mod diagnosis;
mod error;
mod findings;
mod model;
mod network;
mod output;
mod preprocessing;
mod report;
mod split;
mod table;
mod train;
mod weights;

pub use advice::{Finding, Severity, When, thresholds};
pub use chart::{Chart, Line};
pub use claims::{Claim, Claims, Measurement, Verdict};
pub use compare::{Comparison, Outcome, Settings};
pub use data::{Column, Dataset, Missing, Source, Target, Task};
pub use diagnosis::{Diagnosis, Histogram, Layer, TAU};
pub use error::Error;
pub use model::{Configuration, Metrics, Model, Predictions, Run, Stop};
pub use network::{Architecture, Mixture, outside_parentheses};
pub use output::write_file;
pub use preprocessing::{Outputs, Preprocessing, Units};
pub use split::{Split, Splits, Targets};
pub use train::{Epoch, LayerMetrics, Optimizer, Trained, Training};
