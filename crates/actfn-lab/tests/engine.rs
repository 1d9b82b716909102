//! The engine against its formulas, computed once more in `f64` without its help.

use actfn_lab::engine::{Layer, Loss, Matrix, Network, Normals, Optimizer, Rule, weights};
use actfn_lab::{Architecture, Optimizer as Usual};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

const ROWS: usize = 7;
const INPUTS: usize = 5;
const OUTPUTS: usize = 3;

/// What is wanted of the rows.
enum Wanted {
    Classes(Vec<usize>),
    Numbers(Vec<f32>),
}

impl Wanted {
    fn loss(&self) -> Loss<'_> {
        match self {
            Self::Classes(classes) => Loss::CrossEntropy(classes),
            Self::Numbers(numbers) => Loss::SquaredError(numbers),
        }
    }
}

/// A network with these functions after its hidden layers, and data for it.
fn network(names: &[&str]) -> (Network, Matrix) {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let activations = names.iter().map(|name| name.parse().unwrap()).collect();
    let architecture = Architecture { inputs: INPUTS, width: 6, classes: OUTPUTS, activations };
    let mut network = architecture.network(&mut rng).unwrap();
    let mut normals = Normals::new(&mut rng);
    for layer in &mut network.layers {
        layer.biases.iter_mut().for_each(|bias| *bias = 0.3 * normals.next().unwrap() as f32);
    }
    let x = Matrix::new(INPUTS, normals.take(ROWS * INPUTS).map(|z| z as f32).collect());
    (network, x)
}

/// All that a network learns, layer by layer, as `f64`: weights, biases, learned parameters.
fn parameters(network: &Network) -> Vec<f64> {
    let layer = |layer: &Layer| {
        let learned = layer.learned().map(|(_, value)| value);
        layer.weights.values.iter().chain(&layer.biases).copied().chain(learned).map(f64::from).collect::<Vec<_>>()
    };
    network.layers.iter().flat_map(layer).collect()
}

/// The loss with these in place of a network's own, by plain sums.
fn loss_in_f64(network: &Network, parameters: &[f64], x: &Matrix, wanted: &Wanted) -> f64 {
    let mut parameters = parameters.iter().copied();
    let mut y: Vec<f64> = x.values.iter().copied().map(f64::from).collect();
    let mut columns = x.columns;
    for layer in &network.layers {
        let units = layer.biases.len();
        let weights: Vec<f64> = parameters.by_ref().take(columns * units).collect();
        let biases: Vec<f64> = parameters.by_ref().take(units).collect();
        let mut activation = layer.activation().clone();
        for (name, _) in layer.learned() {
            activation = activation.with_parameter(name, parameters.next().unwrap()).unwrap();
        }
        let z: Vec<f64> = y
            .chunks(columns)
            .flat_map(|row| {
                (0..units)
                    .map(|unit| {
                        let products = row.iter().enumerate().map(|(input, x)| x * weights[input * units + unit]);
                        biases[unit] + products.sum::<f64>()
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
        columns = activation.outputs(units).unwrap();
        y = vec![0.0; ROWS * columns];
        activation.forward(units, &z, &mut y);
    }
    match wanted {
        Wanted::Classes(classes) => {
            let row = |(row, class): (&[f64], &usize)| row.iter().map(|y| y.exp()).sum::<f64>().ln() - row[*class];
            y.chunks(columns).zip(classes).map(row).sum::<f64>() / ROWS as f64
        }
        Wanted::Numbers(numbers) => {
            y.iter().zip(numbers).map(|(y, number)| (y - f64::from(*number)).powi(2)).sum::<f64>()
                / numbers.len() as f64
        }
    }
}

/// Every kind of activation: with kinks and without, of rows that keep their length and that get shorter or longer, saved by
/// its input and by its output, random, and with parameters that are learned.
const NETWORKS: [&[&str]; 9] = [
    &["tanh"],
    &["sigmoid", "gelu", "relu"],
    &["leaky_relu(negative_slope=0.2)", "silu"],
    &["maxout(num_pieces=3)", "softmax"],
    &["swiglu", "glu"],
    &["prelu", "swish"],
    &["snake", "xielu"],
    &["rrelu(training=1, seed=5)", "tlu"],
    &["selu", "softsign", "mish", "elu"],
];

fn both_losses() -> [Wanted; 2] {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let numbers = Normals::new(&mut rng).take(ROWS * OUTPUTS).map(|z| z as f32).collect();
    [Wanted::Classes((0..ROWS).map(|row| row * row % OUTPUTS).collect()), Wanted::Numbers(numbers)]
}

#[test]
fn gradients_are_those_by_differences() {
    const STEP: f64 = 1e-6;
    for (names, wanted) in NETWORKS.iter().flat_map(|names| both_losses().map(|wanted| (*names, wanted))) {
        let (network, x) = network(names);
        let pass = network.forward(x.clone());
        let value = wanted.loss().value(pass.outputs());
        let at = parameters(&network);
        let reference = loss_in_f64(&network, &at, &x, &wanted);
        assert!((value - reference).abs() < 1e-6 * reference.max(1.0), "{names:?}: {value}, not {reference}");

        let gradients = network.backward(&pass, wanted.loss().gradient(pass.outputs()));
        let gradients: Vec<f64> = gradients
            .iter()
            .flat_map(|layer| layer.weights.values.iter().chain(&layer.biases).chain(&layer.learned))
            .copied()
            .map(f64::from)
            .collect();
        let differences: Vec<f64> = (0..at.len())
            .map(|place| {
                let loss = |step: f64| {
                    let mut moved = at.clone();
                    moved[place] += step;
                    loss_in_f64(&network, &moved, &x, &wanted)
                };
                (loss(STEP) - loss(-STEP)) / (2.0 * STEP)
            })
            .collect();
        assert_eq!(gradients.len(), differences.len());
        let largest = differences.iter().fold(0.0, |largest: f64, gradient| largest.max(gradient.abs()));
        assert!(largest > 0.01, "{names:?}: there is something to compare");
        for (place, (gradient, difference)) in gradients.iter().zip(&differences).enumerate() {
            let error = (gradient - difference).abs();
            assert!(error < 3e-6 * largest, "{names:?}, number {place}: {gradient}, by differences {difference}");
        }
    }
}

#[test]
fn rules_are_their_formulas() {
    const RATE: f64 = 0.01;
    for rule in [Usual::Sgd, Usual::Adam, Usual::AdamW].map(Usual::rule) {
        let (mut network, x) = network(&["prelu", "tanh"]);
        let [wanted, _] = both_losses();
        let mut optimizer = Optimizer::new(rule, &network);
        let mut expected = parameters(&network);
        let mut moments = vec![(0.0, 0.0); expected.len()];
        for step in 1..=5 {
            let pass = network.forward(x.clone());
            let gradients = network.backward(&pass, wanted.loss().gradient(pass.outputs()));
            let numbers = gradients
                .iter()
                .flat_map(|layer| layer.weights.values.iter().chain(&layer.biases).chain(&layer.learned));
            for ((w, (m, v)), g) in expected.iter_mut().zip(&mut moments).zip(numbers.copied().map(f64::from)) {
                match rule {
                    Rule::Momentum { momentum } => {
                        *v = f64::from(momentum) * *v + g;
                        *w -= RATE * *v;
                    }
                    Rule::Adam { betas, epsilon, weight_decay } => {
                        let [beta_1, beta_2] = betas.map(f64::from);
                        *m = beta_1 * *m + (1.0 - beta_1) * g;
                        *v = beta_2 * *v + (1.0 - beta_2) * g * g;
                        let (m, v) = (*m / (1.0 - beta_1.powi(step)), *v / (1.0 - beta_2.powi(step)));
                        *w = (1.0 - RATE * f64::from(weight_decay)) * *w - RATE * m / (v.sqrt() + f64::from(epsilon));
                    }
                }
            }
            optimizer.step(RATE, &mut network, &gradients);
            let found = parameters(&network);
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-6, "{rule:?}, step {step}: {found}, not {expected}");
            }
        }
        let slope = network.layers[0].activation().parameter("negative_slope").unwrap();
        assert!(slope != 0.25 && slope == parameters(&network)[5 * 6 + 6], "the slope is learned: {slope}");
    }
}

/// xIELU's parameters and PReLU's have domains; what a step makes of them stays inside.
#[test]
fn a_learned_parameter_stays_in_its_domain() {
    let (mut network, _) = network(&["xielu"]);
    let before: Vec<f32> = network.layers[0].learned().map(|(_, value)| value).collect();
    assert!(!before.is_empty());
    let outside = vec![f32::NAN; before.len()];
    network.layers[0].set_learned(&outside);
    assert_eq!(network.layers[0].learned().map(|(_, value)| value).collect::<Vec<_>>(), before);
}

#[test]
fn the_outputs_of_a_row_do_not_depend_on_the_others() {
    let (network, x) = network(&["gelu", "softmax", "maxout"]);
    let all = network.outputs(x.clone());
    for (row, outputs) in x.iter().zip(all.iter()) {
        let alone = network.outputs(Matrix::new(INPUTS, row.to_vec()));
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&alone.values), bits(outputs));
    }
}

#[test]
fn normal_numbers_are_normal() {
    const COUNT: usize = 200_000;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let z: Vec<f64> = Normals::new(&mut rng).take(COUNT).collect();
    let moment = |power: i32| z.iter().map(|z| z.powi(power)).sum::<f64>() / COUNT as f64;
    // Five standard errors.
    for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
        let error = (moment(power) - expected).abs();
        assert!(error < 5.0 * (variance / COUNT as f64).sqrt(), "moment {power}: {}", moment(power));
    }
    let beyond = z.iter().filter(|z| z.abs() > 3.0).count() as f64 / COUNT as f64;
    assert!((beyond - 0.0027).abs() < 0.0006, "{beyond}");
    let neighbours = z.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / COUNT as f64;
    assert!(neighbours.abs() < 0.012, "{neighbours}");
}

#[test]
fn weights_have_the_variance_of_their_rule() {
    use actfn::Initialisation::{GlorotUniform, HeNormal, LecunNormal};
    for (initialisation, variance) in
        [(LecunNormal, 1.0 / 300.0), (HeNormal, 2.0 / 300.0), (GlorotUniform, 2.0 / 500.0)]
    {
        let weights = weights(300, 200, initialisation, &mut ChaCha8Rng::seed_from_u64(2)).values;
        let mean = weights.iter().copied().map(f64::from).sum::<f64>() / weights.len() as f64;
        let measured = weights.iter().map(|w| (f64::from(*w) - mean).powi(2)).sum::<f64>() / weights.len() as f64;
        assert!(
            mean.abs() < 0.001 && (measured / variance - 1.0).abs() < 0.03,
            "{initialisation:?}: {mean} {measured}"
        );
    }
}
