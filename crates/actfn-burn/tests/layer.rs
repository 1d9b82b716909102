//! The layer's values and gradients are the library's, bit for bit, for every function, format and shape.

use actfn::{Activation, Elementwise, Format, Info, Real};
use actfn_burn::{ActivationLayer, Error};
use burn::prelude::*;
use burn::tensor::{DType, Element};
use half::{bf16, f16};

/// A function that is in no catalogue.
#[derive(Clone, Copy)]
struct Cube;

impl Elementwise for Cube {
    const INFO: Info = Info { formula: "x³", derivative: "3x²", ..Info::new("cube") };

    fn value<R: Real>(self, x: R) -> R {
        x * x * x
    }
    fn derivative<R: Real>(self, x: R) -> R {
        R::from_f64(3.0) * x * x
    }
}

fn all_functions() -> Vec<Activation> {
    actfn::catalogue()
        .chain([Activation::elementwise(Cube), "maxout(num_pieces=3, even_split=1)".parse().unwrap()])
        .collect()
}

/// Rows of 12 numbers, which all rowwise functions can part.
const SHAPE: [usize; 2] = [7, 12];

/// Numbers of both signs, small, large, and at the usual kinks: twice as many as inputs, since no function gives more outputs.
fn numbers(seed: f64, scale: f64) -> Vec<f64> {
    let wave = |i: usize| (i as f64 * 2.399 + seed).sin() * (i as f64 * 0.71 + seed).cos();
    let mut numbers: Vec<f64> = (0..2 * SHAPE[0] * SHAPE[1]).map(|i| scale * wave(i) * wave(i / 5)).collect();
    numbers[..9].copy_from_slice(&[0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 1e-7, -40.0, 40.0]);
    numbers
}

fn inputs() -> Vec<f64> {
    numbers(0.3, 6.0)[..SHAPE[0] * SHAPE[1]].to_vec()
}

/// The layer's output and the gradient of its input, for a gradient `grad_y` of its output.
fn through_burn<T: Format + Element>(
    activation: &Activation,
    x: &[T],
    grad_y: &[T],
    outputs: usize,
    device: &Device,
) -> (Vec<T>, Vec<T>) {
    let x = Tensor::<2>::from_data(TensorData::new(x.to_vec(), SHAPE), (device, T::dtype())).require_grad();
    let grad_y = Tensor::<2>::from_data(TensorData::new(grad_y.to_vec(), [SHAPE[0], outputs]), (device, T::dtype()));
    let y = ActivationLayer::new(activation.clone()).forward(x.clone());
    let gradients = (y.clone() * grad_y).sum().backward();
    let grad_x = x.grad(&gradients).expect("x is tracked");
    (y.into_data().try_to_vec().unwrap(), grad_x.into_data().try_to_vec().unwrap())
}

fn agrees<T: Format + Element>(activation: &Activation, device: &Device) {
    let x: Vec<T> = inputs().into_iter().map(T::from_f64).collect();
    let columns = SHAPE[1];
    let outputs = activation.outputs(columns).expect("12 columns suit every function");
    let grad_y: Vec<T> = numbers(1.7, 2.0)[..SHAPE[0] * outputs].iter().map(|&g| T::from_f64(g)).collect();

    let (y, grad_x) = through_burn(activation, &x, &grad_y, outputs, device);

    let mut own_y = vec![T::default(); SHAPE[0] * outputs];
    activation.forward(columns, &x, &mut own_y);
    assert!(same_bits(&y, &own_y), "{activation} of {}: {y:?}\nbut the library says {own_y:?}", T::NAME);
    let mut own_grad_x = vec![T::default(); x.len()];
    activation.backward(columns, &x, &grad_y, &mut own_grad_x);
    assert!(
        same_bits(&grad_x, &own_grad_x),
        "{activation} of {}: gradient {grad_x:?}\nbut the library says {own_grad_x:?}",
        T::NAME
    );
}

/// Widening to f64 is exact, so the bits there tell all bits apart.
fn same_bits<T: Format>(a: &[T], b: &[T]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_f64().to_bits() == b.to_f64().to_bits())
}

#[test]
fn values_and_gradients_are_the_librarys_bits() {
    let device = Device::flex().autodiff();
    for activation in all_functions() {
        agrees::<f32>(&activation, &device);
        agrees::<f64>(&activation, &device);
        agrees::<f16>(&activation, &device);
        agrees::<bf16>(&activation, &device);
        agrees::<f32>(&activation.clone().exact(), &device);
    }
}

#[test]
fn gradient_checkpointing_changes_no_bit() {
    let device = Device::flex().autodiff().gradient_checkpointing();
    for activation in all_functions() {
        agrees::<f32>(&activation, &device);
    }
}

#[test]
fn without_autodiff_values_are_the_same() {
    for activation in all_functions() {
        let x: Vec<f32> = inputs().into_iter().map(|x| x as f32).collect();
        let layer = ActivationLayer::new(activation.clone());
        let y = layer.forward(Tensor::<2>::from_data(TensorData::new(x.clone(), SHAPE), &Device::flex()));
        let mut own = vec![0.0; y.shape().num_elements()];
        activation.forward(SHAPE[1], &x, &mut own);
        assert!(same_bits(&y.into_data().try_to_vec::<f32>().unwrap(), &own), "{activation}");
    }
}

/// Every function, between two linear maps, in f64: the gradients of both weight matrices against central differences.
#[test]
fn gradients_in_a_network_agree_with_finite_differences() {
    const ROWS: usize = 3;
    const INPUTS: usize = 4;
    let device = Device::flex().autodiff();
    let tensor = |values: &[f64], shape: [usize; 2]| {
        Tensor::<2>::from_data(TensorData::new(values.to_vec(), shape), (&device, DType::F64))
    };
    for activation in all_functions() {
        let outputs = activation.outputs(SHAPE[1]).unwrap();
        let layer = ActivationLayer::new(activation.clone());
        let x = tensor(&numbers(2.1, 1.5)[9..][..ROWS * INPUTS], [ROWS, INPUTS]);
        let first = numbers(0.9, 3.0)[9..][..INPUTS * SHAPE[1]].to_vec();
        let second = numbers(1.3, 2.0)[9..][..outputs * 2].to_vec();
        let loss = |first: Tensor<2>, second: Tensor<2>| {
            // A square, so that the gradient of the layer's output is not constant.
            layer.forward(x.clone().matmul(first)).matmul(second).powi_scalar(2).sum()
        };
        let value = |first: &[f64], second: &[f64]| {
            loss(tensor(first, [INPUTS, SHAPE[1]]), tensor(second, [outputs, 2])).into_scalar::<f64>()
        };

        let first_tensor = tensor(&first, [INPUTS, SHAPE[1]]).require_grad();
        let second_tensor = tensor(&second, [outputs, 2]).require_grad();
        let gradients = loss(first_tensor.clone(), second_tensor.clone()).backward();
        for (which, weights, tensor) in [("first", &first, first_tensor), ("second", &second, second_tensor)] {
            let gradient: Vec<f64> = tensor.grad(&gradients).unwrap().into_data().try_to_vec().unwrap();
            for (i, &gradient) in gradient.iter().enumerate() {
                let step = 1e-6;
                let moved = |by: f64| {
                    let mut weights = weights.clone();
                    weights[i] += by;
                    if which == "first" { value(&weights, &second) } else { value(&first, &weights) }
                };
                let difference = (moved(step) - moved(-step)) / (2.0 * step);
                assert!(
                    (gradient - difference).abs() <= 1e-5 * (1.0 + gradient.abs()),
                    "{activation}, {which} weights, {i}: gradient {gradient}, finite difference {difference}"
                );
            }
        }
    }
}

#[test]
fn any_rank_and_any_layout() {
    let device = Device::flex().autodiff();
    let tanh = ActivationLayer::new("tanh".parse().unwrap());
    let maxout = ActivationLayer::new("maxout".parse().unwrap());

    let line = Tensor::<1>::from_data([-1.0, 2.0, 3.0, 0.5], &device);
    assert_eq!(maxout.forward(line).into_data(), TensorData::from([2.0f32, 3.0]));

    let cube = Tensor::<3>::from_data([[[1.0, 2.0], [4.0, 3.0]], [[-1.0, -2.0], [0.0, 0.0]]], &device);
    assert_eq!(maxout.forward(cube.clone()).into_data(), TensorData::from([[[2.0f32], [4.0]], [[-1.0], [0.0]]]));

    // A transposed tensor shares its buffer with the original, in another order.
    let flipped = tanh.forward(cube.clone().swap_dims(0, 2)).swap_dims(0, 2);
    assert_eq!(flipped.into_data(), tanh.forward(cube.clone()).into_data());
    let part = cube.clone().slice([0..2, 1..2, 0..2]);
    assert_eq!(maxout.forward(part).into_data(), TensorData::from([[[4.0f32]], [[0.0]]]));

    let x = cube.clone().require_grad();
    let weights = Tensor::<3>::from_data([[[1.0, 10.0], [2.0, 20.0]], [[3.0, 30.0], [4.0, 40.0]]], &device);
    let gradients = (maxout.forward(x.clone().swap_dims(1, 2)).swap_dims(1, 2) * weights.slice([0..2, 0..1, 0..2]))
        .sum()
        .backward();
    assert_eq!(
        x.grad(&gradients).unwrap().into_data(),
        TensorData::from([[[0.0f32, 0.0], [1.0, 10.0]], [[0.0, 0.0], [3.0, 30.0]]])
    );

    let empty = Tensor::<2>::zeros([0, 4], &device);
    assert_eq!(maxout.forward(empty).dims(), [0, 2]);
}

#[test]
fn refusals_name_what_is_refused() {
    let relu = ActivationLayer::new("relu".parse().unwrap());
    let capture = Device::capture();
    capture
        .capture_scope(|scope| {
            let error = relu.try_forward(Tensor::<2>::zeros([2, 2], &capture)).unwrap_err();
            assert!(matches!(error, Error::Device { .. }));
            let text = error.to_string();
            assert!(text.contains("relu") && text.contains("Capture") && text.contains("flex"), "{text}");
            scope.complete([], [])
        })
        .unwrap();

    let device = Device::flex();
    let maxout = ActivationLayer::new("maxout(num_pieces=3)".parse().unwrap());
    let error = maxout.try_forward(Tensor::<2>::zeros([2, 4], &device)).unwrap_err();
    assert!(matches!(error, Error::Columns { .. }));
    assert_eq!(
        error.to_string(),
        "maxout(num_pieces=3) has no meaning for rows of this length: the tensor's shape is [2, 4]"
    );

    let exact = ActivationLayer::new("tanh".parse::<Activation>().unwrap().exact());
    let wide = Tensor::<1>::from_data([1.0f64], (&device, DType::F64));
    let error = exact.try_forward(wide).unwrap_err();
    assert_eq!(error.to_string(), "tanh (exact) does not take tensors of F64: convert with `cast`");
}

#[test]
#[should_panic(expected = "maxout has no meaning for rows of this length: the tensor's shape is [1, 3]")]
fn forward_panics_with_the_text_of_the_error() {
    ActivationLayer::new("maxout".parse().unwrap()).forward(Tensor::<2>::zeros([1, 3], &Device::flex()));
}

#[test]
fn prints_its_activation() {
    let layer = ActivationLayer::new("leaky_relu(negative_slope=0.25)".parse().unwrap());
    assert_eq!(format!("{layer:?}"), "ActivationLayer(leaky_relu(negative_slope=0.25))");
    assert!(format!("{layer}").contains("leaky_relu(negative_slope=0.25)"), "{layer}");
}
