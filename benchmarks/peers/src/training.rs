//! Values and gradients of the sum of f(x), through the peers' automatic differentiation.

use std::hint::black_box;

use actfn::Activation;
use actfn_burn::ActivationLayer;
use burn::tensor::{Device, Tensor as BurnTensor, TensorData};
use candle_core::{Device as CandleDevice, Var};

use crate::contest::{Contender, Contest, Time, inputs};
use crate::forward::{Function, functions};
use crate::record::{Record, Row};

const SIZE: usize = 262_144;

pub fn run(contest: &Contest, record: &mut Record) {
    let mut rows = Vec::new();
    for function in functions() {
        let f: Activation = function.name.parse().expect("a name of the catalogue");
        if contest.wants(f.info().name) {
            rows.push(Row { name: f.info().name.to_owned(), times: vec![(SIZE, times(contest, &function, &f))] });
        }
    }
    record.paragraph(
        contest,
        "## Forward and backward of sum(f(x)), 262 144 numbers\n\nactfn: the two kernels. actfn in burn: a layer of \
         actfn-burn under burn's autodiff, beside burn's own function under the same.",
    );
    record.table(contest, &["memcpy", "actfn", "actfn in burn", "burn-flex", "candle"], &rows);
}

fn times(contest: &Contest, function: &Function, f: &Activation) -> Vec<Time> {
    let x = inputs(SIZE);
    let (ones, mut y, mut grad_x, mut copy) = (vec![1.0f32; SIZE], x.clone(), x.clone(), x.clone());
    let layer = ActivationLayer::new(f.clone());
    let device = Device::flex().autodiff();
    let tensor = || BurnTensor::<1>::from_data(TensorData::new(x.clone(), [SIZE]), &device).require_grad();
    let (ours, theirs) = (tensor(), tensor());
    let mut contenders = vec![
        Contender::new("memcpy", || black_box(&mut copy).copy_from_slice(black_box(&x))),
        Contender::new("actfn", || {
            f.forward(1, black_box(&x), black_box(&mut y));
            f.backward(1, black_box(&x), black_box(&ones), black_box(&mut grad_x));
        }),
        Contender::new("actfn in burn", || {
            black_box(layer.forward(black_box(ours.clone())).sum().backward());
        }),
    ];
    if let Some(run) = function.burn {
        contenders.push(Contender::new("burn-flex", move || {
            black_box(run(black_box(theirs.clone())).sum().backward());
        }));
    }
    if let Some(run) = function.candle {
        let x = Var::from_slice(&x, SIZE, &CandleDevice::Cpu).expect("as many numbers as the shape says");
        // What candle has no gradient for is no contender.
        let both = move || run(black_box(&x))?.sum_all()?.backward();
        if both().is_ok() {
            contenders.push(Contender::new("candle", move || {
                black_box(both().expect("it went well before"));
            }));
        }
    }
    contest.hold(&format!("sum of {} of {SIZE}", function.name), &mut contenders)
}
