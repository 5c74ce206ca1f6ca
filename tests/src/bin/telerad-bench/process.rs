//! What the kernel knows of a process and of those it started.

use std::{fs, process::Command};

use anyhow::Context as _;

/// The most memory a process ever held, in MB.
pub fn peak_memory_mb(pid: u32) -> anyhow::Result<u64> {
    Ok(field_of(pid, "status", "VmHWM:")? / 1024)
}

/// The memory it holds now, in MB.
pub fn memory_mb(pid: u32) -> anyhow::Result<u64> {
    Ok(field_of(pid, "status", "VmRSS:")? / 1024)
}

/// Bytes it caused to be written to a disk; what is still in the page cache counts.
pub fn written_bytes(pid: u32) -> anyhow::Result<u64> {
    field_of(pid, "io", "write_bytes:")
}

/// Seconds of CPU it has used, without its children.
pub fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    Ok(stat(pid)?.cpu_seconds)
}

/// Seconds of CPU it and the children it has now have used.
pub fn cpu_seconds_of_family(pid: u32) -> anyhow::Result<f64> {
    let mut seconds = cpu_seconds(pid)?;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(other) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // It may be gone by now.
        if let Ok(Stat { parent, cpu_seconds }) = stat(other)
            && parent == pid
        {
            seconds += cpu_seconds;
        }
    }
    Ok(seconds)
}

struct Stat {
    parent: u32,
    cpu_seconds: f64,
}

fn stat(pid: u32) -> anyhow::Result<Stat> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in parentheses, may hold blanks; then the parent is the 4th field, user and system time are the 14th
    // and 15th (proc(5)).
    let (_, rest) = stat.rsplit_once(')').context("a process's stat")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3).context("a field of a process's stat");
    let ticks = field(14)?.parse::<u64>()? + field(15)?.parse::<u64>()?;
    Ok(Stat {
        parent: field(4)?.parse()?,
        cpu_seconds: ticks as f64 / TICKS_PER_SECOND,
    })
}

/// USER_HZ is 100 on every Linux there is.
const TICKS_PER_SECOND: f64 = 100.0;

/// Whether a program can be started by this name.
pub fn is_installed(program: &str) -> bool {
    Command::new("sh")
        .args(["-c", "command -v \"$0\"", program])
        .output()
        .is_ok_and(|found| found.status.success())
}

/// A port nobody listens on now.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn field_of(pid: u32, file: &str, name: &str) -> anyhow::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}"))?;
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(value.context("a number of the kernel's")?.parse()?)
}
