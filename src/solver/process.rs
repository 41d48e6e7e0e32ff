//! A solver process from without: started, spoken to, ended.

use super::frame::{self, Answer, HEADER, Request};
use super::order::SolveOrder;
use crate::settings::SolverSettings;
use std::env::current_exe;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_stream::StreamExt;
use tokio_util::codec::{FramedRead, LengthDelimitedCodec};

const MEBIBYTE: usize = 1024 * 1024;

/// What is kept of what a process says on standard error: its last words, not its life.
const LAST_WORDS: usize = 1024;

/// For the last words of a process that is gone; they lie in a pipe and need no longer.
const LAST_WORDS_WAIT: Duration = Duration::from_secs(1);

/// How solver processes are started.
#[derive(Clone, Debug)]
pub(super) struct Launch {
    program: PathBuf,
    nice: i32,
    memory_mb: u64,
    max_frame_mb: usize,
}

impl Launch {
    /// As the settings say.
    ///
    /// # Errors
    /// If no program is set and the system does not know which one this is.
    pub(super) fn of(settings: &SolverSettings) -> io::Result<Self> {
        Ok(Self {
            program: settings.program.clone().map_or_else(current_exe, Ok)?,
            nice: settings.nice,
            memory_mb: settings.memory_mb,
            max_frame_mb: settings.max_frame_mb,
        })
    }

    /// Largest message to and from a process, in bytes.
    pub(super) fn max_frame_bytes(&self) -> usize {
        self.max_frame_mb.saturating_mul(MEBIBYTE)
    }

    fn start(&self) -> io::Result<SolverProcess> {
        let mut child = Command::new(&self.program)
            .arg("solve-worker")
            .arg(format!("--parent={}", std::process::id()))
            .arg(format!("--nice={}", self.nice))
            .arg(format!("--memory-mb={}", self.memory_mb))
            .arg(format!("--max-frame-mb={}", self.max_frame_mb))
            // The allocator would claim a gigabyte at the start, and the system count it as used.
            .env("MIMALLOC_ARENA_EAGER_COMMIT", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take()).zip(child.stderr.take());
        let ((requests, answers), complaints) =
            pipes.ok_or_else(|| io::Error::other("started without pipes"))?;
        let answers = LengthDelimitedCodec::builder()
            .little_endian()
            .length_field_length(HEADER)
            .max_frame_length(self.max_frame_bytes())
            .new_read(answers);
        Ok(SolverProcess {
            child,
            requests,
            answers,
            last_words: tokio::spawn(last_words(complaints)),
            max_frame_bytes: self.max_frame_bytes(),
            orders: 0,
            threads: None,
        })
    }
}

/// Starts processes, all from one thread of its own.
///
/// The system kills a solver process when the *thread* that started it ends, and the threads of an
/// async runtime come and go. When the last launcher is dropped its thread ends, and with it every
/// process that is left.
#[derive(Debug)]
pub(super) struct Launcher {
    wanted: mpsc::Sender<oneshot::Sender<io::Result<SolverProcess>>>,
}

impl Launcher {
    /// Must be called within a runtime.
    pub(super) fn new(launch: Launch) -> io::Result<Self> {
        let (wanted, asked) = mpsc::channel::<oneshot::Sender<io::Result<SolverProcess>>>();
        let runtime = Handle::current();
        thread::Builder::new().name("solver-launch".to_owned()).spawn(move || {
            let _within = runtime.enter();
            for reply in asked {
                // One nobody waits for any more is dropped, and killed by that.
                let _ = reply.send(launch.start());
            }
        })?;
        Ok(Self { wanted })
    }

    /// Starts a process.
    ///
    /// # Errors
    /// What the system refuses.
    pub(super) async fn launch(&self) -> io::Result<SolverProcess> {
        let gone = || io::Error::other("the thread that starts solver processes is gone");
        let (reply, started) = oneshot::channel();
        self.wanted.send(reply).map_err(|_| gone())?;
        started.await.map_err(|_| gone())?
    }
}

/// A running solver process; dropping it kills it.
#[derive(Debug)]
pub(super) struct SolverProcess {
    child: Child,
    requests: ChildStdin,
    answers: FramedRead<ChildStdout, LengthDelimitedCodec>,
    last_words: JoinHandle<String>,
    max_frame_bytes: usize,
    /// Orders it was given.
    orders: u32,
    /// Threads of the orders it was given.
    threads: Option<u32>,
}

impl SolverProcess {
    /// Its number at the system; none once it has ended.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Orders it was given.
    pub(super) fn orders(&self) -> u32 {
        self.orders
    }

    /// Whether it still runs and can take an order on this number of threads: the library keeps
    /// the number it began with.
    pub(super) fn can_take(&mut self, threads: u32) -> bool {
        self.is_running() && self.threads.is_none_or(|begun_with| begun_with == threads)
    }

    /// Whether it still runs, as far as the system has told.
    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The frame of the next order.
    ///
    /// # Errors
    /// `InvalidData` if it is too long.
    pub(super) fn frame(number: u64, order: Box<SolveOrder>, max: usize) -> io::Result<Vec<u8>> {
        frame::encode(&Request::Order(number, order), max)
    }

    /// Gives it an order.
    ///
    /// # Errors
    /// What writing fails with: it is gone.
    pub(super) async fn order(&mut self, frame: &[u8], threads: u32) -> io::Result<()> {
        self.orders = self.orders.saturating_add(1);
        self.threads = Some(threads);
        self.requests.write_all(frame).await?;
        self.requests.flush().await
    }

    /// Asks it to stop the order of this number.
    ///
    /// # Errors
    /// What writing fails with: it is gone.
    pub(super) async fn cancel(&mut self, number: u64) -> io::Result<()> {
        let frame = frame::encode(&Request::Cancel(number), self.max_frame_bytes)?;
        self.requests.write_all(&frame).await?;
        self.requests.flush().await
    }

    /// What it says next; no word is lost if this is given up.
    ///
    /// # Errors
    /// What reading fails with, `UnexpectedEof` at the end, `InvalidData` for what is no answer.
    pub(super) async fn answer(&mut self) -> io::Result<Answer> {
        match self.answers.next().await {
            Some(frame) => frame::decode(&frame?),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Kills it; tells how it ended and its last words.
    pub(super) async fn kill(mut self) -> String {
        // Fails only if it has ended, and then its own end is told.
        let _ = self.child.start_kill();
        let ended = match self.child.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        match timeout(LAST_WORDS_WAIT, self.last_words).await {
            Ok(Ok(words)) if !words.is_empty() => format!("{ended}: {words}"),
            _ => ended,
        }
    }

    /// Lets it end, and kills it if that takes longer than `grace`.
    pub(super) async fn retire(self, grace: Duration) {
        let Self { mut child, requests, .. } = self;
        drop(requests);
        if timeout(grace, child.wait()).await.is_err() {
            // Fails only if it has just ended.
            let _ = child.kill().await;
        }
    }
}

async fn last_words(mut complaints: ChildStderr) -> String {
    let mut words = Vec::new();
    let mut piece = [0; LAST_WORDS];
    while let Ok(length @ 1..) = complaints.read(&mut piece).await {
        words.extend_from_slice(&piece[..length]);
        words.drain(..words.len().saturating_sub(LAST_WORDS));
    }
    String::from_utf8_lossy(&words).trim().replace('\n', "; ")
}
