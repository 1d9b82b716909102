//! The tail of the normal distribution, scaled: m(a) = e^(a²/2) Φ(−a) for a ≥ 0, which falls from ½ as 1 / (√(2π) a).
//!
//! m(a) (a + 13/16) stays between 0.39 and 0.48, so with t = (a − K) / (a + K) it is a constant plus a polynomial that
//! hardly matters: its rounding errors do not show.

use super::polynomial;

const OFFSET: f64 = 0.8125;

/// The constant of `f32`'s polynomial, and the rest of it, at t.
const P0_F32: (f32, f32) = (0.463_271_915_912_628_17, 1.449_598_840_963_517_4e-8);

#[inline(always)]
fn beyond_constant_f32(t: f32) -> f32 {
    // f(t) = erfc(a/√2) e^(a²/2) / 2 · (a + 13/16), a = 3 (1 + t) / (1 − t) up to 15:
    // fpminimax(f(x), 10, [|48, 24…|], [-1, 2/3], relative): relative error 2⁻²⁷·¹
    t * polynomial(
        t,
        [
            -0.057_826_295_495_033_264,
            -0.039_537_072_181_701_66,
            0.053_829_718_381_166_46,
            -0.023_876_197_636_127_472,
            0.000_609_998_533_036_559_8,
            0.003_174_664_685_502_648_4,
            -0.000_275_789_556_326_344_6,
            -0.000_489_890_982_862_561_9,
            1.709_653_588_477_522_1e-6,
            4.590_995_740_727_521_5e-5,
        ],
    )
}

/// (m, m_low)
#[inline(always)]
pub(crate) fn f32(a: f32) -> (f32, f32) {
    use super::mul_add::f32 as mul_add;
    let d = a + OFFSET as f32;
    let d_low = if a > OFFSET as f32 { OFFSET as f32 - (d - a) } else { a - (d - OFFSET as f32) };
    let (n, c) = (a - 3.0, a + 3.0);
    let n_low = if a > 3.0 { -3.0 - (n - a) } else { a - (n + 3.0) };
    let c_low = if a > 3.0 { 3.0 - (c - a) } else { a - (c - 3.0) };
    // One division for 1/d and 1/c; what is wrong with both is taken back below.
    let both = 1.0 / (d * c);
    let r = both * c;
    let t = n * (both * d);
    let t = mul_add(mul_add(-t, c, n) + mul_add(-t, c_low, n_low), both * d, t);
    let s = beyond_constant_f32(t);
    let p = P0_F32.0 + s;
    let p_low = (s - (p - P0_F32.0)) + P0_F32.1;
    // r (1 + correction) = 1 / (d + d_low), and m = p r.
    let correction = mul_add(-r, d_low, mul_add(-r, d, 1.0));
    let m = p * r;
    (m, mul_add(m, correction, mul_add(p, r, -m) + p_low * r))
}

/// (m, m_low)
#[inline(always)]
pub(crate) fn f64(a: f64) -> (f64, f64) {
    use super::mul_add::f64 as mul_add;
    const P0: (f64, f64) = (0.447_093_460_167_224_1, -2.736_034_505_318_718e-17);
    let d = a + OFFSET;
    let d_low = if a > OFFSET { OFFSET - (d - a) } else { a - (d - OFFSET) };
    let (n, c) = (a - 5.0, a + 5.0);
    let n_low = if a > 5.0 { -5.0 - (n - a) } else { a - (n + 5.0) };
    let c_low = if a > 5.0 { 5.0 - (c - a) } else { a - (c - 5.0) };
    // One division for 1/d and 1/c; what is wrong with both is taken back below.
    let both = 1.0 / (d * c);
    let r = both * c;
    let t = n * (both * d);
    let t = mul_add(mul_add(-t, c, n) + mul_add(-t, c_low, n_low), both * d, t);
    // The same with a = 5 (1 + t) / (1 − t) up to 39.5:
    // fpminimax(f(x), 23, [|106, 53…|], [-1, 34.5/44.5], relative): relative error 2⁻⁵⁸·³
    let s = t * polynomial(
        t,
        [
            -0.064_653_990_222_006_69,
            0.009_267_466_197_337_678,
            0.025_168_079_372_242_087,
            -0.035_373_921_519_576_65,
            0.028_927_069_585_466_873,
            -0.016_856_297_380_853,
            0.006_968_033_979_774_132,
            -0.001_717_238_108_741_667_4,
            -1.738_527_283_938_798_5e-5,
            0.000_193_664_316_732_378_87,
            -5.378_800_165_070_666_5e-5,
            -1.114_205_456_941_989e-5,
            9.298_468_599_663_965e-6,
            5.670_560_556_363_325e-8,
            -1.353_966_145_866_315_2e-6,
            1.123_720_864_517_259_3e-7,
            2.045_110_418_638_484_7e-7,
            -2.284_537_449_122_454e-8,
            -3.237_810_439_823_462_5e-8,
            2.284_321_536_268_195e-9,
            4.400_032_113_604_321e-9,
            7.017_356_810_147_319e-11,
            -2.720_436_470_849_573e-10,
        ],
    );
    let p = P0.0 + s;
    let p_low = (s - (p - P0.0)) + P0.1;
    // r (1 + correction) = 1 / (d + d_low), and m = p r.
    let correction = mul_add(-r, d_low, mul_add(-r, d, 1.0));
    let m = p * r;
    (m, mul_add(m, correction, mul_add(p, r, -m) + p_low * r))
}
