//! A thrifty HTTP/1.1 client over a kept-alive socket: the generator must not be what is measured.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// Longest head of an answer that is read; ours are a few hundred bytes.
const MAX_HEAD_LINES: usize = 64;
/// A scrape of a million series is 150 MB; more than this is not a scrape.
const MAX_BODY_BYTES: usize = 1 << 30;

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body_bytes: usize,
}

/// How long the body is.
#[derive(Debug, Clone, Copy)]
enum Framing {
    Length(usize),
    Chunked,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
    line: Vec<u8>,
    scratch: Vec<u8>,
}

impl Connection {
    /// Opens a connection to `address`.
    ///
    /// # Errors
    /// When nobody listens there.
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let stream = BufReader::with_capacity(64 * 1024, stream);
        Ok(Self { stream, line: Vec::new(), scratch: vec![0; 256 * 1024] })
    }

    /// Sends one prepared request, head and body, and reads the answer; its body is thrown away.
    ///
    /// # Errors
    /// When the connection breaks or the answer is no HTTP.
    pub(super) async fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.exchange(request, None).await
    }

    /// As [`ask`](Self::ask), and keeps the body.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(super) async fn fetch(&mut self, request: &[u8]) -> io::Result<(Answer, Vec<u8>)> {
        let mut body = Vec::new();
        let answer = self.exchange(request, Some(&mut body)).await?;
        Ok((answer, body))
    }

    async fn exchange(
        &mut self,
        request: &[u8],
        mut keep: Option<&mut Vec<u8>>,
    ) -> io::Result<Answer> {
        self.stream.get_mut().write_all(request).await?;
        let (status, framing) = self.head().await?;
        let mut body_bytes = 0;
        match framing {
            Framing::Length(length) => {
                self.body(length, &mut keep).await?;
                body_bytes = length;
            }
            Framing::Chunked => loop {
                let size = self.chunk_size().await?;
                self.body(size, &mut keep).await?;
                body_bytes += size;
                // The line end after a chunk, or the empty trailer after the last.
                self.read_line().await?;
                if size == 0 {
                    break;
                }
            },
        }
        Ok(Answer { status, body_bytes })
    }

    async fn head(&mut self) -> io::Result<(u16, Framing)> {
        self.read_line().await?;
        let status = self.line.get(9..12).and_then(number).ok_or_else(no_http)?;
        let status = u16::try_from(status).map_err(|_| no_http())?;
        let mut framing = Framing::Length(0);
        for _ in 0..MAX_HEAD_LINES {
            self.read_line().await?;
            let Some(colon) = self.line.iter().position(|byte| *byte == b':') else {
                return Ok((status, framing));
            };
            let (name, value) = self.line.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            if name.eq_ignore_ascii_case(b"content-length") {
                framing = Framing::Length(number(value).ok_or_else(no_http)?);
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                framing = Framing::Chunked;
            }
        }
        Err(no_http())
    }

    async fn chunk_size(&mut self) -> io::Result<usize> {
        self.read_line().await?;
        let text = std::str::from_utf8(self.line.trim_ascii()).map_err(|_| no_http())?;
        let size = usize::from_str_radix(text, 16).map_err(|_| no_http())?;
        if size > MAX_BODY_BYTES { Err(no_http()) } else { Ok(size) }
    }

    async fn body(&mut self, length: usize, keep: &mut Option<&mut Vec<u8>>) -> io::Result<()> {
        let mut left = length;
        while left > 0 {
            let room = left.min(self.scratch.len());
            let space = self.scratch.get_mut(..room).unwrap_or_default();
            let read = self.stream.read(space).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(body) = keep {
                body.extend_from_slice(self.scratch.get(..read).unwrap_or_default());
            }
            left -= read;
        }
        Ok(())
    }

    async fn read_line(&mut self) -> io::Result<()> {
        self.line.clear();
        if self.stream.read_until(b'\n', &mut self.line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// A request for `path` that accepts `encoding`.
pub(super) fn get(path: &str, encoding: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/plain; version=0.0.4\r\n\
         accept-encoding: {encoding}\r\n\r\n"
    )
    .into_bytes()
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|number| *number <= MAX_BODY_BYTES)
}

fn no_http() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP/1.1")
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Answers each request on one connection with the next of these texts.
    async fn serve(answers: &'static [&'static str]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1_024];
            for answer in answers {
                let _ = stream.read(&mut request).await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn bodies_with_a_length_and_in_chunks_are_read_to_their_end() {
        let address = serve(&[
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 503 Service Unavailable\r\ntransfer-encoding: chunked\r\n\r\n\
             4\r\nwait\r\nA\r\n0123456789\r\n0\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
        ])
        .await;
        let mut connection = Connection::open(address).await.unwrap();
        let request = get("/metrics", "identity");

        let (answer, body) = connection.fetch(&request).await.unwrap();
        assert_eq!((answer.status, body.as_slice()), (200, b"hello".as_slice()));
        assert_eq!(connection.ask(&request).await.unwrap(), Answer { status: 503, body_bytes: 14 });
        assert_eq!(connection.ask(&request).await.unwrap(), Answer { status: 204, body_bytes: 0 });
        assert!(connection.ask(&request).await.is_err(), "the server hung up");
    }

    #[tokio::test]
    async fn what_is_not_http_is_an_error() {
        let address = serve(&["220 mail.example ESMTP\r\n\r\n"]).await;
        let mut connection = Connection::open(address).await.unwrap();
        assert!(connection.ask(&get("/", "identity")).await.is_err());
    }
}
