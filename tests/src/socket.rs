//! A WebSocket (RFC 6455) that speaks graphql-transport-ws, as small as it can be.

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use crate::Client;

/// What the server sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A message of the sub-protocol.
    Json(Value),
    /// The connection was closed, with this code.
    Closed(u16),
}

/// An open connection.
#[derive(Debug)]
pub struct Socket {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Opens the GraphQL socket as a page of `origin` does.
    ///
    /// Errors when the server does not switch protocols.
    pub async fn open_socket(&self, origin: &str) -> anyhow::Result<Socket> {
        let host = self.base_url().trim_start_matches("http://").to_owned();
        let mut stream = BufReader::new(TcpStream::connect(&host).await?);
        let request = format!(
            "GET /graphql HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.context("the answer to the handshake")?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        ensure!(
            head.starts_with("HTTP/1.1 101"),
            "refused: {}",
            head.lines().next().unwrap_or_default()
        );
        Ok(Socket { stream })
    }

    /// Opens the socket from our own origin, presents the caller's token and waits to be let in.
    pub async fn live(&self) -> anyhow::Result<Socket> {
        let mut socket = self.open_socket(self.base_url()).await?;
        let authorization = format!("Bearer {}", self.bearer().unwrap_or_default());
        let init = json!({ "type": "connection_init", "payload": { "authorization": authorization } });
        socket.send(&init).await?;
        match socket.receive().await? {
            Message::Json(ack) if ack["type"] == "connection_ack" => Ok(socket),
            other => bail!("not let in: {other:?}"),
        }
    }
}

impl Socket {
    /// Sends one message.
    pub async fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        self.frame(0x1, message.to_string().as_bytes()).await
    }

    /// Subscribes to one operation under the id `1`.
    pub async fn subscribe(&mut self, query: &str) -> anyhow::Result<()> {
        self.send(&json!({ "type": "subscribe", "id": "1", "payload": { "query": query } }))
            .await
    }

    /// The next message; pings are answered on the way.
    pub async fn receive(&mut self) -> anyhow::Result<Message> {
        loop {
            let opcode = self.stream.read_u8().await? & 0x0f;
            let length = match self.stream.read_u8().await? & 0x7f {
                126 => u64::from(self.stream.read_u16().await?),
                127 => self.stream.read_u64().await?,
                short => u64::from(short),
            };
            let mut payload = vec![0; usize::try_from(length)?];
            self.stream.read_exact(&mut payload).await?;
            match opcode {
                0x1 => {
                    let message: Value = serde_json::from_slice(&payload)?;
                    if message["type"] == "ping" {
                        self.send(&json!({ "type": "pong" })).await?;
                        continue;
                    }
                    return Ok(Message::Json(message));
                }
                0x8 => {
                    let code = payload
                        .first_chunk()
                        .map_or(1005, |code| u16::from_be_bytes(*code));
                    return Ok(Message::Closed(code));
                }
                0x9 => self.frame(0xa, &payload).await?,
                _ => {}
            }
        }
    }

    async fn frame(&mut self, opcode: u8, payload: &[u8]) -> anyhow::Result<()> {
        const MASK: [u8; 4] = [7, 11, 13, 17];
        let mut frame = vec![0x80 | opcode];
        match payload.len() {
            short if short < 126 => frame.push(0x80 | short as u8),
            length => {
                frame.push(0x80 | 126);
                frame.extend_from_slice(&u16::try_from(length).context("a short message")?.to_be_bytes());
            }
        }
        frame.extend_from_slice(&MASK);
        frame.extend(
            payload
                .iter()
                .zip(MASK.iter().cycle())
                .map(|(byte, mask)| byte ^ mask),
        );
        Ok(self.stream.write_all(&frame).await?)
    }
}
