//! factor · eˣ for x ≤ 0, nearly in one rounding: what the tails of gated functions need.
//!
//! With eʳ = 1 + u the product is factor + factor · u, so eʳ itself is never rounded; and 2ᵏ comes last, so the product
//! is accurate where eˣ alone would be subnormal.

use super::exp_nonpos::{expm1_reduced_f32, expm1_reduced_f64, power_f32, power_f64, reduce_f32, reduce_pair_f64};

/// (factor + factor_low) · e^(x + low), for a factor below 2⁴⁰; `low` may be NaN where eˣ is 0.
#[inline(always)]
pub(crate) fn f32(x: f32, low: f32, factor: f32, factor_low: f32) -> f32 {
    scaled_f32(x, low, factor, factor_low) * SCALE_F32
}

/// The same where it is the result, which may well be subnormal, for a factor not below 0. The product above takes an assist of
/// Intel's processors for each vector with such a result, some hundred clocks; here an addition rounds it.
#[inline(always)]
pub(crate) fn result_f32(x: f32, low: f32, factor: f32, factor_low: f32) -> f32 {
    const LEAST: f32 = f32::MIN_POSITIVE / SCALE_F32;
    let scaled = scaled_f32(x, low, factor, factor_low);
    // The bits of a subnormal result count its last places, which are those of this sum; for m · MIN_POSITIVE with m ≥ 1 it gives
    // no more than the bits there are, since 1 + m ≤ 2m.
    let places = (scaled + LEAST).to_bits() as i32 - LEAST.to_bits() as i32;
    // And this gives the bits for m ≥ 1, and no more than there are for the others.
    let scaled_down = scaled.to_bits() as i32 - (64 << 23);
    f32::from_bits(places.max(scaled_down) as u32)
}

const SCALE_F32: f32 = f32::from_bits((127 - 64) << 23);

/// (factor + factor_low) · e^(x + low) / [`SCALE_F32`], which is a normal number or 0.
#[inline(always)]
fn scaled_f32(x: f32, low: f32, factor: f32, factor_low: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    // 2ᵏ is times 2⁶⁴, so that only the last product can round, to a subnormal number; and 0 where x ends, as in `exp_nonpos`.
    const LIMIT: f32 = (-191.0 * core::f64::consts::LN_2) as f32;
    let low = if x < LIMIT { 0.0 } else { low };
    let (k, r) = reduce_f32::<{ 127 + 64 }>(if x < LIMIT { LIMIT } else { x });
    let u = expm1_reduced_f32(r + low);
    let product = factor + mul_add(factor, u, mul_add(factor_low, u, factor_low));
    product * power_f32(k)
}

/// (factor + factor_low) · e^(x + low), for a factor below 2⁷⁶⁰; `low` may be NaN where eˣ is 0.
#[inline(always)]
pub(crate) fn f64(x: f64, low: f64, factor: f64, factor_low: f64) -> f64 {
    with_sum(x, low, factor, factor_low, |a, b| a + b)
}

/// The same where it is the result: rounded to odd where it is a tie of a narrower format. e^−x² was misrounded twice in `f32`
/// without.
#[inline(always)]
pub(crate) fn result_f64(x: f64, low: f64, factor: f64, factor_low: f64) -> f64 {
    with_sum(x, low, factor, factor_low, super::add_to_odd::f64)
}

#[inline(always)]
fn with_sum(x: f64, low: f64, factor: f64, factor_low: f64, sum: impl Fn(f64, f64) -> f64) -> f64 {
    use super::mul_add::f64 as mul_add;
    const LIMIT: f64 = -1279.0 * core::f64::consts::LN_2;
    let low = if x < LIMIT { 0.0 } else { low };
    let (k, r, r_low) = reduce_pair_f64::<{ 1023 + 256 }>(if x < LIMIT { LIMIT } else { x }, low);
    let u = expm1_reduced_f64(r);
    // e^(r + r_low) − 1 is u + r_low (1 + u).
    let factor_low = mul_add(factor, r_low, factor_low);
    let product = sum(factor, mul_add(factor, u, mul_add(factor_low, u, factor_low)));
    product * power_f64(k) * f64::from_bits((1023 - 256) << 52)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_result_is_rounded_as_the_product_is() {
        for scaled in (1 << 23..167 << 23).step_by(101).map(f32::from_bits) {
            let factor = scaled * super::SCALE_F32;
            for x in [0.0, -0.5, -1.0, -60.0] {
                let (product, result) = (super::f32(x, 0.0, factor, 0.0), super::result_f32(x, 0.0, factor, 0.0));
                assert_eq!(product.to_bits(), result.to_bits(), "{factor:e} {x}");
            }
        }
    }
}
