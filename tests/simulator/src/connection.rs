//! A connection that can end badly: closed, reset or cut off in the middle of an answer.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

const OPEN: u64 = u64::MAX;
const RESET: u64 = u64::MAX - 1;

/// How one connection will end; what the handlers hold of it.
#[derive(Debug, Clone)]
pub(crate) struct Ending(Arc<AtomicU64>);

impl Ending {
    /// From now on nothing more is written: the other side sees the end of the stream.
    pub(crate) fn close(&self) {
        self.close_after(0);
    }
    /// From now on nothing more is written: the other side sees a reset.
    pub(crate) fn reset(&self) {
        self.0.store(RESET, Ordering::Release);
    }
    /// `bytes` more are written, then the stream ends.
    pub(crate) fn close_after(&self, bytes: u64) {
        self.0.store(bytes.min(RESET - 1), Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, Loopback>> for Ending {
    fn connect_info(stream: IncomingStream<'_, Loopback>) -> Self {
        stream.io().ending.clone()
    }
}

/// The listener, whose connections can be ended by their handlers.
#[derive(Debug)]
pub(crate) struct Loopback(pub(crate) TcpListener);

impl Listener for Loopback {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((stream, from)) => {
                    // Without it small answers wait for the other side's acknowledgement.
                    let _ = stream.set_nodelay(true);
                    return (Wire { stream, ending: Ending(Arc::new(AtomicU64::new(OPEN))) }, from);
                }
                // Out of file descriptors, most likely: they come back.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// The byte stream under a connection.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    ending: Ending,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.ending.0.load(Ordering::Acquire) {
            OPEN => Pin::new(&mut self.stream).poll_write(cx, bytes),
            RESET => {
                // With a zero linger time, dropping the stream sends RST instead of FIN.
                let _ = self.stream.set_zero_linger();
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
            0 => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            left => {
                let most = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                let written = Pin::new(&mut self.stream).poll_write(cx, &bytes[..most]);
                if let Poll::Ready(Ok(n)) = &written {
                    self.ending.close_after(left - *n as u64);
                }
                written
            }
        }
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.ending.0.load(Ordering::Acquire) == RESET {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
