//! What a comparison shows, in words that are worked out from its numbers.

use crate::{Comparison, Outcome};

impl Comparison {
    /// Three sentences on what the results show: what is best, what fails and why, and what depth does.
    ///
    /// Nothing in them is fixed: a comparison in which everything learns says so.
    pub fn findings(&self) -> [String; 3] {
        [self.best(), self.failures(), self.depth().unwrap_or_else(|| self.gradients())]
    }

    fn best(&self) -> String {
        let best = self.highest();
        let name = best.name();
        let accuracy = best.accuracy();
        let resolution = self.resolution(accuracy);
        let others = self.results.len() - 1;
        let close = self.results.iter().filter(|result| accuracy - result.accuracy() <= resolution).count() - 1;
        let rows = self.test_rows;
        match close {
            _ if others == 0 => format!("{name} reaches {accuracy:.3} on the test split."),
            0 => format!(
                "Best on the test split is {name} with {accuracy:.3}, ahead of all {others} others by more than the \
                 {resolution:.3} that {rows} test rows can tell apart."
            ),
            _ => format!(
                "Best on the test split is {name} with {accuracy:.3}, but {close} of the other {others} {} within \
                 {resolution:.3} of it, which {rows} test rows cannot tell apart.",
                if close == 1 { "comes" } else { "come" },
            ),
        }
    }

    fn failures(&self) -> String {
        let best = self.highest().accuracy();
        if best <= self.baseline + self.resolution(self.baseline) {
            return format!("Nothing learns: always answering the commonest class is right for {:.3}.", self.baseline);
        }
        // Failing means to lose a fifth of what can be learnt.
        let limit = best - 0.2 * (best - self.baseline);
        let mut causes: Vec<(String, Vec<&Outcome>)> = Vec::new();
        for result in self.results.iter().filter(|result| result.accuracy() < limit) {
            let cause = result.cause();
            match causes
                .iter_mut()
                .find(|(known, results)| *known == cause && results[0].activation == result.activation)
            {
                Some((_, results)) => results.push(result),
                None => causes.push((cause, vec![result])),
            }
        }
        if causes.is_empty() {
            let lowest =
                self.results.iter().min_by(|a, b| a.accuracy().total_cmp(&b.accuracy())).expect("results exist");
            return format!(
                "All of them learn: the lowest accuracy is {:.3}, of {}.",
                lowest.accuracy(),
                lowest.name()
            );
        }
        let causes: Vec<String> = causes
            .iter()
            .map(|(cause, results)| {
                let at: Vec<String> =
                    results.iter().map(|result| format!("depth {} ({:.3})", result.depth, result.accuracy())).collect();
                format!("{} at {}: {cause}", results[0].activation, at.join(" and "))
            })
            .collect();
        format!(
            "Far behind are {}. Always answering the commonest class gives {:.3}.",
            causes.join("; "),
            self.baseline
        )
    }

    /// What going from the smallest depth to the largest does; none if no activation has both.
    fn depth(&self) -> Option<String> {
        let depths = self.depths();
        let (&shallow, &deep) = (depths.first()?, depths.last()?);
        let at = |activation: &str, depth| {
            self.results.iter().find(|result| result.activation == activation && result.depth == depth)
        };
        let changes: Vec<(&Outcome, &Outcome)> = self
            .results
            .iter()
            .filter(|result| result.depth == shallow && shallow < deep)
            .filter_map(|result| at(&result.activation, deep).map(|deep| (result, deep)))
            .collect();
        let loss = |(shallow, deep): &(&Outcome, &Outcome)| shallow.accuracy() - deep.accuracy();
        let change = |(shallow, deep): &(&Outcome, &Outcome)| {
            format!("{} goes from {:.3} to {:.3}", shallow.activation, shallow.accuracy(), deep.accuracy())
        };
        let most = changes.iter().max_by(|a, b| loss(a).total_cmp(&loss(b)))?;
        let least = changes.iter().min_by(|a, b| loss(a).total_cmp(&loss(b)))?;
        Some(match changes.len() {
            1 => format!("From depth {shallow} to {deep}, {}.", change(most)),
            _ => format!(
                "From depth {shallow} to {deep}, {}, the worst change, and {}, the best.",
                change(most),
                change(least)
            ),
        })
    }

    fn gradients(&self) -> String {
        let ratios: Vec<(f64, &Outcome)> =
            self.results.iter().filter_map(|result| Some((result.gradient_ratio?, result))).collect();
        let least = ratios.iter().min_by(|a, b| a.0.total_cmp(&b.0));
        let most = ratios.iter().max_by(|a, b| a.0.total_cmp(&b.0));
        match (least, most) {
            _ if self.depths() == [1] => {
                "With one hidden layer, no gradient can vanish on its way to the first.".to_string()
            }
            (Some((low, least)), Some((high, most))) => format!(
                "Before training, the first hidden layer's gradient is {} of the last's with {}, and {} of it with {}.",
                significant(*low),
                least.activation,
                significant(*high),
                most.activation,
            ),
            _ => "No gradient reaches any hidden layer.".to_string(),
        }
    }

    /// Twice the standard error of an accuracy: differences below it are within the chance of this test split.
    fn resolution(&self, accuracy: f64) -> f64 {
        let rows = self.test_rows as f64;
        (2.0 * (accuracy * (1.0 - accuracy) / rows).sqrt()).max(1.0 / rows)
    }

    fn highest(&self) -> &Outcome {
        // The first of equals, so that the order of the table decides.
        self.results
            .iter()
            .reduce(|best, result| if result.accuracy() > best.accuracy() { result } else { best })
            .expect("a comparison has results")
    }

    pub(crate) fn depths(&self) -> Vec<usize> {
        let mut depths: Vec<usize> = self.results.iter().map(|result| result.depth).collect();
        depths.sort_unstable();
        depths.dedup();
        depths
    }
}

impl Outcome {
    /// The activation and the depth.
    pub fn name(&self) -> String {
        format!("{} at depth {}", self.activation, self.depth)
    }

    /// Why it may have failed, by what was measured.
    fn cause(&self) -> String {
        if self.diverged > 0 {
            return "its loss grew beyond all bounds even with its best learning rate".to_string();
        }
        if self.stuck > 0.99 {
            return "no gradient passes its hidden units, so only the output layer learns".to_string();
        }
        match self.gradient_ratio {
            Some(ratio) if ratio < 0.01 => format!(
                "its gradient vanishes, down to {} of the last layer's when it arrives at the first",
                significant(ratio)
            ),
            Some(ratio) if ratio > 100.0 => format!(
                "its gradient explodes, up to {} times the last layer's when it arrives at the first",
                significant(ratio)
            ),
            _ if self.saturated.is_some_and(|share| share > 0.9) => "nearly all of its units are saturated".to_string(),
            _ => "neither dead units nor a vanishing gradient explain it".to_string(),
        }
    }
}

/// A number to two digits: 0.21, 3.5e-5.
pub(crate) fn significant(number: f64) -> String {
    let magnitude = number.abs();
    if number == 0.0 || !(0.001..1000.0).contains(&magnitude) {
        return if number == 0.0 { "0".to_string() } else { format!("{number:.1e}") };
    }
    let decimals = (1.0 - magnitude.log10().floor()).max(0.0) as usize;
    format!("{number:.decimals$}")
}
