//! Brings an order to where it is carried out: the server that runs on this data directory, or, if none runs, the store
//! itself.

use std::sync::Arc;
use std::time::Duration;

use crate::boot;
use crate::clock::Clock;
use crate::config::{Config, Storage};
use crate::control::{self, House, Order, Outcome};
use crate::xmpp::Xmpp;

use super::{End, FAILED, FINDINGS, TEMPORARY, USAGE};

/// How long an answer may take: a backup of a large database takes minutes.
const PATIENCE: Duration = Duration::from_secs(600);

/// Carries it out, by the server if there is one.
pub fn perform(config: &Config, order: Order) -> Result<Outcome, End> {
    if config.storage == Storage::Memory {
        return Err(End::new(
            USAGE,
            "storage = \"memory\" keeps nothing: there is nothing to work on outside the server",
        ));
    }
    let answered = control::send(&config.data, &order, PATIENCE).map_err(|error| {
        End::new(TEMPORARY, format!("the server of {} does not answer: {error}", config.data.display()))
    })?;
    let outcome = match answered {
        Some(outcome) => outcome,
        None => on_the_store(config, order)?,
    };
    match outcome {
        Outcome::Failed { message, temporary: true } => Err(End::new(TEMPORARY, message)),
        Outcome::Failed { message, temporary: false } => Err(End::new(FAILED, message)),
        Outcome::Faulty { findings } => {
            Err(End::new(FINDINGS, format!("nothing was changed\n{}", findings.join("\n"))))
        }
        done => Ok(done),
    }
}

fn on_the_store(config: &Config, order: Order) -> Result<Outcome, End> {
    let _lock = boot::lock_data(&config.data)?;
    let store = boot::open_store(config)?;
    let house = House {
        config: Arc::new(config.clone()),
        store: store.clone(),
        clock: Clock::system(),
        desk: None,
        xmpp: Xmpp::default(),
        connected: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| End::new(FAILED, format!("no runtime: {error}")))?;
    let outcome = runtime.block_on(house.perform(order));
    store.close();
    Ok(outcome)
}

/// An answer that does not fit the order: the server is of another version.
pub fn unexpected(outcome: Outcome) -> End {
    End::new(FAILED, format!("the server gave an answer that does not fit; is it of another version? {outcome:?}"))
}
