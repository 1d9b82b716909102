//! An activation as one operation of burn's autodiff.

use actfn::{Activation, Format};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::{BalancedCheckpointing, CheckpointStrategy, NoCheckpointing};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::flex::{FlexTensor, Layout};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex, TensorMetadata};
use burn::tensor::{Bytes, DType, Element, Shape, Tensor};
use half::{bf16, f16};

use crate::observe::Observer;
use crate::{Error, Observation, Values};

pub(crate) fn apply<const D: usize>(
    activation: &Activation,
    observer: Option<&Observer>,
    x: Tensor<D>,
) -> Result<Tensor<D>, Error> {
    // The conversions consume the tensor, so each attempt takes a clone: a counted reference, not a copy.
    if let Ok(x) = x.clone().try_into_primitive::<Flex>() {
        let y = forward(activation, &x.to_contiguous())?;
        Ok(Tensor::from_primitive::<Flex>(y))
    } else if let Ok(x) = x.clone().try_into_primitive::<Autodiff<Flex, NoCheckpointing>>() {
        let y = tracked::<NoCheckpointing>(activation, observer, x)?;
        Ok(Tensor::from_primitive::<Autodiff<Flex, NoCheckpointing>>(y))
    } else if let Ok(x) = x.clone().try_into_primitive::<Autodiff<Flex, BalancedCheckpointing>>() {
        let y = tracked::<BalancedCheckpointing>(activation, observer, x)?;
        Ok(Tensor::from_primitive::<Autodiff<Flex, BalancedCheckpointing>>(y))
    } else {
        Err(Error::Device { activation: activation.to_string(), device: format!("{:?}", x.device()) })
    }
}

fn tracked<C: CheckpointStrategy>(
    activation: &Activation,
    observer: Option<&Observer>,
    tensor: FloatTensor<Autodiff<Flex, C>>,
) -> Result<FloatTensor<Autodiff<Flex, C>>, Error> {
    let x = tensor.primitive().to_contiguous();
    let y = forward(activation, &x)?;
    let operation = Operation { activation: activation.clone(), observer: observer.cloned() };
    // Compute-bound, in burn's terms: the output is kept, not recomputed, under either checkpointing strategy.
    Ok(match operation.prepare::<C>([tensor.node()]).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(x, y),
        OpsKind::UnTracked(prepared) => prepared.finish(y),
    })
}

#[derive(Debug)]
struct Operation {
    activation: Activation,
    observer: Option<Observer>,
}

impl Backward<Flex, 1> for Operation {
    /// The input, a counted reference to a row-major buffer.
    type State = FlexTensor;

    fn backward(self, ops: Ops<FlexTensor, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let x = ops.state;
        unary::<Flex, _>(ops.parents, ops.node, grads, |grad_y| {
            let grad_x = backward(&self.activation, &x, &grad_y.to_contiguous());
            if let Some(observer) = self.observer {
                (observer.0)(&Observation {
                    activation: &self.activation,
                    shape: &x.shape(),
                    x: values(&x),
                    grad_x: values(&grad_x),
                });
            }
            grad_x
        });
    }
}

fn forward(activation: &Activation, x: &FlexTensor) -> Result<FlexTensor, Error> {
    fn run<T: Number>(activation: &Activation, x: &FlexTensor) -> Result<FlexTensor, Error> {
        let mut shape = x.shape();
        let columns = columns(&shape);
        let outputs = activation
            .outputs(columns)
            .ok_or_else(|| Error::Columns { activation: activation.to_string(), shape: shape.to_vec() })?;
        if let Some(last) = shape.last_mut() {
            *last = outputs;
        }
        let mut y = vec![T::default(); shape.num_elements()];
        activation.forward(columns, slice::<T>(x), &mut y);
        Ok(tensor(y, shape))
    }
    match x.dtype() {
        DType::F32 => run::<f32>(activation, x),
        DType::F16 => run::<f16>(activation, x),
        DType::BF16 => run::<bf16>(activation, x),
        DType::F64 if !is_exact(activation) => run::<f64>(activation, x),
        other => Err(Error::Format { activation: format!("{activation:?}"), format: other }),
    }
}

fn backward(activation: &Activation, x: &FlexTensor, grad_y: &FlexTensor) -> FlexTensor {
    fn run<T: Number>(activation: &Activation, x: &FlexTensor, grad_y: &FlexTensor) -> FlexTensor {
        let shape = x.shape();
        let mut grad_x = vec![T::default(); shape.num_elements()];
        activation.backward(columns(&shape), slice::<T>(x), slice::<T>(grad_y), &mut grad_x);
        tensor(grad_x, shape)
    }
    match x.dtype() {
        DType::F64 => run::<f64>(activation, x, grad_y),
        DType::F16 => run::<f16>(activation, x, grad_y),
        DType::BF16 => run::<bf16>(activation, x, grad_y),
        // The forward pass has refused all other formats.
        _ => run::<f32>(activation, x, grad_y),
    }
}

/// Nothing is wider than f64, so exact activations refuse it.
fn is_exact(activation: &Activation) -> bool {
    *activation == activation.clone().exact()
}

/// The length of the last dimension; a tensor without dimensions is one number.
fn columns(shape: &Shape) -> usize {
    shape.last().copied().unwrap_or(1)
}

/// A format that burn and actfn both know.
trait Number: Format + Element + bytemuck::Pod {}
impl Number for f32 {}
impl Number for f64 {}
impl Number for f16 {}
impl Number for bf16 {}

/// The tensor's buffer. All tensors here have come through `to_contiguous` or are fresh.
fn slice<T: Number>(tensor: &FlexTensor) -> &[T] {
    tensor.as_slice::<T>().expect("contiguous, and of this format")
}

fn tensor<T: Number>(elements: Vec<T>, shape: Shape) -> FlexTensor {
    FlexTensor::new(Bytes::from_elems(elements), Layout::contiguous(shape), T::dtype())
}

fn values(tensor: &FlexTensor) -> Values<'_> {
    match tensor.dtype() {
        DType::F64 => Values::F64(slice(tensor)),
        DType::F16 => Values::F16(slice(tensor)),
        DType::BF16 => Values::BF16(slice(tensor)),
        _ => Values::F32(slice(tensor)),
    }
}
