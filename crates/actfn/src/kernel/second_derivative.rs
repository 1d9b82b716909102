//! The second derivative, by automatic differentiation of the first.

use super::float_mode::DefaultMode;
use super::format::{Format, each};
use super::isa::Isa;
use super::loops::{Op, Target, derivative, map, same_length, share};
use super::precision::Wide;
use crate::{Dual, Elementwise};

/// d2y = f″(x), element by element: what a Newton step, a curvature or a gradient of a gradient needs.
///
/// It is the derivative of [`Elementwise::derivative`] by [dual numbers](Dual), computed in `f64` for every format and
/// rounded once: accurate to some units of the last place of `f64` beside the terms of f″, which may cancel next to its
/// roots. At a kink it is that of the piece the derivative takes there; a jump of f′ adds nothing.
///
/// ```
/// let mut d2y = [0.0f32; 3];
/// actfn::second_derivative(actfn::Softplus::default(), &[0.0, 1.0, -100.0], &mut d2y);
/// assert_eq!(d2y, [0.25, 0.19661193, 3.8e-44]); // σ(x) σ(−x)
/// ```
///
/// # Panics
///
/// If the slices differ in length.
pub fn second_derivative<T: Format, F: Elementwise>(f: F, x: &[T], d2y: &mut [T]) {
    same_length("x", x, "d2y", d2y);
    let _mode = DefaultMode::enter();
    share(Wide, x, d2y, &|first, x, d2y, _| seconds(f, first, x, d2y));
}

/// d2y = f″(x), from the index `first` on.
fn seconds<F: Elementwise>(f: F, first: usize, x: &[f64], d2y: &mut [f64]) {
    map(Second(f), first, x, d2y, Target::Cache);
    for (x, d2y) in x.iter().zip(d2y).filter(|(x, _)| x.abs() > FAR) {
        *d2y = far_out(f, *x);
    }
}

/// Beyond this f″ is its limit, and dual numbers may overflow, to ∞ − ∞ or 0 · ∞.
const FAR: f64 = 1e300;

/// f″ beyond [`FAR`], up to ±∞; NaN where f′ is.
fn far_out<F: Elementwise>(f: F, x: f64) -> f64 {
    let (mut slope, mut second) = ([0.0], [0.0]);
    derivative(f, &[x], &mut slope);
    second_derivative(f, &[FAR.copysign(x)], &mut second);
    if slope[0].is_nan() { f64::NAN } else { second[0] }
}

#[derive(Clone, Copy)]
struct Second<F>(F);

impl<F: Elementwise> Op<f64, f64> for Second<F> {
    type Function = F;
    #[inline(always)]
    fn apply<I: Isa, const N: usize>(self, first: usize, x: &[f64; N]) -> [f64; N] {
        each(x, |lane, x| {
            let second = self.0.at((first + lane) as u64).derivative(Dual::variable(x)).derivative;
            if x.is_nan() | second.is_nan() { f64::NAN } else { second }
        })
    }
}
