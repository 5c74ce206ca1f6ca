//! A sender that says what it will send and does not, which no well-behaved client can be made to.

use std::fmt::Write as _;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::House;

/// The server's answer to a request that never came to its end.
#[derive(Debug)]
pub struct RawAnswer {
    pub status: u16,
    pub content_type: String,
    pub body: Value,
}

impl House {
    /// Sends a head that promises `promised` bytes, then `sent`, then nothing; reads until the server hangs up or
    /// has answered.
    pub async fn half_request(
        &self,
        path: &str,
        token: &str,
        content_type: &str,
        promised: usize,
        sent: &[u8],
    ) -> RawAnswer {
        let host = self.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).await.unwrap();
        let mut head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {promised}\r\n");
        write!(
            head,
            "Content-Type: {content_type}\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        .unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let mut answer = Vec::new();
        loop {
            let mut piece = [0; 4096];
            let read = stream.read(&mut piece).await.unwrap();
            answer.extend_from_slice(&piece[..read]);
            if let Some(parsed) = parse(&String::from_utf8_lossy(&answer)) {
                return parsed;
            }
            assert!(read > 0, "it hung up without an answer: {answer:?}");
        }
    }
}

fn parse(text: &str) -> Option<RawAnswer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let header = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.to_owned())
    };
    let length: usize = header("content-length")?.parse().ok()?;
    (body.len() >= length).then(|| RawAnswer {
        status: head[9..12].parse().unwrap(),
        content_type: header("content-type").unwrap_or_default(),
        body: serde_json::from_str(body).unwrap_or(Value::Null),
    })
}
