//! Functions by name: of the catalogue, and as each framework has them.
//!
//! Whoever finds functions so compiles the kernels of all of them, which takes minutes: the feature `catalogue`.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::{Activation, Convention, Error, Framework, Info, functions};

/// Every function of the catalogue, at its default parameters.
///
/// ```
/// let names: Vec<_> = actfn::catalogue().map(|f| f.info().name).collect();
/// assert!(names.contains(&"sigmoid") && names.contains(&"softmax"));
/// ```
pub fn catalogue() -> impl ExactSizeIterator<Item = Activation> {
    functions::ALL.iter().map(|make| make())
}

impl FromStr for Activation {
    type Err = Error;

    /// Reads `name`, `name(value, …)` or `name(parameter=value, …)`; upper case and hyphens are forgiven. `torch:name` is the
    /// function as torch has it: see [`Convention::find`].
    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some((convention, text)) = text.split_once(':') {
            return Ok(convention.parse::<Convention>()?.find(text)?.activation);
        }
        let call = Call::read(text)?;
        let activation = find(call.name)?;
        activation.with_parameters(&call.arguments(&activation, &[], &[])?)
    }
}

/// A text of the form `name(parameter=value, …)`, taken apart.
pub(crate) struct Call<'a> {
    text: &'a str,
    pub(crate) name: &'a str,
    inside: &'a str,
}

impl<'a> Call<'a> {
    pub(crate) fn read(text: &'a str) -> Result<Self, Error> {
        let text = text.trim();
        let (name, inside) = match text.split_once('(') {
            None => (text, ""),
            Some((name, rest)) => {
                let inside = rest.strip_suffix(')').ok_or_else(|| Error::Syntax {
                    text: text.to_owned(),
                    reason: "the closing parenthesis is missing".to_owned(),
                })?;
                (name.trim_end(), inside)
            }
        };
        Ok(Self { text, name, inside })
    }

    /// The arguments as they are written: their names, where they have one, and their values.
    fn written(&self) -> impl Iterator<Item = (Option<&'a str>, &'a str)> {
        self.inside.split(',').map(str::trim).filter(|a| !a.is_empty()).map(|argument| match argument.split_once('=') {
            Some((name, value)) => (Some(name.trim()), value.trim()),
            None => (None, argument),
        })
    }

    /// Whether there are arguments, and those with a name are among these.
    pub(crate) fn fits(&self, names: &[&str]) -> bool {
        !self.inside.trim().is_empty() && self.written().all(|(name, _)| name.is_none_or(|name| names.contains(&name)))
    }

    /// The arguments as names and values of the function's parameters. Those without a name are in the order of `names`, or
    /// of the parameters if that is empty; `renames` gives names by others. `None` leaves the default.
    pub(crate) fn arguments(
        &self,
        activation: &Activation,
        names: &[&'static str],
        renames: &[(&'static str, &'static str)],
    ) -> Result<Vec<(&'a str, f64)>, Error> {
        let info = activation.info();
        let names = if names.is_empty() { info.parameters.iter().map(|p| p.name).collect() } else { names.to_vec() };
        let wrong = |reason| Error::Syntax { text: self.text.to_owned(), reason };
        let mut arguments = Vec::new();
        for (i, (name, value)) in self.written().enumerate() {
            let name = match name.or_else(|| names.get(i).copied()) {
                Some(name) => renames.iter().find(|(theirs, _)| *theirs == name).map_or(name, |(_, ours)| *ours),
                None => {
                    return Err(wrong(match names.len() {
                        0 => format!("`{}` has no parameters", info.name),
                        1 => format!("`{}` has 1 parameter", info.name),
                        count => format!("`{}` has {count} parameters", info.name),
                    }));
                }
            };
            let value = match value {
                "None" => continue,
                "True" | "true" => 1.0,
                "False" | "false" => 0.0,
                _ => value.parse().map_err(|_| wrong(format!("`{value}` is no number")))?,
            };
            arguments.push((name, value));
        }
        Ok(arguments)
    }
}

/// The function of this name or alias.
pub(crate) fn find(name: &str) -> Result<Activation, Error> {
    let wanted = name.to_lowercase().replace(['-', ' '], "_");
    let names = |info: &'static Info| core::iter::once(info.name).chain(info.aliases.iter().copied());
    if let Some(found) = catalogue().find(|f| names(f.info()).any(|n| n == wanted)) {
        return Ok(found);
    }
    let nearest = catalogue().flat_map(|f| names(f.info())).min_by_key(|n| distance(&wanted, n));
    Err(Error::UnknownName { name: name.to_owned(), nearest: nearest.unwrap_or_default() })
}

/// The number of letters to insert, delete or replace (Levenshtein 1966).
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = core::mem::replace(&mut row[0], i + 1);
        for (j, b) in b.iter().enumerate() {
            let replaced = diagonal + (a != *b) as usize;
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

impl Convention {
    /// The function that goes by a name there, with the defaults and the derivatives at kinks that it has there.
    ///
    /// The text is a name as the framework spells it, upper case, underscores and module path forgiven, with arguments if
    /// need be: `nn.LeakyReLU`, `leaky_relu(0.2)`. Arguments may choose the function: `relu` of Keras is `relu`, and
    /// `relu(max_value=1)` is `keras_relu`. A name of actfn stands for its function, unless it is the framework's name for
    /// another.
    ///
    /// ```
    /// use actfn::Convention;
    ///
    /// let found = Convention::Jax.find("gelu")?;
    /// assert_eq!(found.to_string(), "`jax.nn.gelu` of JAX is `gelu_tanh`: with approximate=False it is `gelu`");
    ///
    /// let leaky = Convention::Torch.find("F.leaky_relu(negative_slope=0.2)")?.activation;
    /// assert_eq!(leaky.scalar(0.0f32), Some((0.0, 0.2))); // in torch f′(0) is the slope
    /// # Ok::<(), actfn::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the framework has no such function, or if the arguments do not fit.
    pub fn find(self, text: &str) -> Result<Found, Error> {
        let call = Call::read(text)?;
        let entry = self.entry(text.trim(), &call)?;
        let (function, framework, name) = match entry {
            // `gelu(approximate='tanh')` is a name: its arguments are used up.
            (function, framework, name) if name.contains('(') && plain(name) == plain(text) => {
                let activation = function.with_parameters(framework.sets)?;
                return Ok(Found { activation, framework, name });
            }
            entry => entry,
        };
        let defaults = function.with_parameters(framework.sets)?;
        let values = call.arguments(&defaults, &listed(name), framework.renames)?;
        Ok(Found { activation: defaults.with_parameters(&values)?, framework, name })
    }

    /// What the framework has under this name.
    fn entry(self, text: &str, call: &Call) -> Result<(Activation, &'static Framework, &'static str), Error> {
        let name = call.name;
        let entries: Vec<_> = catalogue()
            .flat_map(|f| f.info().frameworks.iter().map(move |framework| (f.clone(), framework)))
            .filter(|(_, framework)| framework.convention == self)
            .flat_map(|(f, framework)| framework.names.iter().map(move |name| (f.clone(), framework, *name)))
            .collect();
        let first = |test: &dyn Fn(&'static str) -> bool| entries.iter().find(|entry| test(entry.2)).cloned();
        let lists = |n: &'static str| n.contains('(') && call.fits(&listed(n));
        // With its arguments, by their values or names; as it is spelt there, since `LeakyReLU` and `leaky_relu` may differ;
        // then by its letters.
        let found = first(&|n| n == text)
            .or_else(|| first(&|n| n.contains('(') && plain(n) == plain(text)))
            .or_else(|| first(&|n| lists(n) && last(without_arguments(n)) == last(name)))
            .or_else(|| first(&|n| lists(n) && plain(without_arguments(n)) == plain(name)))
            .or_else(|| first(&|n| n == name))
            .or_else(|| first(&|n| last(n) == last(name)))
            .or_else(|| first(&|n| !n.contains('(') && plain(n) == plain(name)));
        if let Some(entry) = found {
            return Ok(entry);
        }
        // A name of actfn, which is not one of the framework's own.
        let known = find(name).ok().map(|f| f.info().name);
        if let Some(entry) = entries.iter().find(|entry| known == Some(entry.0.info().name)) {
            return Ok(entry.clone());
        }
        let nearest = entries.iter().min_by_key(|entry| distance(&plain(entry.2), &plain(name)));
        Err(Error::NotInConvention {
            convention: self,
            name: name.to_owned(),
            nearest: nearest.map_or(("", ""), |entry| (entry.2, entry.0.info().name)),
            known,
        })
    }
}

impl FromStr for Convention {
    type Err = Error;

    /// Reads its name in code or in prose.
    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim().to_lowercase();
        let named = |c: &Self| c.name() == text || alloc::format!("{c}").to_lowercase() == text;
        Self::ALL.into_iter().find(named).ok_or(Error::UnknownConvention { name: text })
    }
}

/// The part of a name behind its module path: `LeakyReLU` of `nn.LeakyReLU`.
fn last(name: &str) -> &str {
    let end = without_arguments(name).rfind(['.', ':']).map_or(0, |end| end + 1);
    &name[end..]
}

fn without_arguments(name: &str) -> &str {
    name.split('(').next().unwrap_or_default()
}

/// The arguments that a name lists, in their order: none of `gelu(approximate=False)`, which gives a value.
fn listed(name: &'static str) -> Vec<&'static str> {
    let inside = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).filter(|list| !list.contains('='));
    inside.map(|list| list.split(',').map(str::trim).collect()).unwrap_or_default()
}

/// The letters of a name, however it is spelt.
fn plain(name: &str) -> String {
    last(name).chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '\'' | '"')).flat_map(char::to_lowercase).collect()
}

/// A function found by its name in a framework: see [`Convention::find`].
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The function, with the framework's defaults and derivatives at kinks.
    pub activation: Activation,
    /// What is known of it there.
    pub framework: &'static Framework,
    /// Its name there.
    pub name: &'static str,
}

impl fmt::Display for Found {
    /// Says in words which function it is.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { activation, framework, name } = self;
        write!(f, "`{name}` of {} is `{activation}`", framework.convention)?;
        if framework.note.is_empty() { Ok(()) } else { write!(f, ": {}", framework.note) }
    }
}
