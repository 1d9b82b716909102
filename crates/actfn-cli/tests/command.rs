//! The command as its users type it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use assert_cmd::Command;
use flate2::Compression;
use flate2::write::GzEncoder;
use predicates::prelude::*;
use predicates::str::contains;

fn actfn(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("actfn").unwrap();
    command.args(arguments);
    command
}

fn output(arguments: &[&str]) -> String {
    String::from_utf8(actfn(arguments).assert().success().get_output().stdout.clone()).unwrap()
}

/// `actfn compare` made small, with more options.
fn small<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["compare", "--width", "16", "--epochs", "3", "--seeds", "2"];
    arguments.extend(more);
    arguments
}

fn json(arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&output(arguments)).unwrap()
}

/// A comparison without its times, which alone may differ between runs.
fn without_times(mut comparison: serde_json::Value) -> serde_json::Value {
    for result in comparison["results"].as_array_mut().unwrap() {
        assert!(result.as_object_mut().unwrap().remove("step_ms").is_some());
    }
    comparison
}

/// A file that the test's directory keeps until the test ends.
struct Directory(tempfile::TempDir);

impl Directory {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path: PathBuf = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_string()
    }
}

#[test]
fn the_same_seeds_give_the_same_table_whatever_the_threads() {
    let run = |threads| {
        let options = ["--activations", "tanh,maxout", "--depths", "1,3", "--json", "--threads", threads];
        without_times(json(&small(&options)))
    };
    let first = run("1");
    assert_eq!(first, run("1"));
    assert_eq!(first, run("3"));
    assert_eq!(first["results"].as_array().unwrap().len(), 4);
}

#[test]
fn the_table_says_what_was_done_and_what_it_shows() {
    let text = output(&small(&["--activations", "relu,perceptron", "--depths", "1"]));
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let row =
        |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name} in {text}"));
    assert!(row("relu ").contains(" 1.0 "), "{text}");
    assert!(row("perceptron ").contains("none  100 %      100 %"), "{text}");
    for words in [
        "1797 rows of 64 numbers in 10 classes",
        "He normal for relu",
        "Learning rate: of 0.003, 0.01, 0.03, 0.1",
        "The test rows were looked at once",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert_eq!(text.lines().filter(|line| line.starts_with('→')).count(), 3, "{text}");
}

#[test]
fn deep_sigmoid_networks_fail_and_others_do_not() {
    let options =
        ["compare", "--activations", "sigmoid,selu", "--depths", "8", "--width", "32", "--epochs", "6", "--seeds", "1"];
    let comparison = json(&[&options[..], &["--json"]].concat());
    let accuracy = |result: usize| comparison["results"][result]["test_accuracies"][0].as_f64().unwrap();
    assert!(accuracy(0) < 0.2 && accuracy(1) > 0.9, "{comparison}");
    assert!(comparison["findings"][1].as_str().unwrap().contains("sigmoid at depth 8"), "{comparison}");
}

#[test]
fn reads_files_of_numbers_and_classes() {
    let directory = Directory::new();
    // Two clouds that a line parts.
    let rows: String = (0..60)
        .map(|i| {
            let (x, y) = ((i * 37 % 11) as f64 / 10.0, (i * 17 % 7) as f64 / 10.0);
            if i % 2 == 0 { format!("{x},red,{y}\n") } else { format!("{},blue,{y}\n", x + 3.0) }
        })
        .collect();
    let text = format!("x,colour,y\n{rows}");
    let plain = directory.file("clouds.csv", text.as_bytes());
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    let packed = directory.file("clouds.csv.gz", &encoder.finish().unwrap());

    let run = |file: &str| {
        let options = ["--activations", "tanh", "--depths", "1", "--target", "colour", "--json", "--data", file];
        let mut arguments = small(&options);
        arguments[4] = "40";
        without_times(json(&arguments))
    };
    let (plain, packed) = (run(&plain), run(&packed));
    assert_eq!(plain["results"], packed["results"]);
    assert_eq!((&plain["features"], &plain["classes"]), (&2.into(), &2.into()));
    assert_eq!(plain["results"][0]["test_accuracies"], serde_json::json!([1.0, 1.0]));
}

#[test]
fn a_bad_file_is_an_error_with_its_place() {
    let directory = Directory::new();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(b"a,b\n").unwrap();
    encoder.write_all(&b"1,x\n2,y\n".repeat(1000)).unwrap();
    let packed = encoder.finish().unwrap();
    let cases: [(&[u8], &str); 9] = [
        (b"", "is empty"),
        (b"a,b\n", "has a header line but no rows"),
        (b"a,b\n1,x\n2\n", "line 3: 1 field, but the first line has 2, separated by commas"),
        (b"a,b\n1,x\ntwo,y\n3,y\n", "line 3, column `a`: `two` is not a number"),
        (b"a,b\n1,x\nNaN,y\n", "line 3, column `a`: the value is missing"),
        (b"a,c\n1,x\n2,y\n", "has no column `b`; its columns are `a`, `c`"),
        (b"a,b\n1,x\n2,x\n3,x\n", "all rows are of the class `x`"),
        (b"a,b\n1,x\n2,x\n3,x\n4,y\n", "the class `y` has 1 of the 4 rows"),
        (&packed[..packed.len() - 20], "the file is cut short"),
    ];
    for (bytes, problem) in cases {
        let file = directory.file("data.csv", bytes);
        actfn(&small(&["--target", "b", "--data", &file]))
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(format!("error: {file}")).and(contains(problem)));
    }
    actfn(&small(&["--data", "no-such-file.csv"])).assert().code(2).stderr("error: no-such-file.csv: no such file\n");
}

#[test]
fn bad_options_are_errors_with_a_remedy() {
    let cases: [(&[&str], &str); 8] = [
        (&["--activations", "relu,tahn"], "there is no activation `tahn`: did you mean `tanh`?"),
        (&["--activations", "leaky_relu(slope=1)"], "`leaky_relu` has no parameter `slope`: it has `negative_slope`"),
        (&["--activations", "maxout(num_pieces=99)"], "maxout(num_pieces=99) cannot give hidden layers of 16 units"),
        (&["--activations", ""], "there is no activation ``"),
        (&["--depths", "2,0"], "0 is not in 1..=256"),
        (&["--seeds", "0"], "0 is not in 1..=1000"),
        (&["--threads", "many"], "invalid digit"),
        (&["--target", "b"], "--data <FILE>"),
    ];
    for (options, problem) in cases {
        let mut arguments = vec!["compare"];
        if options[0] != "--seeds" {
            arguments.extend(["--seeds", "1"]);
        }
        arguments.extend(["--width", "16", "--epochs", "1"]);
        arguments.extend(options);
        actfn(&arguments).assert().code(2).stdout("").stderr(contains(problem));
    }
}

#[test]
fn functions_with_parameters_stand_in_lists() {
    let list = "leaky_relu(0.3),maxout(num_pieces=3, even_split=1),Tanh";
    let comparison = json(&small(&["--activations", list, "--depths", "1", "--json"]));
    let names: Vec<&str> =
        comparison["results"].as_array().unwrap().iter().map(|result| result["activation"].as_str().unwrap()).collect();
    assert_eq!(names, ["leaky_relu(negative_slope=0.3)", "maxout(num_pieces=3, even_split=1)", "tanh"]);
}

#[test]
fn mixtures_take_turns_from_layer_to_layer() {
    let list = "relu+leaky_relu(0.3),tanh";
    let comparison = json(&small(&["--activations", list, "--depths", "2,3", "--json"]));
    let mixture = &comparison["results"][1];
    assert_eq!(mixture["activation"], "relu+leaky_relu(negative_slope=0.3)");
    let layers = mixture["before"]["layers"].as_array().unwrap();
    let names: Vec<&str> = layers.iter().map(|layer| layer["activation"].as_str().unwrap()).collect();
    assert_eq!(names, ["relu", "leaky_relu(negative_slope=0.3)", "relu"]);
    actfn(&small(&["--activations", list, "--depths", "1,2"]))
        .assert()
        .code(2)
        .stderr(contains("activations is relu+leaky_relu(negative_slope=0.3): each depth needs a layer for each"));
}

#[test]
fn eval_prints_values_and_derivatives() {
    assert_eq!(
        output(&["eval", "sigmoid", "--exact", "--", "-1", "0", "2.5"]),
        "   x        f(x)       f′(x)\n\
         -1.0  0.26894143  0.19661193\n \
         0.0         0.5        0.25\n \
         2.5   0.9241418  0.07010372\n"
    );
    assert_eq!(output(&["eval", "relu", "-3", "4"]), "   x  f(x)  f′(x)\n-3.0   0.0    0.0\n 4.0   4.0    1.0\n");
    assert_eq!(
        output(&["eval", "tanh", "--dtype", "bf16", "0.5"]),
        "  x        f(x)       f′(x)\n0.5  0.46289063  0.78515625\n"
    );
    assert!(output(&["eval", "tanh", "--dtype", "f64", "0.5"]).contains("0.46211715726000"));
    assert!(output(&["eval", "tanh", "nan", "inf"]).contains("NaN   NaN    NaN\ninf   1.0    0.0\n"));
}

#[test]
fn eval_prints_the_jacobian_of_a_function_of_rows() {
    assert_eq!(
        output(&["eval", "maxout", "1", "3", "-2", "-5"]),
        "     x  1.0   3.0  -2.0  -5.0\n\
         \x20 f(x)  3.0  -2.0\n\
         ∂f₁/∂x  0.0   1.0   0.0   0.0\n\
         ∂f₂/∂x  0.0   0.0   1.0   0.0\n"
    );
}

#[test]
fn eval_refuses_with_a_remedy() {
    actfn(&["eval", "sigmiod", "1"]).assert().code(2).stderr(contains("did you mean `sigmoid`?"));
    actfn(&["eval", "sigmoid", "one"]).assert().code(2).stderr(contains("'one'"));
    actfn(&["eval", "sigmoid"]).write_stdin("").assert().code(2).stderr("error: stdin: there are no numbers in it\n");
    actfn(&["eval", "maxout", "1", "2", "3"])
        .assert()
        .code(2)
        .stderr("error: maxout has no meaning for a row of 3 numbers\n");
    actfn(&["eval", "tanh", "--exact", "--dtype", "f64", "1"])
        .assert()
        .code(2)
        .stderr(contains("use f32, f16 or bf16"));
}

/// Ctrl-C ends the program in its own way, so that it can clear its progress bar, and at once.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_with_code_130() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("actfn"))
        .args(["compare", "--epochs", "1000000"])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_secs(2));
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn eval_follows_conventions() {
    let text = "         x        f(x)  f′(x)\n-3.0     -0.03   0.01\n 0.0       0.0   0.01\n";
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let assert = actfn(&["eval", "LeakyReLU", "--convention", "torch", "--", "-3", "0"]).assert().success();
    let output = assert.get_output();
    assert_eq!(squeezed(&String::from_utf8_lossy(&output.stdout)), squeezed(text));
    let words = "`nn.LeakyReLU` of PyTorch is `leaky_relu(negative_slope=0.01, weight_at_zero=0)`\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), words);
    assert!(self::output(&["eval", "torch:leaky_relu", "0"]).contains("0.01"));
    actfn(&["eval", "squareplus", "--convention", "torch", "1"])
        .assert()
        .code(2)
        .stderr(contains("PyTorch has no activation `squareplus`: the nearest name there is `nn.Softplus`"));
    actfn(&["eval", "relu", "--convention", "theano", "1"]).assert().code(2).stderr(contains("`page`, `torch`, `jax`"));
}

#[test]
fn eval_reads_and_writes_csv() {
    let directory = Directory::new();
    let file = directory.file("x.csv", b"a,b\n-1,2\n3,-4\n");
    let out = directory.0.path().join("y.csv");
    let out_name = out.to_str().unwrap();
    assert_eq!(output(&["eval", "relu", "--input", &file]), "a,b\n0.0,2.0\n3.0,0.0\n");
    assert_eq!(output(&["eval", "relu", "--input", &file, "--derivative", "--output", out_name]), "");
    assert_eq!(fs::read_to_string(&out).unwrap(), "a,b\n0.0,1.0\n1.0,0.0\n");
    // A function of rows: two columns become one, which the names no longer fit.
    assert_eq!(output(&["eval", "maxout", "--input", &file]), "2.0\n3.0\n");
    let piped = actfn(&["eval", "abs", "--format", "json"]).write_stdin("-1\ninf\n").assert().success();
    let json: serde_json::Value = serde_json::from_slice(&piped.get_output().stdout).unwrap();
    assert_eq!(json["values"], serde_json::json!([[1.0], ["inf"]]));

    for (bytes, problem) in [
        (&b""[..], "there are no numbers in it"),
        (b"1,2\n3\n", "line 2 has 1 numbers, those before it have 2"),
        (b"1,2\n3,x\n", "line 2, column 2: `x` is not a number"),
    ] {
        let bad = directory.file("bad.csv", bytes);
        actfn(&["eval", "relu", "--input", &bad, "--output", out_name])
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(format!("error: {bad}")).and(contains(problem)));
    }
    assert_eq!(fs::read_to_string(&out).unwrap(), "a,b\n0.0,1.0\n1.0,0.0\n", "an error leaves the file as it was");
    actfn(&["eval", "relu", "--input", "none.csv"]).assert().code(2).stderr("error: none.csv: no such file\n");
}

#[test]
fn eval_keeps_the_shape_and_format_of_npy_files() {
    fn npy<T: npyz::AutoSerialize + Copy>(values: &[T], shape: &[u64]) -> Vec<u8> {
        use npyz::WriterBuilder;
        let mut bytes = Vec::new();
        let mut writer = npyz::WriteOptions::new().default_dtype().shape(shape).writer(&mut bytes).begin_nd().unwrap();
        writer.extend(values.iter().copied()).unwrap();
        writer.finish().unwrap();
        bytes
    }
    let directory = Directory::new();
    let out = directory.0.path().join("y.npy");
    let run = |bytes: &[u8], arguments: &[&str]| {
        let file = directory.file("x.npy", bytes);
        output(&[&["eval"], arguments, &["--input", &file, "--output", out.to_str().unwrap()]].concat());
        fs::read(&out).unwrap()
    };
    let shape = [2, 1, 3];
    let x = [-1.0f32, 0.0, 2.0, 5.0, -6.0, 0.5];
    assert_eq!(run(&npy(&x, &shape), &["relu"]), npy(&x.map(|x| x.max(0.0)), &shape));
    let x64 = x.map(f64::from);
    assert_eq!(run(&npy(&x64, &shape), &["relu"]), npy(&x64.map(|x| x.max(0.0)), &shape));
    let x16 = x.map(half::f16::from_f32);
    assert_eq!(run(&npy(&x16, &shape), &["abs"]), npy(&x.map(|x| half::f16::from_f32(x.abs())), &shape));
    // The last axis is the row; the Jacobian gets one more.
    assert_eq!(run(&npy(&[0.0f32; 4], &[2, 2]), &["softmax"]), npy(&[0.5f32; 4], &[2, 2]));
    let jacobian = [0.25f32, -0.25, -0.25, 0.25];
    assert_eq!(
        run(&npy(&[0.0f32; 4], &[2, 2]), &["softmax", "--derivative"]),
        npy(&[jacobian, jacobian].concat(), &[2, 2, 2])
    );
    let integers = directory.file("i.npy", &npy(&[1i64, 2], &[2]));
    actfn(&["eval", "relu", "--input", &integers]).assert().code(2).stderr(contains("save it as float16, float32"));
    let cut = directory.file("cut.npy", &npy(&x, &shape)[..100]);
    actfn(&["eval", "relu", "--input", &cut]).assert().code(2).stderr(contains(format!("error: {cut}")));
}

#[test]
fn list_filters_by_properties() {
    let names = |arguments: &[&str]| -> Vec<String> {
        let text = output(&[&["list", "--format", "csv"], arguments].concat());
        text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_string()).collect()
    };
    let all = names(&[]);
    assert_eq!(all.len(), actfn::catalogue().len());
    let rows = names(&["--rowwise"]);
    assert!(rows.contains(&"softmax".to_string()) && rows.len() + names(&["--elementwise"]).len() == all.len());
    let both = names(&["--smooth", "--bounded", "--zero-centred", "--monotonic"]);
    assert!(both.contains(&"tanh".to_string()) && !both.contains(&"sigmoid".to_string()), "{both:?}");
    assert!(!both.contains(&"hardtanh".to_string()) && !both.contains(&"sine".to_string()), "{both:?}");
    assert!(names(&["--search", "YOLOv4"]).contains(&"mish".to_string()));
    assert!(output(&["list", "--in", "jax"]).contains("jax.nn.hard_silu"));
    assert_eq!(output(&["list", "--search", "no such thing"]), "No function has all of these properties.\n");
    let json = json(&["list", "--search", "selu", "--format", "json"]);
    assert_eq!(json[0]["self_normalising"], true);
    assert!(output(&["list", "--format", "markdown"]).starts_with("| name "));
}

#[test]
fn show_tells_all() {
    let text = output(&["show", "relu"]);
    for words in ["max(x, 0)", "⠊", "forward gain         1.414214", "dead", "PyTorch", "f′(0) = 0", "Nair"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert!(output(&["show", "gelu", "--convention", "jax"]).starts_with("`jax.nn.gelu` of JAX is `gelu_tanh`"));
    assert!(output(&["show", "tanh", "--format", "markdown"]).contains("```math\nf(x)=\\tanh x="));
    assert!(output(&["show", "tanh", "--format", "csv"]).contains("\nzero-centred,yes\n"));
    let facts = json(&["show", "leaky_relu", "--format", "json"]);
    assert_eq!(facts["frameworks"][1]["kinks"], serde_json::json!([{"x": 0.0, "derivative": 0.01}]));
    assert_eq!(facts["frameworks"][3]["parameters"], serde_json::json!({"negative_slope": 0.2, "weight_at_zero": 0.0}));
    actfn(&["show", "sigmod"])
        .assert()
        .code(2)
        .stderr("error: there is no activation `sigmod`: did you mean `sigmoid`?\n");
}

#[test]
fn plot_draws_svg_and_png() {
    let directory = Directory::new();
    let path = |name: &str| directory.0.path().join(name).to_str().unwrap().to_string();
    let svg = path("two.svg");
    assert_eq!(output(&["plot", "torch:leaky_relu", "softmax", "-o", &svg]), "");
    let text = fs::read_to_string(&svg).unwrap();
    for words in ["<svg width=\"640\"", "leaky_relu(negative_slope=0.01", "softmax of (x, 0)", "(derivative)"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    output(&["plot", "relu", "--no-derivative", "--range", "-1,1", "-o", &svg]);
    assert!(!fs::read_to_string(&svg).unwrap().contains("derivative"));
    let png = path("one.png");
    output(&["plot", "gelu", "-o", &png]);
    let bytes = fs::read(&png).unwrap();
    assert_eq!((&bytes[1..4], &bytes[16..24]), (&b"PNG"[..], &[0, 0, 5, 0, 0, 0, 3, 32][..])); // 1280 × 800
    let gif = path("one.gif");
    actfn(&["plot", "gelu", "-o", &gif]).assert().code(2).stderr(contains("must end in .svg or .png"));
    actfn(&["plot", "gelu", "-o", &path("no/such.svg")]).assert().code(2).stderr(contains("cannot be written"));
    actfn(&["plot", "gelu", "--range", "3,1", "-o", &svg]).assert().code(2).stderr(contains("the smaller"));
}

/// `actfn docs crates/actfn/docs/reference` mends what this finds.
#[test]
fn the_reference_is_what_the_functions_say() {
    let directory = Directory::new();
    output(&["docs", directory.0.path().to_str().unwrap()]);
    let committed = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../actfn/docs/reference"));
    let names = |path: &std::path::Path| {
        let mut names: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&committed), names(directory.0.path()), "files of the reference: run `actfn docs`");
    for name in names(&committed) {
        let [old, new] = [&committed, directory.0.path()].map(|path| fs::read_to_string(path.join(&name)).unwrap());
        assert!(old == new, "{name:?} is out of date: run `actfn docs crates/actfn/docs/reference`");
        assert!(new.len() < 18_000, "{name:?} has {} bytes", new.len());
    }
}

#[test]
fn help_teaches_by_examples() {
    let commands =
        ["list", "show", "plot", "eval", "compare", "claims", "train", "predict", "docs", "completions", "man"];
    for command in commands {
        let help = output(&[command, "--help"]);
        assert!(help.contains("Examples:") && help.contains(&format!("actfn {command}")), "{help}");
        // A line that can be copied is not broken on a terminal of 80 columns.
        let examples = help.lines().skip_while(|line| *line != "Examples:");
        for line in examples.take_while(|line| !line.is_empty()) {
            assert!(line.chars().count() <= 80, "{command}: {line}");
        }
    }
}

#[test]
fn shells_complete_commands_and_options() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = output(&["completions", shell]);
        for word in ["compare", "completions", "delimiter", "activation"] {
            assert!(script.contains(word), "{shell}: {word} in {script}");
        }
    }
    actfn(&["completions", "cmd"]).assert().code(2).stderr(contains("possible values: bash"));
    let directory = Directory::new();
    let script = directory.file("actfn.bash", output(&["completions", "bash"]).as_bytes());
    let complete = format!(
        "source {script}; COMP_WORDS=(actfn train --del); COMP_CWORD=2; _actfn actfn --del train; echo ${{COMPREPLY[@]}}"
    );
    let reply = std::process::Command::new("bash").args(["-c", &complete]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&reply.stdout).trim(), "--delimiter", "{reply:?}");
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let directory = Directory::new();
    let pages = directory.0.path().join("share/man1");
    assert_eq!(output(&["man", pages.to_str().unwrap()]), format!("12 pages in {}\n", pages.display()));
    for (name, words) in [
        ("actfn.1", &[".TH actfn 1", "actfn\\-train(1)"][..]),
        ("actfn-train.1", &["\\-\\-patience", "Examples:\n.nf\n  actfn train \\-\\-data iris"]),
        ("actfn-completions.1", &["powershell"]),
    ] {
        let page = fs::read_to_string(pages.join(name)).unwrap();
        for word in words {
            assert!(page.contains(word), "{word} in {page}");
        }
    }
    let file = directory.file("file", b"");
    actfn(&["man", &file]).assert().code(2).stderr(contains("cannot be made"));
}

/// The program's lines on a terminal of so many columns.
#[cfg(unix)]
fn on_terminal(columns: usize, arguments: &[&str]) -> Vec<String> {
    let mut command = std::process::Command::new("sh");
    let script = format!(r#"stty rows 50 cols {columns}; "$@""#);
    command.args(["-c", &script, "sh"]).arg(assert_cmd::cargo::cargo_bin("actfn")).args(arguments).env("NO_COLOR", "1");
    let bytes = rexpect::session::spawn_command(command, Some(60_000)).unwrap().exp_eof().unwrap();
    // It takes each byte for a character.
    let text = String::from_utf8(bytes.chars().map(|byte| byte as u8).collect()).unwrap();
    // What a bar of progress drew is gone.
    text.lines()
        .map(|line| line.rsplit(['\r', '\x1b']).next().unwrap_or("").trim_start_matches("[2K").to_string())
        .collect()
}

#[cfg(unix)]
#[test]
fn text_is_as_wide_as_the_terminal_and_breaks_between_words() {
    let compare = ["compare", "--data", "iris", "--depths", "1,2", "--width", "8", "--epochs", "2", "--seeds", "1"];
    let long = [&compare[..], &["--activations", "relu,leaky_relu(negative_slope=0.25),tanh", "--diagnose"]].concat();
    let commands: [&[&str]; 6] = [
        &["list"],
        &["list", "--in", "torch"],
        &["show", "selu"],
        &["show", "leaky_relu"],
        &["compare", "--help"],
        &long,
    ];
    let words = |lines: &[String]| -> Vec<String> {
        let words =
            lines.iter().flat_map(|line| line.split_whitespace()).filter(|word| word.chars().all(char::is_alphabetic));
        words.map(String::from).collect()
    };
    for arguments in commands {
        let whole: std::collections::HashSet<String> = words(&on_terminal(200, arguments)).into_iter().collect();
        let lines = on_terminal(80, arguments);
        for line in &lines {
            assert!(line.chars().count() <= 80, "{arguments:?}: {line}");
        }
        let broken: Vec<String> = words(&lines).into_iter().filter(|word| !whole.contains(word)).collect();
        assert!(broken.is_empty(), "{arguments:?}: {broken:?} in {}", lines.join("\n"));
    }
    for line in on_terminal(60, &["list"]) {
        assert!(line.chars().count() <= 60, "{line}");
    }
    let lines = on_terminal(80, &long);
    assert!(lines.iter().any(|line| line == "leaky_relu(negative_slope=0.25)"), "above its rows: {}", lines.join("\n"));
}

#[test]
fn tables_fit_100_columns() {
    let row = "eval softmax 1 2 3 4 5 6 7 8 9 10 11 12";
    let commands = ["list", "list --in torch", "list --in jax", "list --rowwise", "show selu", "show leaky_relu", row];
    for command in commands {
        let text = output(&command.split(' ').collect::<Vec<_>>());
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{command}: {line}");
        }
    }
    let text = output(&["list"]);
    assert!(text.lines().count() < 80, "about a line for each function: {text}");
}

#[test]
fn json_and_csv_are_formats_of_everything_that_prints_a_table() {
    for (command, begins) in [
        ("list --elementwise", "name,range,smoothness,"),
        ("show gelu", "property,value"),
        ("eval tanh 1", "x,f(x),f′(x)"),
        ("claims edges", "claim,page,"),
        ("compare --activations relu --depths 1 --width 8 --epochs 1 --seeds 1", "activation,depth,"),
    ] {
        let arguments: Vec<&str> = command.split(' ').collect();
        json(&[&arguments[..], &["--json"]].concat());
        let text = output(&[&arguments[..], &["--csv"]].concat());
        assert!(text.starts_with(begins), "{command}: {text}");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert!(reader.records().map(Result::unwrap).count() >= 1, "{command}");
        actfn(&[&arguments[..], &["--csv", "--json"]].concat())
            .assert()
            .code(2)
            .stderr(contains("cannot be used with"));
    }
}

#[test]
fn the_diagnosis_names_cause_and_change() {
    let options = ["--activations", "sigmoid,relu", "--depths", "8"];
    let text = output(&small(&options)).replace("\n         ", " ");
    let line = text.lines().find(|line| line.starts_with("failure  sigmoid at depth 8, before training")).unwrap();
    assert!(
        line.contains("the gradient vanishes") && line.contains("Cause: the activation: √E f′(z)² is 0.21"),
        "{line}"
    );
    assert!(line.contains("Try: a function that passes gradients"), "{line}");

    let text = output(&small(&[&options[..], &["--diagnose"]].concat()));
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    for words in ["10 % warn, 50 % fail", "τ = 0.025", "sigmoid at depth 8, after training\n", "of next  predicted"] {
        assert!(text.contains(words), "{words} in {text}");
    }

    let comparison = json(&small(&[&options[..], &["--json"]].concat()));
    let layers = comparison["results"][0]["before"]["layers"].as_array().unwrap();
    assert_eq!(layers.len(), 8);
    assert!(layers[7]["predicted_attenuation"].is_null(), "nothing is behind the last layer");
    let [predicted, first, second] =
        [&layers[0]["predicted_attenuation"], &layers[0]["gradient_norm"], &layers[1]["gradient_norm"]]
            .map(|number| number.as_f64().unwrap());
    assert!((first / second / predicted - 1.0).abs() < 0.3, "{first} / {second}, not {predicted}");
    assert_eq!(comparison["results"][0]["diagnosis"][0]["severity"], "failure");
}

/// Whether a report needs nothing from elsewhere, and is well-formed where a machine can tell.
fn is_a_whole_page(html: &str) {
    assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>"));
    for outside in ["<script", "<link", "src=", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    for tag in ["svg", "table", "section", "figure", "details"] {
        let [open, close] = [format!("<{tag}"), format!("</{tag}>")].map(|tag| html.matches(&tag).count());
        assert!(open == close, "{tag}: {open} and {close}");
    }
}

#[test]
fn reports_are_whole_pages() {
    let directory = Directory::new();
    // Names are text, not markup.
    let rows: String = (0..60).map(|i| format!("{}.5,{}\n", i % 7, if i % 2 == 0 { "<b>" } else { "c" })).collect();
    let data = directory.file("<i>.csv", format!("x,kind\n{rows}").as_bytes());
    let path = directory.0.path().join("report.html");
    let path = path.to_str().unwrap();
    let options = ["--activations", "relu,maxout,perceptron", "--depths", "1,2", "--report", path, "--data", &data];
    let text = output(&small(&options));
    assert!(text.contains("→ "), "the table is printed too: {text}");
    let html = fs::read_to_string(path).unwrap();
    is_a_whole_page(&html);
    assert!(!html.contains("<i>.csv") && html.contains("&lt;i&gt;.csv"));
    // Curves and gradients at two depths; before and after training for six networks.
    assert_eq!(html.matches("<svg").count(), 2 + 2 + 12);
    for words in ["Learning curves", "relu at depth 2, after training", "Thresholds", "maxout", "100 %"] {
        assert!(html.contains(words), "{words}");
    }

    output(&["claims", "selu_fixed_point", "edges", "--report", path]);
    let html = fs::read_to_string(path).unwrap();
    is_a_whole_page(&html);
    assert!(html.contains("holds with a correction") && html.matches("<svg").count() == 1);

    let nowhere = directory.0.path().join("no/report.html");
    actfn(&["claims", "edges", "--report", nowhere.to_str().unwrap()])
        .assert()
        .code(2)
        .stderr(contains("cannot be written"));
}
