//! Values of functions of numbers.

use std::cell::RefCell;
use std::hint::black_box;
use std::mem::MaybeUninit;

use actfn::Activation;
use burn::tensor::activation as burn_nn;
use burn::tensor::{Tensor as BurnTensor, TensorData};
use candle_core::{Device, Tensor};
use candle_nn::{Module, ops};
use rten_simd::SimdUnaryOp;

use crate::contest::{Contender, Contest, inputs};
use crate::record::{Record, Row};

/// In the L1 cache's reach, in the L2 cache's, and out of all caches.
pub const SIZES: [usize; 3] = [4096, 262_144, 16_777_216];
const CONTENDERS: [&str; 7] = ["memcpy", "actfn", "actfn exact", "rten-vecmath", "candle", "burn-flex", "scalar"];

type Rten = fn(&[f32], &mut [MaybeUninit<f32>]);
pub type Candle = fn(&Tensor) -> candle_core::Result<Tensor>;
pub type Burn = fn(BurnTensor<1>) -> BurnTensor<1>;
type Scalar = fn(&[f32], &mut [f32]);

/// A function by actfn's name, and as the peers have it, where they do.
pub struct Function {
    pub name: &'static str,
    rten: Option<Rten>,
    pub candle: Option<Candle>,
    pub burn: Option<Burn>,
    scalar: Option<Scalar>,
}

fn rten(op: impl SimdUnaryOp<f32>, x: &[f32], y: &mut [MaybeUninit<f32>]) {
    op.map(x, y);
}

/// A loop that calls the function for each number, as the compiler makes of it.
#[inline(always)]
fn each(x: &[f32], y: &mut [f32], f: impl Fn(f32) -> f32) {
    for (x, y) in x.iter().zip(y) {
        *y = f(*x);
    }
}

fn softplus(x: f32) -> f32 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

pub fn functions() -> Vec<Function> {
    use candle_nn::Activation as Nn;
    use rten_vecmath as v;
    let f = |name, rten, candle, burn, scalar| Function { name, rten, candle, burn, scalar: Some(scalar) };
    let (no_rten, no_candle) = (None::<Rten>, None::<Candle>);
    vec![
        f("relu", no_rten, Some(|x| x.relu()), Some(burn_nn::relu), |x, y| each(x, y, |x| x.max(0.0))),
        f(
            "leaky_relu(negative_slope=0.01)",
            Some(|x, y| rten(v::LeakyRelu { alpha: 0.01 }, x, y)),
            Some(|x| ops::leaky_relu(x, 0.01)),
            Some(|x| burn_nn::leaky_relu(x, 0.01)),
            |x, y| each(x, y, |x| if x > 0.0 { x } else { 0.01 * x }),
        ),
        f("hardswish", no_rten, Some(|x| Nn::HardSwish.forward(x)), Some(burn_nn::hard_swish), |x, y| {
            each(x, y, |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0)
        }),
        f("softsign", no_rten, no_candle, Some(burn_nn::softsign), |x, y| each(x, y, |x| x / (1.0 + x.abs()))),
        f("sigmoid", Some(|x, y| rten(v::Sigmoid {}, x, y)), Some(ops::sigmoid), Some(burn_nn::sigmoid), |x, y| {
            each(x, y, |x| 1.0 / (1.0 + (-x).exp()))
        }),
        f("tanh", Some(|x, y| rten(v::Tanh {}, x, y)), Some(|x| x.tanh()), Some(burn_nn::tanh), |x, y| {
            each(x, y, f32::tanh)
        }),
        f("exponential", Some(|x, y| rten(v::Exp {}, x, y)), Some(|x| x.exp()), Some(|x| x.exp()), |x, y| {
            each(x, y, f32::exp)
        }),
        f("arctan", no_rten, no_candle, Some(|x| x.atan()), |x, y| each(x, y, f32::atan)),
        f(
            "elu",
            Some(|x, y| rten(v::Elu { alpha: 1.0 }, x, y)),
            Some(|x| x.elu(1.0)),
            Some(|x| burn_nn::elu(x, 1.0)),
            |x, y| each(x, y, |x| if x > 0.0 { x } else { x.exp_m1() }),
        ),
        f("selu", no_rten, Some(|x| ops::selu(x, 1.673_263_2, 1.050_701)), Some(burn_nn::selu), |x, y| {
            each(x, y, |x| 1.050_701 * if x > 0.0 { x } else { 1.673_263_2 * x.exp_m1() })
        }),
        f("gelu", Some(|x, y| rten(v::Gelu {}, x, y)), Some(|x| x.gelu_erf()), Some(burn_nn::gelu), |x, y| {
            each(x, y, |x| 0.5 * x * (1.0 + libm::erff(x * std::f32::consts::FRAC_1_SQRT_2)))
        }),
        f(
            "gelu_tanh",
            Some(|x, y| rten(v::ApproxGelu {}, x, y)),
            Some(|x| x.gelu()),
            Some(burn_nn::gelu_approximate),
            |x, y| each(x, y, |x| 0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044_715 * x * x * x)).tanh())),
        ),
        f("silu", Some(|x, y| rten(v::Silu {}, x, y)), Some(|x| x.silu()), Some(burn_nn::silu), |x, y| {
            each(x, y, |x| x / (1.0 + (-x).exp()))
        }),
        f("mish", no_rten, Some(ops::mish), Some(burn_nn::mish), |x, y| each(x, y, |x| x * softplus(x).tanh())),
        f("softplus", no_rten, no_candle, Some(|x| burn_nn::softplus(x, 1.0)), |x, y| each(x, y, softplus)),
        f("log_sigmoid", no_rten, no_candle, Some(burn_nn::log_sigmoid), |x, y| each(x, y, |x| -softplus(-x))),
    ]
}

pub fn run(contest: &Contest, record: &mut Record) {
    let mut rows = Vec::new();
    for function in functions() {
        let f: Activation = function.name.parse().expect("a name of the catalogue");
        if !contest.wants(f.info().name) {
            continue;
        }
        let times = SIZES.map(|size| (size, of_size(contest, &function, &f, size)));
        rows.push(Row { name: f.info().name.to_owned(), times: times.into() });
    }
    record.paragraph(
        contest,
        "## Forward: 4 096 / 262 144 / 16 777 216 numbers\n\ncandle and burn allocate what they return.",
    );
    record.table(contest, &CONTENDERS, &rows);
}

fn of_size(contest: &Contest, function: &Function, f: &Activation, size: usize) -> Vec<crate::contest::Time> {
    let x = inputs(size);
    let exact = f.clone().exact();
    // Those that write into a buffer of the caller's share one.
    let y = RefCell::new(vec![0.0f32; size]);
    let (x, y) = (&x, &y);
    let mut contenders = vec![
        Contender::new("memcpy", move || black_box(&mut y.borrow_mut()[..]).copy_from_slice(black_box(x))),
        Contender::new("actfn", move || f.forward(1, black_box(x), black_box(&mut y.borrow_mut()[..]))),
        Contender::new("actfn exact", || exact.forward(1, black_box(x), black_box(&mut y.borrow_mut()[..]))),
    ];
    if let Some(run) = function.rten {
        // It writes into memory that holds nothing yet.
        let mut y = Vec::with_capacity(size);
        contenders.push(Contender::new("rten-vecmath", move || {
            run(black_box(x), black_box(&mut y.spare_capacity_mut()[..size]));
        }));
    }
    if let Some(run) = function.candle {
        let x = Tensor::from_slice(x, size, &Device::Cpu).expect("as many numbers as the shape says");
        contenders.push(Contender::new("candle", move || {
            black_box(run(black_box(&x)).expect("a function of any tensor"));
        }));
    }
    if let Some(run) = function.burn {
        let x = BurnTensor::<1>::from_data(TensorData::new(x.clone(), [size]), &burn::tensor::Device::flex());
        contenders.push(Contender::new("burn-flex", move || {
            black_box(run(black_box(x.clone())));
        }));
    }
    if let Some(run) = function.scalar {
        contenders.push(Contender::new("scalar", move || run(black_box(x), black_box(&mut y.borrow_mut()[..]))));
    }
    contest.hold(&format!("{} of {size}", function.name), &mut contenders)
}
