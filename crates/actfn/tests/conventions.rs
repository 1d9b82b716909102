//! The functions as the frameworks have them, against what was measured there.

use actfn::{Activation, Convention, catalogue};

/// Where actfn deviates from what was measured, on purpose: convention, how, function, quantity, why.
const DEVIATIONS: &[[&str; 5]] = &[
    ["keras", "run on TensorFlow", "celu", "f'(0)", "2 is no subgradient: maximum and minimum both pass the gradient"],
    [
        "keras",
        "run on JAX",
        "leaky_relu",
        "f'(0)",
        "Keras has the kinks of its backend: the convention is TensorFlow's",
    ],
    ["keras", "read", "thresholded_relu", "theta", "Keras 3 has it as an argument of relu, which has another default"],
];

struct Row {
    convention: Convention,
    how: &'static str,
    text: &'static str,
    function: &'static str,
    quantity: &'static str,
    value: f64,
}

fn rows() -> Vec<Row> {
    let lines = include_str!("data/conventions.csv").lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .map(|line| {
            let [convention, version, how, text, function, quantity, value] =
                line.split(';').collect::<Vec<_>>().try_into().unwrap();
            let convention: Convention = convention.parse().unwrap();
            assert_eq!(convention.version(), version, "{line}");
            Row { convention, how, text, function, quantity, value: value.parse().unwrap_or(f64::NAN) }
        })
        .collect()
}

/// What actfn says where `row` tells what the framework does.
fn reproduced(row: &Row) -> Result<bool, actfn::Error> {
    let f = row.convention.find(row.text)?.activation;
    if f.info().name != row.function {
        return Ok(false);
    }
    let Some(x) = row.quantity.strip_prefix("f'(").and_then(|x| x.strip_suffix(')')) else {
        return Ok(row.quantity.is_empty() || f.parameter(row.quantity) == Some(row.value));
    };
    let (_, slope) = f.scalar(x.parse::<f32>().unwrap()).unwrap();
    Ok((slope - row.value as f32).abs() <= 2e-7 * slope.abs())
}

#[test]
fn what_was_measured_is_reproduced_or_a_known_deviation() {
    let rows = rows();
    assert!(rows.len() > 190);
    let mut deviations = Vec::new();
    for row in &rows {
        let key = [row.convention.name(), row.how, row.function, row.quantity];
        let listed = DEVIATIONS.iter().position(|d| d[..4] == key);
        match (reproduced(row), listed) {
            (Ok(true), None) => {}
            (Ok(true), Some(_)) => panic!("{key:?} is listed as a deviation, and is none"),
            (_, Some(i)) => deviations.push(i),
            (result, None) => panic!("{key:?}, `{}`: {} there; {result:?}", row.text, row.value),
        }
    }
    assert_eq!(deviations.len(), DEVIATIONS.len(), "each deviation stands in the data");
}

#[test]
fn every_name_finds_its_function_with_its_defaults() {
    for f in catalogue() {
        for framework in f.info().frameworks {
            let convention = framework.convention;
            for name in framework.names {
                let found = convention.find(name).unwrap();
                assert_eq!((found.framework, found.name), (framework, *name), "`{name}` of {convention}");
                assert_eq!(found.activation.info().name, f.info().name);
                for (parameter, value) in framework.sets {
                    assert_eq!(found.activation.parameter(parameter), Some(*value), "`{name}` of {convention}");
                    assert_ne!(
                        f.parameter(parameter),
                        Some(*value),
                        "`{name}` of {convention} sets what is the default"
                    );
                }
                assert!(found.to_string().starts_with(&format!("`{name}` of {convention} is `{}", f.info().name)));
            }
            for (_, ours) in framework.renames {
                assert!(f.parameter(ours).is_some(), "{f} as {convention} has it renames `{ours}`");
            }
            // actfn's own name will do, unless the framework has it for another function or another default.
            let found = convention.find(f.info().name).unwrap();
            assert_eq!(found.framework.convention, convention);
        }
    }
}

#[test]
fn names_are_found_however_they_are_spelt() {
    let find = |convention: Convention, text: &str| convention.find(text).map(|found| found.activation.to_string());
    use Convention::*;
    for (convention, text, function) in [
        (Torch, "LeakyReLU", "leaky_relu(negative_slope=0.01, weight_at_zero=0)"),
        (Torch, "torch.nn.functional.leaky_relu(0.2)", "leaky_relu(negative_slope=0.2, weight_at_zero=0)"),
        (Torch, "leaky-relu(negative_slope=0.2)", "leaky_relu(negative_slope=0.2, weight_at_zero=0)"),
        (TensorFlow, "leaky_relu(alpha=0.3)", "leaky_relu(negative_slope=0.3, weight_at_zero=0)"),
        (Keras, "LeakyReLU", "leaky_relu(negative_slope=0.3, weight_at_zero=0)"),
        (Keras, "layers.LeakyReLU", "leaky_relu(negative_slope=0.3, weight_at_zero=0)"),
        (Keras, "leaky_relu", "leaky_relu(negative_slope=0.2, weight_at_zero=0)"),
        (Jax, "gelu", "gelu_tanh"),
        (Jax, "gelu(approximate=False)", "gelu"),
        (Torch, "gelu(approximate=\"tanh\")", "gelu_tanh"),
        (Torch, "gelu_tanh", "gelu_tanh"),
        (Candle, "gelu", "gelu_tanh"),
        (Candle, "Gelu", "gelu"),
        (Onnx, "hard_sigmoid", "onnx_hard_sigmoid"),
        (Burn, "nn::HardSigmoid", "onnx_hard_sigmoid(weight_at_kinks=1)"),
        (Torch, "hard_sigmoid", "hardsigmoid"),
        (Burn, "shrink", "shrink(bias=0.5)"),
        (Onnx, "shrink", "shrink"),
        (Flux, "swish", "silu"),
        (Flux, "σ", "sigmoid"),
        (Page, "leaky_relu", "leaky_relu"),
        (Torch, "softmax", "softmax"),
    ] {
        assert_eq!(find(convention, text).as_deref(), Ok(function), "`{text}` of {convention}");
    }
    // A convention is part of the text wherever a function is named.
    let f: Activation = "torch:leaky_relu(0.2)".parse().unwrap();
    assert_eq!(f.to_string(), "leaky_relu(negative_slope=0.2, weight_at_zero=0)");
    assert_eq!("candle:ops::selu".parse::<Activation>().unwrap().scalar(0.0f32).unwrap().1, 1.7580993);
    assert_eq!("PyTorch".parse(), Ok(Convention::Torch));
}

#[test]
fn errors_name_the_framework_and_the_nearest_name() {
    let error = |text: &str| text.parse::<Activation>().unwrap_err().to_string();
    assert_eq!(
        error("torch:leaky_rleu"),
        "PyTorch has no activation `leaky_rleu`: the nearest name there is `nn.LeakyReLU`, which is `leaky_relu`"
    );
    assert_eq!(
        error("torch:squareplus"),
        "PyTorch has no activation `squareplus`: the nearest name there is `nn.Softplus`, which is `softplus`; \
         `squareplus` is known without a convention"
    );
    assert_eq!(
        error("theano:relu"),
        "there is no convention `theano`: there are `page`, `torch`, `jax`, `tensorflow`, `keras`, `onnx`, `burn`, \
         `candle`, `flux`"
    );
    assert_eq!(
        error("tensorflow:leaky_relu(slope=1)"),
        "`leaky_relu` has no parameter `slope`: it has `negative_slope`, `weight_at_zero`"
    );
    assert!(error("torch:relu(").contains("the closing parenthesis is missing"));
}
