//! Which activation learns, at which depth, and why not.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actfn::Real;
use serde::Serialize;

use crate::train::Trained;
use crate::{Architecture, Dataset, Diagnosis, Error, Finding, Mixture, Splits, Training, When};

/// What to compare.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The hidden activations: one for all layers, or mixtures of several.
    pub activations: Vec<Mixture>,
    /// The numbers of hidden layers.
    pub depths: Vec<usize>,
    /// Outputs of every hidden layer.
    pub width: usize,
    /// How often every network sees the training rows; none for as often as makes 500 steps.
    pub epochs: Option<usize>,
    /// Rows in one step.
    pub batch: usize,
    /// How many networks are trained for each activation, depth and learning rate, with the seeds 1, 2, 3 …
    pub seeds: u64,
    /// The learning rates to choose from.
    pub learning_rates: Vec<f64>,
    /// How many networks are trained at the same time. The results do not depend on it, except for the times.
    pub threads: usize,
}

impl Default for Settings {
    /// The functions that are taught first, shallow and deep.
    fn default() -> Self {
        let names = ["perceptron", "sigmoid", "tanh", "arctan", "relu", "leaky_relu", "selu", "maxout", "identity"];
        Self {
            activations: names.map(|name| name.parse().expect("a name of the catalogue")).to_vec(),
            depths: vec![2, 8],
            width: 64,
            epochs: None,
            batch: 64,
            seeds: 3,
            learning_rates: vec![0.003, 0.01, 0.03, 0.1],
            threads: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// The results, and what they are results of.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The data set's name.
    pub data: String,
    /// Rows that networks were trained on.
    pub training_rows: usize,
    /// Rows that chose the learning rate.
    pub validation_rows: usize,
    /// Rows that accuracies were measured on.
    pub test_rows: usize,
    /// Numbers in a row.
    pub features: usize,
    /// Classes.
    pub classes: usize,
    /// The test accuracy of always answering the class that is commonest among the training rows.
    pub baseline: f64,
    /// Outputs of every hidden layer.
    pub width: usize,
    /// How often every network saw the training rows.
    pub epochs: usize,
    /// Rows in one step.
    pub batch: usize,
    /// Networks for each activation, depth and learning rate.
    pub seeds: u64,
    /// The learning rates to choose from.
    pub learning_rates: Vec<f64>,
    /// One result for each activation and depth: the depths of the first activation, then those of the second.
    pub results: Vec<Outcome>,
}

/// How one activation does at one depth, with its best learning rate.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The activation, with the parameters that differ from its defaults, as they were before training; or a mixture.
    pub activation: String,
    /// Hidden layers.
    pub depth: usize,
    /// How the weights were drawn: one way, or one for each activation of a mixture.
    pub initialisation: String,
    /// The learning rate with the highest mean accuracy on the validation split; the smallest of equals.
    pub learning_rate: f64,
    /// The mean accuracy on the validation split that this learning rate reached.
    pub validation_accuracy: f64,
    /// The accuracy on the test split, one for each seed.
    pub test_accuracies: Vec<f64>,
    /// The gradient norm of the first hidden layer's pre-activations divided by the last's, before training (the geometric
    /// mean over the seeds); none where no gradient reaches the last.
    pub gradient_ratio: Option<f64>,
    /// The share of hidden units that get no gradient from any row after training.
    pub stuck: f64,
    /// The share of pre-activations where |f′| is 1 % of its maximum or less, after training; none for rowwise functions.
    pub saturated: Option<f64>,
    /// How many of the networks had a loss that became NaN or infinite.
    pub diverged: usize,
    /// The first seed's network before training, layer by layer.
    pub before: Option<Diagnosis>,
    /// The same network after training.
    pub after: Option<Diagnosis>,
    /// What these two tell: the cause of each trouble, and what to change. The worst first.
    pub diagnosis: Vec<Finding>,
    /// The mean training loss of each epoch of that network.
    pub losses: Vec<f64>,
    /// The median time of a training step in milliseconds: the one number that is not reproducible.
    pub step_ms: f64,
}

impl Outcome {
    /// The mean test accuracy over the seeds.
    pub fn accuracy(&self) -> f64 {
        mean(&self.test_accuracies)
    }

    /// The sample standard deviation of the test accuracy over the seeds; none for one seed.
    pub fn deviation(&self) -> Option<f64> {
        let count = self.test_accuracies.len();
        let mean = self.accuracy();
        let squares: f64 = self.test_accuracies.iter().map(|accuracy| (accuracy - mean).powi(2)).sum();
        (count > 1).then(|| (squares / (count - 1) as f64).sqrt())
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

impl Settings {
    /// How much work [`run`](Self::run) has to do on this data: what its `progress` will have counted in the end.
    pub fn work(&self, splits: &Splits) -> usize {
        self.activations.len() * self.depths.len() * self.runs_per_outcome() * self.epochs(splits)
    }

    fn runs_per_outcome(&self) -> usize {
        self.learning_rates.len() * self.seeds as usize
    }

    fn epochs(&self, splits: &Splits) -> usize {
        const STEPS: usize = 500;
        self.epochs.unwrap_or_else(|| STEPS.div_ceil(splits.train.rows().div_ceil(self.batch)))
    }

    fn check(&self) -> Result<(), Error> {
        let positive = "it must be 1 or more";
        let needs = [
            ("activations", self.activations.len(), positive),
            (
                "depths",
                self.depths.iter().copied().min().unwrap_or(0),
                "at least one is needed, and each must be 1 or more",
            ),
            ("width", self.width, positive),
            ("epochs", self.epochs.unwrap_or(1), positive),
            ("batch", self.batch, positive),
            ("seeds", self.seeds as usize, positive),
            ("learning_rates", self.learning_rates.len(), "at least one is needed"),
            ("threads", self.threads, positive),
        ];
        if let Some((setting, value, needed)) = needs.into_iter().find(|(_, value, _)| *value == 0) {
            return Err(Error::Setting { setting, value: value.to_string(), needed });
        }
        let shallowest = self.depths.iter().copied().min().unwrap_or(0);
        match self.activations.iter().find(|mixture| mixture.period() > shallowest) {
            Some(mixture) => Err(Error::Setting {
                setting: "activations",
                value: mixture.to_string(),
                needed: "each depth needs a layer for each activation of a mixture: name larger depths",
            }),
            None => Ok(()),
        }
    }

    /// Trains all networks and reports. `progress` is called from all threads with the work done since its last call.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a setting of 0, an empty list or a mixture that has more activations than a network has layers,
    /// [`Error::Width`] for an activation that cannot give hidden
    /// layers of this width.
    pub fn run(&self, data: &Dataset, splits: &Splits, progress: impl Fn(usize) + Sync) -> Result<Comparison, Error> {
        self.check()?;
        let epochs = self.epochs(splits);
        let kinds: Vec<Kind> = self
            .activations
            .iter()
            .flat_map(|mixture| self.depths.iter().map(move |&depth| (mixture, depth)))
            .map(|(mixture, depth)| Kind {
                mixture,
                architecture: Architecture {
                    inputs: splits.train.features,
                    width: self.width,
                    classes: splits.classes,
                    activations: mixture.layers(depth).collect(),
                },
            })
            .collect();
        // Found out before the first of many minutes, not at the last function.
        kinds.iter().try_for_each(|kind| kind.architecture.pre_activations().map(drop))?;
        let trainings: Vec<Training> = self
            .learning_rates
            .iter()
            .flat_map(|&learning_rate| (1..=self.seeds).map(move |seed| (learning_rate, seed)))
            .map(|(learning_rate, seed)| Training { learning_rate, epochs, batch: self.batch, seed })
            .collect();

        let groups: Vec<Group> = kinds.iter().map(|_| Group::default()).collect();
        let next = AtomicUsize::new(0);
        // Threads of our own rather than rayon's, which would run a second training inside a step that waits for a
        // parallel kernel, and so spoil the step's time.
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| {
                    loop {
                        let job = next.fetch_add(1, Ordering::Relaxed);
                        let (number, training) = (job / trainings.len(), job % trainings.len());
                        let Some(group) = groups.get(number) else { break };
                        let kind = &kinds[number];
                        let trained = trainings[training]
                            .run(&kind.architecture, &splits.train, &progress)
                            .expect("the width was checked above");
                        group.add(kind, &trainings, training, trained, splits);
                    }
                });
            }
        });

        let results = groups
            .into_iter()
            .map(|group| group.outcome.into_inner().expect("no thread panics").expect("all runs are done"))
            .collect();
        Ok(Comparison {
            data: data.name().to_string(),
            training_rows: splits.train.rows(),
            validation_rows: splits.validation.rows(),
            test_rows: splits.test.rows(),
            features: data.features(),
            classes: splits.classes,
            baseline: splits.baseline(),
            width: self.width,
            epochs,
            batch: self.batch,
            seeds: self.seeds,
            learning_rates: self.learning_rates.clone(),
            results,
        })
    }
}

/// An activation, or a mixture, at one depth.
struct Kind<'a> {
    mixture: &'a Mixture,
    architecture: Architecture,
}

/// The networks of one kind. The last to arrive makes the outcome, so that only a few are kept at a time.
#[derive(Default)]
struct Group {
    runs: Mutex<Vec<Run>>,
    outcome: Mutex<Option<Outcome>>,
}

struct Run {
    training: usize,
    trained: Trained,
    validation_accuracy: f64,
}

impl Group {
    fn add(&self, kind: &Kind, trainings: &[Training], training: usize, trained: Trained, splits: &Splits) {
        let validation_accuracy = trained.network.accuracy(&splits.validation);
        let mut runs = self.runs.lock().expect("no thread panics");
        runs.push(Run { training, trained, validation_accuracy });
        if runs.len() == trainings.len() {
            let mut runs = std::mem::take(&mut *runs);
            runs.sort_by_key(|run| run.training);
            let outcome = outcome(kind, trainings, &runs, splits);
            *self.outcome.lock().expect("no thread panics") = Some(outcome);
        }
    }
}

/// Chooses the learning rate on the validation split, and looks at the test split for that one alone.
fn outcome(kind: &Kind, trainings: &[Training], runs: &[Run], splits: &Splits) -> Outcome {
    let accuracy_of = |runs: &[Run]| mean(&runs.iter().map(|run| run.validation_accuracy).collect::<Vec<_>>());
    let seeds = trainings.iter().filter(|training| training.learning_rate == trainings[0].learning_rate).count();
    let chosen = runs
        .chunks(seeds)
        .reduce(|best, runs| if accuracy_of(runs) > accuracy_of(best) { runs } else { best })
        .expect("there is one learning rate at least");

    let before: Vec<Diagnosis> =
        chosen.iter().map(|run| Diagnosis::of(&run.trained.untrained, &splits.train)).collect();
    let after: Vec<Diagnosis> = chosen.iter().map(|run| Diagnosis::of(&run.trained.network, &splits.train)).collect();
    let ratios: Option<Vec<f64>> = before.iter().map(|diagnosis| diagnosis.gradient_ratio().map(Real::ln)).collect();
    let saturated: Option<Vec<f64>> = after.iter().map(Diagnosis::saturated).collect();
    let stuck = mean(&after.iter().map(Diagnosis::stuck).collect::<Vec<_>>());
    let mut steps: Vec<Duration> = chosen.iter().map(|run| run.trained.step).collect();
    steps.sort_unstable();
    let (first_before, first_after) = (before.into_iter().next(), after.into_iter().next());
    let mut diagnosis: Vec<Finding> = [(&first_before, When::BeforeTraining), (&first_after, When::AfterTraining)]
        .into_iter()
        .flat_map(|(diagnosis, when)| diagnosis.iter().flat_map(move |diagnosis| diagnosis.findings(when)))
        .collect();
    diagnosis.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    // What was there before training need not be told again.
    let mut kinds = Vec::new();
    diagnosis.retain(|finding| {
        !kinds.contains(&finding.kind) && {
            kinds.push(finding.kind);
            true
        }
    });
    Outcome {
        activation: kind.mixture.to_string(),
        depth: kind.architecture.activations.len(),
        initialisation: kind.mixture.initialisation(),
        learning_rate: trainings[chosen[0].training].learning_rate,
        validation_accuracy: accuracy_of(chosen),
        test_accuracies: chosen.iter().map(|run| run.trained.network.accuracy(&splits.test)).collect(),
        gradient_ratio: ratios.map(|ratios| Real::exp(mean(&ratios))),
        stuck,
        saturated: saturated.map(|shares| mean(&shares)),
        diverged: chosen.iter().filter(|run| run.trained.diverged).count(),
        before: first_before,
        after: first_after,
        diagnosis,
        losses: chosen[0].trained.losses.clone(),
        step_ms: steps[steps.len() / 2].as_secs_f64() * 1e3,
    }
}
