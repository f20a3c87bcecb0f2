//! Runs properties with a fixed number of cases each, from a fixed seed. Reports their number and duration.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use sha2::{Digest, Sha256};

/// Cases of each property, unless `PROPERTY_CASES` sets another number.
const CASES: u32 = 1_000;

/// Bytes of the smaller input of a growth test. The larger is ten times that.
const SIZE: usize = 20_000;

/// The highest allowed factor of work for ten times the input. Vectors that double their capacity waste up to half of
/// it, so linear work can appear as 16 times as much. Quadratic work is 100 times.
const MOST_GROWTH: u64 = 20;

/// With `PROPERTY_TIMES`, growth is measured in time, for work that allocates nothing. This is a benchmark and not a
/// test, because times vary on a busy machine. Shorter times are not significant: caches and other programs make linear
/// work appear to grow faster.
const TIMES: &str = "PROPERTY_TIMES";
const SHORTEST: Duration = Duration::from_millis(100);
const MOST_GROWTH_IN_TIME: u32 = 50;

thread_local! {
    static PANICKED: RefCell<String> = RefCell::default();
}

/// The properties, which run one after the other.
pub struct Suite {
    wanted: Vec<String>,
    cases: u32,
    seed: String,
    passed: usize,
    failed: Vec<String>,
    total_cases: u64,
    started: Instant,
}

/// The name of an input and a function that makes it with approximately this many bytes.
pub type Growing<'a, T> = (&'a str, fn(usize) -> T);

impl Suite {
    /// Takes the arguments of `cargo test`: parts of names, and options of the standard harness, which are ignored.
    pub fn from_arguments() -> Self {
        panic::set_hook(Box::new(|info| {
            PANICKED.with_borrow_mut(|text| *text = info.to_string());
        }));
        let number = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        Self {
            wanted: std::env::args()
                .skip(1)
                .filter(|argument| !argument.starts_with('-'))
                .collect(),
            cases: number("PROPERTY_CASES")
                .and_then(|text| text.parse().ok())
                .unwrap_or(CASES),
            seed: number("PROPERTY_SEED").unwrap_or_default(),
            passed: 0,
            failed: Vec::new(),
            total_cases: 0,
            started: Instant::now(),
        }
    }

    /// A property that must hold for every value of the strategy.
    pub fn property<S: Strategy>(
        &mut self,
        name: &str,
        strategy: S,
        test: impl Fn(S::Value) -> TestCaseResult,
    ) {
        if !self.wants(name) {
            return;
        }
        let config = Config {
            cases: self.cases,
            failure_persistence: None,
            max_shrink_iters: 20_000,
            ..Config::default()
        };
        let seed = Sha256::digest(format!("{}{name}", self.seed));
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let begun = Instant::now();
        PANICKED.with_borrow_mut(String::clear);
        let result = TestRunner::new_with_rng(config, rng).run(&strategy, test);
        let panicked = PANICKED.with_borrow(String::clone);
        let result = result.map_err(|error| format!("{error} {panicked}"));
        self.tell(name, u64::from(self.cases), begun.elapsed(), result);
    }

    /// The cost of reading must be proportional to the input, in bytes allocated and in number of allocations. The
    /// input may be refused.
    pub fn growth<T>(&mut self, name: &str, inputs: &[Growing<T>], read: impl Fn(T)) {
        let name = format!("{name} grows linearly");
        if !self.wants(&name) {
            return;
        }
        if std::env::var_os(TIMES).is_some() {
            return self.growth_in_time(&name, inputs, read);
        }
        let begun = Instant::now();
        let mut wrong = Vec::new();
        let work = |input: T| {
            let mut result = Ok(());
            let counted = allocation_counter::measure(|| {
                result = panic::catch_unwind(AssertUnwindSafe(|| read(input)));
            });
            result
                .map(|()| [counted.bytes_total, counted.count_total])
                .map_err(|_| PANICKED.with_borrow(String::clone))
        };
        for (what, make) in inputs {
            let (small, large) = (make(SIZE), make(10 * SIZE));
            match (work(small), work(large)) {
                (Ok(small), Ok(large)) => {
                    for (unit, (small, large)) in ["bytes", "allocations"]
                        .iter()
                        .zip(small.into_iter().zip(large))
                    {
                        // Error messages and tables have a fixed size.
                        if large > MOST_GROWTH * small.max(1_000) {
                            wrong.push(format!("{what}: {small} {unit}, then {large}"));
                        }
                    }
                }
                (Err(panicked), _) | (_, Err(panicked)) => {
                    wrong.push(format!("{what}: {panicked}"))
                }
            }
        }
        let result = if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("; "))
        };
        let cases = 2 * inputs.len() as u64;
        self.tell(&name, cases, begun.elapsed(), result);
    }

    fn growth_in_time<T>(&mut self, name: &str, inputs: &[Growing<T>], read: impl Fn(T)) {
        let begun = Instant::now();
        let time = |make: fn(usize) -> T, size: usize| {
            let once = || {
                let input = make(size);
                let begun = Instant::now();
                read(input);
                begun.elapsed()
            };
            once().min(once()).min(once())
        };
        let mut wrong = Vec::new();
        for (what, make) in inputs {
            let (small, large) = (time(*make, 10 * SIZE), time(*make, 100 * SIZE));
            println!("time {name}: {what}: {small:.1?}, then {large:.1?}");
            if large > SHORTEST && large > small.saturating_mul(MOST_GROWTH_IN_TIME) {
                wrong.push(format!("{what}: {small:.1?}, then {large:.1?}"));
            }
        }
        let result = match wrong.is_empty() {
            true => Ok(()),
            false => Err(wrong.join("; ")),
        };
        self.tell(name, 2 * inputs.len() as u64, begun.elapsed(), result);
    }

    fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|part| name.contains(part.as_str()))
    }

    fn tell(&mut self, name: &str, cases: u64, took: Duration, result: Result<(), String>) {
        self.total_cases += cases;
        let milliseconds = took.as_millis();
        match result {
            Ok(()) => {
                self.passed += 1;
                println!("property {name} ... ok ({cases} cases, {milliseconds} ms)");
            }
            Err(why) => {
                self.failed.push(name.to_owned());
                println!("property {name} ... FAILED ({milliseconds} ms)\n    {why}");
            }
        }
    }

    /// Prints the summary. Its last line has the format of the standard harness.
    pub fn finish(self) -> ExitCode {
        let properties = self.passed + self.failed.len();
        let seconds = self.started.elapsed().as_secs_f64();
        println!(
            "\nproperties: {properties}, cases: {}, seconds: {seconds:.1}",
            self.total_cases
        );
        let (word, code) = if self.failed.is_empty() {
            ("ok", ExitCode::SUCCESS)
        } else {
            println!("failed: {}", self.failed.join(", "));
            ("FAILED", ExitCode::FAILURE)
        };
        println!(
            "test result: {word}. {} passed; {} failed; 0 ignored; finished in {seconds:.2}s\n",
            self.passed,
            self.failed.len()
        );
        code
    }
}
