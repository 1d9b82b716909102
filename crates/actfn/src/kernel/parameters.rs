//! Gradients of learned parameters, and functions whose parameters differ from channel to channel.

use alloc::vec;
use alloc::vec::Vec;

use super::float_mode::{DefaultMode, in_default_mode};
use super::format::Format;
use super::isa::{Isa, Task, dispatch};
use super::loops::{Scalar, backward, forward, same_length};
use super::precision::{PIECE, Precision};
use super::threads;
use crate::math::pair;
use crate::{Elementwise, Real};

/// The gradient of a learned parameter, `Σᵢ grad_y[i] ∂f(xᵢ)/∂p`: the backward pass of a function that learns. `None`
/// where the function has no [learnable](crate::Parameter::learnable) parameter of this name.
///
/// The sum is compensated and its order depends on the length alone, so that threads and instruction sets do not change
/// its bits.
///
/// ```
/// use actfn::Prelu;
/// let (x, grad_y) = ([-2.0f32, -1.0, 3.0], [1.0, 10.0, 100.0]);
/// assert_eq!(actfn::backward_parameter(Prelu::default(), "negative_slope", &x, &grad_y), Some(-12.0));
/// assert_eq!(actfn::backward_parameter(Prelu::default(), "weight_at_zero", &x, &grad_y), None);
/// ```
///
/// # Panics
///
/// If the slices differ in length.
pub fn backward_parameter<T: Format, F: Scalar<T>>(f: F, name: &str, x: &[T], grad_y: &[T]) -> Option<f64> {
    same_length("x", x, "grad_y", grad_y);
    if const { !learns::<F::Function>() } {
        return None;
    }
    let _mode = DefaultMode::enter();
    let place = F::Function::INFO.parameters.iter().position(|p| p.name == name && p.learnable)?;
    let f = f.function();
    let sums = threads::sums(x, grad_y, &|first, x, grad_y| {
        let f = f.at(first as u64);
        if let (Some(x), Some(grad_y)) = (F::Precision::direct(x), F::Precision::direct(grad_y)) {
            return sum(f, place, x, grad_y);
        }
        let mut total = Total::default();
        for (i, (x, grad_y)) in x.chunks(PIECE).zip(grad_y.chunks(PIECE)).enumerate() {
            let mut wide = [[<F::Precision as Precision<T>>::Real::ZERO; PIECE]; 2];
            for (wide, narrow) in wide.iter_mut().zip([x, grad_y]) {
                for (wide, narrow) in wide.iter_mut().zip(narrow) {
                    *wide = F::Precision::widen(*narrow);
                }
            }
            total.add(sum(f.at((i * PIECE) as u64), place, &wide[0][..x.len()], &wide[1][..x.len()]));
        }
        total.value()
    });
    Some(in_default_mode(sums, |sums| {
        let mut total = Total::default();
        sums.into_iter().for_each(|sum| total.add(sum));
        total.value()
    }))
}

/// A sum of numbers in the order given, compensated (2Sum, Knuth).
#[derive(Default)]
struct Total(f64, f64);

impl Total {
    fn add(&mut self, term: f64) {
        let (sum, low) = pair::sum(self.0, term);
        *self = Self(sum, self.1 + low);
    }

    /// The low part of an infinite sum is NaN.
    fn value(&self) -> f64 {
        if self.0.is_finite() { self.0 + self.1 } else { self.0 }
    }
}

/// Learnable parameters stand in the first places.
const PLACES: usize = 4;

/// Whether the parameter at this place is learned: where it is not, its loop is not compiled.
const fn learned<F: Elementwise>(place: usize) -> bool {
    let parameters = F::INFO.parameters;
    place < parameters.len() && parameters[place].learnable
}

/// Whether a parameter is learned at all.
const fn learns<F: Elementwise>() -> bool {
    let mut place = 0;
    let mut learns = false;
    while place < F::INFO.parameters.len() {
        assert!(!learned::<F>(place) || place < PLACES, "a learnable parameter stands beyond the fourth place");
        learns |= learned::<F>(place);
        place += 1;
    }
    learns
}

fn sum<R: Real + Format, F: Elementwise>(f: F, place: usize, x: &[R], grad_y: &[R]) -> f64 {
    match place {
        0 => sum_at::<R, F, 0>(f, x, grad_y),
        1 => sum_at::<R, F, 1>(f, x, grad_y),
        2 => sum_at::<R, F, 2>(f, x, grad_y),
        _ => sum_at::<R, F, 3>(f, x, grad_y),
    }
}

fn sum_at<R: Real + Format, F: Elementwise, const PLACE: usize>(f: F, x: &[R], grad_y: &[R]) -> f64 {
    let mut result = (R::ZERO, R::ZERO);
    if const { learned::<F>(PLACE) } {
        dispatch(Sum::<R, F, PLACE> { f, x, grad_y, result: &mut result });
    }
    let (sum, low) = (result.0.to_f64(), result.1.to_f64());
    if sum.is_finite() { sum + low } else { sum }
}

struct Sum<'a, R, F, const PLACE: usize> {
    f: F,
    x: &'a [R],
    grad_y: &'a [R],
    result: &'a mut (R, R),
}

/// Sums that run side by side.
const LANES: usize = 32;

impl<R: Real, F: Elementwise, const PLACE: usize> Task for Sum<'_, R, F, PLACE> {
    type Function = F;
    #[inline(always)]
    fn run<I: Isa>(self) {
        let (mut sums, mut lows) = ([R::ZERO; LANES], [R::ZERO; LANES]);
        for (block, (x, grad_y)) in self.x.chunks(LANES).zip(self.grad_y.chunks(LANES)).enumerate() {
            // What is left is padded with 0: numbers and gradients.
            let (mut x_lanes, mut grad_lanes) = ([R::ZERO; LANES], [R::ZERO; LANES]);
            x_lanes[..x.len()].copy_from_slice(x);
            grad_lanes[..x.len()].copy_from_slice(grad_y);
            for lane in 0..LANES {
                let x = x_lanes[lane];
                let slope = self.f.at((block * LANES + lane) as u64).parameter_derivative(PLACE, x);
                let term = if x.is_nan() { x } else { grad_lanes[lane] * slope };
                let (sum, low) = pair::sum(sums[lane], term);
                sums[lane] = sum;
                lows[lane] = lows[lane] + low;
            }
        }
        let mut half = LANES / 2;
        while half > 0 {
            for lane in 0..half {
                let (sum, low) = pair::sum(sums[lane], sums[half + lane]);
                sums[lane] = sum;
                lows[lane] = (lows[lane] + lows[half + lane]) + low;
            }
            half /= 2;
        }
        *self.result = (sums[0], lows[0]);
    }
}

/// y = f(x) where each channel has a function of its own: `x` is `[outer, channels, inner]`, and `functions[c]` is that of
/// channel c.
///
/// ```
/// use actfn::{Prelu, channels};
/// let slopes = [0.5, 0.25].map(|negative_slope| Prelu { negative_slope, ..Default::default() });
/// let x = [-1.0f32, -2.0, -4.0, 8.0]; // two channels of two numbers
/// let mut y = [0.0; 4];
/// channels::forward(&slopes, 2, &x, &mut y);
/// assert_eq!(y, [-0.5, -1.0, -1.0, 8.0]);
/// ```
///
/// With `inner` = 1 (features last) the numbers of a channel are gathered first, which costs more than the function. A
/// random function counts the numbers of its channel alone.
///
/// # Panics
///
/// If the slices differ in length, or are not made of whole groups of `functions.len()` · `inner` numbers.
pub fn channels_forward<T: Format, F: Scalar<T>>(functions: &[F], inner: usize, x: &[T], y: &mut [T]) {
    by_channel(functions.len(), inner, x, x, y, &|channel, index, x, _, y| {
        forward(functions[channel].starting_at(index as u64), x, y)
    });
}

/// grad_x = grad_y · f′(x) where each channel has a function of its own: see [`forward`](channels_forward).
///
/// # Panics
///
/// As [`forward`](channels_forward).
pub fn channels_backward<T: Format, F: Scalar<T>>(
    functions: &[F],
    inner: usize,
    x: &[T],
    grad_y: &[T],
    grad_x: &mut [T],
) {
    by_channel(functions.len(), inner, x, grad_y, grad_x, &|channel, index, x, grad_y, grad_x| {
        backward(functions[channel].starting_at(index as u64), x, grad_y, grad_x)
    });
}

/// The gradient of each channel's parameter: see [`forward`](channels_forward) and
/// [`backward_parameter`](crate::backward_parameter).
///
/// ```
/// use actfn::{Prelu, channels};
/// let x = [-1.0f32, -2.0, -4.0, 8.0];
/// let gradients = channels::backward_parameter(&[Prelu::default(); 2], "negative_slope", 2, &x, &[1.0; 4]);
/// assert_eq!(gradients, Some(vec![-3.0, -4.0]));
/// ```
///
/// # Panics
///
/// As [`forward`](channels_forward).
pub fn channels_backward_parameter<T: Format, F: Scalar<T>>(
    functions: &[F],
    name: &str,
    inner: usize,
    x: &[T],
    grad_y: &[T],
) -> Option<Vec<f64>> {
    sums_by_channel(functions.len(), inner, x, grad_y, &|channel, x, grad_y| {
        backward_parameter(functions[channel], name, x, grad_y)
    })
}

/// Runs shorter than this are gathered to longer ones.
const SHORT: usize = 64;

/// Work on numbers of one channel, the first of which has this index among them.
type ChannelWork<'a, T> = dyn Fn(usize, usize, &[T], &[T], &mut [T]) + Sync + 'a;

/// The sum over numbers of one channel.
type ChannelSum<'a, T> = dyn Fn(usize, &[T], &[T]) -> Option<f64> + 'a;

/// Calls `work` for each channel on runs of its numbers in x, g and y.
#[track_caller]
pub(crate) fn by_channel<T: Format>(
    channels: usize,
    inner: usize,
    x: &[T],
    g: &[T],
    y: &mut [T],
    work: &ChannelWork<'_, T>,
) {
    same_length("x", x, "grad_y", g);
    same_length("x", x, "the output", y);
    let group = whole_groups(channels, inner, x.len());
    threads::rows((x, group), (g, group), (y, group), &|first, x, g, y| {
        if inner >= SHORT {
            let runs = x.chunks(inner).zip(g.chunks(inner)).zip(y.chunks_mut(inner));
            for (i, ((x, g), y)) in runs.enumerate() {
                work(i % channels, (first + i / channels) * inner, x, g, y);
            }
            return;
        }
        let groups = (PIECE / inner).max(1);
        let mut lanes = [(); 3].map(|_| vec![T::default(); groups * inner]);
        let pieces = x.chunks(groups * group).zip(g.chunks(groups * group)).zip(y.chunks_mut(groups * group));
        for (piece, ((x, g), y)) in pieces.enumerate() {
            let count = x.len() / channels;
            let [x_lane, g_lane, y_lane] = &mut lanes;
            for channel in 0..channels {
                gather(x, channel * inner, group, inner, x_lane);
                gather(g, channel * inner, group, inner, g_lane);
                let index = (first + piece * groups) * inner;
                work(channel, index, &x_lane[..count], &g_lane[..count], &mut y_lane[..count]);
                for (lane, y) in y_lane.chunks(inner).zip(y.chunks_mut(group)) {
                    y[channel * inner..][..inner].copy_from_slice(lane);
                }
            }
        }
    });
}

/// The sum of `work` over each channel's numbers; `None` if it is that.
#[track_caller]
pub(crate) fn sums_by_channel<T: Format>(
    channels: usize,
    inner: usize,
    x: &[T],
    g: &[T],
    work: &ChannelSum<'_, T>,
) -> Option<Vec<f64>> {
    same_length("x", x, "grad_y", g);
    let group = whole_groups(channels, inner, x.len());
    let groups = (PIECE / inner).max(1);
    let mut lanes = [(); 2].map(|_| vec![T::default(); groups * inner]);
    let mut totals: Vec<Total> = (0..channels).map(|_| Total::default()).collect();
    for (x, g) in x.chunks(groups * group).zip(g.chunks(groups * group)) {
        let count = x.len() / channels;
        let [x_lane, g_lane] = &mut lanes;
        for (channel, total) in totals.iter_mut().enumerate() {
            gather(x, channel * inner, group, inner, x_lane);
            gather(g, channel * inner, group, inner, g_lane);
            total.add(work(channel, &x_lane[..count], &g_lane[..count])?);
        }
    }
    Some(totals.iter().map(Total::value).collect())
}

/// The `inner` numbers from `start` on of each group.
fn gather<T: Copy>(x: &[T], start: usize, group: usize, inner: usize, lane: &mut [T]) {
    for (lane, x) in lane.chunks_mut(inner).zip(x.chunks(group)) {
        lane.copy_from_slice(&x[start..][..inner]);
    }
}

#[track_caller]
fn whole_groups(channels: usize, inner: usize, elements: usize) -> usize {
    let group = channels * inner;
    assert!(
        group > 0 && elements.is_multiple_of(group),
        "{elements} elements are no whole number of groups of {channels} channels of {inner}"
    );
    group
}
