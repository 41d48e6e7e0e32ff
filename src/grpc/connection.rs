//! Connections: accepted up to a limit, encrypted where that is asked for, and cut off together
//! when the grace is over.

use std::{
    convert::Infallible,
    future::Future,
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use opentelemetry::metrics::{Counter, Meter};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::Sleep,
};
use tokio_rustls::server::TlsStream;
use tokio_stream::Stream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::transport::server::{Connected, TcpConnectInfo};

use super::tls::Certificates;

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
    certificates: Option<Certificates>,
    /// Connections whose callers have not shown themselves yet; each has its place.
    handshakes: JoinSet<Option<Connection>>,
    pause: Option<Pin<Box<Sleep>>>,
    warned: Option<Instant>,
    refused: Option<Counter<u64>>,
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
        Self {
            listener,
            places,
            abort,
            certificates: None,
            handshakes: JoinSet::new(),
            pause: None,
            warned: None,
            refused: None,
        }
    }

    /// Encrypts every connection.
    pub(super) fn encrypted(self, certificates: Option<Certificates>) -> Self {
        Self { certificates, ..self }
    }

    /// Counts what is open and what was refused.
    pub(super) fn measured(self, max_connections: usize, meter: &Meter) -> Self {
        let places = Arc::clone(&self.places);
        let most = max_connections.min(Semaphore::MAX_PERMITS);
        meter
            .u64_observable_gauge("portolan.connections")
            .with_description("Open connections.")
            .with_callback(move |gauge| {
                gauge.observe(most.saturating_sub(places.available_permits()) as u64, &[]);
            })
            .build();
        meter
            .u64_observable_gauge("portolan.connections.limit")
            .with_description("Connections that may be open.")
            .with_callback(move |gauge| gauge.observe(most as u64, &[]))
            .build();
        let refused = meter
            .u64_counter("portolan.connections.refused")
            .with_description("Connections closed because as many were open as may.")
            .build();
        // From the start: an alert must see the first.
        refused.add(0, &[]);
        Self { refused: Some(refused), ..self }
    }

    /// Gives the connection a place, or closes it if none is free.
    fn admit(&mut self, stream: TcpStream) -> Option<Connection> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            if let Some(refused) = &self.refused {
                refused.add(1, &[]);
            }
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
        let Some(certificates) = self.certificates.clone() else {
            return Some(Connection { stream: Wire::Plain(stream), aborted, _place: place });
        };
        let caller = stream.peer_addr().map_or_else(|_| "gone".to_owned(), |at| at.to_string());
        self.handshakes.spawn(async move {
            match certificates.accept(stream).await {
                Ok(stream) => {
                    let stream = Wire::Encrypted(Box::new(stream));
                    Some(Connection { stream, aborted, _place: place })
                }
                Err(error) => {
                    tracing::info!(%caller, %error, "handshake failed");
                    None
                }
            }
        });
        None
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
            match self.handshakes.poll_join_next(cx) {
                Poll::Ready(Some(Ok(Some(connection)))) => {
                    return Poll::Ready(Some(Ok(connection)));
                }
                Poll::Ready(Some(_)) => continue,
                Poll::Ready(None) | Poll::Pending => {}
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
    stream: Wire,
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
        match &self.stream {
            Wire::Plain(stream) => stream.connect_info(),
            Wire::Encrypted(stream) => stream.get_ref().0.connect_info(),
        }
    }
}

/// What a connection is made of.
#[derive(Debug)]
enum Wire {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// Does the same with either.
macro_rules! over {
    ($wire:expr, $method:ident ( $($argument:expr),* )) => {
        match $wire {
            Wire::Plain(stream) => Pin::new(stream).$method($($argument),*),
            Wire::Encrypted(stream) => Pin::new(stream).$method($($argument),*),
        }
    };
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        over!(&mut self.stream, poll_read(cx, buf))
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
        over!(&mut self.stream, poll_write(cx, buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        over!(&mut self.stream, poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Wire::Plain(stream) => stream.is_write_vectored(),
            Wire::Encrypted(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        over!(&mut self.stream, poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        over!(&mut self.stream, poll_shutdown(cx))
    }
}
