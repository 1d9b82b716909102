//! sin(factor · x + eighths · π/4), for every `f32`. In `f64`, for |factor · x| < 2¹⁴⁹ where that product is exact; else what
//! it leaves off is reduced with 53 digits of 1/2π only, which is enough to about 2⁴⁶.
//!
//! The angle is counted in turns, factor · x / 2π, of which whole ones are dropped. 1/2π is carried to 212 bits, in
//! four numbers; each exact product with one of them loses its whole turns before the rest is summed. From 2⁸⁵ on the
//! angle is a whole multiple of 2³², and 2³²/2π, without its whole turns, takes the place of 1/2π.

use super::{pair, polynomial};

/// 1/2π, 2³²/2π and 2⁶⁴/2π, without whole turns.
const TURNS: [[f64; 4]; 3] = [
    [0.159_154_943_091_895_35, -9.839_338_337_591_243e-18, -5.360_718_141_446_502e-34, 4.026_781_963_297_056e-50],
    [
        -0.423_568_410_217_705_25,
        2.713_158_796_377_740_3e-17,
        -1.416_311_093_370_557_8e-33,
        -1.123_946_262_128_285_7e-51,
    ],
    [0.496_243_831_815_537_9, -7.794_641_491_660_314e-18, 1.715_766_199_866_471_8e-34, -8.462_771_188_179_335e-52],
];

const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²

/// x without whole turns. From 2⁵² on there is nothing else.
#[inline(always)]
fn fraction(x: f64) -> f64 {
    const TOP: f64 = 4_503_599_627_370_496.0; // 2⁵²
    // Away from 0: between 2⁵² and 2⁵³ a sum is a whole number.
    let top = TOP.copysign(x);
    let part = x - ((x + top) - top);
    if x.abs() < TOP { part } else { 0.0 }
}

/// The sine and what its rounding leaves off.
#[inline(always)]
pub(crate) fn f64(x: f64, factor: f64, eighths: i32) -> (f64, f64) {
    use super::mul_add::f64 as mul_add;
    let (angle, angle_low) = pair::product(x, factor);

    let [c0, c1, c2, c3] = TURNS[0];
    let huge = angle.abs() >= f64::from_bits((1023 + 85) << 52);
    let huger = angle.abs() >= f64::from_bits((1023 + 117) << 52);
    let choose = |i: usize, c: f64| {
        if huger {
            TURNS[2][i]
        } else if huge {
            TURNS[1][i]
        } else {
            c
        }
    };
    let (c0, c1, c2, c3) = (choose(0, c0), choose(1, c1), choose(2, c2), choose(3, c3));
    let scale = if angle.abs() >= f64::from_bits((1023 + 149) << 52) {
        0.0 // which is NaN times ∞
    } else if huger {
        f64::from_bits((1023 - 64) << 52)
    } else if huge {
        f64::from_bits((1023 - 32) << 52)
    } else {
        1.0
    };
    let s = angle * scale;
    let (p0, p1) = pair::product(s, c0);
    let (p2, p3) = pair::product(s, c1);
    let (p4, p5) = pair::product(s, c2);
    let p6 = mul_add(s, c3, p5) + fraction(angle_low * scale * c0);
    let (t, low0) = pair::sum(fraction(p0), fraction(p1));
    let (t, low1) = pair::sum(t, fraction(p2));
    let (t, low2) = pair::sum(t, p4);
    let low = low0 + low1 + low2 + (p3 + p6);

    // In quarters: a whole number of them, and a rest of at most one half.
    let (t, low) = (4.0 * t, 4.0 * low);
    let (t, low) = if eighths & 1 == 0 {
        (t, low)
    } else {
        let (t, t_low) = pair::sum(t, 0.5);
        (t, t_low + low)
    };
    let shifted = t + MAGIC;
    let (rest, rest_low) = pair::sum(t - (shifted - MAGIC), low);
    let half_pi = (core::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17);
    let (a, a_low) = pair::times((rest, rest_low), half_pi);
    // Small angles are what they are: counted in turns they could be subnormal.
    let small = angle.abs() < core::f64::consts::FRAC_PI_4 && eighths & 1 == 0;
    let (a, a_low) = if small { (angle, angle_low) } else { (a, a_low) };
    let quarters = shifted.to_bits().wrapping_add_signed((eighths >> 1) as i64);

    let z = a * a;
    // fpminimax((sin(sqrt(x)) / sqrt(x) - 1) / x, 5, [|53...|], [1e-20, 0.617], absolute): relative error 2⁻⁵⁵
    let sin = polynomial(
        z,
        [
            -0.166_666_666_666_666_66,
            0.008_333_333_333_331_31,
            -0.000_198_412_698_370_863_4,
            2.755_731_622_356_832e-6,
            -2.505_115_138_316_053_7e-8,
            1.591_927_597_916_071_3e-10,
        ],
    );
    let sin = mul_add(a * z, sin, mul_add(-0.5 * z, a_low, a_low));
    // fpminimax((cos(sqrt(x)) - 1 + x / 2) / x^2, 5, [|53...|], [1e-20, 0.617], absolute): relative error 2⁻⁶⁰
    let cos = polynomial(
        z,
        [
            0.041_666_666_666_666_664,
            -0.001_388_888_888_888_706_1,
            2.480_158_729_846_035_4e-5,
            -2.755_731_715_834_791_6e-7,
            2.087_612_784_297_277_7e-9,
            -1.138_154_339_298_144_2e-11,
        ],
    );
    let cos = mul_add(z * z, cos, -a * a_low);
    let cos = mul_add(-0.5, mul_add(a, a, -z), cos); // what z's rounding left off
    // 1 − z/2 is rounded; what that left off joins the rest.
    let head = if quarters & 1 == 0 { a } else { mul_add(-0.5, z, 1.0) };
    let tail = if quarters & 1 == 0 { sin } else { mul_add(-0.5, z, 1.0 - head) + cos };
    let (high, low) = pair::fast_sum(head, tail);
    let high = if angle == 0.0 && eighths == 0 { angle } else { high }; // keeps −0
    let sign = (quarters & 2) << 62;
    (f64::from_bits(high.to_bits() ^ sign), f64::from_bits(low.to_bits() ^ sign))
}

/// The sine and what its rounding leaves off: computed in `f64`, where the product is exact and 2¹³³ within reach.
#[inline(always)]
pub(crate) fn f32(x: f32, factor: f64, eighths: i32) -> (f32, f32) {
    let (sin, low) = f64(x as f64, factor, eighths);
    let high = sin as f32;
    (high, ((sin - high as f64) + low) as f32)
}
