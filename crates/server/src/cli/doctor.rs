//! `anteroom doctor`: looks at everything that a server needs, says what is wrong and what to do, changes nothing.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use desk::refusal::Severity;
use desk::time::{Span, Time};

use super::{CONFIG, End, FINDINGS, Place, direct};
use crate::clock::{Clock, parse_rfc3339, rfc3339};
use crate::config::{Config, Storage};
use crate::control::{self, Order, Outcome};
use crate::declaration;
use crate::notify::mail::{Postman, is_open};
use crate::tls;

/// Less free space than this is a fault, less than ten times as much a warning.
const DISK_MIN: u64 = 100 << 20;
/// A certificate that ends sooner is worth a warning.
const CERTIFICATE_MIN: Span = Span::secs(14 * 86_400);
/// A clock that is so far behind the last stored turn is a fault; up to that, clocks are set by such steps.
const CLOCK_BACK_MAX: Span = Span::secs(5);
/// No server of this version ran before.
const BUILT_AFTER: Time = Time::from_secs(1_790_000_000);

#[derive(Default)]
struct Report {
    faults: u32,
    warnings: u32,
}

impl Report {
    fn good(&self, what: &str, said: impl std::fmt::Display) {
        println!("  ok       {what}: {said}");
    }

    fn warn(&mut self, what: &str, said: impl std::fmt::Display) {
        self.warnings += 1;
        println!("  warning  {what}: {said}");
    }

    fn fault(&mut self, what: &str, said: impl std::fmt::Display) {
        self.faults += 1;
        println!("  FAULT    {what}: {said}");
    }
}

pub fn run(place: &Place) -> Result<(), End> {
    let mut report = Report::default();
    println!("Anteroom {}", env!("CARGO_PKG_VERSION"));
    let config = match place.read() {
        Ok(config) => config,
        Err(end) => {
            report.fault("configuration", &end.message);
            return Err(End::new(CONFIG, ""));
        }
    };
    report.good("configuration", place.config.as_deref().map_or("the defaults".into(), Path::to_string_lossy));
    let running = matches!(control::send(&config.data, &Order::Ping, Duration::from_secs(5)), Ok(Some(Outcome::Done)));
    report.good("server", if running { "running" } else { "not running" });
    check_clock(&mut report);
    check_zones(&mut report);
    check_open_files(&mut report, &config);
    check_data(&mut report, &config);
    check_tls(&mut report, &config);
    if !running {
        check_ports(&mut report, &config);
    }
    check_mail(&mut report, &config);
    check_store(&mut report, &config);
    println!("{} fault(s), {} warning(s)", report.faults, report.warnings);
    if report.faults > 0 { Err(End::new(FINDINGS, "")) } else { Ok(()) }
}

fn check_clock(report: &mut Report) {
    let now = Clock::system().now();
    if now < BUILT_AFTER {
        report.fault("clock", format!("{} is in the past; set the machine's clock", rfc3339(now)));
    } else {
        report.good("clock", rfc3339(now));
    }
}

fn check_zones(report: &mut Report) {
    match (declaration::hours::zone("Europe/Amsterdam"), declaration::hours::zones_known()) {
        (Ok(_), count) => report.good("time zones", format!("{count} known")),
        (Err(error), _) => report.fault("time zones", error),
    }
}

fn check_open_files(report: &mut Report, config: &Config) {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let wanted = config.http.connections_max as u64 + 100;
    match limit {
        Some(limit) if limit < wanted => {
            report.warn("open files", format!("{limit} allowed, http.connections_max wants {wanted} (ulimit -n)"));
        }
        _ => report.good("open files", limit.map_or("no limit".into(), |limit| format!("{limit} allowed"))),
    }
}

fn check_data(report: &mut Report, config: &Config) {
    use std::os::unix::fs::PermissionsExt;
    let data = &config.data;
    let shown = data.display();
    let Ok(metadata) = std::fs::metadata(data) else {
        return report.good("data directory", format!("{shown} is not there yet; `serve` makes it"));
    };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        report.warn("data directory", format!("{shown} is open to others (mode {mode:o}); chmod 700 it"));
    }
    let probe = data.join(".doctor");
    match std::fs::write(&probe, b"") {
        Ok(()) => {
            let _gone = std::fs::remove_file(&probe);
            report.good("data directory", format!("{shown} can be written"));
        }
        Err(error) => report.fault("data directory", format!("{shown} cannot be written: {error}")),
    }
    match rustix::fs::statvfs(data) {
        Ok(disk) => {
            let free = disk.f_bavail * disk.f_frsize;
            let said = format!("{} MB free", free >> 20);
            match free {
                free if free < DISK_MIN => report.fault("disk", format!("{said}; a full disk stops the server")),
                free if free < DISK_MIN * 10 => report.warn("disk", said),
                _ => report.good("disk", said),
            }
        }
        Err(error) => report.warn("disk", format!("free space is not known: {error}")),
    }
}

fn check_tls(report: &mut Report, config: &Config) {
    let Some(files) = &config.http.tls else {
        let proxy = config.public_url.is_secure() && config.http.trusted_proxies.is_empty();
        if proxy {
            report.warn("proxy", "public_url is https without TLS here, and http.trusted_proxies is empty: all visitors seem to come from one address");
        }
        return report.good("TLS", "by a proxy, or not at all");
    };
    if let Err(error) = tls::Certificate::read(&files.certificate, &files.key) {
        return report.fault("TLS", error);
    }
    let now = Clock::system().now();
    match tls::expires_at(&files.certificate) {
        Ok(end) if end <= now => report.fault("TLS", format!("the certificate ended {}", rfc3339(end))),
        Ok(end) if end.since(now) < CERTIFICATE_MIN => {
            report.warn("TLS", format!("the certificate ends {}", rfc3339(end)))
        }
        Ok(end) => report.good("TLS", format!("the certificate holds until {}", rfc3339(end))),
        Err(error) => report.fault("TLS", error),
    }
}

/// Greets the mail server as if there were something to send, and says goodbye. Nothing is sent.
fn check_mail(report: &mut Report, config: &Config) {
    let Some(mail) = &config.mail else {
        return report.good("mail", "not configured: nothing is mailed");
    };
    if is_open(&mail.url) {
        report.warn("mail", "transcripts and the password would travel unencrypted; use smtps:// or add ?tls=required");
    }
    let post = match Postman::new(mail, &config.domain) {
        Ok(post) => post,
        Err(error) => return report.fault("mail", error),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map_err(|error| error.to_string()).and_then(|runtime| runtime.block_on(post.greet())) {
        Ok(()) => report.good("mail", "the mail server takes mail from here"),
        Err(error) => report.fault("mail", format!("{error}; mail waits and is tried again for a day")),
    }
}

/// The desk's time never runs backwards, so it stands still while the clock is behind what was stored.
fn check_last_turn(report: &mut Report, last: Time, now: Time) {
    let ahead = last.since(now);
    let said = || {
        let (last, now) = (rfc3339(last), rfc3339(now));
        format!(
            "it went back: it says {now}, but the last turn was stored {last}; the desk's time stands still until then (set the clock, run NTP)"
        )
    };
    match ahead {
        ahead if ahead > CLOCK_BACK_MAX => report.fault("clock", said()),
        ahead if ahead > Span::ZERO => report.warn("clock", said()),
        _ => report.good("last turn", rfc3339(last)),
    }
}

fn check_ports(report: &mut Report, config: &Config) {
    let addresses = std::iter::once(config.http.listen).chain(config.http.tls.as_ref().map(|tls| tls.listen));
    for address in addresses.collect::<Vec<SocketAddr>>() {
        match TcpListener::bind(address) {
            Ok(_) => report.good("port", format!("{address} is free")),
            Err(error) => report.fault("port", format!("{address}: {error}")),
        }
    }
}

fn check_store(report: &mut Report, config: &Config) {
    match config.database() {
        None => return report.warn("database", "storage = \"memory\": nothing survives the process"),
        Some(path) if !path.exists() => {
            return report.good("database", format!("{} is not there yet; `serve` makes it", path.display()));
        }
        Some(_) if config.storage == Storage::Memory => return,
        Some(_) => {}
    }
    match direct::perform(config, Order::Check) {
        Ok(Outcome::Checked { findings }) if findings.is_empty() => report.good("database", "sound"),
        Ok(Outcome::Checked { findings }) => findings.iter().for_each(|finding| report.fault("database", finding)),
        Ok(other) => report.fault("database", direct::unexpected(other).message),
        Err(end) => report.fault("database", end.message),
    }
    match direct::perform(config, Order::LastTurn) {
        Ok(Outcome::LastTurn { at }) => {
            let now = Clock::system().now();
            if let Some(last) = at.and_then(|at| parse_rfc3339(&at)) {
                check_last_turn(report, last, now);
            }
        }
        Ok(other) => report.fault("clock", direct::unexpected(other).message),
        Err(end) => report.fault("clock", end.message),
    }
    match direct::perform(config, Order::CheckFiles) {
        Ok(Outcome::FilesChecked { files, bytes, findings }) if findings.is_empty() => {
            report.good("files", format!("{files} sent in chats, {bytes} bytes, all whole"));
        }
        Ok(Outcome::FilesChecked { findings, .. }) => {
            findings.iter().for_each(|finding| report.fault("files", finding));
        }
        Ok(other) => report.fault("files", direct::unexpected(other).message),
        Err(end) => report.fault("files", end.message),
    }
    match direct::perform(config, Order::Export) {
        Ok(Outcome::Exported { declaration }) => check_desk(report, &declaration),
        Ok(other) => report.fault("desk", direct::unexpected(other).message),
        Err(end) => report.fault("desk", end.message),
    }
    match direct::perform(config, Order::ListAccounts) {
        Ok(Outcome::Accounts { accounts }) if accounts.iter().all(|account| account.disabled) => {
            report.warn("accounts", "nobody can sign in; `anteroom account add` makes an account");
        }
        Ok(Outcome::Accounts { accounts }) => report.good("accounts", accounts.len()),
        Ok(other) => report.fault("accounts", direct::unexpected(other).message),
        Err(end) => report.fault("accounts", end.message),
    }
}

fn check_desk(report: &mut Report, declaration: &declaration::Declaration) {
    if declaration.workgroup.is_empty() {
        return report.warn("desk", "no workgroup is declared: nobody can ask for help (`anteroom desk apply`)");
    }
    let findings = declaration::to_spec(declaration).map_or_else(|found| found, |spec| desk::declare::check(&spec));
    for finding in &findings {
        match finding.severity {
            Severity::Fault => report.fault("desk", declaration::line(finding)),
            Severity::Warning => report.warn("desk", declaration::line(finding)),
        }
    }
    if findings.is_empty() {
        report.good(
            "desk",
            format!("{} workgroup(s), {} agent(s)", declaration.workgroup.len(), declaration.agent.len()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_went_back_is_a_fault() {
        let now = Time::from_secs(1_800_000_000);
        for (ahead_s, faults, warnings) in [(-30, 0, 0), (0, 0, 0), (3, 0, 1), (6, 1, 0), (86_400, 1, 0)] {
            let mut report = Report::default();
            check_last_turn(&mut report, now + Span::secs(ahead_s), now);
            assert_eq!((report.faults, report.warnings), (faults, warnings), "{ahead_s}");
        }
    }
}
