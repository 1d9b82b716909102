use std::fmt;
use std::sync::Arc;

use actfn::Activation;
use burn::module::{Content, DisplaySettings, Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::observe::Observer;
use crate::{Error, Observation, operation};

/// An activation function as a layer of a burn network.
///
/// ```
/// use actfn_burn::ActivationLayer;
/// use burn::prelude::*;
///
/// let device = Device::flex().autodiff();
/// let x = Tensor::<2>::from_data([[-1.0, 0.5], [2.0, -3.0]], &device).require_grad();
///
/// let relu = ActivationLayer::new("relu".parse()?);
/// let y = relu.forward(x.clone());
/// assert_eq!(y.to_data(), TensorData::from([[0.0f32, 0.5], [2.0, 0.0]]));
///
/// let gradients = y.sum().backward();
/// assert_eq!(x.grad(&gradients).unwrap().to_data(), TensorData::from([[0.0f32, 1.0], [1.0, 0.0]]));
/// # Ok::<(), actfn::Error>(())
/// ```
///
/// A function of your own, anything that implements [`actfn::Elementwise`], becomes a layer in the same way:
/// `ActivationLayer::new(Activation::elementwise(MyFunction))`.
///
/// The layer has no trainable parameters, and cloning it is cheap.
#[derive(Module)]
#[module(custom_display)]
pub struct ActivationLayer {
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    observer: Option<Observer>,
}

impl ActivationLayer {
    /// A layer that applies `activation`.
    pub fn new(activation: Activation) -> Self {
        Self { activation, observer: None }
    }

    /// The same layer, which shows its pre-activations and their gradients to `observer` in every backward pass.
    ///
    /// The observer runs inside the backward pass, on the thread that does it. It is not called where no gradient is asked
    /// for: outside autodiff, or if nothing before the layer requires one.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use actfn_burn::ActivationLayer;
    /// use burn::prelude::*;
    ///
    /// let seen = Arc::new(Mutex::new(Vec::new()));
    /// let sink = seen.clone();
    /// let layer = ActivationLayer::new("relu".parse()?)
    ///     .observe(move |pass| sink.lock().unwrap().extend(pass.x.iter().zip(pass.grad_x.iter())));
    ///
    /// let device = Device::flex().autodiff();
    /// let x = Tensor::<1>::from_data([-1.0, 2.0], &device).require_grad();
    /// (layer.forward(x) * 3.0).sum().backward();
    /// assert_eq!(*seen.lock().unwrap(), [(-1.0, 0.0), (2.0, 3.0)]);
    /// # Ok::<(), actfn::Error>(())
    /// ```
    pub fn observe(mut self, observer: impl Fn(&Observation) + Send + Sync + 'static) -> Self {
        self.observer = Some(Observer(Arc::new(observer)));
        self
    }

    /// The activation.
    pub fn activation(&self) -> &Activation {
        &self.activation
    }

    /// y = f(x).
    ///
    /// Elementwise functions take tensors of any shape and keep it. Rowwise ones (softmax, maxout) work on the last
    /// dimension, and maxout makes it shorter.
    ///
    /// # Panics
    ///
    /// Where [`try_forward`](Self::try_forward) gives an error, with its text.
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        match self.try_forward(x) {
            Ok(y) => y,
            Err(error) => panic!("{error}"),
        }
    }

    /// As [`forward`](Self::forward), for tensors that may be on another device.
    ///
    /// # Errors
    ///
    /// - [`Error::Device`]: the tensor is not on burn's flex CPU device.
    /// - [`Error::Format`]: its elements are not f32, f64, f16 or bf16.
    /// - [`Error::Columns`]: its last dimension has a length for which a rowwise activation has no meaning, for example an odd
    ///   one for maxout with two pieces.
    pub fn try_forward<const D: usize>(&self, x: Tensor<D>) -> Result<Tensor<D>, Error> {
        operation::apply(&self.activation, self.observer.as_ref(), x)
    }
}

impl fmt::Debug for ActivationLayer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "ActivationLayer({})", self.activation)
    }
}

impl ModuleDisplay for ActivationLayer {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new().with_new_line_after_attribute(false).optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        content.add_formatted(&self.activation).optional()
    }
}
