//! What a network has learned, as a file of safetensors: arrays with names, which Python reads as well.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use crate::Error;
use crate::engine::{Network, Optimizer};

/// Arrays by their names. Those of a network are `layers.0.weights` (a row for each input, a column for each unit),
/// `layers.0.biases` and, where the activation learns, `layers.0.activation.negative_slope`, for example; the last layer gives
/// the outputs. Those of an optimizer are what it remembers of each, in the same order.
#[derive(Default)]
pub(crate) struct Tensors(BTreeMap<String, (Vec<usize>, Vec<f32>)>);

/// The key of the text that goes with the arrays.
const STATE: &str = "state";

impl Tensors {
    fn add(&mut self, name: String, shape: &[usize], values: &[f32]) {
        self.0.insert(name, (shape.to_vec(), values.to_vec()));
    }

    /// A network's arrays, their names with a prefix.
    pub fn add_network(&mut self, prefix: &str, network: &Network) {
        for (number, layer) in network.layers.iter().enumerate() {
            let name = |part: &str| format!("{prefix}layers.{number}.{part}");
            let weights = &layer.weights;
            self.add(name("weights"), &[weights.rows(), weights.columns], &weights.values);
            self.add(name("biases"), &[layer.biases.len()], &layer.biases);
            for (parameter, value) in layer.learned() {
                self.add(name(&format!("activation.{parameter}")), &[1], &[value]);
            }
        }
    }

    /// An optimizer's arrays, likewise.
    pub fn add_optimizer(&mut self, prefix: &str, optimizer: &Optimizer) {
        for (number, moments) in optimizer.moments.iter().enumerate() {
            self.add(format!("{prefix}{number}.first"), &[moments.first.len()], &moments.first);
            self.add(format!("{prefix}{number}.second"), &[moments.second.len()], &moments.second);
        }
    }

    /// The file, with a text beside the arrays.
    pub fn to_bytes(&self, path: &Path, state: Option<String>) -> Result<Vec<u8>, Error> {
        let bytes: Vec<Vec<u8>> =
            self.0.values().map(|(_, values)| values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
        let tensors: Vec<(&String, TensorView)> = self
            .0
            .iter()
            .zip(&bytes)
            .map(|((name, (shape, _)), bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
            .collect::<Result<_, safetensors::SafeTensorError>>()
            .map_err(|error| damaged(path, error))?;
        let state = state.map(|state| HashMap::from([(STATE.to_string(), state)]));
        safetensors::serialize(tensors, state).map_err(|error| damaged(path, error))
    }

    /// From a file.
    pub fn from_bytes(path: &Path, bytes: &[u8]) -> Result<(Self, Option<String>), Error> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| damaged(path, error))?;
        let state = metadata.metadata().as_ref().and_then(|texts| texts.get(STATE)).cloned();
        let file = SafeTensors::deserialize(bytes).map_err(|error| damaged(path, error))?;
        let mut tensors = Self::default();
        for (name, tensor) in file.iter() {
            if tensor.dtype() != Dtype::F32 {
                return Err(damaged(path, format!("{name} is not of 32-bit numbers")));
            }
            let values: Vec<f32> = tensor.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            tensors.add(name.to_string(), tensor.shape(), &values);
        }
        Ok((tensors, state))
    }

    /// Copies an array of this shape.
    fn copy(&self, path: &Path, name: &str, shape: &[usize], to: &mut [f32]) -> Result<(), Error> {
        let (found, values) = self.0.get(name).ok_or_else(|| damaged(path, format!("{name} is missing")))?;
        if found != shape {
            return Err(damaged(path, format!("{name} has the shape {found:?}, not {shape:?}")));
        }
        to.copy_from_slice(values);
        Ok(())
    }

    /// Gives a network what [`add_network`](Self::add_network) took from one of the same shape.
    pub fn set_network(&self, path: &Path, prefix: &str, network: &mut Network) -> Result<(), Error> {
        for (number, layer) in network.layers.iter_mut().enumerate() {
            let name = |part: &str| format!("{prefix}layers.{number}.{part}");
            let shape = [layer.weights.rows(), layer.weights.columns];
            self.copy(path, &name("weights"), &shape, &mut layer.weights.values)?;
            self.copy(path, &name("biases"), &shape[1..], &mut layer.biases)?;
            let mut learned: Vec<(&str, f32)> = layer.learned().collect();
            for (parameter, value) in &mut learned {
                self.copy(path, &name(&format!("activation.{parameter}")), &[1], std::slice::from_mut(value))?;
            }
            layer.set_learned(&learned.into_iter().map(|(_, value)| value).collect::<Vec<_>>());
        }
        Ok(())
    }

    /// The same for an optimizer.
    pub fn set_optimizer(&self, path: &Path, prefix: &str, optimizer: &mut Optimizer) -> Result<(), Error> {
        for (number, moments) in optimizer.moments.iter_mut().enumerate() {
            let (first, second) = (moments.first.len(), moments.second.len());
            self.copy(path, &format!("{prefix}{number}.first"), &[first], &mut moments.first)?;
            self.copy(path, &format!("{prefix}{number}.second"), &[second], &mut moments.second)?;
        }
        Ok(())
    }
}

pub(crate) fn damaged(path: &Path, error: impl std::fmt::Display) -> Error {
    let problem = format!("is damaged, or of another version of this program: {error}");
    Error::File { file: path.display().to_string(), problem }
}
