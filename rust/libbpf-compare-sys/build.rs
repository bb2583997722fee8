// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//! Has the library linked: with the feature `vendored` compiled from the C in vendor/, else the one that pkg-config
//! finds; and libbpf, which the crate above calls too. CC, CFLAGS, AR and PKG_CONFIG say by what.

use std::env;
use std::path::Path;
use std::process::{exit, Command};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if has("VENDORED") {
        compile();
        link(&["libbpf >= 1.0"]);
    } else {
        link(&["libbpf-compare >= 0.2", "libbpf >= 1.0"]);
    }
}

fn has(feature: &str) -> bool {
    env::var_os(format!("CARGO_FEATURE_{feature}")).is_some()
}

fn compile() {
    let out = env::var("OUT_DIR").unwrap();
    let object = format!("{out}/libbpf_compare.o");
    let archive = format!("{out}/libbpf-compare.a");

    println!("cargo:rerun-if-changed=vendor");
    let mut cc = command("CC", "cc");
    cc.args(["-c", "-O2", "-g", "-fPIC", "-ffunction-sections"])
        .args(words(&pkg_config(&["--cflags", "libbpf >= 1.0"])))
        .args(words(&variable("CFLAGS")))
        .args(["vendor/libbpf_compare.c", "-o", &object]);
    run(cc);
    // ar adds to what is there.
    let _ = std::fs::remove_file(&archive);
    let mut ar = command("AR", "ar");
    ar.args(["rcs", &archive, &object]);
    run(ar);
    println!("cargo:rustc-link-search=native={out}");
    println!("cargo:rustc-link-lib=static=bpf-compare");
}

fn link(modules: &[&str]) {
    for name in ["PATH", "LIBDIR", "SYSROOT_DIR"] {
        println!("cargo:rerun-if-env-changed=PKG_CONFIG_{name}");
    }
    let how: &[&str] = if has("STATIC") { &["--static", "--libs"] } else { &["--libs"] };
    let flags = pkg_config(&[how, modules].concat());
    let folders = modules.iter().flat_map(|module| words(&pkg_config(&["--variable=libdir", module])));
    let folders: Vec<String> =
        words(&flags).iter().filter_map(|flag| flag.strip_prefix("-L").map(String::from)).chain(folders).collect();

    for folder in &folders {
        println!("cargo:rustc-link-search=native={folder}");
    }
    for name in words(&flags).iter().filter_map(|flag| flag.strip_prefix("-l").map(String::from)) {
        let archive = |folder: &String| Path::new(folder).join(format!("lib{name}.a")).exists();
        let kind = if has("STATIC") && folders.iter().any(archive) { "static" } else { "dylib" };
        println!("cargo:rustc-link-lib={kind}={name}");
    }
}

fn pkg_config(args: &[&str]) -> String {
    let mut pkg_config = command("PKG_CONFIG", "pkg-config");
    // It is asked for by name and version; what it says is wrong comes with an empty stdout.
    pkg_config.arg("--print-errors").args(args);
    run(pkg_config)
}

/// The command that a variable names, which may have arguments.
fn command(name: &str, default: &str) -> Command {
    let value = variable(name);
    let mut words = words(if value.is_empty() { default } else { &value }).into_iter();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

fn variable(name: &str) -> String {
    println!("cargo:rerun-if-env-changed={name}");
    env::var(name).unwrap_or_default()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(String::from).collect()
}

/// Gives what it prints, or ends the build.
fn run(mut command: Command) -> String {
    let why = match command.output() {
        Ok(output) if output.status.success() => return String::from_utf8_lossy(&output.stdout).into(),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into(),
        Err(error) => error.to_string(),
    };
    eprintln!("error: {command:?}: {why}");
    eprintln!("Debian has what it takes: gcc, binutils, pkg-config, libbpf-dev");
    exit(1);
}
