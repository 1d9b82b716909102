//! GELU and its derivative in `f32`, the shorter way: less is carried in pairs than `f64` needs, which is rounded once more.

use super::exp_nonpos::{expm1_reduced_f32, reduce_pair_f32};
use super::scaled_normal_tail::parts_f32;

/// −a²/2 = k ln 2 + r, and then 2⁶⁴⁺ᵏ and eʳ − 1.
#[inline(always)]
fn density(a: f32) -> (f32, f32) {
    use super::mul_add::f32 as mul_add;
    let half = -0.5 * a;
    let u = a * half;
    let (k, r, _) = reduce_pair_f32::<64>(u, mul_add(a, half, -u));
    (f32::from_bits(1f32.to_bits().wrapping_add_signed(k << 23)), expm1_reduced_f32(r))
}

const DOWN: f32 = f32::from_bits((127 - 64) << 23); // 2⁻⁶⁴

/// x Φ(x), within 2 ULP.
#[inline(always)]
pub(crate) fn value_f32(x: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    // max(x, 0) − |x| Φ(−|x|), where Φ(−a) = e^(−a²/2) m(a) and nothing is left of it beyond 15.
    let a = x.abs();
    let a = if a > 15.0 { 15.0 } else { a };
    let ((p, p_low), r, correction) = parts_f32(a);
    let (power, t) = density(a);
    let product = a * p;
    let product_low = mul_add(a, p_low, mul_add(a, p, -product));
    let g = product * r;
    let g_low = mul_add(g, correction, mul_add(product_low, r, mul_add(product, r, -g)));
    // t times the low part too: e^r is up to √2
    let tail = (g + mul_add(g, t, mul_add(g_low, t, g_low))) * power * DOWN;
    let positive = if x < 0.0 { 0.0 } else { x };
    (positive - tail).copysign(x)
}

/// Φ(x) + x φ(x), within 4 ULP or 2⁻²⁴.
#[inline(always)]
pub(crate) fn derivative_f32(x: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    // For x < 0: e^(−a²/2) (m(a) − a / √(2π)), and 1 less that for x > 0.
    let a = x.abs();
    let a = if a > 15.0 { 15.0 } else { a };
    let ((p, p_low), r, correction) = parts_f32(a);
    let (power, t) = density(a);
    let m = p * r;
    let m_low = mul_add(m, correction, mul_add(p_low, r, mul_add(p, r, -m)));
    let factor = mul_add(-a, FRAC_1_SQRT_2PI, m) + mul_add(-a, FRAC_1_SQRT_2PI_LOW, m_low);
    let tail = mul_add(factor, t, factor) * power * DOWN;
    if x < 0.0 { tail } else { 1.0 - tail }
}

const FRAC_1_SQRT_2PI: f32 = 0.398_942_3;
const FRAC_1_SQRT_2PI_LOW: f32 = (0.398_942_280_401_432_7 - FRAC_1_SQRT_2PI as f64) as f32;
