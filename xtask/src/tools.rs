//! What the tasks need beyond Rust, installed when it is missing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{self, Limits};
use crate::workspace;

/// A program that cargo installs, in a version of our choice.
pub(crate) struct CargoTool {
    name: &'static str,
    version: &'static str,
}

pub(crate) const CARGO_DENY: CargoTool = CargoTool { name: "cargo-deny", version: "0.20.2" };
pub(crate) const CARGO_MUTANTS: CargoTool = CargoTool { name: "cargo-mutants", version: "27.1.0" };

/// A program and the Debian package that it comes in.
pub(crate) struct DebianProgram {
    path: &'static str,
    package: &'static str,
}

/// A browser and what drives it.
pub(crate) const BROWSER: [DebianProgram; 2] = [
    DebianProgram { path: "/usr/bin/chromium", package: "chromium" },
    DebianProgram { path: "/usr/bin/chromedriver", package: "chromium-driver" },
];
/// The load generator.
pub(crate) const WRK: [DebianProgram; 1] = [DebianProgram { path: "/usr/bin/wrk", package: "wrk" }];

/// Installs the packages of those programs that are missing.
pub(crate) fn debian(programs: &[DebianProgram]) -> Result<(), String> {
    let missing: Vec<&str> =
        programs.iter().filter(|program| !Path::new(program.path).exists()).map(|program| program.package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !Path::new("/usr/bin/apt-get").exists() {
        let paths: Vec<&str> = programs.iter().map(|program| program.path).collect();
        return Err(format!("{} needed, and this is not a Debian that could install it", paths.join(" and ")));
    }
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(&missing);
    // Package lists may be missing or older than the packages: ask for new ones only then.
    apt_get(&install).or_else(|_| apt_get(&["update"]).and_then(|()| apt_get(&install))).map_err(|error| {
        let packages = missing.join(" ");
        format!("apt-get {error}; install what is missing as root: `apt-get install {packages}`")
    })
}

fn apt_get(args: &[&str]) -> Result<(), String> {
    let mut command = if rustix::process::geteuid().is_root() {
        Command::new("env")
    } else {
        // It may not ask for a password: the terminal is not this command's to read from.
        let mut sudo = Command::new("sudo");
        sudo.args(["--non-interactive", "env"]);
        sudo
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "-oDPkg::Lock::Timeout=300"]).args(args);
    run::run(&mut command, Limits::default()).1
}

/// The path of a cargo tool, installed into the user's cache when it is not there yet.
pub(crate) fn cargo_tool(tool: &CargoTool) -> Result<PathBuf, String> {
    let home = cache_dir()?.join("tools").join(format!("{}-{}", tool.name, tool.version));
    let program = home.join("bin").join(tool.name);
    if program.is_file() {
        return Ok(program);
    }
    println!("installing {} {} (some minutes, once)", tool.name, tool.version);
    fs::create_dir_all(&home).map_err(|error| format!("could not make the folder `{}`: {error}", home.display()))?;
    let mut install = workspace::cargo(&["install", "--locked", tool.name, "--version", tool.version, "--root"]);
    install
        .arg(&home)
        .env_remove("CARGO_TARGET_DIR")
        // We wait for its compilation longer than we ever will for its work.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false");
    run::run(&mut install, Limits::default())
        .1
        .map_err(|error| format!("could not install {} {}: cargo {error}", tool.name, tool.version))?;
    Ok(program)
}

fn cache_dir() -> Result<PathBuf, String> {
    // The XDG base directory specification: a relative path is to be ignored.
    let xdg = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    xdg.or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .map(|cache| cache.join("archirust"))
        .ok_or_else(|| "no cache folder: set HOME or XDG_CACHE_HOME".to_owned())
}
