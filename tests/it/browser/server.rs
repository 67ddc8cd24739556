//! The smallest server that can show the page: one page, its assets, its headers.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use gitlab_dora_exporter::page::{ASSETS, SECURITY_HEADERS};
use gitlab_dora_exporter::words::Language;

/// Longest a connection may stay silent: browsers open some that they never use.
const SILENCE: Duration = Duration::from_secs(10);

type Page = dyn Fn(Language) -> String + Send + Sync;

/// Serves until it is dropped.
pub(crate) struct PageServer {
    address: SocketAddr,
    paths: Arc<Mutex<Vec<String>>>,
    is_over: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

impl PageServer {
    /// Serves what `page` makes of the reader's language, on a free port of the loopback.
    pub(crate) fn start(page: impl Fn(Language) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (paths, is_over) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let page: Arc<Page> = Arc::new(page);
        let acceptor = {
            let (paths, is_over) = (Arc::clone(&paths), Arc::clone(&is_over));
            thread::spawn(move || accept(&listener, &page, &paths, &is_over))
        };
        Self { address, paths, is_over, acceptor: Some(acceptor) }
    }

    /// The address of a path with its leading slash.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Every path asked for so far, sorted, each once.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut paths = self.paths.lock().unwrap().clone();
        paths.sort();
        paths.dedup();
        paths
    }
}

impl Drop for PageServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which then sees that it is over.
        drop(TcpStream::connect(self.address));
        self.acceptor.take().map(JoinHandle::join);
    }
}

fn accept(
    listener: &TcpListener,
    page: &Arc<Page>,
    paths: &Arc<Mutex<Vec<String>>>,
    is_over: &AtomicBool,
) {
    for stream in listener.incoming().take_while(|_| !is_over.load(Ordering::SeqCst)) {
        let (page, paths) = (Arc::clone(page), Arc::clone(paths));
        thread::spawn(move || answer(&stream.unwrap(), &*page, &paths));
    }
}

fn answer(mut stream: &TcpStream, page: &Page, paths: &Mutex<Vec<String>>) {
    stream.set_read_timeout(Some(SILENCE)).unwrap();
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let Some(target) = head.first().and_then(|line| line.split(' ').nth(1)) else { return };
    paths.lock().unwrap().push(target.to_owned());

    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let header = |name: &str| {
        let named = |line: &&String| line.to_ascii_lowercase().starts_with(name);
        head.iter().find(named).and_then(|line| line.split_once(": ")).map(|(_, value)| value)
    };
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
    let language =
        Language::choose(&Language::ALL, asked, header("cookie:"), header("accept-language:"));
    let asset = ASSETS.iter().find(|asset| asset.path == path);
    let (status, kind, body) = match (path, asset) {
        ("/", _) => ("200 OK", "text/html; charset=utf-8", page(language)),
        (_, Some(asset)) => ("200 OK", asset.content_type, asset.body.to_owned()),
        _ => ("404 Not Found", "text/plain", String::new()),
    };
    let mut reply = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n");
    for (name, value) in SECURITY_HEADERS {
        write!(reply, "{name}: {value}\r\n").unwrap();
    }
    write!(reply, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    // The browser may have left; what it did not see, it will not complain about.
    drop(stream.write_all(reply.as_bytes()));
}
