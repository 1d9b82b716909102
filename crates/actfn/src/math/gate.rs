//! Gates: x σ(u), and what the functions made with one share.
//!
//! A factor e^u is applied last, by `exp_nonpos_times`, so that the left tail keeps its digits down to the smallest
//! number, and quotients are carried as pairs, so that few of their roundings show in the result.

use super::exp_nonpos::{expm1_beyond_linear_f32, power_f32, reduce_pair_f32};
use super::{pair, polynomial, sigmoid};
use crate::Real;

const FAR: f64 = 1e12;

/// x where |x| ≤ 10¹², else ±10¹²: so far out that every e^−|x| is 0, and finite, so that 0 · ∞ does not arise.
#[inline(always)]
pub(crate) fn clamp<R: Real>(x: R) -> R {
    within(x, R::from_f64(FAR))
}

/// x where |x| ≤ limit, else ±limit.
#[inline(always)]
fn within<R: Real>(x: R, limit: R) -> R {
    let x = if x > limit { limit } else { x };
    if x < -limit { -limit } else { x }
}

/// e^v and 1 + e^v for v ≤ 0, the latter as a pair.
#[inline(always)]
fn exp_and_one_more<R: Real>(v: R, low: R) -> (R, (R, R)) {
    let e = v.exp_nonpos_times(low, R::ONE, R::ZERO);
    (e, pair::fast_sum(R::ONE, e))
}

/// x σ(u + low), where u has the sign of x, or is 0.
#[inline(always)]
pub(crate) fn value<R: Real>(x: R, u: R, low: R) -> R {
    if let (Some(x), Some(u), Some(low)) = (x.as_f32(), u.as_f32(), low.as_f32()) {
        return R::from_f64(value_f32(x, u, low) as f64);
    }
    let (y, y_low) = value_parts(x, u, low);
    y.add_to_odd(y_low)
}

/// As [`value`], as a sum of two numbers and with digits to spare in `f32` too: for what is multiplied once more.
#[inline(always)]
pub(crate) fn value_pair<R: Real>(x: R, u: R, low: R) -> (R, R) {
    let (y, y_low) = value_parts(x, u, low);
    pair::fast_sum(y, y_low)
}

/// x σ(u + low) as what is added last, the larger first; −0 where there is nothing to add, which keeps −0.
#[inline(always)]
fn value_parts<R: Real>(x: R, u: R, low: R) -> (R, R) {
    // u < 0: x e^u / (1 + e^u), else x − x e^−u / (1 + e^−u)
    let (v, low) = pair::negative_magnitude((u, low));
    let (_, d) = exp_and_one_more(v, low);
    let limit = R::from_f64(if x.as_f32().is_some() { FAR } else { 1e200 }); // as far as the factor of e^u may go
    let (factor, factor_low) = pair::quotient((within(x, limit), R::ZERO), d);
    let tail = v.exp_nonpos_times(low, factor, factor_low);
    let far = if u < R::ZERO { (tail, -R::ZERO) } else { (x, -tail) };
    // Next to 0 it is x (½ + u/4 − u³/48 + u⁵/480 − …), where x/2 is a number of f32: two products were misrounded without.
    let z = u * u;
    let series = z.mul_add(R::from_f64(1.0 / 480.0), R::from_f64(-1.0 / 48.0)).mul_add(z, R::from_f64(0.25));
    let near = half_of_tiny(x, u, (x * R::from_f64(0.5), x * (u * series)));
    if z < R::from_f64(6e-5) { near } else { far }
}

/// [`value`] within 2 ULP: the sigmoid of `math::sigmoid` with x 2ᵏ, which is exact, in place of 2ᵏ.
#[inline(always)]
fn value_f32(x: f32, u: f32, low: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    const SCALE: f32 = sigmoid::SCALE_F32 * (1 << 28) as f32; // 2⁶⁰, so that 2ᵏ is normal
    const LIMIT: f32 = (-187.0 * core::f64::consts::LN_2) as f32; // where 2ᵏ is 0, as in `exp_nonpos`
    let low = if u < LIMIT { 0.0 } else { low };
    let (k, r, r_low) = reduce_pair_f32::<{ 127 + 60 }>(if u < LIMIT { LIMIT } else { u }, low);
    let power = power_f32(k);
    // With r alone gelu_tanh came out 2.008 ULP off; where low is 0 for all, as in silu, this is no work.
    let first = if low == 0.0 { power } else { mul_add(-SCALE, r_low, power) };
    let d = mul_add(r, (1 << 28) as f32 * polynomial(r, sigmoid::EXPM1_F32), first) + SCALE;
    let y = clamp(x) * power / d;
    if u > 18.0 { x } else { y }
}

/// y = x/2 + c x u with c > 0, where x is so small that the product is lost: one place of `f64` beside x/2, to the side of its sign.
///
/// Half of a subnormal number of a narrower format may lie in the middle between two others; the product decides.
#[inline(always)]
pub(crate) fn half_of_tiny<R: Real>(x: R, u: R, y: (R, R)) -> (R, R) {
    const PART_OF_A_PLACE: f64 = 0.7 / 9_007_199_254_740_992.0; // 2⁵³
    let more = (x * R::from_f64(PART_OF_A_PLACE)).copysign(x * u);
    let half = x.mul_add(R::from_f64(0.5), if u == R::ZERO { R::ZERO } else { more }).copysign(x);
    if (x.abs() < R::from_f64(1e-30)) & (u.abs() < R::from_f64(1e-17)) { (half, -R::ZERO) } else { y }
}

/// σ(u + low).
#[inline(always)]
pub(crate) fn sigmoid<R: Real>(u: R, low: R) -> R {
    match (u.as_f32(), low.as_f32()) {
        (Some(u), Some(low)) => R::from_f64(value_f32(1.0, u, low) as f64),
        _ => {
            let (y, y_low) = sigmoid_pair(u, low);
            y.add_to_odd(y_low)
        }
    }
}

/// As [`sigmoid`], as a sum of two numbers and with digits to spare in `f32` too: for what is multiplied once more.
#[inline(always)]
pub(crate) fn sigmoid_pair<R: Real>(u: R, low: R) -> (R, R) {
    let (v, low) = pair::negative_magnitude((u, low));
    let (_, d) = exp_and_one_more(v, low);
    let (factor, factor_low) = pair::quotient((R::ONE, R::ZERO), d);
    let tail = v.exp_nonpos_times(low, factor, factor_low);
    let far = if u < R::ZERO { (tail, R::ZERO) } else { pair::fast_sum(R::ONE, -tail) };
    // Next to 0 it is ½ + u/4, a tie of f32 for some u, less u³/48 (1 − u²/10).
    let low = if u < R::ZERO { low } else { -low };
    let quarter = R::from_f64(0.25);
    let (near, near_low) = pair::fast_sum(R::from_f64(0.5), quarter * u);
    let z = u * u;
    let cubic = u * z * z.mul_add(R::from_f64(1.0 / 480.0), R::from_f64(-1.0 / 48.0));
    let near = (near, near_low + quarter.mul_add(low, cubic));
    if u.abs() < R::from_f64(2e-3) { near } else { far }
}

/// Next to 0, ln(1 + e^(u + low)) = ln 2 + u/2 + u²/8 − u⁴/192 + …, for |u| ≤ 4 · 10⁻³.
#[inline(always)]
pub(crate) fn softplus_near_zero<R: Real>(u: R, low: R) -> (R, R) {
    let half = R::from_f64(0.5);
    let (ln_2, ln_2_low) = R::pair_from_f64(core::f64::consts::LN_2, 2.319_046_813_846_299_6e-17);
    let (sum, sum_low) = pair::fast_sum(ln_2, half * u);
    let z = u * u;
    let square = z * z.mul_add(R::from_f64(-1.0 / 192.0), R::from_f64(0.125));
    (sum, sum_low + (ln_2_low + half.mul_add(low, square)))
}

/// The derivative of x σ(u + low) in `f32`, with w + w_low = x u′: within 4 ULP, or 2⁻²⁴ next to its root.
#[inline(always)]
pub(crate) fn derivative_f32(u: f32, low: f32, (w, w_low): (f32, f32)) -> f32 {
    use super::mul_add::f32 as mul_add;
    // u < 0: e^u (1 + w + e^u) / (1 + e^u)², else (1 + (1 + w) e^−u) / (1 + e^−u)²
    let (v, low) = pair::negative_magnitude((u, low));
    let far = v < -128.0;
    let low = if far { 0.0 } else { low };
    let (k, r, _) = reduce_pair_f32::<{ 127 + 64 }>(if far { -128.0 } else { v }, low);
    let t = mul_add(r * r, expm1_beyond_linear_f32(r), r);
    let power = power_f32(k); // 2⁶⁴⁺ᵏ
    let scale = f32::from_bits((127 - 64) << 23);
    let e = power * scale;
    let e = mul_add(e, t, e);
    let d = mul_add(e, 2.0 + e, 1.0);
    let n = if u < 0.0 { 1.0 + w + w_low + e } else { mul_add(w, e, 1.0 + e) };
    let y = if u < 0.0 { mul_add(n, t, n) } else { n } / d;
    let y = if u < 0.0 { y * power * scale } else { y };
    if far { if u < 0.0 { 0.0f32.copysign(w) } else { 1.0 } } else { y }
}

/// The derivative of x σ(u), with w = x u′ and s = 1 + w + e^u. Next to the root of s it is as accurate as s is.
#[inline(always)]
pub(crate) fn derivative<R: Real>(u: R, low: R, s: (R, R), w: R) -> R {
    // u < 0: e^u (1 + w + e^u) / (1 + e^u)², else (1 + (1 + w) e^−u) / (1 + e^−u)²
    let (v, low) = pair::negative_magnitude((u, low));
    let (_, d) = exp_and_one_more(v, low);
    let (w, w_low) = pair::sum(R::ONE, w);
    let n = pair::fast_sum(R::ONE, v.exp_nonpos_times(low, w, w_low));
    let (q, q_low) = pair::quotient(if u < R::ZERO { s } else { n }, pair::times(d, d));
    let tail = v.exp_nonpos_times(low, q, q_low);
    if u < R::ZERO { tail } else { q.add_to_odd(q_low) }
}

/// The derivative of x σ(u) where u is proportional to x, at u + low.
#[inline(always)]
pub(crate) fn derivative_of_product<R: Real>(u: R, low: R) -> R {
    match (u.as_f32(), low.as_f32()) {
        (Some(u), Some(low)) => R::from_f64(derivative_f32(u, low, (clamp(u), low)) as f64),
        _ => accurate_derivative_of_product(u, low),
    }
}

/// As [`derivative_of_product`], within 2 ULP in `f32` too.
#[inline(always)]
pub(crate) fn accurate_derivative_of_product<R: Real>(u: R, low: R) -> R {
    // s = 1 + u + e^u has a root u₀: with u = u₀ + d and e₀ = e^u₀ = −1 − u₀ it is d + e₀ (e^d − 1), which does not
    // cancel.
    const ROOT: (f64, f64) = (-1.278_464_542_761_073_7, -1.094_699_418_309_343_7e-16);
    let u = clamp(u);
    let (root, root_low) = R::pair_from_f64(-ROOT.0, -ROOT.1);
    let (d, d_low) = pair::sum(u, root);
    let (d, d_low) = pair::sum(d, d_low + (root_low + if low.abs() < R::ONE { low } else { R::ZERO }));
    let (s, s_low) = pair::sum(d, shifted_expm1(u, low, (-1.0 - ROOT.0, -ROOT.1), d));
    let far = derivative(u, low, (s, s_low + d_low), u);
    // Next to 0 it is ½ + u/2, a tie of f32 for some u, less u³/12 (1 − 3u²/20): 99 f32 were misrounded without.
    let half = R::from_f64(0.5);
    let (near, near_low) = pair::fast_sum(half, half * u);
    let z = u * u;
    let cubic = u * z * z.mul_add(R::from_f64(1.0 / 80.0), R::from_f64(-1.0 / 12.0));
    let near = near.add_to_odd(near_low + half.mul_add(low, cubic));
    if u.abs() < R::from_f64(2e-3) { near } else { far }
}

/// σ″(u + low) = −e^−a (1 − e^−a) / (1 + e^−a)³ with a = |u + low|, and the sign of u, within a few units of the last place.
#[inline(always)]
pub(crate) fn sigmoid_second<R: Real>(u: R, low: R) -> R {
    let (v, low) = pair::negative_magnitude((clamp(u), if u.abs() > R::from_f64(FAR) { R::ZERO } else { low }));
    let d = R::ONE + v.exp_nonpos();
    let rise = v.expm1_nonpos();
    let factor = (low.mul_add(R::ONE + rise, rise) / (d * d * d)).copysign(-u);
    v.exp_nonpos_times(low, factor, R::ZERO)
}

/// The second derivative of x σ(u) by u, where u is x, at u + low: σ′ (2 − u tanh(u/2)).
#[inline(always)]
pub(crate) fn second_derivative_of_product<R: Real>(u: R, low: R) -> R {
    // With a = |x| and e = e^−a: e g / (1 + e)³ with g = 2 − a + (2 + a) e, even in x. g has a root a₀ = 2.3994: with
    // a = a₀ + d and e₀ = e^−a₀ it is −d (1 − e₀) + (2 + a) e₀ (e^−d − 1), which does not cancel.
    const E0: (f64, f64) = (0.090_776_278_226_867_6, -4.307_281_675_237_286e-18);
    let (v, low) = pair::negative_magnitude((u, low));
    let a = clamp(-v);
    let low = if a < -v { R::ZERO } else { low };
    let e = (-a).exp_nonpos();
    let two = R::from_f64(2.0);
    let (root, root_low) = R::pair_from_f64(2.399_357_280_515_467_5, 1.846_487_285_535_336_3e-16);
    let d = (a - root) - (root_low + low);
    let near = d.mul_add(R::from_f64(E0.0 - 1.0), (two + a) * shifted_expm1(-a, low, E0, -d));
    let g = if a < two { (two + a).mul_add(e, two - a) } else { near };
    let sigmoid = pair::quotient((R::ONE, R::ZERO), pair::fast_sum(R::ONE, e));
    let cube = pair::times(sigmoid, pair::times(sigmoid, sigmoid));
    let (factor, factor_low) = pair::times((g, R::ZERO), cube);
    (-a).exp_nonpos_times(low, factor, factor_low)
}

/// e₀ (e^d − 1) where e₀ e^d = e^(u + low) and u ≤ 0. For u > 0 the result is unspecified.
#[inline(always)]
pub(crate) fn shifted_expm1<R: Real>(u: R, low: R, e0: (f64, f64), d: R) -> R {
    let (e0, e0_low) = R::pair_from_f64(e0.0, e0.1);
    // d > 0: −e^u (e^−d − 1)
    let (v, low) = if u > R::ZERO { (-u, -low) } else { (u, low) };
    let e = v.exp_nonpos_times(low, R::ONE, R::ZERO);
    let (scale, scale_low) = if d > R::ZERO { (-e, R::ZERO) } else { (e0, e0_low) };
    let rise = (-d.abs()).expm1_nonpos();
    scale.mul_add(rise, scale_low * rise)
}

/// −(z + z_low)² / 2.
#[inline(always)]
pub(crate) fn minus_half_square<R: Real>(z: R, z_low: R) -> (R, R) {
    let (high, low) = pair::product(z, R::from_f64(-0.5) * z);
    (high, z.mul_add(-z_low, low))
}

/// Φ(z + z_low), the normal distribution.
#[inline(always)]
pub(crate) fn normal_cdf<R: Real>(z: R, z_low: R) -> R {
    // z < 0: Φ(z) = e^(−z²/2) m(|z|), else 1 − Φ(−z); m′(a) = a m(a) − 1/√(2π)
    // Where the tail is 0, or lost beside 1: results that underflow take an assist of the processor, and z² must stay finite.
    let nothing = R::from_f64(if z.as_f32().is_some() { 14.25 } else { 38.6 });
    let far = (z < -nothing) | (z > R::from_f64(9.0));
    let a = if far { R::from_f64(100.0) } else { z.abs() };
    let a_low = if far { R::ZERO } else { z_low * R::ONE.copysign(z) };
    let (m, m_low) = a.scaled_normal_tail();
    let slope = a.mul_add(m, R::from_f64(-0.398_942_280_401_432_7));
    let (u, low) = minus_half_square(a, a_low);
    let tail = u.exp_nonpos_times_result(low, m, slope.mul_add(a_low, m_low));
    let far = if z < R::ZERO { tail } else { R::ONE - tail };
    // ½ + z/√(2π) next to 0, and ½ there
    let (c, half) = (R::from_f64(0.398_942_280_401_432_7), R::from_f64(0.5));
    if z.abs() >= R::from_f64(1e-6) { far } else { half.add_to_odd(c.mul_add(z, c * z_low)) } // this for NaN, too
}

/// tanh(a + low) for a ≥ 0, not too large, as a pair: −u / (2 + u) with u = e^−2a − 1.
#[inline(always)]
pub(crate) fn tanh_pair<R: Real>(a: R, low: R) -> (R, R) {
    let (u, u_low) = (-(a + a)).expm1_nonpos_pair();
    let u_low = (low + low).mul_add(-R::ONE - u, u_low);
    let (d, d_low) = pair::fast_sum(R::from_f64(2.0), u);
    pair::quotient((-u, -u_low), (d, d_low + u_low))
}
