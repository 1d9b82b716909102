//! Experiments in small: what is learnt, what is reported, and that nothing depends on chance or threads.

use actfn_lab::{Architecture, Comparison, Dataset, Diagnosis, Error, Outcome, Settings, Splits, Training};

fn digits() -> (Dataset, Splits) {
    let digits = Dataset::digits();
    let splits = Splits::new(&digits).unwrap();
    (digits, splits)
}

/// A network for the digits.
fn architecture(width: usize, names: &[&str]) -> Architecture {
    let activations = names.iter().map(|name| name.parse().unwrap()).collect();
    Architecture { inputs: 64, width, classes: 10, activations }
}

fn settings(names: &[&str]) -> Settings {
    Settings {
        activations: names.iter().map(|name| name.parse().unwrap()).collect(),
        depths: vec![1],
        width: 16,
        epochs: Some(3),
        seeds: 2,
        learning_rates: vec![0.03, 0.1],
        threads: 2,
        ..Settings::default()
    }
}

/// All that must be the same whenever the seeds are: everything but the times.
fn reproducible(comparison: &Comparison) -> serde_json::Value {
    let mut value = serde_json::to_value(comparison).unwrap();
    for result in value["results"].as_array_mut().unwrap() {
        assert!(result.as_object_mut().unwrap().remove("step_ms").is_some());
    }
    value
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let (digits, splits) = digits();
    let settings = settings(&["tanh", "maxout", "perceptron"]);
    let run = |threads| reproducible(&Settings { threads, ..settings.clone() }.run(&digits, &splits, |_| {}).unwrap());
    let alone = run(1);
    assert_eq!(alone, run(4));
    assert_eq!(alone, run(1));
}

#[test]
fn other_seeds_give_other_networks() {
    let (_, splits) = digits();
    let tanh = architecture(16, &["tanh"]);
    let accuracies: Vec<f64> = (1..4)
        .map(|seed| {
            let training = Training { learning_rate: 0.01, epochs: 1, batch: 64, seed };
            training.run(&tanh, &splits.train, |_| {}).unwrap().network.accuracy(&splits.train)
        })
        .collect();
    assert!(accuracies[0] != accuracies[1] || accuracies[1] != accuracies[2], "{accuracies:?}");
}

#[test]
fn shallow_networks_learn_digits() {
    let (digits, splits) = digits();
    let comparison =
        Settings { epochs: Some(10), ..settings(&["relu", "tanh"]) }.run(&digits, &splits, |_| {}).unwrap();
    for result in &comparison.results {
        assert!(result.accuracy() > 0.93, "{}: {}", result.activation, result.accuracy());
        assert!((result.accuracy() - result.validation_accuracy).abs() < 0.05);
        assert_eq!(result.gradient_ratio, Some(1.0), "one layer is both first and last");
    }
}

/// The same choice by hand: the rate that validates best, and the test accuracies of its networks.
#[test]
fn reported_are_the_networks_of_the_rate_that_validates_best() {
    let (digits, splits) = digits();
    let settings = settings(&["sigmoid"]);
    let architecture = architecture(16, &["sigmoid"]);
    let networks = |learning_rate| {
        [1, 2].map(|seed| {
            let training = Training { learning_rate, epochs: 3, batch: 64, seed };
            training.run(&architecture, &splits.train, |_| {}).unwrap().network
        })
    };
    let validation =
        |rate| networks(rate).iter().map(|network| network.accuracy(&splits.validation)).sum::<f64>() / 2.0;
    assert!(validation(0.1) > validation(0.03), "the larger rate, which comes second, is the better one here");

    let comparison = settings.run(&digits, &splits, |_| {}).unwrap();
    let result = &comparison.results[0];
    assert_eq!((result.learning_rate, result.validation_accuracy), (0.1, validation(0.1)));
    assert_eq!(result.test_accuracies, networks(0.1).map(|network| network.accuracy(&splits.test)));
}

#[test]
fn the_gradient_of_deep_sigmoid_networks_vanishes() {
    let (digits, splits) = digits();
    let comparison =
        Settings { depths: vec![8], ..settings(&["sigmoid", "selu"]) }.run(&digits, &splits, |_| {}).unwrap();
    let [sigmoid, selu] = &comparison.results[..] else { panic!("two results") };
    assert!(sigmoid.accuracy() < 0.2, "{}", sigmoid.accuracy());
    assert!(sigmoid.gradient_ratio.unwrap() < 1e-3);
    assert!(selu.accuracy() > 0.8, "{}", selu.accuracy());
    assert!((0.2..5.0).contains(&selu.gradient_ratio.unwrap()), "{:?}", selu.gradient_ratio);
}

#[test]
fn behind_a_step_function_nothing_learns() {
    let (_, splits) = digits();
    let perceptron = architecture(16, &["perceptron", "perceptron"]);
    let training = Training { learning_rate: 0.1, epochs: 3, batch: 64, seed: 1 };
    let trained = training.run(&perceptron, &splits.train, |_| {}).unwrap();
    let diagnosis = Diagnosis::of(&trained.network, &splits.train);
    assert_eq!((diagnosis.stuck(), diagnosis.saturated(), diagnosis.gradient_ratio()), (1.0, Some(1.0), None));
    // The output layer learns by itself.
    assert!(trained.network.accuracy(&splits.test) > trained.untrained.accuracy(&splits.test) + 0.2);
}

#[test]
fn half_of_relus_inputs_are_on_its_flat_side_at_first() {
    let (_, splits) = digits();
    let relu = architecture(64, &["relu"]);
    let training = Training { learning_rate: 0.1, epochs: 0, batch: 64, seed: 1 };
    let untrained = training.run(&relu, &splits.train, |_| {}).unwrap();
    let diagnosis = Diagnosis::of(&untrained.network, &splits.train);
    assert!((0.4..0.6).contains(&diagnosis.saturated().unwrap()), "{diagnosis:?}");
    assert_eq!((diagnosis.layers.len(), diagnosis.layers[0].units, diagnosis.dead()), (1, 64, 0.0));
}

#[test]
fn a_network_that_diverges_is_reported_as_such() {
    let (digits, splits) = digits();
    let settings = Settings { depths: vec![4], learning_rates: vec![1e6], ..settings(&["relu"]) };
    let done = std::sync::atomic::AtomicUsize::new(0);
    let comparison = settings
        .run(&digits, &splits, |work| {
            done.fetch_add(work, std::sync::atomic::Ordering::Relaxed);
        })
        .unwrap();
    assert_eq!(comparison.results[0].diverged, 2);
    assert_eq!(done.into_inner(), settings.work(&splits), "work not done counts as done");
    assert!(comparison.to_string().contains("Nothing learns"), "{comparison}");
}

#[test]
fn maxout_has_its_width_after_taking_the_maximum() {
    let network = |names: &[&str]| architecture(10, names);
    assert_eq!(network(&["maxout", "maxout(num_pieces=5)", "relu"]).pre_activations().unwrap(), [20, 50, 10]);
    let error = network(&["relu", "maxout(num_pieces=65)"]).pre_activations().unwrap_err();
    assert_eq!(error.to_string(), "maxout(num_pieces=65) cannot give hidden layers of 10 units");
}

#[test]
fn mixtures_take_turns_through_the_layers() {
    let (digits, splits) = digits();
    let settings = Settings { depths: vec![3], learning_rates: vec![0.1], ..settings(&["relu+tanh", "relu", "tanh"]) };
    let comparison = settings.run(&digits, &splits, |_| {}).unwrap();
    let [mixture, relu, tanh] = &comparison.results[..] else { panic!("three results") };
    assert_eq!((&mixture.activation[..], &mixture.initialisation[..]), ("relu+tanh", "He normal+Glorot uniform"));
    let names = |outcome: &Outcome| -> Vec<String> {
        outcome.before.as_ref().unwrap().layers.iter().map(|layer| layer.activation.to_string()).collect()
    };
    assert_eq!(names(mixture), ["relu", "tanh", "relu"]);
    assert_eq!(names(relu), ["relu"; 3]);
    // The same by hand.
    let training = Training { learning_rate: 0.1, epochs: 3, batch: 64, seed: 1 };
    let by_hand = training.run(&architecture(16, &["relu", "tanh", "relu"]), &splits.train, |_| {}).unwrap();
    assert_eq!(mixture.test_accuracies[0], by_hand.network.accuracy(&splits.test));
    assert!(mixture.losses != relu.losses && mixture.losses != tanh.losses);
    assert!(mixture.accuracy() > 0.7, "{}", mixture.accuracy());
    let method = &comparison.method()[1];
    assert!(method.contains("He normal+Glorot uniform for relu+tanh; He normal for relu;"), "{method}");
}

#[test]
fn settings_of_zero_are_refused() {
    let (digits, splits) = digits();
    let refuse = |settings: Settings| match settings.run(&digits, &splits, |_| {}) {
        Err(Error::Setting { setting, .. }) => setting,
        other => panic!("{other:?}"),
    };
    assert_eq!(refuse(Settings { width: 0, ..settings(&["relu"]) }), "width");
    assert_eq!(refuse(Settings { depths: vec![2, 0], ..settings(&["relu"]) }), "depths");
    assert_eq!(refuse(Settings { depths: vec![], ..settings(&["relu"]) }), "depths");
    assert_eq!(refuse(Settings { seeds: 0, ..settings(&["relu"]) }), "seeds");
    assert_eq!(refuse(Settings { learning_rates: vec![], ..settings(&["relu"]) }), "learning_rates");
    assert_eq!(refuse(settings(&[])), "activations");
    assert_eq!(refuse(settings(&["relu+tanh"])), "activations", "there is one layer, and no place for tanh");
    assert_eq!(refuse(Settings { threads: 0, ..settings(&["relu"]) }), "threads");
    assert_eq!(refuse(Settings { batch: 0, ..settings(&["relu"]) }), "batch");
}

/// An outcome by hand.
fn outcome(activation: &str, depth: usize, test_accuracy: f64) -> Outcome {
    Outcome {
        activation: activation.to_string(),
        depth,
        initialisation: "He normal".to_string(),
        learning_rate: 0.03,
        validation_accuracy: 0.9,
        test_accuracies: vec![test_accuracy - 0.01, test_accuracy + 0.01],
        gradient_ratio: Some(1.0),
        stuck: 0.0,
        saturated: Some(0.25),
        diverged: 0,
        before: None,
        after: None,
        diagnosis: Vec::new(),
        losses: Vec::new(),
        step_ms: 0.5,
    }
}

fn comparison(results: Vec<Outcome>) -> Comparison {
    Comparison {
        data: "made up".to_string(),
        training_rows: 600,
        validation_rows: 200,
        test_rows: 200,
        features: 5,
        classes: 4,
        baseline: 0.25,
        width: 64,
        epochs: 30,
        batch: 64,
        seeds: 2,
        learning_rates: vec![0.01, 0.03],
        results,
    }
}

#[test]
fn findings_follow_the_numbers() {
    let [best, failures, depth] = comparison(vec![
        outcome("relu", 2, 0.9),
        outcome("relu", 8, 0.5),
        outcome("selu", 2, 0.89),
        outcome("selu", 8, 0.93),
    ])
    .findings();
    assert_eq!(
        best,
        "Best on the test split is selu at depth 8 with 0.930, but 1 of the other 3 comes within 0.036 of it, which 200 test \
         rows cannot tell apart."
    );
    assert_eq!(
        failures,
        "Far behind are relu at depth 8 (0.500): neither dead units nor a vanishing gradient explain it. Always answering \
         the commonest class gives 0.250."
    );
    assert_eq!(
        depth,
        "From depth 2 to 8, relu goes from 0.900 to 0.500, the worst change, and selu goes from 0.890 to 0.930, the best."
    );
}

#[test]
fn failures_are_explained_by_what_was_measured() {
    let failing = |change: fn(&mut Outcome)| {
        let mut bad = outcome("f", 2, 0.3);
        change(&mut bad);
        let [_, failures, _] = comparison(vec![outcome("g", 2, 0.9), bad]).findings();
        failures
    };
    assert!(failing(|bad| bad.stuck = 1.0).contains("only the output layer learns"));
    assert!(failing(|bad| bad.gradient_ratio = Some(3.2e-5)).contains("vanishes, down to 3.2e-5"));
    assert!(failing(|bad| bad.gradient_ratio = Some(250.0)).contains("explodes, up to 250"));
    assert!(failing(|bad| bad.saturated = Some(0.95)).contains("saturated"));
    assert!(failing(|bad| bad.diverged = 1).contains("grew beyond all bounds"));

    let [_, fine, gradients] = comparison(vec![outcome("f", 3, 0.85), outcome("g", 3, 0.9)]).findings();
    assert_eq!(fine, "All of them learn: the lowest accuracy is 0.850, of f at depth 3.");
    assert!(gradients.starts_with("Before training, the first hidden layer's gradient is 1.0 of"), "{gradients}");
}

#[test]
fn the_table_is_as_wide_as_is_asked_for() {
    let mut long = outcome("leaky_relu(negative_slope=0.25)", 256, 0.5);
    long.gradient_ratio = Some(1.234e-38);
    long.learning_rate = 0.0003;
    long.step_ms = 1234.5;
    let medium = outcome("leaky_relu(0.25)", 2, 0.5);
    let mut rowwise = outcome("maxout", 2, 0.5);
    rowwise.saturated = None;
    rowwise.gradient_ratio = None;
    let comparison = comparison(vec![long, medium, rowwise]);
    assert_eq!(comparison.to_string(), comparison.text(100));
    for (width, rows) in [
        (
            100,
            "leaky_relu(negative_slope=0.25)\n\
             \x20                   256    0.0003  0.500 ± 0.014     1.2e-38    0 %       25 %    1234\n\
             leaky_relu(0.25)      2      0.03  0.500 ± 0.014         1.0    0 %       25 %    0.50\n\
             maxout                2      0.03  0.500 ± 0.014        none    0 %          –    0.50\n",
        ),
        (
            80,
            "leaky_relu(negative_slope=0.25)\n\
             \x20             256    0.0003  0.500 ± 0.014     1.2e-38    0 %       25 %    1234\n\
             leaky_relu(0.25)\n\
             \x20               2      0.03  0.500 ± 0.014         1.0    0 %       25 %    0.50\n\
             maxout          2      0.03  0.500 ± 0.014        none    0 %          –    0.50\n",
        ),
    ] {
        let text = comparison.text(width);
        assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
        assert!(text.contains(rows), "{text}");
    }
}
