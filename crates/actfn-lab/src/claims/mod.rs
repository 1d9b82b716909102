//! The claims of the page that this project started from, as experiments.

mod learning;
mod output;
mod signal;
mod slope;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use actfn::Activation;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde::Serialize;

use crate::{Chart, Dataset, Error, Splits};

/// A claim of the page, what was measured, and what follows.
#[derive(Clone, Debug, Serialize)]
pub struct Claim {
    /// Its name here.
    pub name: &'static str,
    /// What the page says.
    pub page: &'static str,
    /// What was done.
    pub experiment: String,
    /// What came out.
    pub measured: Vec<Measurement>,
    /// Whether the claim holds.
    pub verdict: Verdict,
    /// What is right where the claim is not, or what follows where it is.
    pub remark: String,
    /// Pictures of the result, if lines tell more than numbers.
    pub charts: Vec<Chart>,
}

/// One number that came out of an experiment.
#[derive(Clone, Debug, Serialize)]
pub struct Measurement {
    /// What was measured.
    pub quantity: String,
    /// Its value.
    pub value: f64,
}

/// Whether a claim holds: worked out from the measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As the page has it.
    Holds,
    /// Something near to it is true; the remark says what.
    HoldsWithCorrection,
    /// Neither the claim nor its correction came out.
    DoesNotHold,
}

impl Verdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::HoldsWithCorrection => "holds with a correction",
            Self::DoesNotHold => "does not hold",
        }
    }

    fn of(as_printed: bool, corrected: bool) -> Self {
        match (as_printed, corrected) {
            (true, _) => Self::Holds,
            (false, true) => Self::HoldsWithCorrection,
            (false, false) => Self::DoesNotHold,
        }
    }
}

/// What all experiments share.
struct Lab {
    seed: u64,
    digits: Splits,
}

impl Lab {
    /// A generator for one experiment; `stream` tells its draws from those of others.
    fn rng(&self, stream: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(stream);
        rng
    }
}

fn function(name: &str) -> Activation {
    name.parse().expect("a name of the catalogue")
}

fn measured<Q: Into<String>>(quantities: impl IntoIterator<Item = (Q, f64)>) -> Vec<Measurement> {
    quantities.into_iter().map(|(quantity, value)| Measurement { quantity: quantity.into(), value }).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

type Experiment = fn(&Lab) -> Claim;

/// The claims in the page's order.
const EXPERIMENTS: [(&str, Experiment); 21] = [
    ("nonlinearity", learning::nonlinearity),
    ("perceptron", learning::perceptron),
    ("sigmoid_slope", slope::sigmoid_slope),
    ("sigmoid_layers", signal::sigmoid_layers),
    ("sigmoid_depth", learning::sigmoid_depth),
    ("vanishing", signal::vanishing),
    ("edges", slope::edges),
    ("zero_centred", signal::zero_centred),
    ("derivatives", slope::derivatives),
    ("relu_at_zero", slope::relu_at_zero),
    ("relu_variants", learning::relu_variants),
    ("relu_problems", signal::relu_problems),
    ("selu_derivative", slope::selu_derivative),
    ("selu_fixed_point", signal::selu_fixed_point),
    ("maxout_derivative", slope::maxout_derivative),
    ("identity_regression", output::identity_regression),
    ("output_only", output::output_only),
    ("softmax_sums", slope::softmax_sums),
    ("softmax_derivative", slope::softmax_derivative),
    ("softmax_classification", output::softmax_classification),
    ("softmax_confidence", output::softmax_confidence),
];

/// Which claims to test, and how.
///
/// ```
/// use actfn_lab::{Claims, Verdict};
///
/// let claims = Claims { names: vec!["sigmoid_slope".to_string()], ..Claims::default() }.run(|_| {})?;
/// assert_eq!(claims[0].verdict, Verdict::Holds);
/// assert_eq!(claims[0].measured[0].value, 0.25);
/// # Ok::<(), actfn_lab::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Claims {
    /// Their [names](Claims::names); all if empty.
    pub names: Vec<String>,
    /// Draws weights and rows. The same seed gives the same numbers, bit for bit, on every machine.
    pub seed: u64,
    /// How many experiments run at the same time. The results do not depend on it.
    pub threads: usize,
}

impl Default for Claims {
    fn default() -> Self {
        Self { names: Vec::new(), seed: 1, threads: std::thread::available_parallelism().map_or(1, usize::from) }
    }
}

impl Claims {
    /// The names of all claims, in the page's order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        EXPERIMENTS.iter().map(|(name, _)| *name)
    }

    /// How many claims [`run`](Self::run) tests.
    pub fn work(&self) -> usize {
        self.chosen().count()
    }

    fn chosen(&self) -> impl Iterator<Item = Experiment> {
        EXPERIMENTS
            .into_iter()
            .filter(|(name, _)| self.names.is_empty() || self.names.iter().any(|chosen| chosen == name))
            .map(|(_, experiment)| experiment)
    }

    /// Tests them. `progress` is called from all threads with the name of each claim that is done.
    ///
    /// # Errors
    ///
    /// [`Error::Claim`] for a name that no claim has.
    pub fn run(&self, progress: impl Fn(&str) + Sync) -> Result<Vec<Claim>, Error> {
        if let Some(name) = self.names.iter().find(|name| !Self::names().any(|known| known == **name)) {
            return Err(Error::Claim { name: name.clone(), names: Self::names().collect() });
        }
        let chosen: Vec<Experiment> = self.chosen().collect();
        let lab = Lab { seed: self.seed, digits: Splits::new(&Dataset::digits())? };
        let claims: Vec<Mutex<Option<Claim>>> = chosen.iter().map(|_| Mutex::new(None)).collect();
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..self.threads.clamp(1, chosen.len()) {
                scope.spawn(|| {
                    loop {
                        let job = next.fetch_add(1, Ordering::Relaxed);
                        let Some(experiment) = chosen.get(job) else { break };
                        let claim = experiment(&lab);
                        progress(claim.name);
                        *claims[job].lock().expect("no thread panics") = Some(claim);
                    }
                });
            }
        });
        Ok(claims
            .into_iter()
            .map(|claim| claim.into_inner().expect("no thread panics").expect("all experiments are done"))
            .collect())
    }
}
