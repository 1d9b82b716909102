//! An activation of one's own, used in every way a built-in one is.
//!
//! `cargo run -p actfn --example own_activation`

use actfn::{Activation, Dual, Elementwise, Exact, Info, Real};

/// x e^(−a |x|), with a parameter.
#[derive(Clone, Copy)]
struct Bump {
    a: f64,
}

impl Elementwise for Bump {
    const INFO: Info =
        Info {
            title: "Bump", formula: "x e^(−a |x|)", derivative: "(1 − a |x|) e^(−a |x|)", ..Info::new("bump")
        };

    fn value<R: Real>(self, x: R) -> R {
        x * (R::from_f64(-self.a) * x.abs()).exp_nonpos()
    }

    fn derivative<R: Real>(self, x: R) -> R {
        let u = R::from_f64(self.a) * x.abs();
        (R::ONE - u) * (-u).exp_nonpos()
    }
}

fn main() {
    let bump = Bump { a: 0.5 };
    let x: Vec<f32> = (-4..=4).map(|i| i as f32).collect();
    let (mut y, mut exact, mut grad_x) = (vec![0.0; 9], vec![0.0; 9], vec![0.0; 9]);

    actfn::forward(bump, &x, &mut y);
    actfn::forward(Exact(bump), &x, &mut exact);
    actfn::backward(bump, &x, &[1.0; 9], &mut grad_x);
    for i in 0..9 {
        println!("x {:5.1}   f(x) {:10.7}   exact {:10.7}   f'(x) {:10.7}", x[i], y[i], exact[i], grad_x[i]);
    }

    // The derivative written above, against automatic differentiation.
    let dual = bump.value(Dual::variable(1.5f64));
    assert!((dual.derivative - bump.derivative(1.5)).abs() < 1e-15);

    // Chosen at run time, beside the functions of the catalogue; half precision included.
    for activation in [Activation::elementwise(bump), "tanh".parse().expect("a name of the catalogue")] {
        let mut y = [half::f16::ZERO; 1];
        activation.forward(1, &[half::f16::from_f32(1.5)], &mut y);
        println!("{activation}(1.5) = {} in f16", y[0]);
    }
}
