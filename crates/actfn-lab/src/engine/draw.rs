use actfn::{Initialisation, Real};
use rand::{Rng, RngExt};

use super::Matrix;

/// Standard normal numbers, by Marsaglia's polar method (1964): of a point in the unit circle, two at a time. Its logarithm
/// is the library's, so that the numbers are the same on every machine.
pub struct Normals<'a, R> {
    rng: &'a mut R,
    second: Option<f64>,
}

impl<'a, R: Rng> Normals<'a, R> {
    /// Draws from a generator.
    pub fn new(rng: &'a mut R) -> Self {
        Self { rng, second: None }
    }
}

impl<R: Rng> Iterator for Normals<'_, R> {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        if self.second.is_some() {
            return self.second.take();
        }
        loop {
            let [x, y] = [(); 2].map(|()| 2.0 * self.rng.random::<f64>() - 1.0);
            let square = x * x + y * y;
            if 0.0 < square && square < 1.0 {
                let factor = Real::sqrt(-2.0 * Real::ln(square) / square);
                self.second = Some(factor * y);
                return Some(factor * x);
            }
        }
    }
}

/// Weights of a layer, drawn so that signals keep their size on the way through it.
pub fn weights(inputs: usize, units: usize, initialisation: Initialisation, rng: &mut impl Rng) -> Matrix {
    let count = inputs * units;
    let normal = |variance: f64, rng| {
        let deviation = Real::sqrt(variance);
        Normals::new(rng).take(count).map(|z| (deviation * z) as f32).collect()
    };
    let values = match initialisation {
        Initialisation::LecunNormal => normal(1.0 / inputs as f64, rng),
        Initialisation::HeNormal => normal(2.0 / inputs as f64, rng),
        Initialisation::GlorotUniform => {
            // Between −a and a the variance is a²/3.
            let limit = Real::sqrt(6.0 / (inputs + units) as f64);
            (0..count).map(|_| (limit * (2.0 * rng.random::<f64>() - 1.0)) as f32).collect()
        }
    };
    Matrix::new(units, values)
}
