//! Random numbers that are a function of a seed and an index, so that neither threads nor the order of work change them.

/// A number in (0, 1), one of 2²³ evenly spaced ones: exact in every format that computes, and never 0 or 1.
///
/// The `index`-th output of SplitMix64 (Steele, Lea & Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014)
/// started at `seed`, of which the top 23 bits are taken.
#[inline(always)]
pub(crate) fn uniform(seed: u64, index: u64) -> f64 {
    let z = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    let bits = (z ^ z >> 31) >> 41;
    // 1 + (bits + ½) / 2²³, less 1: a conversion of integers that vectorises everywhere.
    f64::from_bits(1f64.to_bits() | bits << 29 | 1 << 28) - 1.0
}

#[cfg(test)]
mod tests {
    use super::uniform;

    /// The first outputs of the reference implementation for seed 1234567 are 6457827717110365317 and
    /// 3203168211198807973.
    #[test]
    fn it_is_splitmix64() {
        for (index, output) in [(0, 6_457_827_717_110_365_317u64), (1, 3_203_168_211_198_807_973)] {
            assert_eq!(uniform(1_234_567, index), ((output >> 41) as f64 + 0.5) / 8_388_608.0);
        }
    }
}
