//! The answers to what a stream asks: keys and passwords of accounts with the same throttling as on the web, addresses, and
//! sessions to be resumed. What a session is told afterwards is `session.rs`.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use store::accounts::Account;
use store::scram::{self, PASSWORD_MAX};
use xmpp::jid::BareJid;
use xmpp::stream::{Answer, Hash, Keys, Question};

use super::router::{Place, Router};
use crate::app::App;
use crate::metrics::reason;

/// How long a log-in may wait for its turn to be verified.
const PATIENCE: Duration = Duration::from_secs(5);

/// Answers one question of a stream.
pub async fn answer(router: Router, peer: IpAddr, question: Question) -> (Answer, Option<Place>) {
    match question {
        Question::Keys { account, hash } => (keys(router.app(), peer, &account, hash).await, None),
        Question::Password { account, password } => (verify(router.app(), peer, &account, password.0).await, None),
        Question::Bind { account, resource, .. } => {
            succeeded(&router, peer, &account);
            match router.bind(&account, resource) {
                Ok(place) => (Answer::Bind(Ok(place.jid.clone())), Some(place)),
                Err(refusal) => (Answer::Bind(Err(refusal)), None),
            }
        }
        Question::Resume { account, id } => {
            succeeded(&router, peer, &account);
            match router.resume(&account, &id).await {
                Some((suspended, place)) => (Answer::Resume(Some(suspended)), Some(place)),
                None => (Answer::Resume(None), None),
            }
        }
    }
}

async fn keys(app: &App, peer: IpAddr, account: &BareJid, hash: Hash) -> Answer {
    let Some(found) = attempt(app, peer, account).await else { return Answer::Unavailable };
    let keys = found.map(|account| {
        let scram::Keys { salt, iterations, sha256, sha1 } = account.keys;
        let (stored, server) = match hash {
            Hash::Sha256 => (sha256.stored.to_vec(), sha256.server.to_vec()),
            Hash::Sha1 => (sha1.stored.to_vec(), sha1.server.to_vec()),
        };
        Keys { salt: salt.to_vec(), iterations, stored, server }
    });
    Answer::Keys(keys)
}

async fn verify(app: &App, peer: IpAddr, account: &BareJid, password: String) -> Answer {
    let Some(found) = attempt(app, peer, account).await else { return Answer::Unavailable };
    if password.len() > PASSWORD_MAX {
        return Answer::Password(false);
    }
    let known = found.is_some();
    let iterations = app.config.sessions.password_iterations;
    let keys = found.map_or_else(|| scram::Keys::decoy(iterations), |account| account.keys);
    let places = Arc::clone(&app.password_work);
    let Ok(Ok(place)) = tokio::time::timeout(PATIENCE, places.acquire_owned()).await else {
        return Answer::Unavailable;
    };
    let verified = tokio::task::spawn_blocking(move || {
        let fits = keys.verify(&password);
        drop(place);
        fits
    });
    verified.await.map_or(Answer::Unavailable, |fits| Answer::Password(fits && known))
}

/// The account, if there is one that may log in; none at all when it cannot be found out now. The attempt counts as failed until
/// it succeeds: the stream itself checks the client's proof.
async fn attempt(app: &App, peer: IpAddr, account: &BareJid) -> Option<Option<Account>> {
    let name = account.node()?.as_str();
    let now = app.clock.now();
    let count = |word| app.metrics.logins.get_or_create(&reason(word)).inc();
    if app.rates.login_attempt(name, peer, now).is_err() {
        count("throttled");
        return None;
    }
    let known = if name.len() <= 80 { app.store.account(name).await } else { Ok(None) };
    match known {
        Ok(known) => {
            count("tried");
            Some(known.filter(|account| !account.disabled))
        }
        Err(error) => {
            app.rates.login_undone(name, peer);
            tracing::error!(%error, hint = error.hint(), "an account could not be read");
            None
        }
    }
}

fn succeeded(router: &Router, peer: IpAddr, account: &BareJid) {
    let app = router.app();
    if let Some(name) = account.node()
        && account.domain() == &**router.domains().accounts()
    {
        app.rates.login_succeeded(name.as_str(), peer);
        app.metrics.logins.get_or_create(&reason("ok")).inc();
    }
}
