//! Softmax and its logarithm.

use std::cell::RefCell;
use std::hint::black_box;

use actfn::Activation;
use burn::tensor::activation as burn_nn;
use burn::tensor::{Tensor as BurnTensor, TensorData};
use candle_core::{Device, Tensor};
use candle_nn::ops;
use rten_simd::SimdOp;
use rten_vecmath::{LogSoftmax, Softmax};

use crate::contest::{Contender, Contest, Time, inputs};
use crate::record::{Record, Row};

/// Rows and columns.
const SHAPES: [[usize; 2]; 4] = [[262, 1000], [16_777, 1000], [8, 32_768], [512, 32_768]];

pub fn run(contest: &Contest, record: &mut Record) {
    let mut rows = Vec::new();
    for name in ["softmax", "log_softmax"] {
        if contest.wants(name) {
            let times = SHAPES.map(|shape| (shape[0] * shape[1], of_shape(contest, name, shape)));
            rows.push(Row { name: name.to_owned(), times: times.into() });
        }
    }
    record.paragraph(contest, "## Rows: 262×1000 / 16 777×1000 / 8×32 768 / 512×32 768");
    record.table(contest, &["memcpy", "actfn", "actfn exact", "rten-vecmath", "candle", "burn-flex"], &rows);
    let mut rows = Vec::new();
    for name in ["softmax", "log_softmax"] {
        if contest.wants(name) {
            let times = SHAPES.map(|shape| (shape[0] * shape[1], backward(contest, name, shape)));
            rows.push(Row { name: format!("{name} backward"), times: times.into() });
        }
    }
    record.table(contest, &["memcpy", "actfn"], &rows);
}

fn of_shape(contest: &Contest, name: &str, [rows, columns]: [usize; 2]) -> Vec<Time> {
    let f: Activation = name.parse().expect("a name of the catalogue");
    let exact = f.clone().exact();
    let (x, y) = (inputs(rows * columns), RefCell::new(vec![0.0f32; rows * columns]));
    let mut unwritten = Vec::with_capacity(rows * columns);
    let logarithm = name == "log_softmax";
    let candle = Tensor::from_slice(&x, (rows, columns), &Device::Cpu).expect("as many numbers as the shape says");
    let burn = BurnTensor::<2>::from_data(TensorData::new(x.clone(), [rows, columns]), &burn::tensor::Device::flex());
    let mut contenders = [
        Contender::new("memcpy", || black_box(&mut y.borrow_mut()[..]).copy_from_slice(black_box(&x))),
        Contender::new("actfn", || f.forward(columns, black_box(&x), black_box(&mut y.borrow_mut()[..]))),
        Contender::new("actfn exact", || exact.forward(columns, black_box(&x), black_box(&mut y.borrow_mut()[..]))),
        Contender::new("rten-vecmath", || {
            let unwritten = black_box(&mut unwritten.spare_capacity_mut()[..rows * columns]);
            for (x, y) in black_box(&x).chunks(columns).zip(unwritten.chunks_mut(columns)) {
                if logarithm {
                    LogSoftmax::new(x, y).dispatch();
                } else {
                    Softmax::new(x, y).dispatch();
                }
            }
        }),
        Contender::new("candle", || {
            let x = black_box(&candle);
            let y = if logarithm { ops::log_softmax(x, 1) } else { ops::softmax_last_dim(x) };
            black_box(y.expect("a function of any tensor"));
        }),
        Contender::new("burn-flex", || {
            let x = black_box(burn.clone());
            black_box(if logarithm { burn_nn::log_softmax(x, 1) } else { burn_nn::softmax(x, 1) });
        }),
    ];
    contest.hold(&format!("{name} of {rows}×{columns}"), &mut contenders)
}

fn backward(contest: &Contest, name: &str, [rows, columns]: [usize; 2]) -> Vec<Time> {
    let f: Activation = name.parse().expect("a name of the catalogue");
    let (x, grad_x) = (inputs(rows * columns), RefCell::new(vec![0.0f32; rows * columns]));
    let mut saved = x.clone();
    f.forward(columns, &x, &mut saved);
    let mut contenders = [
        Contender::new("memcpy", || black_box(&mut grad_x.borrow_mut()[..]).copy_from_slice(black_box(&x))),
        Contender::new("actfn", || {
            f.backward(columns, black_box(&saved), black_box(&x), black_box(&mut grad_x.borrow_mut()[..]));
        }),
    ];
    contest.hold(&format!("{name} backward of {rows}×{columns}"), &mut contenders)
}
