//! Compares `sql/install/functions.sql` with the built library: the declarations that pgrx generates for its functions,
//! and the symbols that it exports.
//!
//! `ODOO_MCP_LIBRARY` names the library; `make test` sets it. Without the variable the program compares nothing and
//! says so in its only line. A caller must therefore look for `surface: N functions`.

use object::{Object, ObjectSection};
use pgrx_sql_entity_graph::{ControlFile, PgrxSql, SqlGraphEntity, section};
use std::collections::{BTreeMap, BTreeSet};
use std::{env, error::Error, fs, path::Path, process::ExitCode, time::Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const INSTALL: &str = "sql/install/functions.sql";
const RELEASES: &str = "sql/releases";
const LIBRARY: &str = "ODOO_MCP_LIBRARY";

fn main() -> ExitCode {
    let started = Instant::now();
    let (compared, faults) = match env::var_os(LIBRARY) {
        None => {
            println!("surface: not compared, {LIBRARY} names no library");
            (0, Vec::new())
        }
        Some(library) => {
            compare(Path::new(&library)).unwrap_or_else(|error| (0, vec![error.to_string()]))
        }
    };
    for fault in &faults {
        println!("surface: {fault}");
    }
    // The format of the standard harness.
    println!(
        "test result: {}. {compared} passed; {} failed; 0 ignored; finished in {:.2}s\n",
        if faults.is_empty() { "ok" } else { "FAILED" },
        faults.len(),
        started.elapsed().as_secs_f64(),
    );
    ExitCode::from(u8::from(!faults.is_empty()))
}

/// The number of compared functions, and a text for every difference.
fn compare(library: &Path) -> Result<(usize, Vec<String>)> {
    let bytes = fs::read(library).map_err(|error| format!("{}: {error}", library.display()))?;
    let file = object::File::parse(&*bytes)?;
    let written = declarations(&fs::read_to_string(INSTALL)?);
    let generated = declarations(&generated_sql(&file)?);
    let mut faults = differences(&written, &generated);
    faults.extend(symbol_faults(&file, &written)?);
    println!("surface: {} functions", generated.len());
    Ok((generated.len(), faults))
}

/// The script that pgrx generates from the metadata embedded in the library.
fn generated_sql(file: &object::File<'_>) -> Result<String> {
    let embedded = file
        .section_by_name(section::ELF_SECTION_NAME)
        .ok_or("the library has no section with pgrx's description of its functions")?;
    let control = ControlFile::from_str_with_cargo_version(
        &fs::read_to_string("odoo_mcp.control")?,
        env!("CARGO_PKG_VERSION"),
    )?;
    let mut entities = vec![SqlGraphEntity::ExtensionRoot(control)];
    entities.extend(section::decode_entities(embedded.data()?)?);
    Ok(PgrxSql::build(entities.into_iter(), "odoo_mcp".into(), false)?.to_sql()?)
}

/// Each CREATE FUNCTION of a script by its name and arguments, in a canonical form.
fn declarations(script: &str) -> BTreeMap<String, String> {
    statements(script)
        .into_iter()
        .filter(|tokens| tokens.starts_with(&["create".into(), "function".into()]))
        .map(|tokens| {
            let whole = tokens.join(" ").replace("public.", "");
            // Attributes that pgrx does not support.
            let whole = whole
                .replace(" set plan_cache_mode to force_generic_plan", "")
                .replace(" set jit to off", "");
            let head = whole.split(" returns ").next().unwrap_or(&whole).to_owned();
            (head, whole)
        })
        .collect()
}

/// The statements of a script as lower-case words and punctuation, without comments and quotes around names.
fn statements(script: &str) -> Vec<Vec<String>> {
    let mut plain = String::new();
    let mut rest = script;
    while let Some(start) = rest.find("/*") {
        plain.push_str(&rest[..start]);
        rest = rest[start..]
            .find("*/")
            .map_or("", |end| &rest[start + end + 2..]);
    }
    plain.push_str(rest);
    let lines: Vec<&str> = plain
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect();
    let mut spaced = lines.join(" ").replace('"', "");
    for mark in ["(", ")", ","] {
        spaced = spaced.replace(mark, &format!(" {mark} "));
    }
    spaced
        .split(';')
        .map(|statement| statement.split_whitespace().map(canonical).collect())
        .collect()
}

fn canonical(word: &str) -> String {
    let quoted = word.starts_with('\'');
    match word.to_lowercase().as_str() {
        "int" => "integer".into(),
        lower if !quoted => lower.to_owned(),
        _ => word.to_owned(),
    }
}

fn differences(
    written: &BTreeMap<String, String>,
    generated: &BTreeMap<String, String>,
) -> Vec<String> {
    let names: BTreeSet<&String> = written.keys().chain(generated.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| match (written.get(name), generated.get(name)) {
            (Some(ours), Some(theirs)) if ours == theirs => None,
            (Some(ours), Some(theirs)) => Some(format!(
                "{INSTALL} says\n  {ours}\nand the library\n  {theirs}"
            )),
            (Some(_), None) => Some(format!("the library has no {name}")),
            (None, _) => Some(format!("{INSTALL} lacks {name}")),
        })
        .collect()
}

/// Symbols that a script names and the library lacks, and symbols of functions that no script names.
fn symbol_faults(
    file: &object::File<'_>,
    written: &BTreeMap<String, String>,
) -> Result<Vec<String>> {
    let exported: BTreeSet<String> = file
        .exports()?
        .iter()
        .map(|export| String::from_utf8_lossy(export.name()).into_owned())
        .collect();
    let mut named: BTreeSet<String> = written.values().flat_map(|sql| symbols(sql)).collect();
    for entry in fs::read_dir(RELEASES)? {
        named.extend(
            declarations(&fs::read_to_string(entry?.path())?)
                .values()
                .flat_map(|sql| symbols(sql)),
        );
    }
    let missing = named
        .iter()
        .flat_map(|name| [name.clone(), format!("pg_finfo_{name}")])
        .filter(|name| !exported.contains(name))
        .map(|name| format!("a script of this or an earlier version names the symbol of {name}, which is not exported"));
    let unnamed = exported
        .iter()
        .filter_map(|name| name.strip_prefix("pg_finfo_"))
        .filter(|name| !named.contains(*name))
        .map(|name| format!("no script names the exported function {name}"));
    Ok(missing.chain(unnamed).collect())
}

/// The C symbol in `AS 'MODULE_PATHNAME', 'symbol'`.
fn symbols(declaration: &str) -> Option<String> {
    declaration.rsplit('\'').nth(1).map(str::to_owned)
}
