//! Tells the supervisor what state the program is in, as systemd's `Type=notify` expects.

use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use crate::config::Environment;

/// Whoever started this program and wants to know; often nobody.
pub(super) struct Supervisor(Option<String>);

impl Supervisor {
    /// The one that `NOTIFY_SOCKET` names.
    pub(super) fn of(environment: &Environment) -> Self {
        Self(environment.get("NOTIFY_SOCKET").map(str::to_owned))
    }

    /// Deliveries are taken in from now on.
    pub(super) fn ready(&self) {
        self.tell("READY=1");
    }

    /// On the way out.
    pub(super) fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    fn tell(&self, state: &str) {
        if let Some(Err(error)) = self.0.as_deref().map(|socket| send(socket, state)) {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "failed to tell the supervisor");
        }
    }
}

fn send(socket: &str, state: &str) -> io::Result<()> {
    // A leading @ stands for the zero byte of the abstract name space.
    let address = match socket.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_supervisor_hears_each_state_at_the_socket_it_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        let supervisor =
            Supervisor::of(&Environment::of([("NOTIFY_SOCKET", path.to_str().unwrap())]));
        supervisor.ready();
        supervisor.stopping();
        let mut heard = [0; 32];
        for expected in ["READY=1", "STOPPING=1"] {
            let length = socket.recv(&mut heard).unwrap();
            assert_eq!(&heard[..length], expected.as_bytes());
        }
    }
}
