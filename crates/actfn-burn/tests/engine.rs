//! The lab's engine against burn: the same network, the same rows, and gradients by burn's autodiff.

use actfn_burn::ActivationLayer;
use actfn_lab::engine::{Loss, Matrix, Network, Normals, Optimizer};
use actfn_lab::{Architecture, Optimizer as Usual};
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::loss::{CrossEntropyLossConfig, MseLoss, Reduction};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

const ROWS: usize = 50;
const INPUTS: usize = 11;
const OUTPUTS: usize = 5;

/// Functions that learn nothing, since burn's layer does not.
const NETWORKS: [&[&str]; 4] =
    [&["relu"], &["tanh", "gelu", "selu"], &["maxout", "softmax", "leaky_relu"], &["sigmoid", "glu"]];

#[derive(Module, Debug)]
struct Theirs {
    linear: Vec<Linear>,
    activations: Vec<ActivationLayer>,
}

impl Theirs {
    fn of(network: &Network, device: &Device) -> Self {
        let linear = network.layers.iter().map(|layer| {
            let shape = [layer.weights.rows(), layer.weights.columns];
            Linear {
                weight: Param::from_data(TensorData::new(layer.weights.values.clone(), shape), device),
                bias: Some(Param::from_data(TensorData::new(layer.biases.clone(), [shape[1]]), device)),
            }
        });
        let activations = network.layers.iter().map(|layer| ActivationLayer::new(layer.activation().clone()));
        Self { linear: linear.collect(), activations: activations.collect() }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.linear.iter().zip(&self.activations).fold(x, |x, (linear, f)| f.forward(linear.forward(x)))
    }

    fn parameters(&self) -> Vec<f32> {
        let numbers = |data: TensorData| -> Vec<f32> { data.try_to_vec().unwrap() };
        let of = |linear: &Linear| {
            [numbers(linear.weight.val().into_data()), numbers(linear.bias.as_ref().unwrap().val().into_data())]
                .concat()
        };
        self.linear.iter().flat_map(of).collect()
    }
}

/// A network, rows, their classes, and numbers wanted of them.
fn drawn(names: &[&str]) -> (Network, Matrix, Vec<usize>, Vec<f32>) {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let activations = names.iter().map(|name| name.parse().unwrap()).collect();
    let architecture = Architecture { inputs: INPUTS, width: 24, classes: OUTPUTS, activations };
    let network = architecture.network(&mut rng).unwrap();
    let mut normals = |count| Normals::new(&mut rng).take(count).map(|z| z as f32).collect::<Vec<f32>>();
    let x = Matrix::new(INPUTS, normals(ROWS * INPUTS));
    let numbers = normals(ROWS * OUTPUTS);
    (network, x, (0..ROWS).map(|row| row * row % OUTPUTS).collect(), numbers)
}

fn tensor(x: &Matrix, device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(x.values.clone(), [x.rows(), x.columns]), device)
}

fn their_loss(outputs: Tensor<2>, classes: &[usize]) -> Tensor<1> {
    let labels: Vec<i64> = classes.iter().map(|class| *class as i64).collect();
    let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [classes.len()]), &outputs.device());
    CrossEntropyLossConfig::new().init(&outputs.device()).forward(outputs, labels)
}

fn near(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0, |largest: f32, number| largest.max(number.abs()));
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 3e-6 * largest, "{what}: {found}, and burn has {expected}");
    }
}

#[test]
fn outputs_losses_and_gradients_are_burns() {
    let device = Device::flex().autodiff();
    for names in NETWORKS {
        let (network, x, classes, numbers) = drawn(names);
        let theirs = Theirs::of(&network, &device);
        let pass = network.forward(x.clone());
        let outputs: Vec<f32> = theirs.forward(tensor(&x, &device)).into_data().try_to_vec().unwrap();
        near(&pass.outputs().values, &outputs, "outputs");

        for loss in [Loss::CrossEntropy(&classes), Loss::SquaredError(&numbers)] {
            let outputs = theirs.forward(tensor(&x, &device));
            let their_loss = match loss {
                Loss::CrossEntropy(classes) => their_loss(outputs, classes),
                Loss::SquaredError(numbers) => {
                    let wanted = tensor(&Matrix::new(OUTPUTS, numbers.to_vec()), &device);
                    MseLoss::new().forward(outputs, wanted, Reduction::Mean)
                }
            };
            near(&[loss.value(pass.outputs()) as f32], &[their_loss.clone().into_scalar()], "loss");

            let gradients = network.backward(&pass, loss.gradient(pass.outputs()));
            let their_gradients = their_loss.backward();
            for (number, (gradient, linear)) in gradients.iter().zip(&theirs.linear).enumerate() {
                let of = |data: TensorData| -> Vec<f32> { data.try_to_vec().unwrap() };
                let weight = of(linear.weight.val().grad(&their_gradients).unwrap().into_data());
                near(&gradient.weights.values, &weight, &format!("{names:?}, weights of layer {number}"));
                let bias = of(linear.bias.as_ref().unwrap().val().grad(&their_gradients).unwrap().into_data());
                near(&gradient.biases, &bias, &format!("{names:?}, biases of layer {number}"));
            }
        }
    }
}

#[test]
fn steps_are_those_of_burns_optimizers() {
    const RATE: f64 = 0.01;
    let device = Device::flex().autodiff();
    let burns: [(Usual, fn() -> ModuleOptimizer); 3] = [
        (Usual::Sgd, || {
            let momentum = MomentumConfig { momentum: 0.9, dampening: 0.0, nesterov: false };
            SgdConfig::new().with_momentum(Some(momentum)).init()
        }),
        (Usual::Adam, || AdamConfig::new().init()),
        (Usual::AdamW, || AdamWConfig::new().init()),
    ];
    for (ours, theirs) in burns {
        let (mut network, x, classes, _) = drawn(&["tanh", "silu"]);
        let mut their_network = Theirs::of(&network, &device);
        let (mut optimizer, mut their_optimizer) = (Optimizer::new(ours.rule(), &network), theirs());
        for step in 1..=20 {
            let pass = network.forward(x.clone());
            let gradients = network.backward(&pass, Loss::CrossEntropy(&classes).gradient(pass.outputs()));
            optimizer.step(RATE, &mut network, &gradients);

            let loss = their_loss(their_network.forward(tensor(&x, &device)), &classes);
            let gradients = GradientsParams::from_grads(loss.backward(), &their_network);
            their_network = their_optimizer.step(RATE, their_network, gradients);

            let found: Vec<f32> = network
                .layers
                .iter()
                .flat_map(|layer| layer.weights.values.iter().chain(&layer.biases))
                .copied()
                .collect();
            near(&found, &their_network.parameters(), &format!("{ours:?}, step {step}"));
        }
    }
}
