//! A network trained into a folder, and predictions from it.

use std::cell::RefCell;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use actfn::{Activation, Initialisation, Softmax};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::data::{counted, features, summary_of_file};
use crate::engine::Network;
use crate::error::listed;
use crate::table::Kind;
use crate::train::Session;
use crate::weights::{Tensors, damaged};
use crate::{
    Architecture, Dataset, Diagnosis, Epoch, Error, Finding, Missing, Optimizer, Outputs, Preprocessing, Source, Split,
    Splits, Targets, Task, Training, Units, When, write_file,
};

const CONFIGURATION: &str = "configuration.json";
const PREPROCESSING: &str = "preprocessing.json";
const METRICS: &str = "metrics.json";
const MODEL: &str = "model.safetensors";
const CHECKPOINT: &str = "checkpoint.safetensors";

/// All that a trained network depends on: the same configuration gives the same bits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// Where the data come from.
    pub source: Source,
    /// What is predicted from them.
    pub task: Task,
    /// The units that numbers are learnt in.
    pub units: Units,
    /// The function after each hidden layer, the first first.
    pub activations: Vec<String>,
    /// The function after the last layer, where a number is wanted; none is the identity.
    pub output_activation: Option<String>,
    /// How the weights of each hidden layer are drawn: [`Configuration::INITIALISATIONS`].
    pub initialisations: Vec<String>,
    /// Outputs of every hidden layer.
    pub width: usize,
    /// How gradients change the weights.
    pub optimizer: Optimizer,
    /// How long, and how fast.
    pub training: Training,
    /// Stop after so many epochs without a lower loss on the validation split.
    pub patience: usize,
}

impl Configuration {
    /// The ways to draw weights.
    pub const INITIALISATIONS: [(&str, Initialisation); 3] = [
        ("lecun_normal", Initialisation::LecunNormal),
        ("he_normal", Initialisation::HeNormal),
        ("glorot_uniform", Initialisation::GlorotUniform),
    ];

    /// The way to draw weights that suits an activation.
    pub fn initialisation_for(activation: &Activation) -> &'static str {
        let suits = activation.info().initialisation;
        Self::INITIALISATIONS.iter().find(|(_, known)| *known == suits).map_or("", |(name, _)| name)
    }

    fn network(&self, inputs: usize, outputs: usize, rng: &mut ChaCha8Rng) -> Result<Network, Error> {
        let parsed = |name: &str, setting| -> Result<Activation, Error> {
            name.parse().map_err(|_| Error::Setting {
                setting,
                value: name.to_string(),
                needed: "it must be in the catalogue",
            })
        };
        let activations: Vec<Activation> =
            self.activations.iter().map(|name| parsed(name, "activation")).collect::<Result<_, _>>()?;
        if activations.is_empty() || activations.len() != self.initialisations.len() {
            let needed = "each hidden layer needs one, and there must be a hidden layer";
            let value = format!("a list of {}", self.initialisations.len());
            return Err(Error::Setting { setting: "initialisations", value, needed });
        }
        let initialisation = |wanted: &String| {
            let known = Self::INITIALISATIONS.iter().find(|(name, _)| name == wanted);
            let needed = "it must be lecun_normal, he_normal or glorot_uniform";
            known.map(|(_, initialisation)| *initialisation).ok_or_else(|| Error::Setting {
                setting: "initialisation",
                value: wanted.clone(),
                needed,
            })
        };
        let initialisations: Vec<Initialisation> =
            self.initialisations.iter().map(initialisation).collect::<Result<_, _>>()?;
        let architecture = Architecture { inputs, width: self.width, classes: outputs, activations };
        let network = architecture.network_drawn_by(&initialisations, rng)?;
        let Some(name) = &self.output_activation else { return Ok(network) };
        let output = parsed(name, "output_activation")?;
        let setting = |needed| Error::Setting { setting: "output_activation", value: name.clone(), needed };
        if self.task == Task::Classification {
            return Err(setting("classes always have softmax; it is for regression"));
        }
        if output.outputs(1) != Some(1) || output.is_rowwise() {
            return Err(setting("it must be a function of single numbers"));
        }
        Ok(network.with_output(output))
    }
}

impl Configuration {
    /// The network in a few words: `relu at depth 2`, or `relu, relu, tanh`.
    pub fn name(&self) -> String {
        let [first, others @ ..] = &self.activations[..] else { return String::new() };
        if others.iter().all(|name| name == first) {
            format!("{first} at depth {}", self.activations.len())
        } else {
            self.activations.join(", ")
        }
    }
}

/// Why training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stop {
    /// All epochs were done.
    Epochs,
    /// The validation loss had not fallen for as many epochs as patience allows.
    Patience,
    /// The loss became NaN or infinite.
    Diverged,
}

/// What a training came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// What the scores are: accuracy, or R² for numbers.
    pub score: String,
    /// Rows that the network was trained on.
    pub training_rows: usize,
    /// Rows that decided when to stop.
    pub validation_rows: usize,
    /// Rows that the result was measured on.
    pub test_rows: usize,
    /// Why training ended.
    pub stopped: Stop,
    /// The epoch whose network was kept: that with the lowest validation loss.
    pub best_epoch: usize,
    /// Its score on the validation split; none if it is no finite number.
    pub validation_score: Option<f64>,
    /// Its score on the test split.
    pub test_score: Option<f64>,
    /// The root mean square error on the test split, in the data's units; none for classes.
    pub test_error: Option<f64>,
    /// The test score of always answering the commonest class, or the mean of the training rows.
    pub baseline: f64,
    /// Every epoch, from 0, before training.
    pub history: Vec<Epoch>,
    /// The hidden layers before training.
    pub before: Diagnosis,
    /// Those of the network that was kept.
    pub after: Diagnosis,
}

impl Metrics {
    /// What is wrong with the network, before training and as it was kept: the worst first.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = self.before.findings(When::BeforeTraining);
        findings.extend(self.after.findings(When::AfterTraining));
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        findings
    }
}

/// A network that is being trained into a folder. After every epoch the folder holds all that is needed to go on.
pub struct Run {
    folder: PathBuf,
    configuration: Configuration,
    splits: Splits,
    session: Session,
    before: Diagnosis,
    best: Network,
    state: State,
}

/// What a checkpoint holds beside networks and the optimizer's state.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct State {
    /// The data that it was trained on.
    checksum: u32,
    best_epoch: usize,
    /// Steps of the optimizer.
    steps: u64,
    history: Vec<Epoch>,
}

/// What a folder says of its preprocessing and its data.
#[derive(Serialize, Deserialize)]
struct Prepared {
    /// Of the data set that it was trained on.
    checksum: u32,
    preprocessing: Preprocessing,
}

impl Run {
    /// Begins to train on the data, into a new folder or one that is empty.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the data or the configuration, before anything is written; a folder that holds files.
    pub fn start(configuration: Configuration, data: &Dataset, folder: &Path) -> Result<Self, Error> {
        match fs::read_dir(folder) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    let problem =
                        "holds files already: name another folder with --out, or go on with --resume".to_string();
                    return Err(Error::File { file: folder.display().to_string(), problem });
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(Error::Unwritable { file: folder.display().to_string(), source }),
        }
        let run = Self::new(configuration, data, folder)?;
        let prepared = Prepared { checksum: run.state.checksum, preprocessing: run.splits.preprocessing.clone() };
        fs::create_dir_all(folder)
            .map_err(|source| Error::Unwritable { file: folder.display().to_string(), source })?;
        write_json(&folder.join(PREPROCESSING), &prepared)?;
        write_json(&folder.join(CONFIGURATION), &run.configuration)?;
        Ok(run)
    }

    /// Goes on where an earlier run into this folder was stopped.
    ///
    /// # Errors
    ///
    /// A folder that no run was started in, that has been damaged, or whose data are not what they were.
    pub fn resume(folder: &Path) -> Result<Self, Error> {
        let configuration: Configuration = read_json(&folder.join(CONFIGURATION))?;
        let prepared: Prepared = read_json(&folder.join(PREPROCESSING))?;
        let data = configuration.source.read(Some(configuration.task))?;
        let mut run = Self::new(configuration, &data, folder)?;
        if run.state.checksum != prepared.checksum {
            let file = run.configuration.source.data.clone();
            let problem = format!(
                "is not what it was when the training into {} began: start again with a new folder (--out)",
                folder.display()
            );
            return Err(Error::File { file, problem });
        }
        let checkpoint = folder.join(CHECKPOINT);
        match fs::read(&checkpoint) {
            Ok(bytes) => run.restore(&checkpoint, &bytes)?,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(Error::Unreadable { file: checkpoint.display().to_string(), source }),
        }
        Ok(run)
    }

    /// The metrics of a folder whose training has ended; none of one that has to go on.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn finished(folder: &Path) -> Result<Option<(Configuration, Metrics)>, Error> {
        if !folder.join(MODEL).exists() {
            return Ok(None);
        }
        Ok(Some((read_json(&folder.join(CONFIGURATION))?, read_json(&folder.join(METRICS))?)))
    }

    fn new(configuration: Configuration, data: &Dataset, folder: &Path) -> Result<Self, Error> {
        let splits = Splits::in_units(data, configuration.units)?;
        let mut rng = ChaCha8Rng::seed_from_u64(configuration.training.seed);
        let network = configuration.network(splits.train.features, splits.classes, &mut rng)?;
        let before = Diagnosis::of(&network, &splits.train);
        let epoch = Epoch::of(0, None, &network, &before, &splits.validation);
        let state = State { checksum: data.checksum(), best_epoch: 0, steps: 0, history: vec![epoch] };
        let best = network.clone();
        let session = Session::new(network, rng, configuration.training, configuration.optimizer, splits.train.rows());
        Ok(Self { folder: folder.to_path_buf(), configuration, splits, session, before, best, state })
    }

    /// The configuration.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// The epochs done, from 0, before training.
    pub fn history(&self) -> &[Epoch] {
        &self.state.history
    }

    /// Why there is nothing left to do; none if there is.
    pub fn ended(&self) -> Option<Stop> {
        let last = self.state.history.last()?;
        if last.epoch > 0 && (last.training_loss.is_none() || last.validation_loss.is_none()) {
            Some(Stop::Diverged)
        } else if last.epoch >= self.configuration.training.epochs {
            Some(Stop::Epochs)
        } else if last.epoch - self.state.best_epoch >= self.configuration.patience {
            Some(Stop::Patience)
        } else {
            None
        }
    }

    /// Trains one epoch and writes the checkpoint. `progress` is called after every step with the training rows seen in this
    /// epoch, and how many there are.
    ///
    /// # Errors
    ///
    /// [`Error::Unwritable`].
    pub fn epoch(&mut self, mut progress: impl FnMut(usize, usize)) -> Result<(), Error> {
        let rows = self.splits.train.rows();
        let loss = self.session.epoch(&self.splits.train, |seen| progress(seen, rows));
        self.state.steps = self.session.optimizer.steps;
        let number = self.state.history.len();
        let diagnosis = Diagnosis::of(&self.session.network, &self.splits.train);
        let epoch = Epoch::of(number, Some(loss.mean), &self.session.network, &diagnosis, &self.splits.validation);
        let lowest = self.state.history[self.state.best_epoch].validation_loss.unwrap_or(f64::INFINITY);
        if epoch.validation_loss.is_some_and(|loss| loss < lowest) {
            self.state.best_epoch = number;
            self.best = self.session.network.clone();
        }
        self.state.history.push(epoch);
        write_file(&self.folder.join(CHECKPOINT), &self.checkpoint()?)
    }

    /// Writes the best network and the metrics, and removes the checkpoint.
    ///
    /// # Errors
    ///
    /// [`Error::Unwritable`].
    pub fn finish(self) -> Result<Metrics, Error> {
        let test = &self.splits.test;
        let outputs = self.best.outputs_of(test).values;
        let score = crate::network::score(&outputs, &test.targets);
        let finite = |number: f64| Some(number).filter(|number| number.is_finite());
        let (name, baseline, error) = match (&test.targets, &self.splits.preprocessing.outputs) {
            (Targets::Numbers(numbers), Outputs::Number { deviation, .. }) => {
                // The mean of the training rows, in the units of the targets.
                let train: &[f32] = match &self.splits.train.targets {
                    Targets::Numbers(train) => train,
                    Targets::Classes(_) => &[],
                };
                let average = train.iter().map(|&number| f64::from(number)).sum::<f64>() / train.len() as f64;
                let baseline = crate::network::score(&vec![average as f32; numbers.len()], &test.targets);
                let squares =
                    outputs.iter().zip(numbers).map(|(y, number)| (f64::from(*y) - f64::from(*number)).powi(2));
                let error = (squares.sum::<f64>() / numbers.len() as f64).sqrt() * deviation;
                ("R²", baseline, finite(error))
            }
            _ => ("accuracy", self.splits.baseline(), None),
        };
        let metrics = Metrics {
            score: name.to_string(),
            training_rows: self.splits.train.rows(),
            validation_rows: self.splits.validation.rows(),
            test_rows: test.rows(),
            stopped: self.ended().unwrap_or(Stop::Epochs),
            best_epoch: self.state.best_epoch,
            validation_score: self.state.history[self.state.best_epoch].validation_score,
            test_score: finite(score),
            test_error: error,
            baseline,
            history: self.state.history.clone(),
            before: self.before.clone(),
            after: Diagnosis::of(&self.best, &self.splits.train),
        };
        write_json(&self.folder.join(METRICS), &metrics)?;
        let model = self.folder.join(MODEL);
        let mut tensors = Tensors::default();
        tensors.add_network("", &self.best);
        write_file(&model, &tensors.to_bytes(&model, None)?)?;
        let checkpoint = self.folder.join(CHECKPOINT);
        match fs::remove_file(&checkpoint) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(Error::Unwritable { file: checkpoint.display().to_string(), source })
            }
            _ => Ok(metrics),
        }
    }

    /// All of it in one file, so that there is never half a checkpoint.
    fn checkpoint(&self) -> Result<Vec<u8>, Error> {
        let path = self.folder.join(CHECKPOINT);
        let mut tensors = Tensors::default();
        tensors.add_network("network.", &self.session.network);
        tensors.add_network("best.", &self.best);
        tensors.add_optimizer("optimizer.", &self.session.optimizer);
        let state = serde_json::to_string(&self.state).map_err(|error| damaged(&path, error))?;
        tensors.to_bytes(&path, Some(state))
    }

    fn restore(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let (tensors, state) = Tensors::from_bytes(path, bytes)?;
        let state = state.ok_or_else(|| damaged(path, "the state is missing"))?;
        self.state = serde_json::from_str(&state).map_err(|error| damaged(path, error))?;
        tensors.set_network(path, "network.", &mut self.session.network)?;
        tensors.set_network(path, "best.", &mut self.best)?;
        tensors.set_optimizer(path, "optimizer.", &mut self.session.optimizer)?;
        self.session.optimizer.steps = self.state.steps;
        (1..self.state.history.len()).for_each(|_| self.session.skip_epoch());
        Ok(())
    }
}

/// A trained network with its preprocessing, from the folder of a [`Run`].
pub struct Model {
    configuration: Configuration,
    preprocessing: Preprocessing,
    network: Network,
}

/// What a model predicts for some rows.
#[derive(Clone, Debug)]
pub struct Predictions {
    /// The name of what is predicted.
    pub target: String,
    /// The names of the classes; none if numbers are predicted.
    pub classes: Vec<String>,
    /// For every row the probabilities of the classes, or the number.
    pub outputs: Vec<f64>,
    /// What was understood of the file, in a line, and which of its columns were ignored.
    pub summary: String,
}

impl Predictions {
    /// The outputs of each row.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.outputs.chunks(self.classes.len().max(1))
    }

    /// The likeliest class of a row, the first of equals.
    pub fn class(&self, row: &[f64]) -> &str {
        let likelier = |best: usize, class: usize| if row[class] > row[best] { class } else { best };
        &self.classes[(0..row.len()).reduce(likelier).unwrap_or(0)]
    }
}

impl Model {
    /// From a folder whose training has ended.
    ///
    /// # Errors
    ///
    /// A folder that is none, is damaged, or has to be trained to the end first.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let configuration: Configuration = read_json(&folder.join(CONFIGURATION))?;
        let path = folder.join(MODEL);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let file = folder.display().to_string();
                let problem = format!("its training has not ended: continue it with actfn train --resume {file}");
                return Err(Error::File { file, problem });
            }
            Err(source) => return Err(Error::Unreadable { file: path.display().to_string(), source }),
        };
        let Prepared { preprocessing, .. } = read_json(&folder.join(PREPROCESSING))?;
        let outputs = match &preprocessing.outputs {
            Outputs::Classes(names) => names.len(),
            Outputs::Number { .. } => 1,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let mut network = configuration.network(preprocessing.mean.len(), outputs, &mut rng)?;
        Tensors::from_bytes(&path, &bytes)?.0.set_network(&path, "", &mut network)?;
        Ok(Self { configuration, preprocessing, network })
    }

    /// What the model predicts for the rows of a file, or of a bundled data set. Columns are found by their names; those that
    /// the model was not trained on are ignored. `delimiter` is what separates fields, if the first lines do not show it.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the file: a column that is missing, or holds something else than in training.
    pub fn predict(&self, data: &str, delimiter: Option<char>) -> Result<Predictions, Error> {
        let Source { no_header, na, .. } = self.configuration.source.clone();
        let source = Source { data: data.to_string(), delimiter, no_header, na, ..Source::default() };
        let wanted = &self.preprocessing.columns;
        let ignored = RefCell::new(Vec::new());
        let kinds = |header: &[String]| {
            let twice = |column: &&crate::Column| header.iter().filter(|name| **name == column.name).count() > 1;
            if let Some(column) = wanted.iter().find(twice) {
                return Err(Error::Ambiguous { file: data.to_string(), column: column.name.clone() });
            }
            if let Some(missing) = wanted.iter().find(|column| !header.contains(&column.name)) {
                let (file, column) = (data.to_string(), missing.name.clone());
                return Err(Error::NoColumn { file, column, columns: header.to_vec() });
            }
            let others = header.iter().filter(|name| !wanted.iter().any(|column| column.name == **name));
            ignored.borrow_mut().extend(others.cloned());
            Ok(header.iter().map(|name| kind(wanted.iter().find(|column| column.name == *name))).collect())
        };
        fn kind(column: Option<&crate::Column>) -> Kind {
            match column {
                None => Kind::Skipped,
                Some(column) if column.categories.is_some() => Kind::Text,
                Some(_) => Kind::Numbers,
            }
        }
        let mut table = source.table(kinds)?;
        let mut summary =
            format!("{}; {}", summary_of_file(&table), counted(wanted.len(), "column is used", "columns are used"));
        match &ignored.into_inner()[..] {
            [] => summary += ".",
            ignored => summary += &format!(", not used: {}.", listed(ignored)),
        }
        let mut columns = Vec::new();
        for column in wanted {
            let Some(place) = table.columns.iter().position(|found| found.name == column.name) else {
                let (file, columns) =
                    (data.to_string(), table.columns.iter().map(|column| column.name.clone()).collect());
                return Err(Error::NoColumn { file, column: column.name.clone(), columns });
            };
            let mut found = table.columns.swap_remove(place);
            found.cells.clear_missing(column.categories.as_deref().unwrap_or_default());
            columns.push(found);
        }
        table.columns = columns;
        let rows: Vec<usize> = (0..table.places.rows()).collect();
        if self.configuration.source.missing != Some(Missing::Mean) {
            for &row in &rows {
                if let Some(column) = table.columns.iter().find(|column| column.cells.is_missing(row)) {
                    let problem = "the value is missing: fill it in, or train with --missing mean";
                    return Err(table.bad_cell(row, &column.name, problem));
                }
            }
        }
        let values = features(&table, wanted, &rows)?;
        let (values, features) = (self.preprocessing.inputs(&values), self.preprocessing.mean.len());
        let rows = Split { values, targets: Targets::Numbers(Vec::new()), features };
        let outputs = self.network.outputs_of(&rows).values;
        let target = self.preprocessing.target.clone();
        Ok(match &self.preprocessing.outputs {
            Outputs::Number { mean, deviation } => {
                let outputs = outputs.iter().map(|&y| mean + deviation * f64::from(y)).collect();
                Predictions { target, classes: Vec::new(), outputs, summary }
            }
            Outputs::Classes(names) => {
                let logits: Vec<f64> = outputs.iter().map(|&logit| f64::from(logit)).collect();
                let mut probabilities = vec![0.0; logits.len()];
                actfn::rows::forward(Softmax, names.len(), &logits, &mut probabilities);
                Predictions { target, classes: names.clone(), outputs: probabilities, summary }
            }
        })
    }
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(value).map_err(|error| damaged(path, error))?;
    write_file(path, (text + "\n").as_bytes())
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let bytes = fs::read(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            let problem = "no such file: a folder that actfn train has written to is needed".to_string();
            Error::File { file: path.display().to_string(), problem }
        }
        _ => Error::Unreadable { file: path.display().to_string(), source },
    })?;
    serde_json::from_slice(&bytes).map_err(|error| damaged(path, error))
}
