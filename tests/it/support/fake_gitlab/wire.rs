//! HTTP/1.1 by hand: a server that can also stall, cut and lie, as networks do.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One request, as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path, as it was encoded.
    pub(crate) target: String,
    /// Parameters, decoded, in their order.
    pub(crate) query: Vec<(String, String)>,
    /// Headers by their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// Its JSON, when it has any.
    pub(crate) body: Option<Value>,
}

impl Seen {
    /// A parameter.
    pub(crate) fn parameter(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str())
    }
}

/// What is answered, and how badly.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) delivery: Delivery,
}

/// How an answer travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// At once.
    Whole,
    /// The connection ends after so many bytes of the body.
    CutAfter(usize),
    /// The body never goes on after its first byte.
    Stalled,
    /// Nothing is answered; the connection ends.
    Nothing,
    /// The body is this many bytes of blanks instead.
    Blanks(usize),
}

impl Reply {
    /// JSON.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        Self { status, headers, body, delivery: Delivery::Whole }
    }

    /// The same with one more header.
    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// A listener on loopback that answers until it is dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    running: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Listener {
    /// Answers each request as `answer` says.
    pub(crate) async fn start(answer: impl Fn(Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (answer, connections) = (Arc::new(answer), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&connections);
        let running = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(converse(connection, Arc::clone(&answer)));
            }
        });
        Self { address, connections, running }
    }

    /// How many connections were made so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Answers the requests of one connection until either side ends it.
pub(crate) async fn converse(
    mut connection: impl AsyncRead + AsyncWrite + Unpin,
    answer: Arc<impl Fn(Seen) -> Reply>,
) {
    let mut buffer = Vec::new();
    while let Some(seen) = request(&mut connection, &mut buffer).await {
        if respond(&mut connection, answer(seen)).await.is_none() {
            return;
        }
    }
}

/// A request as it came.
pub(crate) struct Taken {
    pub(crate) method: String,
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Takes the next request whole; `None` when the connection ends before that.
pub(crate) async fn take(
    connection: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
) -> Option<Taken> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if connection.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer.drain(..end + 4).collect()).ok()?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ').map(str::to_owned);
    let (method, target) = (first.next()?, first.next()?);
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers: Vec<_> =
        headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, length)| length.parse().unwrap());
    while buffer.len() < length {
        if connection.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    Some(Taken { method, target, headers, body: buffer.drain(..length).collect() })
}

async fn request(connection: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> Option<Seen> {
    let Taken { method, target, headers, body } = take(connection, buffer).await?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let url = reqwest::Url::parse(&format!("http://x/?{query}")).ok()?;
    Some(Seen {
        method,
        target: path.to_owned(),
        query: url.query_pairs().into_owned().collect(),
        headers: headers.into_iter().collect(),
        body: serde_json::from_slice(&body).ok(),
    })
}

/// `None` when the connection is at its end.
pub(crate) async fn respond(
    connection: &mut (impl AsyncWrite + Unpin),
    reply: Reply,
) -> Option<()> {
    let body = match reply.delivery {
        Delivery::Nothing => return None,
        Delivery::Blanks(count) => vec![b' '; count],
        Delivery::Whole | Delivery::CutAfter(_) | Delivery::Stalled => reply.body,
    };
    let mut head = format!("HTTP/1.1 {} X\r\n", reply.status);
    for (name, value) in &reply.headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    if reply.status != 204 {
        write!(head, "content-length: {}\r\n", body.len()).unwrap();
    }
    head.push_str("\r\n");
    connection.write_all(head.as_bytes()).await.ok()?;
    match reply.delivery {
        Delivery::CutAfter(count) => {
            connection.write_all(&body[..count.min(body.len())]).await.ok()?;
            return None;
        }
        Delivery::Stalled => {
            connection.write_all(&body[..1]).await.ok()?;
            forever().await;
        }
        Delivery::Whole | Delivery::Blanks(_) | Delivery::Nothing => {
            connection.write_all(&body).await.ok()?;
        }
    }
    Some(())
}

#[expect(clippy::disallowed_methods, reason = "a peer that stalls does so in real time")]
async fn forever() {
    tokio::time::sleep(Duration::from_hours(1)).await;
}
