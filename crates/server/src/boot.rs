//! From a configuration to a running server and back: what is opened in which order, the first declaration, the signals, and
//! stopping so that nobody loses anything. What the parts do stands with them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use desk::State;
use desk::limits::Limits;
use desk::time::Time;
use store::{Backend, StoreError};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::auth::{self, Auth};
use crate::clock::Clock;
use crate::config::{Config, Storage};
use crate::control::{self, House, Order, Outcome};
use crate::declaration;
use crate::directory::{Directory, DirectoryLimits};
use crate::http;
use crate::http::identity::Known;
use crate::http::rates::Rates;
use crate::listen::Reception;
use crate::metrics::Metrics;
use crate::neighbours::Neighbours;
use crate::notify::Notify;
use crate::presence;
use crate::publish::Edge;
use crate::rooms::files::FilesOptions;
use crate::rooms::{Rooms, RoomsOptions};
use crate::roster::Roster;
use crate::run_loop::{self, LoopOptions, StartError};
use crate::shutdown::{Phase, Shutdown};
use crate::staff::Floor;
use crate::tls::Certificate;
use crate::upkeep;
use crate::visitors::VisitorEdge;
use crate::xmpp::workgroup::Workgroups;
use crate::xmpp::{self, Door, Identity, Xmpp};
use ::xmpp::muc::Creation;

/// Why the server did not start, or how it went down; each kind has an exit code of its own.
#[derive(Debug)]
pub enum Failure {
    /// Something in the configuration or the files it names.
    Config(String),
    /// The store cannot be opened or read.
    Store(String),
    /// It may work later: another process has the data, a port is taken.
    Temporary(String),
    /// The declaration has faults.
    Findings(Vec<String>),
}

/// The data directory is ours as long as this lives.
pub struct DataLock(#[expect(dead_code, reason = "held, not read")] File);

/// Makes the data directory if need be, and takes it for this process.
///
/// # Errors
/// When it cannot be made, or another process has it.
pub fn lock_data(data: &Path) -> Result<DataLock, Failure> {
    let fault = |error: std::io::Error| Failure::Config(format!("{}: {error}", data.display()));
    if !data.exists() {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(fault)?;
    }
    let file = File::options().create(true).truncate(false).write(true).open(data.join("lock")).map_err(fault)?;
    match file.try_lock() {
        Ok(()) => Ok(DataLock(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(Failure::Temporary(format!(
            "{}: another process uses this data directory (stop it, or give each server its own)",
            data.display()
        ))),
        Err(std::fs::TryLockError::Error(error)) => Err(fault(error)),
    }
}

/// Opens the store that the configuration names.
///
/// # Errors
/// With the store's own words and what to do.
pub fn open_store(config: &Config) -> Result<Arc<dyn Backend>, Failure> {
    let said = |error: StoreError| match error {
        StoreError::Locked => Failure::Temporary(format!("{error}; {}", error.hint())),
        _ => Failure::Store(format!("{error}; {}", error.hint())),
    };
    match (&config.storage, config.database()) {
        (Storage::Sqlite(_), Some(path)) => {
            let store = store::sqlite::open(&path, &store::sqlite::Options::default()).map_err(said)?;
            Ok(Arc::new(store))
        }
        _ => Ok(Arc::new(store::memory::open())),
    }
}

/// A server that runs, without its listeners: what tests use too.
pub struct Running {
    /// What handlers get.
    pub app: App,
    desk_task: JoinHandle<()>,
}

impl Running {
    /// Restores the desk from the store and starts everything that is not a socket.
    ///
    /// # Errors
    /// When the store cannot be read, or the domain is none.
    pub async fn start(config: Config, store: Arc<dyn Backend>, clock: Clock) -> Result<Self, Failure> {
        let secret = store.secret("server", auth::random()).await.map_err(store_failure)?;
        let occupant_key = store.secret("occupants", auth::random()).await.map_err(store_failure)?;
        let auth = Auth::new(&secret);
        let metrics = Metrics::new();
        let limits = &config.limits;
        let directory = Directory::new(
            clock.clone(),
            DirectoryLimits {
                readers_per_session: limits.streams_per_session,
                ring: limits.stream_ring,
                ..DirectoryLimits::default()
            },
        );
        let options = rooms_options(&config, occupant_key);
        let rooms = Rooms::new(store.clone(), directory.clone(), clock.clone(), auth.clone(), options)
            .map_err(Failure::Config)?;
        let roster = Roster::default();
        let floor = Floor::new(directory.clone(), store.clone(), auth.clone(), clock.clone());
        let workgroups = Workgroups::new(&config.domain).map_err(Failure::Config)?;
        let edges: Vec<Box<dyn Edge>> = vec![
            Box::new(RosterEdge { roster: roster.clone(), filled: false }),
            Box::new(rooms.edge()),
            Box::new(VisitorEdge::new(directory.clone())),
            Box::new(floor.edge()),
            Box::new(workgroups.edge()),
        ];
        let notify =
            Notify::new(store.clone(), clock.clone(), metrics.clone(), &config).await.map_err(Failure::Config)?;
        let outbox = Some(notify.outbox());
        let options = LoopOptions {
            queue_max: limits.commands_waiting,
            metrics: metrics.clone(),
            outbox,
            ..LoopOptions::default()
        };
        let started = run_loop::start(store.clone(), clock.clone(), Limits::default(), edges, options).await;
        let (desk, desk_task) = started.map_err(|error| match error {
            StartError::Store(error) => store_failure(error),
            StartError::State(_) => Failure::Store(error.to_string()),
        })?;
        rooms.serve(desk.clone());
        floor.hear(&rooms);
        floor.start(desk.clone()).await.map_err(|error| Failure::Store(error.to_string()))?;
        tokio::spawn(presence::serve(directory.clone(), desk.clone(), rooms.clone()));
        let rates = Rates::new(limits);
        let app = App {
            config: Arc::new(config),
            store,
            desk,
            rooms,
            floor,
            notify,
            directory,
            roster,
            clock,
            auth,
            metrics,
            rates,
            known_visits: Known::default(),
            password_work: Arc::new(Semaphore::new(4)),
            xmpp: Xmpp::default(),
            workgroups,
            shutdown: Shutdown::new(),
        };
        xmpp::open(&app).await.map_err(Failure::Config)?;
        app.notify.start();
        upkeep::start(&app);
        Ok(Self { app, desk_task })
    }

    /// Where orders of the operator are carried out.
    pub fn house(&self) -> House {
        House {
            config: self.app.config.clone(),
            store: self.app.store.clone(),
            clock: self.app.clock.clone(),
            desk: Some(self.app.desk.clone()),
            xmpp: self.app.xmpp.clone(),
            connected: Some((self.app.directory.clone(), self.app.roster.clone())),
        }
    }

    /// Ends the loop after what was asked before, and closes the store.
    pub async fn stop(self) {
        self.app.shutdown.advance(Phase::Draining);
        self.app.desk.stop().await;
        if self.desk_task.await.is_err() {
            tracing::error!("the loop ended in disorder");
        }
        let store = self.app.store.clone();
        // Closing waits for threads, which must not block the runtime.
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        if closed.is_err() {
            tracing::error!("the store was not closed in order");
        }
    }
}

fn rooms_options(config: &Config, occupant_key: [u8; 32]) -> RoomsOptions {
    RoomsOptions {
        domain: config.domain.clone(),
        public_url: config.public_url.origin().to_owned(),
        creation: if config.xmpp.create_rooms { Creation::Anyone } else { Creation::HostOnly },
        occupant_key,
        message_max: config.limits.message_max,
        files: files_options(config),
    }
}

/// How files sent in chats are kept.
pub fn files_options(config: &Config) -> FilesOptions {
    FilesOptions {
        folder: config.data.join("files"),
        size_max: config.limits.file_max,
        scan_command: config.files.scan_command.clone(),
        scan_timeout: std::time::Duration::from_secs(config.files.scan_timeout_s.unwrap_or(30)),
    }
}

fn store_failure(error: StoreError) -> Failure {
    Failure::Store(format!("{error}; {}", error.hint()))
}

/// Keeps the names of the roster as the desk has them.
struct RosterEdge {
    roster: Roster,
    filled: bool,
}

impl Edge for RosterEdge {
    fn turn(&mut self, _: &State, turn: &desk::Turn) {
        turn.events.iter().for_each(|event| self.roster.follow(event));
    }

    fn tick(&mut self, state: &State, _: Time) {
        if !std::mem::replace(&mut self.filled, true) {
            state.agents().for_each(|agent| self.roster.put_agent(agent.id, &agent.spec.name));
            for workgroup in state.workgroups() {
                let spec = &workgroup.spec;
                self.roster.put_workgroup(workgroup.id, &spec.name, &spec.title, &spec.edge);
            }
        }
    }
}

/// Runs the server until it is told to stop.
///
/// # Errors
/// When it cannot start. Afterwards it stops in order, or ends the process itself when storing fails.
pub async fn serve(config: Config, desk_file: Option<PathBuf>) -> Result<(), Failure> {
    let _lock = lock_data(&config.data)?;
    let certificate = config
        .http
        .tls
        .as_ref()
        .map(|tls| Certificate::read(&tls.certificate, &tls.key))
        .transpose()
        .map_err(Failure::Config)?;
    let listeners = bind(&config, certificate.as_ref()).await?;
    let doors = bind_xmpp(&config).await?;
    let identity = if config.xmpp.enabled { Some(Identity::open(&config).map_err(Failure::Config)?) } else { None };
    let opened = {
        let config = config.clone();
        // Migrations may take a while.
        tokio::task::spawn_blocking(move || open_store(&config)).await
    };
    let store = opened.map_err(|error| Failure::Store(error.to_string()))??;
    let running = Running::start(config, store, Clock::system()).await?;
    let app = running.app.clone();
    if let Some(file) = desk_file {
        declare_first(&running, &file).await?;
    }
    match control::listen(&app.config.data) {
        Ok(listener) => drop(tokio::spawn(control::serve(listener, running.house(), app.shutdown.clone()))),
        Err(error) => tracing::warn!(%error, "no control socket: `desk apply` and `backup` will not reach this server"),
    }
    let reception = Reception {
        router: http::router(app.clone()),
        shutdown: app.shutdown.clone(),
        metrics: app.metrics.clone(),
        places: Arc::new(Semaphore::new(app.config.http.connections_max)),
        neighbours: Neighbours::new(app.config.http.connections_per_address, app.config.http.trusted_proxies.clone()),
        header_timeout: app.config.http.header_timeout,
        shutdown_timeout: app.config.http.shutdown_timeout,
    };
    let mut serving = Vec::new();
    for (listener, acceptor) in listeners {
        serving.push(tokio::spawn(reception.clone().serve(listener, acceptor)));
    }
    if let Some(identity) = &identity {
        serving.extend(xmpp::serve(&app, identity, doors).map_err(Failure::Config)?);
    }
    announce(&app);
    wait_for_signal(&app.config, certificate.as_ref(), identity.as_ref()).await;
    stop(running, serving).await;
    Ok(())
}

type Listeners = Vec<(TcpListener, Option<tokio_rustls::TlsAcceptor>)>;

async fn bind_to(address: std::net::SocketAddr, key: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let message = format!("cannot listen on {address} ({key} in anteroom.toml): {error}");
        if error.kind() == std::io::ErrorKind::AddrInUse {
            Failure::Temporary(message)
        } else {
            Failure::Config(message)
        }
    })
}

async fn bind_xmpp(config: &Config) -> Result<Vec<(TcpListener, Door)>, Failure> {
    if !config.xmpp.enabled {
        return Ok(Vec::new());
    }
    let tcp = bind_to(config.xmpp.listen, "xmpp.listen").await?;
    let tls = bind_to(config.xmpp.tls_listen, "xmpp.tls_listen").await?;
    Ok(vec![(tcp, Door::Tcp), (tls, Door::Tls)])
}

async fn bind(config: &Config, certificate: Option<&Certificate>) -> Result<Listeners, Failure> {
    let mut listeners = vec![(bind_to(config.http.listen, "http.listen").await?, None)];
    if let (Some(tls), Some(certificate)) = (&config.http.tls, certificate) {
        let acceptor = certificate.acceptor(&[b"h2", b"http/1.1"]).map_err(Failure::Config)?;
        listeners.push((bind_to(tls.listen, "http.tls.listen").await?, Some(acceptor)));
    }
    Ok(listeners)
}

/// Puts the file in force if nothing has ever been declared; afterwards the desk is data of its own.
async fn declare_first(running: &Running, file: &Path) -> Result<(), Failure> {
    let declared =
        running.app.desk.view(|state, _| state.workgroups().next().is_some() || state.agents().next().is_some());
    if declared.await.unwrap_or(true) {
        tracing::info!(file = %file.display(), "the desk is declared already; the file is left alone (`anteroom desk apply` puts it in force)");
        return Ok(());
    }
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::Config(format!("{}: cannot be read: {error}", file.display())))?;
    let parsed = declaration::parse_toml(&text, &file.display().to_string()).map_err(Failure::Config)?;
    match running.house().perform(Order::Declare { declaration: Box::new(parsed), dry_run: false }).await {
        Outcome::Declared { changes, warnings } => {
            warnings.iter().for_each(|warning| tracing::warn!("{}: {warning}", file.display()));
            tracing::info!(file = %file.display(), changes = changes.len(), "the desk is declared for the first time");
            Ok(())
        }
        Outcome::Faulty { findings } => Err(Failure::Findings(findings)),
        Outcome::Failed { message, .. } => Err(Failure::Store(message)),
        other => Err(Failure::Store(format!("unexpected answer: {other:?}"))),
    }
}

fn announce(app: &App) {
    use std::io::IsTerminal;
    let config = &app.config;
    let entrances = app.roster.entrances();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        listen = %config.http.listen,
        xmpp = config.xmpp.enabled.then(|| config.xmpp.listen.to_string()),
        tls = config.http.tls.as_ref().map(|tls| tls.listen.to_string()),
        public_url = config.public_url.origin(),
        workgroups = entrances.len(),
        "serving"
    );
    if std::io::stdout().is_terminal() {
        let url = config.public_url.origin();
        println!("\nAnteroom {} serves {url}", env!("CARGO_PKG_VERSION"));
        for entrance in entrances {
            println!("  {:<24} {url}/chat/{}", entrance.title, entrance.name);
        }
        println!("  {:<24} {url}/console/\n  {:<24} {}\n", "Console", "Data", config.data.display());
    }
}

/// Resolves when the process is asked to stop; puts a renewed certificate in force whenever it is asked to.
async fn wait_for_signal(config: &Config, certificate: Option<&Certificate>, identity: Option<&Identity>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (terminate, hang_up) = (signal(SignalKind::terminate()), signal(SignalKind::hangup()));
    let (Ok(mut terminate), Ok(mut hang_up)) = (terminate, hang_up) else {
        tracing::warn!("signals cannot be received; only Ctrl-C stops the server");
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => return,
            _ = tokio::signal::ctrl_c() => return,
            _ = hang_up.recv() => {
                let again = match (certificate, &config.http.tls) {
                    (Some(certificate), Some(tls)) => certificate.reload(&tls.certificate, &tls.key),
                    _ => Ok(()),
                };
                match again.and_then(|()| identity.map_or(Ok(()), Identity::reload)) {
                    Ok(()) => tracing::info!("the certificates were read again"),
                    Err(error) => tracing::error!(error, "a certificate was not read; the one before stays in force"),
                }
            }
        }
    }
}

/// No new connections; sessions are told; open requests are answered; the loop and the store end. A second Ctrl-C ends the
/// process at once, which loses nothing that was acknowledged.
async fn stop(running: Running, serving: Vec<JoinHandle<()>>) {
    let app = running.app.clone();
    tracing::info!("stopping");
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    });
    app.shutdown.begin();
    app.directory.stop();
    xmpp::stop(&app).await;
    for listener in serving {
        // Each has a deadline of its own.
        let _ended = listener.await;
    }
    running.stop().await;
    let _gone = std::fs::remove_file(control::socket_path(&app.config.data));
    tracing::info!(uptime_s = app.clock.uptime().as_secs(), "stopped");
}
