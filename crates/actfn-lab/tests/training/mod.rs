//! Small trainings, and a hash of all that the networks have learned. It needs `core` and `alloc` alone, so that it runs on
//! targets without a standard library; there and here, `crate::engine` is the engine.

use alloc::format;
use alloc::vec::Vec;

use actfn::Activation;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use xxhash_rust::xxh3::Xxh3;

use crate::engine::{Layer, Loss, Matrix, Network, Normals, Optimizer, Rule, weights};

const ADAM: Rule = Rule::Adam { betas: [0.9, 0.999], epsilon: 1e-5, weight_decay: 0.0 };
const ADAM_W: Rule = Rule::Adam { betas: [0.9, 0.999], epsilon: 1e-5, weight_decay: 1e-4 };
const MOMENTUM: Rule = Rule::Momentum { momentum: 0.9 };

/// The functions after the hidden layers, the rule and its name, and whether classes are wanted.
const TRAININGS: [(&str, Rule, &str, bool); 8] = [
    ("relu tanh gelu", MOMENTUM, "momentum", true),
    ("sigmoid silu", ADAM, "adam", true),
    ("leaky_relu selu mish", ADAM_W, "adamw", true),
    ("maxout softmax", MOMENTUM, "momentum", true),
    ("prelu swish", MOMENTUM, "momentum", false),
    ("snake xielu", ADAM, "adam", false),
    ("rrelu(training=1,seed=7) softplus", ADAM_W, "adamw", false),
    ("elu arctan", MOMENTUM, "momentum", false),
];

/// A line for each training: its functions, rule and loss, and the hash.
pub fn lines(mut print: impl FnMut(&str)) {
    for (functions, rule, name, classes) in TRAININGS {
        let loss = if classes { "cross-entropy" } else { "squared error" };
        print(&format!("{functions},{name},{loss},{:016x}", hash(&trained(functions, rule, classes))));
    }
}

/// A network of 12 units in a layer, after 60 steps of 16 rows.
fn trained(functions: &str, rule: Rule, classes: bool) -> Network {
    const ROWS: usize = 80;
    const INPUTS: usize = 9;
    const WIDTH: usize = 12;
    const OUTPUTS: usize = 4;
    let mut rng = ChaCha8Rng::seed_from_u64(42);
    let activation = |name: &str| name.parse::<Activation>().unwrap_or_else(|error| panic!("{error}"));
    let mut inputs = INPUTS;
    let mut layers = Vec::new();
    for function in functions.split(' ') {
        let activation = activation(function);
        let units = if activation.outputs(WIDTH) == Some(WIDTH) { WIDTH } else { 2 * WIDTH };
        let drawn = weights(inputs, units, activation.info().initialisation, &mut rng);
        layers.push(Layer::new(drawn, alloc::vec![0.0; units], activation));
        inputs = WIDTH;
    }
    let drawn = weights(inputs, OUTPUTS, actfn::Initialisation::GlorotUniform, &mut rng);
    layers.push(Layer::new(drawn, alloc::vec![0.0; OUTPUTS], activation("identity")));
    let mut network = Network { layers };

    let mut normals = |count| Normals::new(&mut rng).take(count).map(|z| z as f32).collect::<Vec<f32>>();
    let (x, numbers) = (normals(ROWS * INPUTS), normals(ROWS * OUTPUTS));
    let mut order: Vec<usize> = (0..ROWS).collect();
    let mut optimizer = Optimizer::new(rule, &network);
    for _ in 0..12 {
        order.shuffle(&mut rng);
        for rows in order.chunks(16) {
            let some = |values: &[f32], columns: usize| -> Vec<f32> {
                rows.iter().flat_map(|row| values[row * columns..][..columns].iter().copied()).collect()
            };
            let labels: Vec<usize> = rows.iter().map(|row| row % OUTPUTS).collect();
            let wanted = some(&numbers, OUTPUTS);
            let loss = if classes { Loss::CrossEntropy(&labels) } else { Loss::SquaredError(&wanted) };
            let pass = network.forward(Matrix::new(INPUTS, some(&x, INPUTS)));
            let gradients = network.backward(&pass, loss.gradient(pass.outputs()));
            optimizer.step(0.01, &mut network, &gradients);
        }
    }
    network
}

fn hash(network: &Network) -> u64 {
    let mut hash = Xxh3::new();
    for layer in &network.layers {
        let learned = layer.learned().map(|(_, value)| value);
        for value in layer.weights.values.iter().chain(&layer.biases).copied().chain(learned) {
            assert!(value.is_finite(), "a training that diverges proves nothing");
            hash.update(&value.to_le_bytes());
        }
    }
    hash.digest()
}
