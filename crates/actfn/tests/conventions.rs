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
    ["keras", "run on TensorFlow", "keras_relu", "f'(6)", "with max_value=6 it is relu6, whose kinks are flat"],
    ["keras", "run on TensorFlow", "keras_relu", "f'(4)", "a slope beside a limit or a threshold is lost at the kink"],
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
        (Keras, "relu", "relu(derivative_at_zero=0)"),
        (Keras, "ReLU()", "relu(derivative_at_zero=0)"),
        (Keras, "relu(derivative_at_zero=0.5)", "relu(derivative_at_zero=0.5)"),
        (Keras, "relu(max_value=6, negative_slope=0.5)", "keras_relu(negative_slope=0.5, max_value=6, {KERAS})"),
        (Keras, "keras.activations.relu(0.5)", "keras_relu(negative_slope=0.5, {KERAS})"),
        (Keras, "keras.layers.ReLU(6, threshold=1)", "keras_relu(max_value=6, threshold=1, {KERAS})"),
        (Keras, "layers.relu(0.5, None, 1)", "keras_relu(negative_slope=0.5, threshold=1, {KERAS})"),
        (Keras, "keras_relu(max_value=6)", "keras_relu(max_value=6, {KERAS})"),
        (Page, "leaky_relu", "leaky_relu"),
        (Torch, "softmax", "softmax"),
    ] {
        let function = function.replace("{KERAS}", "weight_at_threshold=0, weight_at_max=1");
        assert_eq!(find(convention, text), Ok(function), "`{text}` of {convention}");
    }
    // A convention is part of the text wherever a function is named.
    let f: Activation = "torch:leaky_relu(0.2)".parse().unwrap();
    assert_eq!(f.to_string(), "leaky_relu(negative_slope=0.2, weight_at_zero=0)");
    assert_eq!("candle:ops::selu".parse::<Activation>().unwrap().scalar(0.0f32).unwrap().1, 1.7580993);
    assert_eq!("PyTorch".parse(), Ok(Convention::Torch));
}

/// By the definition that Keras documents. The values where a limit, a slope and a threshold below 0 meet are known from a
/// converter whose results were compared with it.
#[test]
fn relu_of_keras_with_its_arguments() {
    let f: Activation = "keras:ReLU(max_value=1, threshold=-1, negative_slope=1)".parse().unwrap();
    for (x, y) in [(1.5, 1.0), (0.5, 0.5), (-0.5, -0.5), (-1.0, -1.0), (-1.5, -0.5)] {
        assert_eq!(f.scalar(x).unwrap().0, y, "{f} of {x}");
    }
    assert_eq!("keras:relu(negative_slope=0.1)".parse::<Activation>().unwrap().scalar(-1.0f64).unwrap().0, -0.1);
    // A limit below the threshold, and one that is not there.
    let f: Activation = "keras_relu(max_value=-2, threshold=1, negative_slope=0.5)".parse().unwrap();
    assert_eq!(
        [-4.0, -2.0, 0.0, 9.0].map(|x| f.scalar(x).unwrap()),
        [(-2.5, 0.5), (-2.0, 0.0), (-2.0, 0.0), (-2.0, 0.0)]
    );
    let f: Activation = "keras_relu(max_value=inf, threshold=1)".parse().unwrap();
    assert_eq!(f.scalar(f32::INFINITY), Some((f32::INFINITY, 1.0)));
    assert_eq!(f.scalar(f32::NEG_INFINITY), Some((0.0, 0.0)));
    // Next to a threshold that f32 has not, the difference keeps its digits, and 0.1 of f32 lies above it.
    let f: Activation = "keras_relu(threshold=0.1, negative_slope=1)".parse().unwrap();
    assert_eq!(f.scalar(0.1f32), Some((0.1, 1.0)));
    let next = 0.1f32.next_down();
    assert_eq!(f.scalar(next).unwrap().0, (f64::from(next) - 0.1) as f32);
    assert!("keras_relu(max_value=-inf)".parse::<Activation>().is_err());
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
