//! What is known of a function, as text and as JSON: for `list`, `show` and `docs`.

use std::collections::BTreeMap;

use actfn::{Activation, Convention, Framework, Info, Saturates};
use serde_json::{Value, json};

/// The properties as lines of name and value, in the order of reading.
pub fn properties(f: &Activation) -> Vec<(&'static str, String)> {
    let info = f.info();
    let yes = |is: bool| if is { "yes" } else { "no" }.to_string();
    let mut lines = vec![("range", info.range.to_string()), ("smoothness", info.smoothness.to_string())];
    if !info.kinks.is_empty() {
        let kinks: Vec<String> = info.kinks.iter().map(|x| minus(&x.to_string())).collect();
        lines.push(("kinks at", kinks.join(", ")));
    }
    if !f.is_rowwise() {
        lines.push(("monotonic", yes(info.monotonic)));
        lines.push(("zero-centred", yes(info.zero_centred)));
        lines.push(("self-normalising", yes(info.self_normalising)));
    }
    lines.push(("saturates", info.saturates.to_string()));
    let steepest = info.max_derivative;
    lines.push(("largest |f′|", if steepest.is_finite() { short(steepest) } else { "unbounded".to_string() }));
    if let Some(gaussian) = info.gaussian {
        let gain = |gain: Option<f64>| gain.map_or("none: no gradient".to_string(), short);
        lines.push(("E f(z), z ~ N(0, 1)", short(gaussian.mean)));
        lines.push(("E f(z)²", short(gaussian.second_moment)));
        lines.push(("E f′(z)²", short(gaussian.derivative_second_moment)));
        lines.push(("forward gain", gain(gaussian.forward_gain())));
        lines.push(("backward gain", gain(gaussian.backward_gain())));
    }
    lines.push(("initialisation", info.initialisation.name().to_string()));
    for (name, max) in [("worst error, f32", info.max_ulp), ("worst error, f64", info.max_ulp_f64)] {
        if let Some(max) = max {
            let of = |name, ulp: Option<f64>| ulp.map_or(String::new(), |ulp| format!(", {name} {ulp} ULP"));
            let root = if max.derivative_misses_root { " (half a unit of 1 next to its root)" } else { "" };
            let derivatives = format!("{}{root}{}", of("f′", max.derivative), of("f″", max.second_derivative));
            lines.push((name, format!("f {} ULP{derivatives}", max.value)));
        }
    }
    lines
}

/// A number with as many digits as the moments have.
fn short(x: f64) -> String {
    let rounded = (x * 1e6).round() / 1e6;
    minus(&format!("{}", if rounded == 0.0 { 0.0 } else { rounded }))
}

/// A true minus sign.
fn minus(number: &str) -> String {
    number.replace('-', "−")
}

/// The parameters: name, default, values allowed, meaning.
pub fn parameters(info: &Info) -> Vec<Vec<String>> {
    let line = |p: &actfn::Parameter| {
        vec![p.name.to_string(), minus(&p.default.to_string()), minus(&p.domain.to_string()), p.meaning.to_string()]
    };
    info.parameters.iter().map(line).collect()
}

/// The function in one framework: whose, what it is called, its defaults, its derivatives at kinks, a remark.
pub fn frameworks(f: &Activation) -> Vec<Vec<String>> {
    f.info().frameworks.iter().map(|framework| framework_line(f, framework)).collect()
}

fn framework_line(f: &Activation, framework: &Framework) -> Vec<String> {
    let there = in_framework(f, framework);
    let kink = |name: &str| name.starts_with("derivative_at") || name.starts_with("weight_at");
    let defaults = f.info().parameters.iter().filter(|p| !kink(p.name)).map(|p| {
        let name = framework.renames.iter().find(|(_, ours)| *ours == p.name).map_or(p.name, |(theirs, _)| theirs);
        format!("{name} = {}", minus(&there.parameter(p.name).unwrap_or(p.default).to_string()))
    });
    let kinks = f.info().kinks.iter().filter(|_| framework.convention != Convention::Onnx).filter_map(|&x| {
        let (_, slope) = there.scalar(x)?;
        Some(format!("f′({}) = {}", minus(&x.to_string()), short(slope)))
    });
    vec![
        framework.convention.to_string(),
        framework.names.join(", "),
        defaults.collect::<Vec<_>>().join(", "),
        kinks.collect::<Vec<_>>().join(", "),
        framework.note.to_string(),
    ]
}

/// The function as the framework has it.
fn in_framework(f: &Activation, framework: &Framework) -> Activation {
    f.with_parameters(framework.sets).expect("a test of the library sets them all")
}

/// Where it flattens out, in a word for a narrow column.
pub fn saturates(info: &Info) -> &'static str {
    match info.saturates {
        Saturates::Nowhere => "",
        Saturates::Left => "left",
        Saturates::Right => "right",
        Saturates::Both => "both",
    }
}

/// All that is known, for programs.
pub fn json(f: &Activation) -> Value {
    let info = f.info();
    let framework = |framework: &Framework| {
        let there = in_framework(f, framework);
        let derivatives: Vec<Value> = info
            .kinks
            .iter()
            .filter_map(|&x| there.scalar(x).map(|(_, slope)| json!({"x": x, "derivative": slope})))
            .collect();
        json!({
            "convention": framework.convention.name(),
            "version": framework.convention.version(),
            "names": framework.names,
            "parameters": info.parameters.iter().map(|p| (p.name, there.parameter(p.name))).collect::<BTreeMap<_, _>>(),
            "kinks": derivatives,
            "note": framework.note,
        })
    };
    let max_ulp = |max: Option<actfn::MaxUlp>| {
        max.map(|max| {
            json!({
                "value": max.value,
                "derivative": max.derivative,
                "second_derivative": max.second_derivative,
                "derivative_misses_root": max.derivative_misses_root,
            })
        })
    };
    let parameter = |p: &actfn::Parameter| {
        let (name, meaning, default) = (p.name, p.meaning, p.default);
        json!({"name": name, "meaning": meaning, "default": default, "domain": p.domain.to_string()})
    };
    json!({
        "name": info.name,
        "title": info.title,
        "aliases": info.aliases,
        "rowwise": f.is_rowwise(),
        "formula": info.formula,
        "formula_latex": info.formula_latex,
        "derivative": info.derivative,
        "derivative_latex": info.derivative_latex,
        "parameters": info.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "range": info.range,
        "bounded": info.is_bounded(),
        "smoothness": info.smoothness.to_string(),
        "kinks": info.kinks,
        "monotonic": (!f.is_rowwise()).then_some(info.monotonic),
        "zero_centred": (!f.is_rowwise()).then_some(info.zero_centred),
        "self_normalising": (!f.is_rowwise()).then_some(info.self_normalising),
        "saturates": info.saturates.to_string(),
        "max_derivative": info.max_derivative.is_finite().then_some(info.max_derivative),
        "gaussian": info.gaussian.map(|g| json!({
            "mean": g.mean,
            "second_moment": g.second_moment,
            "derivative_second_moment": g.derivative_second_moment,
            "forward_gain": g.forward_gain(),
            "backward_gain": g.backward_gain(),
        })),
        "initialisation": info.initialisation.name(),
        "max_ulp": max_ulp(info.max_ulp),
        "max_ulp_f64": max_ulp(info.max_ulp_f64),
        "uses": info.uses,
        "problems": info.problems,
        "source": info.source,
        "year": info.year,
        "frameworks": info.frameworks.iter().map(framework).collect::<Vec<_>>(),
    })
}
