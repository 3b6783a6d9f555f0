//! Peers in Python and Node, installed from their registries beside this program on their first run.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Failure, measure::Took};

/// Another client, in a process of its own.
pub struct Peer {
    /// What it is called in a row.
    pub name: &'static str,
    /// How many times as much conek wants to send in the same CPU time.
    pub send_goal: f64,
    /// The same for updates of webhooks.
    pub webhook_goal: f64,
    program: PathBuf,
    script: PathBuf,
}

/// A folder of this program's own, where what is installed stays.
fn beside(name: &str) -> Result<PathBuf, Failure> {
    Ok(std::env::current_exe()?.parent().ok_or("no folder")?.join(name))
}

/// A Python with so many packages; `import` names what shows that they are there.
pub fn python(import: &str, packages: &[&str]) -> Result<PathBuf, Failure> {
    let venv = beside("bench-python")?;
    let python = venv.join("bin/python");
    if !python.exists() {
        quietly(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    if quietly(Command::new(&python).args(["-c", import])).is_err() {
        quietly(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(packages))?;
    }
    Ok(python)
}

impl Peer {
    /// The clients for WhatsApp that can be installed here. Says which are left out, and why.
    pub fn clients() -> Vec<Self> {
        let mut found = Vec::new();
        for (name, send_goal, webhook_goal, made) in
            [("pywa 4.5.0", 15.0, 25.0, Self::pywa()), ("whatsapp-api-js 6.3.0", 8.0, 12.0, Self::node())]
        {
            match made {
                Ok((program, script)) => found.push(Self { name, send_goal, webhook_goal, program, script }),
                Err(why) => println!("\n{name} is skipped: {why}"),
            }
        }
        found
    }

    fn pywa() -> Result<(PathBuf, PathBuf), Failure> {
        let python = python("import pywa; assert pywa.__version__ == '4.5.0'", &["pywa==4.5.0"])?;
        let script = beside("bench-python/pywa_peer.py")?;
        std::fs::write(&script, include_str!("../peers/pywa_client.py"))?;
        Ok((python, script))
    }

    fn node() -> Result<(PathBuf, PathBuf), Failure> {
        let dir = beside("bench-node")?;
        std::fs::create_dir_all(&dir)?;
        let script = dir.join("peer.mjs");
        std::fs::write(&script, include_str!("../peers/whatsapp_api_js.mjs"))?;
        if !dir.join("node_modules/whatsapp-api-js").exists() {
            let mut npm = Command::new("npm");
            npm.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&dir);
            quietly(npm.arg("whatsapp-api-js@6.3.0"))?;
        }
        Ok((PathBuf::from("node"), script))
    }

    /// What it took for so many units, and how many of them it handed on.
    pub fn run<'a>(
        &self,
        units: usize,
        arguments: impl IntoIterator<Item = &'a str>,
        certificate: Option<&Path>,
    ) -> Result<(Took, usize), Failure> {
        let mut command = Command::new(&self.program);
        command.arg(&self.script).args(arguments);
        if let Some(path) = certificate {
            command.env("NODE_EXTRA_CA_CERTS", path);
        }
        timed(&mut command, units)
    }
}

/// Runs a program that prints seconds, CPU seconds and a count.
pub fn timed(command: &mut Command, units: usize) -> Result<(Took, usize), Failure> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let text = String::from_utf8(output.stdout)?;
    let figures: Vec<&str> = text.split_whitespace().collect();
    let [wall, cpu, count] = figures[..] else { return Err("two durations and a count".into()) };
    Ok((Took::elsewhere(units, wall.parse()?, cpu.parse()?), count.parse()?))
}

fn quietly(command: &mut Command) -> Result<(), Failure> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&output.stderr);
    Err(why.lines().last().unwrap_or("it failed").to_owned().into())
}
