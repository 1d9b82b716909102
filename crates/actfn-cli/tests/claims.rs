//! `actfn claims` as its users type it: the numbers that the experiments give.

use assert_cmd::Command;
use serde_json::Value;

fn output(arguments: &[&str]) -> String {
    let assert = Command::cargo_bin("actfn").unwrap().arg("claims").args(arguments).assert().success();
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn json(arguments: &[&str]) -> Vec<Value> {
    serde_json::from_str(&output(&[arguments, &["--json"]].concat())).unwrap()
}

/// A claim tested alone, and its numbers by name.
struct Tested(Value);

impl Tested {
    fn claim(name: &str) -> Self {
        let mut claims = json(&[name]);
        assert_eq!(claims.len(), 1);
        assert_eq!(claims[0]["name"], name);
        Self(claims.remove(0))
    }

    fn value(&self, quantity: &str) -> f64 {
        let measured = self.0["measured"].as_array().unwrap();
        let found = measured.iter().find(|entry| entry["quantity"] == quantity);
        found.unwrap_or_else(|| panic!("{quantity} in {}", self.0))["value"].as_f64().unwrap()
    }

    /// Within a tolerance of what was measured by other means.
    fn is(&self, quantity: &str, expected: f64, tolerance: f64) {
        let value = self.value(quantity);
        assert!((value - expected).abs() <= tolerance, "{quantity}: {value}, not {expected} ± {tolerance}");
    }

    fn verdict(&self) -> &str {
        self.0["verdict"].as_str().unwrap()
    }
}

#[test]
fn hidden_layers_of_perceptrons_do_not_move() {
    let claim = Tested::claim("perceptron");
    assert_eq!((claim.value("with perceptron"), claim.verdict()), (0.0, "holds"));
    assert!(claim.value("with tanh") > 0.1);
}

#[test]
fn sigmoids_lose_three_quarters_in_the_slope_and_not_in_the_layer() {
    let slope = Tested::claim("sigmoid_slope");
    assert_eq!((slope.value("largest σ′"), slope.verdict()), (0.25, "holds"));
    let layers = Tested::claim("sigmoid_layers");
    layers.is("left with 1/n", 0.235, 0.01);
    layers.is("left with 16/n", 0.623, 0.03);
    layers.is("chain of 10 at most", 0.25f64.powi(10), 0.0);
    assert_eq!(layers.verdict(), "holds_with_correction");
}

#[test]
fn gradients_per_layer_at_initialisation() {
    let claim = Tested::claim("vanishing");
    for (name, left, tolerance) in [
        ("perceptron", 0.0, 0.0),
        ("sigmoid", 0.235, 0.01),
        ("tanh", 0.906, 0.015),
        ("arctan", 0.902, 0.015),
        ("relu", 0.999, 0.03),
        ("selu", 1.034, 0.02),
        ("identity", 1.0, 0.02),
    ] {
        claim.is(name, left, tolerance);
    }
    assert_eq!(claim.verdict(), "holds");
}

#[test]
fn selu_keeps_its_fixed_point_with_lecuns_weights_only() {
    let claim = Tested::claim("selu_fixed_point");
    claim.is("mean with LeCun", 0.0, 0.05);
    claim.is("variance with LeCun", 0.97, 0.1);
    // One draw by other means gave 2085, which is 1.13 to the power of 64.
    let [least, he, most] = ["least of them", "variance with He", "most"].map(|quantity| claim.value(quantity));
    assert!(least < he && he < most && least < 2085.0 && 2085.0 < most, "{least} {he} {most}");
    claim.is("factor per layer with He", 1.13, 0.03);
    assert_eq!(claim.verdict(), "holds_with_correction");
}

#[test]
fn the_pages_misprints_are_found() {
    let selu = Tested::claim("selu_derivative");
    selu.is("printed at −1", 0.590, 5e-4);
    selu.is("right at −1", 0.647, 5e-4);
    let softmax = Tested::claim("softmax_derivative");
    assert!(softmax.value("fᵢ (δᵢⱼ − fᵢ), printed") > 0.1 && softmax.value("fᵢ (δᵢⱼ − fⱼ)") < 1e-9);
    let sums = Tested::claim("softmax_sums");
    assert!(sums.value("largest |sum − 1|") < 1e-6);
    sums.is("f₁ at 1000 here", 0.665_240_955, 1e-6);
    assert!(sums.0["measured"][1]["value"].is_null(), "the formula as printed gives NaN");
    for claim in [selu, softmax, sums, Tested::claim("maxout_derivative"), Tested::claim("relu_at_zero")] {
        assert_eq!(claim.verdict(), "holds_with_correction", "{}", claim.0);
    }
}

#[test]
fn outputs_suit_their_tasks() {
    let regression = Tested::claim("identity_regression");
    assert!(regression.value("identity") > 0.3 && regression.value("sigmoid") < -3.0, "{}", regression.0);
    let classification = Tested::claim("softmax_classification");
    assert!(classification.value("accuracy with softmax") > 0.95, "{}", classification.0);
    let centred = Tested::claim("zero_centred");
    assert_eq!((centred.value("one sign after sigmoid"), centred.verdict()), (1.0, "holds"));
    assert!(centred.value("one sign after tanh") < 0.01);
}

#[test]
fn relus_die_in_deep_and_narrow_networks() {
    let claim = Tested::claim("relu_problems");
    let [shallow, deep] = [2, 20].map(|depth| claim.value(&format!("width 2, depth {depth}")));
    assert!(shallow < 0.2 && deep > 0.9, "{}", claim.0);
    claim.is("width 16, depth 20", 0.0, 0.02);
    claim.is("leaky_relu, width 2, depth 20", 0.0, 0.0);
}

#[test]
fn the_same_seed_gives_the_same_numbers_whatever_the_threads() {
    let names = ["vanishing", "perceptron", "softmax_classification", "relu_problems"];
    let run = |more: &[&str]| json(&[&names[..], more].concat());
    let first = run(&["--threads", "1"]);
    assert_eq!(first, run(&["--threads", "4"]));
    assert_ne!(first, run(&["--seed", "2"]));
}

#[test]
fn the_text_is_narrow_and_without_colours_in_a_pipe() {
    let text = output(&["sigmoid_slope", "edges", "selu_derivative"]);
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(
        text.contains("sigmoid_slope: holds\n") && text.contains("selu_derivative: holds with a correction\n"),
        "{text}"
    );
    assert!(text.ends_with("3 claims: 2 hold, 1 holds with a correction, 0 do not hold.\n"), "{text}");
    let csv = output(&["edges", "--csv"]);
    assert!(csv.starts_with("claim,page,experiment,quantity,value,verdict,remark\nedges,"), "{csv}");
    assert_eq!(csv.lines().count(), 4);
    Command::cargo_bin("actfn").unwrap().args(["claims", "edge"]).assert().code(2);
}
