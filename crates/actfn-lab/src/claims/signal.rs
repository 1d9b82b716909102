//! Claims about signals and gradients on their way through layers as they are at first, by plain matrix products.

use actfn::Activation;
use rand::rngs::ChaCha8Rng;

use super::{Claim, Lab, Verdict, function, mean, measured};
use crate::diagnosis::{self, initial_gain};
use crate::engine::{Layer, Matrix, Network, Normals};
use crate::{Chart, Line};

fn normal(rows: usize, columns: usize, deviation: f64, rng: &mut ChaCha8Rng) -> Matrix {
    let values = Normals::new(rng).take(rows * columns).map(|z| (z * deviation) as f32);
    Matrix::new(columns, values.collect())
}

/// A layer of as many units as inputs, with weights of the variance `gain` / fan-in and without biases.
fn layer(f: &Activation, width: usize, gain: f64, rng: &mut ChaCha8Rng) -> Layer {
    let weights = normal(width, width, (gain / width as f64).sqrt(), rng);
    Layer::new(weights, vec![0.0; width], f.clone())
}

/// Such layers, which standard normal rows go through.
struct Stack {
    width: usize,
    depth: usize,
    rows: usize,
    gain: f64,
}

impl Stack {
    /// The rows and the layers.
    fn draw(&self, f: &Activation, rng: &mut ChaCha8Rng) -> (Matrix, Network) {
        let x = normal(self.rows, self.width, 1.0, rng);
        (x, Network { layers: (0..self.depth).map(|_| layer(f, self.width, self.gain, rng)).collect() })
    }

    /// Every layer's pre-activations, and their gradients where those of the outputs are standard normal.
    fn run(&self, f: &Activation, rng: &mut ChaCha8Rng) -> Vec<diagnosis::Layer> {
        let (x, network) = self.draw(f, rng);
        let upstream = normal(self.rows, self.width, 1.0, rng);
        let pass = network.forward(x);
        let gradients = network.backward(&pass, upstream);
        let layers = network.layers.iter().zip(&gradients).enumerate();
        layers
            .map(|(number, (layer, gradient))| {
                let z = pass.pre_activations(number);
                diagnosis::Layer::of(f.clone(), z, &gradient.pre_activations, &layer.weights)
            })
            .collect()
    }

    /// The outputs of the last layer.
    fn outputs(&self, f: &Activation, rng: &mut ChaCha8Rng) -> Vec<f32> {
        let (x, network) = self.draw(f, rng);
        network.outputs(x).values
    }
}

/// What is left of the gradient per layer: the geometric mean. The first layer is left out, whose inputs are the data and not
/// what the function makes of them.
fn attenuation(layers: &[diagnosis::Layer]) -> f64 {
    let (first, last) = (&layers[1], &layers[layers.len() - 1]);
    if last.gradient_norm == 0.0 {
        return 0.0;
    }
    (first.gradient_norm / last.gradient_norm).powf(1.0 / (layers.len() - 2) as f64)
}

/// Ten layers behind the first.
const STACK: Stack = Stack { width: 256, depth: 11, rows: 256, gain: 1.0 };

pub fn sigmoid_layers(lab: &Lab) -> Claim {
    let sigmoid = function("sigmoid");
    let chain: f64 = (0..10).map(|_| sigmoid.scalar(0.0f64).expect("an elementwise function").1).product();
    let left = |gain: f64| attenuation(&Stack { gain, ..STACK }.run(&sigmoid, &mut lab.rng(3)));
    let (small, large) = (left(1.0), left(16.0));
    Claim {
        name: "sigmoid_layers",
        page: "Sigmoid reduces the size of the error by at least 75 % at each layer.",
        experiment: "what is left of the gradient per layer, in 10 layers of 256 sigmoids with normal weights of variance 1/n and \
                     16/n; a chain of 10 factors σ′ ≤ 1/4"
            .to_string(),
        measured: measured([("left with 1/n", small), ("left with 16/n", large), ("chain of 10 at most", chain)]),
        verdict: Verdict::of(small <= 0.25 && large <= 0.25, small <= 0.25 && chain <= 0.25f64.powi(10)),
        remark: "At least 75 % are lost in σ′, not in the layer: its factor also holds the weights, about √(n Var w · E σ′²). \
                 With larger weights more comes through."
            .to_string(),
        charts: Vec::new(),
    }
}

pub fn vanishing(lab: &Lab) -> Claim {
    let names = ["perceptron", "sigmoid", "tanh", "arctan", "relu", "leaky_relu", "selu", "identity"];
    let results: Vec<(&str, Vec<diagnosis::Layer>)> = names
        .iter()
        .map(|name| {
            let f = function(name);
            let gain = initial_gain(f.info().initialisation);
            (*name, Stack { gain, ..STACK }.run(&f, &mut lab.rng(4)))
        })
        .collect();
    let left: Vec<(&str, f64)> = results.iter().map(|(name, layers)| (*name, attenuation(layers))).collect();
    let of = |wanted: &str| left.iter().find(|(name, _)| *name == wanted).map_or(f64::NAN, |(_, left)| *left);
    let others = ["tanh", "arctan", "relu", "leaky_relu", "selu"].map(of).into_iter().fold(f64::INFINITY, f64::min);
    let lines = results
        .iter()
        .map(|(name, layers)| Line::numbered(*name, layers.iter().map(|layer| layer.gradient_norm)))
        .collect();
    Claim {
        name: "vanishing",
        page: "Sigmoid has fallen out of practice because of the vanishing gradient.",
        experiment: "what is left of the gradient per layer, in 10 layers of 256 units before training: variance 2/n for ReLU and \
                     its leaky variant, 1/n for the others"
            .to_string(),
        measured: measured(left.iter().copied()),
        verdict: Verdict::of(of("sigmoid") < 0.3 && others > 0.8, of("sigmoid") < others),
        remark: format!(
            "Of the gradient at the tenth layer, {:.1e} arrives at the first with sigmoid, {:.2} with tanh and {:.2} with ReLU.",
            of("sigmoid").powi(9),
            of("tanh").powi(9),
            of("relu").powi(9),
        ),
        charts: vec![Chart {
            title: "Gradient norm by layer before training, width 256".to_string(),
            x: "layer",
            y: "gradient norm",
            logarithmic: true,
            lines,
        }],
    }
}

pub fn zero_centred(lab: &Lab) -> Claim {
    const ROWS: usize = 64;
    const UNITS: usize = 64;
    // For one row, the gradient of the weights that lead to a unit is the unit's δ times the layer's inputs. A unit is bound
    // if all of these have one sign.
    let bound = |name: &str| {
        let mut rng = lab.rng(5);
        let f = function(name);
        let network = Network { layers: (0..2).map(|_| layer(&f, UNITS, 1.0, &mut rng)).collect() };
        let mut bound = 0;
        let mut sum = 0.0;
        for _ in 0..ROWS {
            let pass = network.forward(normal(1, UNITS, 1.0, &mut rng));
            let hidden = pass.activations(0);
            sum += mean(&hidden.values.iter().copied().map(f64::from).collect::<Vec<_>>());
            let gradients = network.backward(&pass, normal(1, UNITS, 1.0, &mut rng));
            let gradient = &gradients[1].weights.values;
            bound += (0..UNITS)
                .filter(|unit| {
                    let column = || gradient.iter().skip(*unit).step_by(UNITS);
                    column().all(|g| *g > 0.0) || column().all(|g| *g < 0.0)
                })
                .count();
        }
        (sum / ROWS as f64, bound as f64 / (ROWS * UNITS) as f64)
    };
    let [(sigmoid_mean, sigmoid), (tanh_mean, tanh)] = ["sigmoid", "tanh"].map(bound);
    Claim {
        name: "zero_centred",
        page: "Sigmoid's output isn't zero centered. (Of tanh this problem is not listed.)",
        experiment: "64 rows, one at a time, through 2 layers of 64 units: the mean output of the first, and the share of units of \
                     the second whose weights have gradients of one sign only"
            .to_string(),
        measured: measured([
            ("mean of sigmoid", sigmoid_mean),
            ("mean of tanh", tanh_mean),
            ("one sign after sigmoid", sigmoid),
            ("one sign after tanh", tanh),
        ]),
        verdict: Verdict::of(
            sigmoid_mean > 0.4 && tanh_mean.abs() < 0.05 && sigmoid == 1.0 && tanh < 0.01,
            sigmoid_mean > 0.4,
        ),
        remark: "Outputs that are all positive make a row move all weights of a unit up together or down together.".to_string(),
        charts: Vec::new(),
    }
}

pub fn selu_fixed_point(lab: &Lab) -> Claim {
    const DEPTH: usize = 64;
    const DRAWS: usize = 9;
    let stack = Stack { depth: DEPTH, ..STACK };
    let selu = function("selu");
    // For every layer the mean and the variance of its outputs, of all draws, sorted. With He's weights the variance is a
    // product of random factors, which is spread over orders of magnitude: one draw of it tells little.
    let moments = |gain: f64| {
        let mut rng = lab.rng(6);
        let mut layers = vec![[Vec::new(), Vec::new()]; DEPTH];
        for _ in 0..DRAWS {
            let (x, network) = Stack { gain, ..stack }.draw(&selu, &mut rng);
            let pass = network.forward(x);
            for (number, [means, variances]) in layers.iter_mut().enumerate() {
                let y: Vec<f64> = pass.activations(number).values.iter().copied().map(f64::from).collect();
                let centre = mean(&y);
                means.push(centre);
                variances.push(mean(&y.iter().map(|y| (y - centre).powi(2)).collect::<Vec<_>>()));
            }
        }
        layers.iter_mut().flatten().for_each(|draws| draws.sort_by(f64::total_cmp));
        layers
    };
    let (lecun, he) = (moments(1.0), moments(2.0));
    let median = |draws: &[f64]| draws[DRAWS / 2];
    let [centre, variance] = lecun[DEPTH - 1].each_ref().map(|draws| median(draws));
    let strayed = &he[DEPTH - 1][1];
    let line = |label: &str, layers: &[[Vec<f64>; 2]]| {
        Line::numbered(label, layers.iter().map(|[_, variances]| median(variances)))
    };
    Claim {
        name: "selu_fixed_point",
        page: "SELU was proposed as a method to create self-normalizing networks.",
        experiment: format!(
            "standard normal rows through {DEPTH} layers of 256 units: mean and variance of the last outputs, with LeCun normal \
             weights (variance 1/n) and with He's (2/n); medians of {DRAWS} draws of the weights, and for He's the range"
        ),
        measured: measured([
            ("mean with LeCun", centre),
            ("variance with LeCun", variance),
            ("variance with He", median(strayed)),
            ("least of them", strayed[0]),
            ("most", strayed[DRAWS - 1]),
            ("factor per layer with He", median(strayed).powf(1.0 / DEPTH as f64)),
        ]),
        verdict: Verdict::of(
            centre.abs() < 0.1 && (0.7..1.4).contains(&variance) && (0.5..2.0).contains(&median(strayed)),
            centre.abs() < 0.1 && (0.7..1.4).contains(&variance),
        ),
        remark: "Mean 0 and variance 1 come back only with weights of variance 1/fan-in. With He's, made for ReLU, signals grow \
                 from layer to layer, by a factor that the draw of the weights moves: how far they get differs by orders of \
                 magnitude."
            .to_string(),
        charts: vec![Chart {
            title: "Variance of SELU's outputs by layer, median of the draws".to_string(),
            x: "layer",
            y: "variance",
            logarithmic: true,
            lines: vec![line("LeCun normal", &lecun), line("He normal", &he)],
        }],
    }
}

pub fn relu_problems(lab: &Lab) -> Claim {
    const NETWORKS: usize = 200;
    let died = |name: &str, width: usize, depth: usize| {
        let f = function(name);
        let stack = Stack { width, depth, rows: 64, gain: 2.0 };
        let mut rng = lab.rng(7);
        let dead = (0..NETWORKS).filter(|_| stack.outputs(&f, &mut rng).iter().all(|y| *y == 0.0)).count();
        dead as f64 / NETWORKS as f64
    };
    let depths = [2, 5, 10, 20];
    let widths = [2, 4, 8, 16];
    let table: Vec<(usize, Vec<f64>)> =
        widths.map(|width| (width, depths.map(|depth| died("relu", width, depth)).to_vec())).to_vec();
    let leaky = died("leaky_relu", 2, 20);
    let narrow = &table[0].1;
    let wide = table[table.len() - 1].1[depths.len() - 1];
    let quantities = table.iter().flat_map(|(width, shares)| {
        depths.iter().zip(shares).map(move |(depth, share)| (format!("width {width}, depth {depth}"), *share))
    });
    Claim {
        name: "relu_problems",
        page: "ReLU: (no problem is listed).",
        experiment: "200 networks of each width and depth with He normal weights, 64 rows: the share of networks whose last layer is 0 \
                     for every row, so that they can learn nothing"
            .to_string(),
        measured: measured(quantities.chain([("leaky_relu, width 2, depth 20".to_string(), leaky)])),
        verdict: Verdict::of(
            narrow.iter().all(|share| *share == 0.0),
            narrow[depths.len() - 1] > 0.2 && leaky == 0.0 && wide < 0.05,
        ),
        remark: "ReLUs die: more often the deeper and the narrower the network (Lu et al. 2019, arXiv:1903.06733). A slope to the \
                 left of 0 keeps them alive, and so does width."
            .to_string(),
        charts: vec![Chart {
            title: "Networks of ReLUs that are dead from the start".to_string(),
            x: "layers",
            y: "share of networks",
            logarithmic: false,
            lines: table
                .iter()
                .map(|(width, shares)| Line {
                    label: format!("width {width}"),
                    points: depths.iter().map(|depth| *depth as f64).zip(shares.iter().copied()).collect(),
                })
                .collect(),
        }],
    }
}
