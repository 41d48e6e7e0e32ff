//! Connections: accepted up to a limit, and cut off together when the grace is over.

use std::{
    convert::Infallible,
    future::Future,
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Sleep,
};
use tokio_stream::Stream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::transport::server::{Connected, TcpConnectInfo};

/// Pause after the system refused to accept, mostly for want of files: trying on at once would
/// take a whole core and change nothing.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Least time between two warnings about connections closed for want of a place.
const WARNING_INTERVAL: Duration = Duration::from_secs(1);

/// The stream of accepted connections; dropping it closes the listener.
pub(super) struct Incoming {
    listener: TcpListener,
    places: Arc<Semaphore>,
    abort: CancellationToken,
    pause: Option<Pin<Box<Sleep>>>,
    warned: Option<Instant>,
}

impl Incoming {
    /// Accepts from `listener` while fewer than `max_connections` are open and closes any more at
    /// once. All connections fail as soon as `abort` is cancelled.
    pub(super) fn new(
        listener: TcpListener,
        max_connections: usize,
        abort: CancellationToken,
    ) -> Self {
        let places = Arc::new(Semaphore::new(max_connections.min(Semaphore::MAX_PERMITS)));
        Self { listener, places, abort, pause: None, warned: None }
    }

    /// Gives the connection a place, or closes it if none is free.
    fn admit(&mut self, stream: TcpStream) -> Option<Connection> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            if self.warned.is_none_or(|at| at.elapsed() >= WARNING_INTERVAL) {
                self.warned = Some(Instant::now());
                tracing::warn!("closing new connections: server.max_connections are open");
            }
            return None;
        };
        // Without it, small responses wait for acknowledgements: a factor of six in calls.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "connection without TCP_NODELAY");
        }
        // A child for each: the connections do not contend for one lock on every read.
        let aborted = Box::pin(self.abort.child_token().cancelled_owned());
        Some(Connection { stream, aborted, _place: place })
    }
}

impl Stream for Incoming {
    type Item = Result<Connection, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            match ready!(self.listener.poll_accept(cx)) {
                Ok((stream, _)) => {
                    if let Some(connection) = self.admit(stream) {
                        return Poll::Ready(Some(Ok(connection)));
                    }
                }
                // The client was gone before its turn came.
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
                    ) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections; trying again");
                    self.pause = Some(Box::pin(tokio::time::sleep(ACCEPT_PAUSE)));
                }
            }
        }
    }
}

/// A client's connection that can be cut from within the server.
///
/// tonic runs every connection in a task that nothing outside can end. An error from the socket
/// ends it, and with it the calls it carries.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    aborted: Pin<Box<WaitForCancellationFutureOwned>>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.aborted.as_mut().poll(cx) {
            Poll::Ready(()) => {
                Err(io::Error::new(ErrorKind::ConnectionAborted, "the server has stopped"))
            }
            Poll::Pending => Ok(()),
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

// Writes are checked as well: a client that does not read keeps the server from reading.
impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
