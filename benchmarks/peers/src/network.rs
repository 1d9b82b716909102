//! A training step of a network, with actfn's activations and with burn's own.

use std::cell::RefCell;
use std::hint::black_box;

use actfn_burn::ActivationLayer;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation as burn_nn;
use burn::tensor::{Device, Tensor};

use crate::contest::{Contender, Contest};
use crate::record::{Record, digits};

const WIDTH: usize = 512;
const BATCH: usize = 256;

type Function = fn(Tensor<2>) -> Tensor<2>;

#[derive(Module, Debug)]
struct Network {
    layers: Vec<Linear>,
}

impl Network {
    fn step(self, optimizer: &mut ModuleOptimizer, x: &Tensor<2>, f: impl Fn(Tensor<2>) -> Tensor<2>) -> Self {
        let y = self.layers.iter().fold(x.clone(), |x, layer| f(layer.forward(x)));
        let gradients = GradientsParams::from_grads(y.powi_scalar(2).mean().backward(), &self);
        optimizer.step(1e-6, self, gradients)
    }
}

pub fn run(contest: &Contest, record: &mut Record) {
    record.paragraph(
        contest,
        "## A training step: 4 layers of 512, 256 rows, one thread\n\nMilliseconds. The share of the step that is spent in \
         activations is what it takes longer than with none.",
    );
    let mut lines = vec![
        "| function | none | actfn | burn's own | actfn of burn's | share, actfn | share, burn |".to_owned(),
        "|---".repeat(7) + "|",
    ];
    let functions: [(&str, Function); 5] = [
        ("gelu", burn_nn::gelu),
        ("silu", burn_nn::silu),
        ("mish", burn_nn::mish),
        ("tanh", burn_nn::tanh),
        ("selu", burn_nn::selu),
    ];
    for (name, theirs) in functions.into_iter().filter(|(name, _)| contest.wants(name)) {
        let device = Device::flex().autodiff();
        let x = Tensor::<2>::random([BATCH, WIDTH], burn::tensor::Distribution::Normal(0.0, 1.0), &device);
        let layers = (0..4).map(|_| LinearConfig::new(WIDTH, WIDTH).init(&device)).collect();
        let network = RefCell::new(Some(Network { layers }));
        let optimizer = RefCell::new(SgdConfig::new().init());
        let layer = ActivationLayer::new(name.parse().expect("a name of the catalogue"));
        let step = |f: &dyn Fn(Tensor<2>) -> Tensor<2>| {
            let trained = network.take().map(|network| network.step(&mut optimizer.borrow_mut(), black_box(&x), f));
            network.replace(trained);
        };
        let mut contenders = [
            Contender::new("none", || step(&|x| x)),
            Contender::new("actfn", || step(&|x| layer.forward(x))),
            Contender::new("burn", || step(&theirs)),
        ];
        let times = contest.hold(&format!("a step with {name}"), &mut contenders);
        let [none, actfn, burn] = [0, 1, 2].map(|i| times[i].median / 1e6);
        lines.push(format!(
            "| {name} | {} | {} | {} | {:.2} | {:.0} % | {:.0} % |",
            digits(none),
            digits(actfn),
            digits(burn),
            actfn / burn,
            100.0 * (1.0 - none / actfn),
            100.0 * (1.0 - none / burn),
        ));
    }
    record.paragraph(contest, &lines.join("\n"));
}
