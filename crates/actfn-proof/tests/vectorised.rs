//! The kernels are vector code: their machine code, in this very executable, is disassembled and judged.
//!
//! Nothing else would tell. A definition that calls a function, or branches, gives the right bits ten times slower, and
//! where only one pass, format or instruction set is struck no benchmark need show it. The code for AVX-512 is judged on
//! machines without it, too.
//!
//! Kernels are the copies of `kernel::isa::Compiled::avx2` and `avx512`, one for each task. Stable Rust's symbols do not say which:
//! that stands in the line tables, which this workspace's profile for development has. In them, too, is the source line
//! of an offending instruction. The catalogue's kernels are compiled into the library and linked here as they are.
//!
//! With `--nocapture` it prints how large they are. The optimised library is judged in the same way:
//! `CARGO_PROFILE_RELEASE_DEBUG=line-tables-only cargo test --release -p actfn-proof --test vectorised -- --nocapture`.
#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;

use actfn::Activation;
use addr2line::Loader;
use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic, OpKind, Register};
use object::{Object, ObjectSection, ObjectSymbol, ObjectSymbolTable, RelocationTarget, SymbolKind};
use petgraph::Direction::Incoming;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::NodeFiltered;

/// Kernels known to hold scalar code: the function, and its task. They may not call, as all others; one that has become
/// vector code must leave the list.
///
/// Where LLVM unrolls a loop over lanes whole before it looks for vectors, it may leave them as they are; and it turns some
/// products of dual numbers into branches.
const SCALAR: [(&str, &str); 1] = [("gelu_tanh", "Second")];

/// Functions that look up a table: in `f64`, the digits of 1/2π that count for an angle.
const GATHERING: [&str; 2] = ["sine", "snake"];

/// The scalar operations that an innermost loop over a row may hold: reductions of lanes to one number, and what LLVM
/// leaves of a loop that it has vectorised, are shorter; the body of a function is longer.
const REDUCTION: usize = 8;

#[test]
fn every_kernel_is_vector_code() {
    let functions: Vec<_> = black_box(actfn::catalogue()).collect();
    let program = Program::open();
    let (mut flaws, mut scalar_still) = (Vec::new(), BTreeMap::<_, bool>::new());
    for (instructions, width) in [("avx2", 32), ("avx512", 64)] {
        let kernels = program.functions(&format!("<F as actfn::kernel::isa::Compiled>::{instructions}"));
        let distinct: BTreeMap<u64, &Function> = kernels.iter().map(|kernel| (kernel.address, kernel)).collect();
        let bytes: usize = distinct.values().map(|kernel| kernel.code.len()).sum();
        println!(
            "{instructions}: {} kernels, {} of them alike to another, {bytes} bytes",
            kernels.len(),
            kernels.len() - distinct.len()
        );

        // Where LLVM finds two kernels alike, both symbols stand for one code, which has the name of one of them.
        let missing: Vec<String> = functions
            .iter()
            .flat_map(tasks)
            .filter(|task| !distinct.values().any(|kernel| kernel.task.contains(task.as_str())))
            .collect();
        if missing.len() > kernels.len() - distinct.len() {
            flaws.push(format!("{instructions}: no kernels are found for some of {missing:?}"));
        }
        for kernel in distinct.values() {
            // From f64 to f64 nothing is to be computed, nor where results go past the caches.
            if kernel.task.contains("Map<f64, f64, actfn::kernel::precision::") || kernel.task.contains("rows::Stream<")
            {
                continue;
            }
            if !frame_is_aligned(kernel) {
                flaws.push(format!("{}: its vectors on the stack may lie across two pages", kernel.task));
            }
            let rows = !kernel.task.contains("kernel::loops::");
            let Flaws { calls, gathers, scalar } = program.flaws(kernel, width, rows);
            flaws.extend(calls.iter().map(|flaw| format!("{}: {flaw}", kernel.task)));
            let looks_up = |name: &&str| kernel.task.contains(&format!("functions::{name}::"));
            if !(kernel.task.contains("<f64, ") && GATHERING.iter().any(looks_up)) {
                flaws.extend(gathers.iter().map(|flaw| format!("{}: {flaw}", kernel.task)));
            }
            let known = SCALAR.into_iter().find(|(function, task)| {
                kernel.task.contains(&format!("functions::{function}::")) && kernel.task.contains(task)
            });
            match known {
                Some(known) => *scalar_still.entry(known).or_default() |= !scalar.is_empty(),
                None => flaws.extend(scalar.iter().map(|flaw| format!("{}: {flaw}", kernel.task))),
            }
        }
    }
    let cured = scalar_still.into_iter().filter(|(_, still)| !still);
    flaws.extend(
        cured.map(|((function, task), _)| format!("{task} of {function} is vector code: take it off the list")),
    );
    flaws.dedup(); // of an unrolled loop
    assert!(flaws.is_empty(), "{} flaws in kernels:\n{}", flaws.len(), flaws.join("\n"));
}

/// How the tasks of a function begin, or end, in the names of the kernels.
fn tasks(f: &Activation) -> Vec<String> {
    let name = f.info().name;
    let both = |task: &str| ["f32", "f64"].map(|real| task.replace("REAL", real) + "actfn::functions::" + name + "::");
    if f.is_rowwise() {
        return ["kernel::rows::Forward<REAL, ", "kernel::rows::Backward<REAL, "]
            .iter()
            .flat_map(|t| both(t))
            .collect();
    }
    let passes = ["kernel::loops::Map<REAL, REAL, actfn::kernel::loops::Value<", "kernel::loops::Backward<REAL, "];
    let mut tasks: Vec<String> = passes.iter().flat_map(|task| both(task)).collect();
    tasks.push(format!("kernel::loops::Roughly<f32, actfn::kernel::loops::Value<actfn::functions::{name}::"));
    // Of those that give 0 and NaN only, LLVM may keep one.
    let x: [f64; 99] = std::array::from_fn(|i| i as f64 / 8.0 - 6.0);
    let mut d2y = [0.0; 99];
    f.second_derivative(&x, &mut d2y);
    if d2y.iter().any(|d2y| *d2y != 0.0) {
        tasks.push(format!("kernel::second_derivative::Second<actfn::functions::{name}::"));
    }
    tasks
}

/// This executable.
struct Program {
    lines: Loader,
    /// Names, generic ones without their types, addresses and code.
    functions: Vec<(String, u64, Vec<u8>)>,
    /// Names by address.
    names: BTreeMap<u64, String>,
    /// Names of functions by the address of a pointer to them.
    pointers: BTreeMap<u64, String>,
}

struct Function {
    /// The name with its types, from the line tables.
    task: String,
    address: u64,
    code: Vec<u8>,
}

impl Program {
    fn open() -> Self {
        let path = std::env::current_exe().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let file = object::File::parse(&*bytes).unwrap();
        let name =
            |symbol: &object::Symbol| format!("{:#}", rustc_demangle::demangle(symbol.name().unwrap_or_default()));
        let text = || file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text);
        let names: BTreeMap<u64, String> = text().map(|symbol| (symbol.address(), name(&symbol))).collect();
        let pointers = file.dynamic_relocations().into_iter().flatten().filter_map(|(address, relocation)| {
            let callee = match relocation.target() {
                RelocationTarget::Symbol(index) => name(&file.dynamic_symbol_table()?.symbol_by_index(index).ok()?),
                _ => names.get(&(relocation.addend() as u64))?.clone(),
            };
            Some((address, callee))
        });
        let functions = text().filter_map(|symbol| {
            let section = file.section_by_index(symbol.section_index()?).ok()?;
            let code = section.data_range(symbol.address(), symbol.size()).ok()??;
            Some((name(&symbol), symbol.address(), code.to_vec()))
        });
        let functions = functions.collect();
        Self { lines: Loader::new(&path).unwrap(), functions, pointers: pointers.collect(), names }
    }

    /// The functions of this path, generic ones without their types.
    fn functions(&self, path: &str) -> Vec<Function> {
        let of_path = self.functions.iter().filter(|(name, ..)| name == path);
        of_path
            .map(|(_, address, code)| Function {
                task: self.outermost(*address),
                address: *address,
                code: code.clone(),
            })
            .collect()
    }

    /// The function that this address belongs to, into which others may be inlined.
    fn outermost(&self, address: u64) -> String {
        let (mut frames, mut name) = (self.lines.find_frames(address).unwrap(), String::new());
        while let Some(frame) = frames.next().unwrap() {
            if let Some(function) = frame.function {
                name = function.raw_name().unwrap().into_owned();
            }
        }
        assert!(!name.is_empty(), "no line tables: set CARGO_PROFILE_RELEASE_DEBUG=line-tables-only");
        name
    }

    /// The line of the library that this address comes from, or else of what is inlined there.
    fn line(&self, address: u64) -> String {
        let (mut frames, mut line) = (self.lines.find_frames(address).unwrap(), String::new());
        while let Some(frame) = frames.next().unwrap() {
            if let Some((file, number)) = frame.location.and_then(|location| location.file.zip(location.line)) {
                if line.is_empty() || file.contains("/actfn/src/") {
                    line = format!("{}:{number}", file.rsplit_once("crates/").map_or(file, |(_, file)| file));
                }
                if file.contains("/actfn/src/") {
                    break;
                }
            }
        }
        line
    }

    /// What the calls of a function call, by their addresses. One that is called through a register is one of those that
    /// are loaded from somewhere.
    fn callees(&self, body: &[Instruction]) -> BTreeMap<u64, String> {
        let pointer = |i: &Instruction| {
            i.is_ip_rel_memory_operand().then(|| self.pointers.get(&i.ip_rel_memory_address()).cloned()).flatten()
        };
        let callee = |call: &Instruction| match call.op0_kind() {
            OpKind::NearBranch64 => self.names.get(&call.near_branch_target()).cloned(),
            OpKind::Register => {
                let loaded: BTreeSet<_> =
                    body.iter().filter(|i| i.mnemonic() == Mnemonic::Mov).filter_map(pointer).collect();
                (!loaded.is_empty()).then(|| Vec::from_iter(loaded).join(" or "))
            }
            _ => pointer(call),
        };
        let unknown = |call| format!("an unknown function, `{call}`");
        body.iter().filter(|i| is_call(i)).map(|i| (i.ip(), callee(i).unwrap_or_else(|| unknown(i)))).collect()
    }

    /// What keeps this function from being vector code of this many bytes a register.
    ///
    /// No loop may call, compute with scalars or be without packed arithmetic. Outside of loops both are right: there a
    /// panic is prepared, or what is left of a slice.
    ///
    /// Of rows, and sums, the outermost loop goes over rows or blocks and reduces each of them to single numbers, so only
    /// the innermost loops are judged. These may copy what is left of a row, and hold a [`REDUCTION`].
    fn flaws(&self, function: &Function, width: usize, rows: bool) -> Flaws {
        let flow = flow(function);
        let mut loops = loops(&flow, &flow.node_indices().collect());
        loops.retain(|l| if rows { l.innermost } else { l.outermost });
        let callees = self.callees(&flow.node_weights().flatten().copied().collect::<Vec<_>>());
        let copies = |callee: &str| callee.split(" or ").all(|name| matches!(name, "memcpy" | "memmove" | "memset"));
        let mut flaws = Flaws::default();
        for l in &loops {
            let scalar: Vec<_> = l.body(&flow).filter(|i| is_scalar(i)).collect();
            if scalar.len() > if rows { REDUCTION } else { 0 } {
                let (count, first, line) = (scalar.len(), scalar[0], self.line(scalar[0].ip()));
                flaws.scalar.push(format!("{count} scalar operations in a loop, as `{first}` of {line}"));
            }
            if let Some(gather) = l.body(&flow).find(|i| is_gather(i)) {
                flaws.gathers.push(format!("numbers fetched one by one, `{gather}` of {}", self.line(gather.ip())));
            }
            for call in l.body(&flow).filter(|i| is_call(i)) {
                let callee = &callees[&call.ip()];
                if !(rows && copies(callee)) {
                    flaws.calls.push(format!("a call in a loop, of {callee} by {}", self.line(call.ip())));
                }
            }
        }
        if !loops.iter().flat_map(|l| l.body(&flow)).any(|i| is_packed(i, width)) {
            flaws.scalar.push(format!("no loop with arithmetic in registers of {width} bytes"));
        }
        flaws
    }
}

#[derive(Debug, Default, PartialEq)]
struct Flaws {
    calls: Vec<String>,
    gathers: Vec<String>,
    scalar: Vec<String>,
}

/// Instructions that follow one another wherever they are entered, and which of these may follow which.
type Flow = DiGraph<Vec<Instruction>, ()>;

fn flow(function: &Function) -> Flow {
    let instructions: Vec<_> =
        Decoder::with_ip(64, &function.code, function.address, DecoderOptions::NONE).into_iter().collect();
    let branches =
        |i: &Instruction| matches!(i.flow_control(), FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch);
    let goes_on =
        |i: &Instruction| is_call(i) || matches!(i.flow_control(), FlowControl::Next | FlowControl::ConditionalBranch);
    let mut starts = BTreeSet::from([function.address]);
    for i in instructions.iter().filter(|i| !is_call(i) && i.flow_control() != FlowControl::Next) {
        assert!(i.flow_control() != FlowControl::IndirectBranch, "{}: `{i}` may lead anywhere", function.task);
        starts.insert(i.next_ip());
        starts.extend(branches(i).then(|| i.near_branch_target()));
    }
    let (mut flow, mut blocks) = (Flow::new(), BTreeMap::new());
    for i in &instructions {
        let block =
            if starts.contains(&i.ip()) { flow.add_node(Vec::new()) } else { NodeIndex::new(flow.node_count() - 1) };
        blocks.insert(i.ip(), block);
        flow[block].push(*i);
    }
    for block in flow.node_indices() {
        let last = flow[block][flow[block].len() - 1];
        let next = [goes_on(&last).then(|| last.next_ip()), branches(&last).then(|| last.near_branch_target())];
        for next in next.into_iter().flatten().filter_map(|address| blocks.get(&address)) {
            flow.add_edge(block, *next, ());
        }
    }
    flow
}

/// Whether the function rounds its stack pointer down to a line of the caches.
fn frame_is_aligned(function: &Function) -> bool {
    Decoder::with_ip(64, &function.code, function.address, DecoderOptions::NONE).into_iter().any(|i| {
        i.mnemonic() == Mnemonic::And
            && i.op0_register() == Register::RSP
            && i.try_immediate(1).is_ok_and(|mask| mask as i64 <= -64)
    })
}

struct Loop {
    blocks: BTreeSet<NodeIndex>,
    outermost: bool,
    innermost: bool,
}

impl Loop {
    fn body<'a>(&'a self, flow: &'a Flow) -> impl Iterator<Item = &'a Instruction> {
        self.blocks.iter().flat_map(|block| &flow[*block])
    }
}

/// The loops among these blocks: those that lead to each other, and among them without the one that is entered, the inner
/// loops.
fn loops(flow: &Flow, blocks: &BTreeSet<NodeIndex>) -> Vec<Loop> {
    let mut found = Vec::new();
    for component in kosaraju_scc(&NodeFiltered::from_fn(flow, |block| blocks.contains(&block))) {
        if component.len() == 1 && !flow.contains_edge(component[0], component[0]) {
            continue;
        }
        let blocks: BTreeSet<_> = component.into_iter().collect();
        let mut inside = blocks.clone();
        inside.retain(|block| flow.neighbors_directed(*block, Incoming).all(|from| blocks.contains(&from)));
        let mut inner = loops(flow, &inside);
        inner.iter_mut().for_each(|inner| inner.outermost = false);
        found.push(Loop { blocks, outermost: true, innermost: inner.is_empty() });
        found.extend(inner);
    }
    found
}

fn is_call(i: &Instruction) -> bool {
    matches!(i.flow_control(), FlowControl::Call | FlowControl::IndirectCall)
}

/// A vector whose numbers lie apart in memory: what LLVM makes of a loop around one that it has unrolled.
fn is_gather(i: &Instruction) -> bool {
    let name = format!("{:?}", i.mnemonic());
    ["Vgather", "Vpgather", "Vscatter", "Vpscatter"].iter().any(|start| name.starts_with(start))
}

/// Arithmetic of single floating-point numbers. Moves are none, since a constant may be loaded so; nor is a comparison that
/// sets flags, since a loop may be entered or left by a parameter.
fn is_scalar(i: &Instruction) -> bool {
    let name = format!("{:?}", i.mnemonic()).to_lowercase();
    let name = name.strip_prefix('v').unwrap_or(&name);
    let operations = [
        "add", "sub", "mul", "div", "sqrt", "min", "max", "fmadd", "fmsub", "fnmadd", "fnmsub", "cmp", "round",
        "rndscale",
    ];
    let single = name.ends_with("ss") || name.ends_with("sd");
    single && operations.iter().any(|operation| name.starts_with(operation))
        || name.starts_with("cvt") && (name.contains("ss") || name.contains("sd"))
}

/// Anything done with whole registers but moving them as they are; a move under a mask is a select.
fn is_packed(i: &Instruction, width: usize) -> bool {
    let whole = |operand| i.op_kind(operand) == OpKind::Register && i.op_register(operand).size() == width;
    let name = format!("{:?}", i.mnemonic());
    let moves = (name.starts_with("Vmov") || name.starts_with("Vbroadcast")) && !i.has_op_mask();
    !moves && (0..i.op_count()).any(whole)
}

/// Loops that the check must tell apart, compiled for AVX2 as kernels are.
mod samples {
    type Blocks = [[f32; 64]];

    #[inline(always)]
    fn each(x: &Blocks, y: &mut Blocks, mut f: impl FnMut(f32) -> f32) {
        for (x, y) in x.iter().zip(y) {
            for (x, y) in x.iter().zip(y) {
                *y = f(*x);
            }
        }
    }

    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    pub fn good(x: &Blocks, y: &mut Blocks) {
        each(x, y, |x| x.mul_add(x, 1.0));
    }

    /// Each number needs the one before.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    pub fn scalar(x: &Blocks, y: &mut Blocks) {
        let mut last = 0.0f32;
        each(x, y, |x| {
            last = last.mul_add(x, 1.0);
            last
        });
    }

    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    pub fn calling(x: &Blocks, y: &mut Blocks) {
        each(x, y, f32::exp);
    }

    /// A table is looked up.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma,avx512f")]
    pub fn gathering(x: &Blocks, y: &mut Blocks) {
        let Some(table) = x.first() else { return };
        each(x, y, |x| table[(x.to_bits() >> 26) as usize] * x);
    }

    /// SSE's registers, a quarter of AVX-512's and half of AVX2's.
    #[inline(never)]
    pub fn narrow(x: &Blocks, y: &mut Blocks) {
        each(x, y, |x| x * x + 1.0);
    }
}

#[test]
fn the_check_tells_loops_apart() {
    type Sample = unsafe fn(&[[f32; 64]], &mut [[f32; 64]]);
    black_box([samples::good as Sample, samples::scalar, samples::calling, samples::gathering, samples::narrow]);
    let program = Program::open();
    let flaws = |name: &str| {
        let functions = program.functions(&format!("vectorised::samples::{name}"));
        program.flaws(&functions[0], 32, false)
    };
    assert_eq!(flaws("good"), Flaws::default());
    assert!(!frame_is_aligned(&program.functions("vectorised::samples::good")[0]), "only kernels are to be");
    let Flaws { calls, scalar, .. } = flaws("scalar");
    assert!(calls.is_empty() && scalar[0].contains("scalar operations in a loop, as `vfmadd"), "{scalar:?}");
    let Flaws { calls, .. } = flaws("calling");
    assert!(calls[0].starts_with("a call in a loop, of expf by "), "{calls:?}");
    let Flaws { calls, scalar, .. } = flaws("narrow");
    assert!(calls.is_empty() && scalar == ["no loop with arithmetic in registers of 32 bytes"], "{scalar:?}");
    let Flaws { gathers, .. } = flaws("gathering");
    assert!(gathers[0].starts_with("numbers fetched one by one, `vgather"), "{gathers:?}");
}
