//! One codec child and the conversation with it.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use dicom::codec::message::{self, Frame, PREFIX_BYTES};
use dicom::codec::{
    CPU_SECONDS_VARIABLE, CodecError, CodecReply, CodecRequest, MEMORY_BYTES_VARIABLE, NICENESS_VARIABLE,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{Instant, timeout};

use super::CodecPoolError;

/// How long a dismissed or dying child may take to be gone before it is killed.
const GRACE: Duration = Duration::from_secs(2);

/// A running child, between two requests or in the middle of one.
#[derive(Debug)]
pub(super) struct CodecChild {
    process: Child,
    input: ChildStdin,
    output: ChildStdout,
    served: u32,
    worked: Duration,
}

/// A request as it goes through the pipe, also a second time.
#[derive(Debug)]
pub(super) struct OutgoingRequest {
    prefix: [u8; PREFIX_BYTES],
    message: Frame,
    /// The file the child is to make.
    output: Option<PathBuf>,
}

impl OutgoingRequest {
    /// Errors: the codec's own when the request cannot be put into a message.
    pub(super) fn new(request: CodecRequest) -> Result<Self, CodecError> {
        let output = request.work.output().map(Path::to_owned);
        let message = message::encode_request(request)?;
        Ok(Self {
            prefix: message.prefix()?,
            message,
            output,
        })
    }

    /// Removes what a child left that died over this request: the next one makes the file anew.
    pub(super) async fn remove_output(&self) {
        if let Some(path) = &self.output {
            let _ = tokio::fs::remove_file(path).await;
        }
    }
}

/// Why an exchange broke off.
#[derive(Debug)]
pub(super) enum Broken {
    /// The pipe closed: the child died.
    Pipe,
    /// The bytes are no reply.
    Protocol,
}

impl CodecChild {
    /// Starts `<executable> codec-worker` with an environment that holds its limits and nothing else.
    ///
    /// Errors: [`CodecPoolError::NotStarted`].
    pub(super) fn start(
        executable: &Path,
        memory_bytes: u64,
        cpu_seconds: u64,
        niceness: u8,
    ) -> Result<Self, CodecPoolError> {
        let not_started = |why: String| CodecPoolError::NotStarted { why };
        let mut process = Command::new(executable)
            .arg("codec-worker")
            // No credentials of the server reach a process that decodes strangers' bytes.
            .env_clear()
            .env(MEMORY_BYTES_VARIABLE, memory_bytes.to_string())
            .env(CPU_SECONDS_VARIABLE, cpu_seconds.to_string())
            .env(NICENESS_VARIABLE, niceness.to_string())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Decoders written in C print what they dislike, which may quote the data set.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| not_started(error.kind().to_string()))?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(not_started("no pipes".to_owned()));
        };
        Ok(Self {
            process,
            input,
            output,
            served: 0,
            worked: Duration::ZERO,
        })
    }

    /// How many requests this child has answered.
    pub(super) fn served(&self) -> u32 {
        self.served
    }

    /// How long this child has worked, all requests together.
    pub(super) fn worked(&self) -> Duration {
        self.worked
    }

    /// Whether the process still runs.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// Sends one request and waits for its outcome.
    ///
    /// After an error, or when the future was dropped, the child is out of step and must not be used again.
    pub(super) async fn exchange(
        &mut self,
        request: &OutgoingRequest,
    ) -> Result<Result<CodecReply, CodecError>, Broken> {
        let started = Instant::now();
        self.send(&request.prefix, &request.message)
            .await
            .map_err(|_| Broken::Pipe)?;

        let mut prefix = [0; PREFIX_BYTES];
        self.output
            .read_exact(&mut prefix)
            .await
            .map_err(|_| Broken::Pipe)?;
        let (header_bytes, body_bytes) = message::parse_prefix(prefix).map_err(|_| Broken::Protocol)?;
        let header = self.receive(header_bytes).await?;
        let body = self.receive(body_bytes).await?;
        let outcome = message::decode_reply(Frame { header, body }).map_err(|_| Broken::Protocol)?;
        self.served += 1;
        self.worked += started.elapsed();
        Ok(outcome)
    }

    async fn send(&mut self, prefix: &[u8], message: &Frame) -> std::io::Result<()> {
        self.input.write_all(prefix).await?;
        self.input.write_all(&message.header).await?;
        self.input.write_all(&message.body).await?;
        self.input.flush().await
    }

    async fn receive(&mut self, bytes: usize) -> Result<Vec<u8>, Broken> {
        // The length was checked against its limit; memory still grows only with what arrives.
        let mut received = Vec::new();
        (&mut self.output)
            .take(bytes as u64)
            .read_to_end(&mut received)
            .await
            .map_err(|_| Broken::Pipe)?;
        if received.len() == bytes {
            Ok(received)
        } else {
            Err(Broken::Pipe)
        }
    }

    /// Turns a broken exchange into what the caller is told, and ends the child.
    pub(super) async fn explain(mut self, broken: Broken) -> CodecPoolError {
        match broken {
            Broken::Protocol => {
                self.kill().await;
                CodecPoolError::OutOfStep
            }
            Broken::Pipe => match timeout(GRACE, self.process.wait()).await {
                Ok(Ok(status)) => match (status.signal(), status.code()) {
                    (Some(signal), _) => CodecPoolError::Killed { signal },
                    (None, Some(code)) => CodecPoolError::Crashed {
                        how: format!("exit code {code}"),
                    },
                    (None, None) => CodecPoolError::Crashed {
                        how: "unknown".to_owned(),
                    },
                },
                _ => {
                    self.kill().await;
                    CodecPoolError::Crashed {
                        how: "closed its output".to_owned(),
                    }
                }
            },
        }
    }

    /// Ends the child at once and collects it.
    pub(super) async fn kill(mut self) {
        // Fails only when the process is gone already, which is what is wanted.
        let _ = self.process.kill().await;
    }

    /// Ends an idle child by closing its input, and collects it.
    pub(super) async fn dismiss(self) {
        let Self {
            mut process,
            input,
            output,
            ..
        } = self;
        drop((input, output));
        if timeout(GRACE, process.wait()).await.is_err() {
            let _ = process.kill().await;
        }
    }
}
