//! The second derivative.

use super::float_mode::DefaultMode;
use super::format::{Format, each};
use super::isa::Isa;
use super::loops::{Op, Target, map, same_length, share};
use super::precision::Wide;
use crate::Elementwise;

/// d2y = f″(x), element by element: what a Newton step, a curvature or a gradient of a gradient needs.
///
/// It is [`Elementwise::second_derivative`], computed in `f64` for every format and rounded once: of the functions of the catalogue
/// within 8 units of the last place, or 2⁻²² absolute (2⁻⁵¹ of `f64`) next to an irrational root. At a kink it is that of the piece
/// which the derivative takes there; a jump of f′ adds nothing.
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
    share(Wide, x, d2y, &|first, x, d2y, _| map(Second(f), first, x, d2y, Target::Cache));
}

#[derive(Clone, Copy)]
struct Second<F>(F);

impl<F: Elementwise> Op<f64, f64> for Second<F> {
    type Function = F;
    #[inline(always)]
    fn apply<I: Isa, const N: usize>(self, first: usize, x: &[f64; N]) -> [f64; N] {
        each(x, |lane, x| {
            let second = self.0.at((first + lane) as u64).second_derivative(x);
            if x.is_nan() | second.is_nan() { f64::NAN } else { second }
        })
    }
}
