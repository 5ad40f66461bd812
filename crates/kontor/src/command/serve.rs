//! `kontor serve`: everything put together.

use super::Place;
use crate::backup::Holding;
use crate::config::{Applied, Config};
use crate::office::{self, Opened};
use crate::socket::{self, AdminSocket};
use crate::upkeep::{self, Here, Upkeep};
use crate::whereabouts::Whereabouts;
use crate::{Failure, Outcome, backup, figures, first_start, journal, survey, trash};
use clap::Args;
use kontor_door_admin::{AdminDoor, Figure, Parts, Probe};
use kontor_door_dav::DavDoor;
use kontor_door_sharepoint::ListDoor;
use kontor_door_web::WebDoor;
use kontor_groupware::Office;
use kontor_listen::{Door, Limits, Listener, Plain, Routes, Server, TcpOptions, Tls};
use kontor_model::{Clock, SystemClock};
use kontor_store::Store;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What DAV clients ask on any address, if they know only the server's name.
const DAV_METHODS: &[&str] = &["PROPFIND", "OPTIONS", "REPORT"];
/// File descriptors for everything but clients.
const SPARE_FILES: u64 = 256;

/// Run the server
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kontor --data /srv/kontor serve
  kontor --data /srv/kontor serve --listen 127.0.0.1:8080 --admin-listen 127.0.0.1:9090
  kontor --data /srv/kontor serve --listen '[::]:443' --tls-cert chain.pem --tls-key key.pem

SIGTERM and SIGINT end it in order, SIGHUP looks at the certificate files.")]
pub(crate) struct Serve {
    /// Address for clients, repeatable [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Vec<SocketAddr>,
    /// Address for /metrics and /healthz [default: on DIR/admin.sock only]
    #[arg(long, value_name = "ADDR")]
    admin_listen: Option<SocketAddr>,
    /// Certificate chain, PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Speak plain HTTP on any address: behind a proxy that encrypts
    #[arg(long)]
    allow_plain_http: bool,
}

/// The sockets, bound before anything else is done.
struct Sockets {
    clients: Vec<TcpListener>,
    admin: Option<TcpListener>,
    tls: Option<Arc<Tls>>,
    plain: Plain,
}

/// What runs.
struct Running {
    opened: Opened,
    clients: Server,
    admin: Server,
    tls: Option<Arc<Tls>>,
    upkeep: Upkeep,
    /// Removed from the folder when this goes.
    _socket: AdminSocket,
}

impl Serve {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        let read = place.read()?;
        let config = self.over(read.config);
        let applied = config.apply()?;
        journal::begin(&config.log);
        read.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        let sockets = Sockets::bind(&config)?;
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        if config.server.threads > 0 {
            builder.worker_threads(config.server.threads);
        }
        let runtime =
            builder.enable_all().build().map_err(|error| format!("cannot start threads: {error}"))?;
        runtime.block_on(async {
            let signals = Signals::new()?;
            let running = start(place, &config, applied, sockets).await?;
            signals.wait(running.tls.as_deref()).await;
            stop(running).await
        })
    }

    /// Flags go over file and environment.
    fn over(self, mut config: Config) -> Config {
        let server = &mut config.server;
        if !self.listen.is_empty() {
            server.listen = self.listen;
        }
        server.admin_listen = self.admin_listen.or(server.admin_listen);
        server.tls_cert = self.tls_cert.or(server.tls_cert.take());
        server.tls_key = self.tls_key.or(server.tls_key.take());
        server.allow_plain_http |= self.allow_plain_http;
        config
    }
}

impl Sockets {
    fn bind(config: &Config) -> Outcome<Self> {
        let server = &config.server;
        let tls = match (&server.tls_cert, &server.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls::load(certificate, key)?),
            _ => None,
        };
        let plain = if server.allow_plain_http { Plain::Anywhere } else { Plain::LoopbackOnly };
        if tls.is_none() {
            server.listen.iter().try_for_each(|address| plain.allows(*address))?;
        }
        let clients = server.listen.iter().map(|address| socket::tcp(*address)).collect::<Result<_, _>>()?;
        let admin = server.admin_listen.map(socket::tcp).transpose()?;
        Ok(Self { clients, admin, tls, plain })
    }
}

async fn start(place: &Place, config: &Config, applied: Applied, sockets: Sockets) -> Outcome<Running> {
    let opened = office::open(&place.data, &applied).await.map_err(|why| {
        Failure::Refused(why.unwrap_or_else(|| format!("another server uses {}", place.data.display())))
    })?;
    first_start::make_public_store(&opened.office).await;
    let (now, from) = (SystemClock.now().secs(), Whereabouts::of(place, &applied).to_string());
    let mut settings = applied.listen;
    settings.run = u32::try_from(now & 0xffff_ffff).unwrap_or(0);
    let wanted = settings.limits.connections;
    settings.limits.connections = room_for(wanted);
    if settings.limits.connections < wanted {
        let connections = settings.limits.connections;
        tracing::info!(
            connections,
            wanted,
            "fewer connections, as the system allows no more open files (ulimit -n)"
        );
    }
    let routes = routes(&opened.office, applied.dav.clone(), applied.lists, sockets.tls.clone());
    let clients = Server::new(settings.clone(), routes);

    let mut upkeep = Upkeep::new(opened.store.clone());
    let (socket, held) = socket::admin(&place.data)?;
    let door: Arc<dyn Door> = Arc::new(AdminDoor::new(Parts {
        office: opened.office.clone(),
        owner: held.owner,
        version: env!("CARGO_PKG_VERSION"),
        meter: clients.meter(),
        probe: probe(&opened.store),
        export: backup::export(opened.store.clone(), from.clone(), Holding::Everything),
        rows: backup::export(opened.store.clone(), from, Holding::Rows),
        survey: survey::export(opened.store.clone()),
        figures: figures(&opened.store, upkeep.here(), now),
    }));
    // Monitoring needs few connections, and must get one when clients have taken all of theirs.
    let limits = Limits { connections: 64, connections_per_address: 64, ..settings.limits.clone() };
    let admin_settings = kontor_listen::Settings { limits, ..settings };
    let files = DavDoor::for_owner(opened.office.clone(), applied.dav, held.owner);
    let routes = Routes::new().with("/dav/files", "files", Arc::new(files)).with("/", "admin", door);
    let admin = Server::new(admin_settings, routes);

    serve(&admin, Listener::unix(socket)?);
    if let Some(socket) = sockets.admin {
        // Numbers only, no passwords: it may be plain, wherever the administrator put it.
        let options = TcpOptions { tls: None, plain: Plain::Anywhere };
        serve(&admin, Listener::tcp(socket, options)?);
    }
    for socket in sockets.clients {
        let listener = Listener::tcp(socket, TcpOptions { tls: sockets.tls.clone(), plain: sockets.plain })?;
        if let Some(address) = listener.address() {
            tracing::info!(%address, tls = sockets.tls.is_some(), "serving");
        }
        serve(&clients, listener);
    }
    keep_house(&mut upkeep, config);
    Ok(Running { opened, clients, admin, tls: sockets.tls, upkeep, _socket: held })
}

/// Which door answers where.
fn routes(
    office: &Office,
    dav: kontor_door_dav::Settings,
    lists: kontor_door_sharepoint::Settings,
    tls: Option<Arc<Tls>>,
) -> Routes {
    let dav: Arc<dyn Door> = Arc::new(DavDoor::new(office.clone(), dav));
    let lists: Arc<dyn Door> = Arc::new(ListDoor::with_tls(office.clone(), lists, tls));
    let web: Arc<dyn Door> = Arc::new(WebDoor::new(env!("CARGO_PKG_VERSION")));
    Routes::new()
        .with("/dav", "dav", dav.clone())
        .with("/.well-known/caldav", "dav", dav.clone())
        .with("/.well-known/carddav", "dav", dav.clone())
        .with("/connect", "lists", lists.clone())
        .with("/lists", "lists", lists.clone())
        .with("/Lists", "lists", lists.clone())
        .with("/_vti_bin", "lists", lists.clone())
        .with("/_VTI_BIN", "lists", lists)
        .with_methods("/", DAV_METHODS, "dav", dav)
        .with("/", "web", web)
}

/// What is done again and again besides serving.
fn keep_house(upkeep: &mut Upkeep, config: &Config) {
    let (days, past_days) = (config.store.log_days, config.history.days);
    upkeep.begin("forget", move |store| upkeep::keep_forgotten(store, past_days));
    if days > 0 {
        upkeep.begin("trim", move |store| upkeep::keep_trimmed(store, days));
    }
    upkeep.begin("collect", upkeep::keep_collected);
    let bounds = trash::Bounds { days: past_days, bytes: config.history.trash_bytes };
    upkeep.begin("trash", move |store| trash::keep_bounded(store, bounds));
}

fn serve(server: &Server, listener: Listener) {
    let server = server.clone();
    tokio::spawn(async move { server.serve(listener).await });
}

fn probe(store: &Arc<dyn Store>) -> Probe {
    let store = store.clone();
    Arc::new(move || {
        let store = store.clone();
        Box::pin(async move { upkeep::look_at(&*store).await })
    })
}

fn figures(store: &Arc<dyn Store>, here: Here, begun: i64) -> Box<dyn Fn() -> Vec<Figure> + Send + Sync> {
    let store = store.clone();
    Box::new(move || {
        let of_store = figures::of_store(&store.load());
        [of_store, figures::of_jobs(&here.all()), figures::of_process(begun)].concat()
    })
}

/// Ends in order: clients first, whose requests may still write, then the admin door, then the store.
async fn stop(running: Running) -> Outcome {
    tracing::info!("stopping");
    running.opened.office.end_watches();
    let drained = running.clients.stop().await;
    if drained.cut > 0 {
        tracing::warn!(connections = drained.cut, "cut: their requests took too long");
    }
    running.admin.stop().await;
    running.upkeep.end().await;
    office::close(running.opened).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Every connection is a file descriptor, and the usual 1,024 are few: raises the limit as far as the system lets us.
/// Returns how many connections fit.
fn room_for(connections: usize) -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let wanted = (connections as u64).saturating_add(SPARE_FILES);
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return connections;
    }
    let possible = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let before = limit.current.unwrap_or(possible);
    limit.current = Some(possible);
    let files = if setrlimit(Resource::Nofile, limit).is_ok() { possible } else { before };
    usize::try_from(files.saturating_sub(SPARE_FILES)).unwrap_or(connections).clamp(1, connections)
}

/// The signals that a server knows.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> Outcome<Self> {
        let take = |kind| signal(kind).map_err(|error| format!("cannot wait for signals: {error}"));
        Ok(Self {
            terminate: take(SignalKind::terminate())?,
            interrupt: take(SignalKind::interrupt())?,
            hang_up: take(SignalKind::hangup())?,
        })
    }

    /// Returns when the server shall end. A second signal ends the process at once.
    async fn wait(mut self, tls: Option<&Tls>) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => break,
                _ = self.interrupt.recv() => break,
                _ = self.hang_up.recv() => {
                    match tls.map(Tls::reload_if_changed) {
                        Some(Ok(true)) => tracing::info!("TLS certificate reloaded"),
                        Some(Err(error)) => tracing::error!(%error, "TLS certificate not reloaded"),
                        Some(Ok(false)) | None => {}
                    }
                }
            }
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
            }
            tracing::warn!("told twice: ending at once");
            std::process::exit(1);
        });
    }
}
