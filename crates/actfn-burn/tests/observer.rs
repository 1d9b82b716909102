//! What an observer sees.

use std::sync::{Arc, Mutex};

use actfn_burn::{ActivationLayer, Values};
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;

#[derive(Module, Debug)]
struct Network {
    first: Linear,
    first_activation: ActivationLayer,
    second: Linear,
    second_activation: ActivationLayer,
}

impl Network {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let hidden = self.first_activation.forward(self.first.forward(x));
        self.second_activation.forward(self.second.forward(hidden))
    }
}

/// Layer, shape, pre-activations and their gradients.
type Seen = Arc<Mutex<Vec<(usize, Vec<usize>, Vec<f64>, Vec<f64>)>>>;

fn layer(name: &str, number: usize, seen: &Seen) -> ActivationLayer {
    let seen = seen.clone();
    ActivationLayer::new(name.parse().unwrap()).observe(move |pass| {
        assert!(matches!(pass.x, Values::F32(_)));
        let entry = (number, pass.shape.to_vec(), pass.x.iter().collect(), pass.grad_x.iter().collect());
        seen.lock().unwrap().push(entry);
    })
}

fn doubles(tensor: Tensor<2>) -> Vec<f64> {
    tensor.into_data().try_to_vec::<f32>().unwrap().into_iter().map(f64::from).collect()
}

#[test]
fn sees_the_pre_activations_and_their_gradients_of_every_layer() {
    let device = Device::flex().autodiff();
    let seen = Seen::default();
    let network = Network {
        first: LinearConfig::new(3, 4).init(&device),
        first_activation: layer("tanh", 0, &seen),
        second: LinearConfig::new(4, 4).init(&device),
        second_activation: layer("softmax", 1, &seen),
    };
    let x = Tensor::<2>::from_data([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]], &device);
    let weights = Tensor::<2>::from_data([[1.0, -2.0, 3.0, 0.5], [0.0, 1.0, -1.0, 2.0]], &device);

    // The same by burn's own means: a leaf in place of each layer's input.
    let first_x = Tensor::from_data(network.first.forward(x.clone()).into_data(), &device).require_grad();
    let second_x = Tensor::from_data(
        network.second.forward(network.first_activation.forward(first_x.clone())).into_data(),
        &device,
    )
    .require_grad();
    let gradients = (network.second_activation.forward(second_x.clone()) * weights.clone()).sum().backward();
    let second_gradient = second_x.grad(&gradients).unwrap();
    let upstream = Tensor::from_data(second_gradient.clone().into_data(), &device);
    let linear = network.second.forward(network.first_activation.forward(first_x.clone()));
    let gradients = (linear * upstream).sum().backward();
    let first_gradient = first_x.grad(&gradients).unwrap();
    seen.lock().unwrap().clear();

    let y = network.forward(x);
    assert!(seen.lock().unwrap().is_empty(), "a forward pass has no gradients to show");
    (y * weights).sum().backward();

    let seen = seen.lock().unwrap();
    let expected = [
        (1, vec![2, 4], doubles(second_x), doubles(second_gradient)),
        (0, vec![2, 4], doubles(first_x), doubles(first_gradient)),
    ];
    assert_eq!(*seen, expected, "last layer first");
    assert!(seen.iter().all(|(_, _, _, gradient)| gradient.iter().any(|g| *g != 0.0)));
}

#[test]
fn is_left_alone_where_no_gradient_is_asked_for() {
    let device = Device::flex().autodiff();
    let seen = Seen::default();
    let relu = layer("relu", 0, &seen);
    let untracked = Tensor::<2>::ones([2, 2], &device);
    let tracked = Tensor::<2>::ones([2, 2], &device).require_grad();
    (relu.forward(untracked) * tracked).sum().backward();
    relu.forward(Tensor::<2>::ones([2, 2], &Device::flex()));
    assert!(seen.lock().unwrap().is_empty());
}

#[test]
fn stays_when_the_module_is_cloned_and_trained() {
    let device = Device::flex().autodiff();
    let seen = Seen::default();
    let relu = layer("relu", 7, &seen).clone().train();
    relu.forward(Tensor::<2>::ones([1, 2], &device).require_grad()).sum().backward();
    assert_eq!(*seen.lock().unwrap(), [(7, vec![1, 2], vec![1.0, 1.0], vec![1.0, 1.0])]);
}
