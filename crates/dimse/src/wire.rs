//! PDUs on a connection, with their limits and deadlines.
//!
//! **Invariant:** a PDU's length is compared with what is taken before a byte of its body is read; what is held
//! of a connection is one PDU in each direction.

use std::{pin::Pin, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};

use crate::{
    Failure, Limits, Pdu,
    pdu::{HEADER_BYTES, Header, parse_body, write_data_header},
};

/// A connection, plain or TLS.
pub trait Connection: AsyncRead + AsyncWrite + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + 'static> Connection for T {}

/// Bytes that are made room for at least when something is read.
const READ_BYTES: usize = 16 << 10;

pub(crate) struct Wire {
    connection: Pin<Box<dyn Connection>>,
    received: BytesMut,
    out: Vec<u8>,
    max_pdu_bytes: u32,
    limits: Limits,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Wire").finish_non_exhaustive()
    }
}

impl Wire {
    /// `max_pdu_bytes` is the longest body of the first PDU.
    pub fn new(connection: impl Connection, max_pdu_bytes: u32, limits: Limits) -> Self {
        Self {
            connection: Box::pin(connection),
            received: BytesMut::new(),
            out: Vec::new(),
            max_pdu_bytes,
            limits,
        }
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// From now on bodies may be so long.
    pub fn take_up_to(&mut self, max_pdu_bytes: u32) {
        self.max_pdu_bytes = max_pdu_bytes;
    }

    /// The next PDU. Its first byte must come within `patience`, the rest at the pace of the limits.
    pub async fn read(&mut self, patience: Duration) -> Result<Pdu, Failure> {
        if self.received.is_empty() {
            timeout(patience, self.fill(HEADER_BYTES))
                .await
                .map_err(|_| Failure::TimedOut("say anything"))??;
        }
        let rest = self.limits.pdu;
        timeout(rest, self.read_whole())
            .await
            .map_err(|_| Failure::TimedOut("finish a PDU"))?
    }

    /// The next PDU, if it is there already.
    pub fn read_now(&mut self) -> Result<Option<Pdu>, Failure> {
        loop {
            if let Some(pdu) = self.received_pdu()? {
                return Ok(Some(pdu));
            }
            // Dropping the read loses nothing: what was read is in the buffer.
            match self.fill(HEADER_BYTES).now_or_never() {
                None => return Ok(None),
                Some(filled) => filled?,
            }
        }
    }

    async fn read_whole(&mut self) -> Result<Pdu, Failure> {
        loop {
            if let Some(pdu) = self.received_pdu()? {
                return Ok(pdu);
            }
            let missing = self.missing()?;
            self.fill(missing).await?;
        }
    }

    /// How many bytes the PDU that has begun still needs.
    fn missing(&self) -> Result<usize, Failure> {
        Ok(match self.received.first_chunk::<HEADER_BYTES>() {
            None => HEADER_BYTES,
            Some(head) => {
                let header = Header::parse(*head, self.max_pdu_bytes)?;
                (HEADER_BYTES + header.length as usize).saturating_sub(self.received.len())
            }
        })
    }

    fn received_pdu(&mut self) -> Result<Option<Pdu>, Failure> {
        let Some(head) = self.received.first_chunk::<HEADER_BYTES>() else {
            return Ok(None);
        };
        let header = Header::parse(*head, self.max_pdu_bytes)?;
        let length = HEADER_BYTES + header.length as usize;
        if self.received.len() < length {
            return Ok(None);
        }
        let body: Bytes = self.received.split_to(length).split_off(HEADER_BYTES).freeze();
        Ok(Some(parse_body(header.kind, body)?))
    }

    /// Reads whatever comes, with room for `wanted` bytes at least.
    async fn fill(&mut self, wanted: usize) -> Result<(), Failure> {
        self.received.reserve(wanted.max(READ_BYTES));
        match self.connection.read_buf(&mut self.received).await? {
            0 => Err(Failure::Closed),
            _ => Ok(()),
        }
    }

    /// Sends a PDU.
    pub async fn write(&mut self, pdu: &Pdu) -> Result<(), Failure> {
        self.out.clear();
        pdu.write(&mut self.out);
        self.flush().await
    }

    /// Sends one fragment as a PDU.
    pub async fn write_fragment(
        &mut self,
        context: u8,
        is_command: bool,
        is_last: bool,
        fragment: &[u8],
    ) -> Result<(), Failure> {
        self.out.clear();
        write_data_header(&mut self.out, context, is_command, is_last, fragment.len());
        self.out.extend_from_slice(fragment);
        self.flush().await
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        let written = async {
            self.connection.write_all(&self.out).await?;
            self.connection.flush().await
        };
        let written = timeout(self.limits.write, written).await;
        written.map_err(|_| Failure::TimedOut("take what was sent"))??;
        Ok(())
    }

    /// Closes our side and waits a moment for the peer to close its own: what we sent last must arrive, and a
    /// connection closed with bytes unread takes them back.
    pub async fn close(mut self) {
        let moment = self.limits.artim.min(Duration::from_secs(2));
        let gone = async {
            // An error says that it is closed already.
            let _ = self.connection.shutdown().await;
            loop {
                self.received.clear();
                if self.fill(READ_BYTES).await.is_err() {
                    return;
                }
            }
        };
        let _ = timeout(moment, gone).await;
    }
}
