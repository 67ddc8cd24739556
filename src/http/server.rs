//! The listeners: how many connections, for how long, and how they end.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use futures_util::future::join_all;
use tokio::task::JoinHandle;

use super::observe::observe;
use super::state::{AppState, StateParts};
use super::{Door, routes};

/// Limits of all connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerLimits {
    /// Connections open at once, on each listener.
    pub connections: usize,
    /// How long the head of a request may take.
    pub head_timeout: Duration,
    /// How long an idle connection stays open.
    pub keep_alive: Duration,
    /// How long requests under way may take once the server stops.
    pub stop_timeout: Duration,
}

/// Bound sockets: clients can connect, and wait until the server runs.
#[derive(Debug)]
pub struct Doors {
    public: TcpListener,
    admin: Option<TcpListener>,
}

/// Binds the listeners.
///
/// # Errors
/// With the address that cannot be listened on.
pub fn bind(
    listen: SocketAddr,
    admin: Option<SocketAddr>,
) -> Result<Doors, (SocketAddr, io::Error)> {
    let open = |address| TcpListener::bind(address).map_err(|error| (address, error));
    Ok(Doors { public: open(listen)?, admin: admin.map(open).transpose()? })
}

impl Doors {
    /// Where deliveries arrive; the real port where 0 was asked for.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.public.local_addr()
    }

    /// Where everything else is answered.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn admin_address(&self) -> io::Result<SocketAddr> {
        self.admin.as_ref().unwrap_or(&self.public).local_addr()
    }
}

/// The running listeners.
#[derive(Debug)]
pub struct Server {
    handles: Vec<ServerHandle>,
    tasks: Vec<JoinHandle<io::Result<()>>>,
}

impl Server {
    /// Answers requests on `doors` from now on.
    ///
    /// # Errors
    /// When the system refuses a socket or a thread.
    pub fn start(doors: Doors, parts: StateParts, limits: ServerLimits) -> io::Result<Self> {
        let state = web::Data::new(AppState::from(parts));
        let public = if doors.admin.is_some() { Door::Public } else { Door::Whole };
        let listeners = [(public, Some(doors.public)), (Door::Admin, doors.admin)];
        let mut server = Self { handles: Vec::new(), tasks: Vec::new() };
        for (door, listener) in listeners {
            if let Some(listener) = listener {
                server.serve(door, listener, &state, limits)?;
            }
        }
        Ok(server)
    }

    fn serve(
        &mut self,
        door: Door,
        listener: TcpListener,
        state: &web::Data<AppState>,
        limits: ServerLimits,
    ) -> io::Result<()> {
        let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let state = state.clone();
        let app = move || {
            App::new().app_data(state.clone()).wrap(from_fn(observe)).configure(routes(door))
        };
        let running = HttpServer::new(app)
            .workers(workers)
            // The limit is each worker's.
            .max_connections(limits.connections.div_ceil(workers))
            .client_request_timeout(limits.head_timeout)
            .keep_alive(limits.keep_alive)
            .shutdown_timeout(limits.stop_timeout.as_secs())
            .disable_signals()
            .listen(listener)?
            .run();
        self.handles.push(running.handle());
        self.tasks.push(tokio::spawn(running));
        Ok(())
    }

    /// Closes the listeners and waits for the requests under way, as long as the limits allow.
    pub async fn stop(self) {
        join_all(self.handles.iter().map(|handle| handle.stop(true))).await;
        // What a stopped listener has to say was said when it failed.
        join_all(self.tasks).await;
    }
}
