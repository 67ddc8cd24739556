//! A proxy on loopback that takes requests whole, does to them what a test says, and passes them on.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::fake_gitlab::{Reply, Taken, respond, take};
use super::process::http_client;

/// A request on its way.
#[derive(Debug, Clone)]
pub(crate) struct Passing {
    pub(crate) method: String,
    target: String,
    /// Names in lower case; those of the connection left out.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What becomes of it.
pub(crate) enum Way {
    /// It goes on, maybe changed, and its answer comes back with these headers besides.
    On(Passing, Vec<(&'static str, &'static str)>),
    /// It ends here.
    Back(Reply),
}

/// A running proxy.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    running: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Proxy {
    /// Stands before `upstream`, an address without a path.
    pub(crate) async fn before(
        upstream: String,
        meddle: impl Fn(Passing) -> Way + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (upstream, meddle) = (Arc::new(upstream), Arc::new(meddle));
        let running = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(pass(connection, Arc::clone(&upstream), Arc::clone(&meddle)));
            }
        });
        Self { address, running }
    }
}

async fn pass(
    mut connection: TcpStream,
    upstream: Arc<String>,
    meddle: Arc<impl Fn(Passing) -> Way>,
) {
    let mut buffer = Vec::new();
    while let Some(passing) = request(&mut connection, &mut buffer).await {
        let reply = match meddle(passing) {
            Way::Back(reply) => reply,
            Way::On(passing, besides) => answer(&upstream, passing, &besides).await,
        };
        if respond(&mut connection, reply).await.is_none() {
            return;
        }
    }
}

async fn request(connection: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Passing> {
    let Taken { method, target, mut headers, body } = take(connection, buffer).await?;
    headers.retain(|(name, _)| !["host", "content-length", "connection"].contains(&name.as_str()));
    Some(Passing { method, target, headers, body })
}

async fn answer(
    upstream: &str,
    passing: Passing,
    besides: &[(&'static str, &'static str)],
) -> Reply {
    let method = passing.method.parse().unwrap();
    let mut request = http_client().request(method, format!("{upstream}{}", passing.target));
    for (name, value) in passing.headers {
        request = request.header(name, value);
    }
    let answer = request.body(passing.body).send().await.unwrap();
    let kept = ["content-type", "allow"];
    let headers = answer.headers().iter().filter(|(name, _)| kept.contains(&name.as_str()));
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let besides = besides.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Reply {
        status: answer.status().as_u16(),
        headers: headers.chain(besides).collect(),
        body: answer.bytes().await.unwrap().to_vec(),
        delivery: super::fake_gitlab::Travel::Whole,
    }
}
