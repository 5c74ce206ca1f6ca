//! The program as a process of its own, with a data folder of its own.

use std::{
    env, fs,
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use migrations::ScratchDatabase;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How long the program may take until it serves, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The database a program under test works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file in the data folder.
    Sqlite,
    /// A database of its own on the server the environment names.
    Postgres,
}

impl Backend {
    /// Every backend that is at hand: PostgreSQL where `TELERAD_TEST_PG_URL` and `…_OWNER_URL` name one.
    pub fn at_hand() -> Vec<Self> {
        let mut backends = vec![Self::Sqlite];
        if migrations::postgres_at_hand() {
            backends.push(Self::Postgres);
        }
        backends
    }
}

/// A running program. It is killed and its data removed when this is dropped.
#[derive(Debug)]
pub struct Telerad {
    folder: TempDir,
    environment: Vec<(String, String)>,
    arguments: Vec<String>,
    process: Option<Child>,
    base_url: String,
    _database: Option<ScratchDatabase>,
}

impl Telerad {
    /// Starts `telerad serve` on a fresh data folder and waits until it is ready.
    pub async fn start(backend: Backend) -> anyhow::Result<Self> {
        Self::start_with(backend, &[], &[]).await
    }

    /// The same with further variables and arguments of `serve`.
    pub async fn start_with(
        backend: Backend,
        variables: &[(&str, &str)],
        arguments: &[&str],
    ) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("telerad-")?;
        let data = folder.path().join("data");
        let mut environment = vec![
            ("TELERAD_DATA_DIR".to_owned(), data.display().to_string()),
            ("TELERAD_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("TELERAD_DIMSE_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ];
        let database = match backend {
            Backend::Sqlite => None,
            Backend::Postgres => {
                let database = ScratchDatabase::postgres().await?;
                environment.push(("TELERAD_DATABASE_URL".to_owned(), database.url.clone()));
                environment.push((
                    "TELERAD_MIGRATION_DATABASE_URL".to_owned(),
                    database.owner_url.clone(),
                ));
                Some(database)
            }
        };
        environment.extend(
            variables
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned())),
        );
        let mut telerad = Self {
            folder,
            environment,
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            process: None,
            base_url: String::new(),
            _database: database,
        };
        telerad.run(&["migrate"], "")?;
        telerad.restart().await?;
        Ok(telerad)
    }

    /// Where it serves, such as `http://127.0.0.1:41234`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The data folder.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().map_or(0, Child::id)
    }

    /// Everything it logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Starts it again, after [`Telerad::kill`] or [`Telerad::stop`], and waits until it is ready.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.restart_with(&[]).await
    }

    /// The same with further variables, this once.
    pub async fn restart_with(&mut self, variables: &[(&str, &str)]) -> anyhow::Result<()> {
        ensure!(self.process.is_none(), "it still runs");
        let address = self.data_dir().join("address");
        let _ = fs::remove_file(&address);
        let log = File::options().create(true).append(true).open(self.log_file())?;
        let process = self
            .command()
            .envs(variables.iter().copied())
            .arg("serve")
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("starting the program")?;
        self.process = Some(process);
        self.wait_until_ready(&address).await
    }

    async fn wait_until_ready(&mut self, address: &Path) -> anyhow::Result<()> {
        let began = Instant::now();
        // A process that serves no HTTP has no address to wait for.
        if self.arguments.iter().any(|argument| argument == "--roles=worker") {
            return Ok(());
        }
        while began.elapsed() < PATIENCE {
            if let Some(status) = self
                .process
                .as_mut()
                .and_then(|child| child.try_wait().ok().flatten())
            {
                bail!("the program ended with {status}:\n{}", self.log());
            }
            if let Ok(url) = fs::read_to_string(address) {
                self.base_url = url.trim().to_owned();
                let ready = reqwest::get(format!("{}/readyz", self.base_url)).await;
                if ready.is_ok_and(|answer| answer.status().is_success()) {
                    return Ok(());
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("the program was not ready in time:\n{}", self.log())
    }

    /// Ends it as a crash does: SIGKILL.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        let mut process = self.process.take().context("it does not run")?;
        process.kill()?;
        process.wait()?;
        Ok(())
    }

    /// Asks it to stop, as an operator does, and waits for that. Gives how long it took.
    pub async fn stop(&mut self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        self.signal(Signal::TERM)?;
        self.wait().await?;
        Ok(began.elapsed())
    }

    /// Waits until it has stopped, after a signal.
    ///
    /// Errors when it did not stop in good order.
    pub async fn wait(&mut self) -> anyhow::Result<()> {
        let mut process = self.process.take().context("it does not run")?;
        let status = tokio::task::spawn_blocking(move || process.wait()).await??;
        ensure!(status.success(), "it stopped with {status}:\n{}", self.log());
        Ok(())
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        self.signal_to(self.pid(), signal)
    }

    fn signal_to(&self, pid: u32, signal: Signal) -> anyhow::Result<()> {
        let pid = Pid::from_raw(i32::try_from(pid)?).context("it does not run")?;
        Ok(kill_process(pid, signal)?)
    }

    /// Runs one command of the program beside the server and gives what it printed, trimmed.
    pub fn run(&self, arguments: &[&str], input: &str) -> anyhow::Result<String> {
        self.run_with(&[], arguments, input)
    }

    /// The same with further variables. A command that does not end by itself would never return.
    pub fn run_with(
        &self,
        variables: &[(&str, &str)],
        arguments: &[&str],
        input: &str,
    ) -> anyhow::Result<String> {
        let (output, errors) = self.output_of(variables, arguments, input)?;
        output.with_context(|| format!("telerad {} failed: {errors}", arguments.join(" ")))
    }

    /// Runs a command that may fail; whether it did not, and what it printed.
    pub fn judgement_of(&self, arguments: &[&str]) -> anyhow::Result<(bool, String)> {
        let (output, errors) = self.output_of(&[], arguments, "")?;
        Ok(match output {
            Some(output) => (true, output),
            None => (false, errors),
        })
    }

    /// What a command printed, if it succeeded, and what it complained of, after what it printed, if not.
    fn output_of(
        &self,
        variables: &[(&str, &str)],
        arguments: &[&str],
        input: &str,
    ) -> anyhow::Result<(Option<String>, String)> {
        use std::io::Write as _;

        let mut process = self
            .command()
            .envs(variables.iter().copied())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        process
            .stdin
            .take()
            .context("a pipe was asked for")?
            .write_all(input.as_bytes())?;
        let output = process.wait_with_output()?;
        let printed = String::from_utf8(output.stdout)?.trim().to_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        Ok(if output.status.success() {
            (Some(printed), String::new())
        } else {
            (None, format!("{printed}\n{errors}"))
        })
    }

    /// Starts the program once more on the same data, and kills it when what this gives is dropped.
    pub fn start_beside(&self, variables: &[(&str, &str)], arguments: &[&str]) -> anyhow::Result<Beside> {
        let log = File::options().create(true).append(true).open(self.log_file())?;
        let child = self
            .command()
            .envs(variables.iter().copied())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("starting the program beside itself")?;
        Ok(Beside(child))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(program());
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TELERAD_")) {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        // No telerad.toml lies here.
        command.current_dir(self.folder.path());
        command
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

/// A second process on the same data.
#[derive(Debug)]
pub struct Beside(Child);

impl Beside {
    /// Whether it still runs.
    pub fn runs(&mut self) -> anyhow::Result<bool> {
        Ok(self.0.try_wait()?.is_none())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Telerad {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<_> = log.lines().rev().take(40).collect();
            eprintln!("the end of the program's log:");
            tail.iter().rev().for_each(|line| eprintln!("  {line}"));
        }
    }
}

/// `TELERAD_BIN`, or the program built beside this test.
fn program() -> PathBuf {
    if let Some(named) = env::var_os("TELERAD_BIN") {
        return PathBuf::from(named);
    }
    let test = env::current_exe().expect("a running test has a file");
    // target/debug/deps/proof-0123 → target/debug/telerad
    test.ancestors()
        .nth(2)
        .expect("tests lie in target/<profile>/deps")
        .join("telerad")
}
