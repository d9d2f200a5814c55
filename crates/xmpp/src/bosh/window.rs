//! The order of requests (XEP-0124 §14): which request id comes next, what came too early, what was answered already, and the
//! keys that show that a request comes from who began the session (§15).

use std::collections::{BTreeMap, VecDeque};

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

use super::Body;

/// What to do with a request.
#[derive(Debug)]
pub(super) enum Arrival {
    /// It is next.
    Next(Box<Body>),
    /// It waits for those before it; an earlier copy's ticket, if there was one, is to be let go.
    Early(Option<u64>),
    /// It was answered: say the same again.
    Again(Vec<u8>),
    /// It was taken and not answered yet.
    Held,
    /// It cannot belong to the session.
    Outside,
}

#[derive(Debug)]
pub(super) struct Window {
    /// The id that comes next.
    next: u64,
    /// Most requests at once.
    width: u64,
    early: BTreeMap<u64, (u64, Box<Body>)>,
    answered: VecDeque<(u64, Vec<u8>)>,
    /// What the next key hashes to.
    key: Option<String>,
}

impl Window {
    pub fn new(first: &Body, width: u64) -> Self {
        let key = first.newkey.clone();
        Self { next: first.rid + 1, width, early: BTreeMap::new(), answered: VecDeque::new(), key }
    }

    /// The last id of which all before have come.
    pub fn received(&self) -> u64 {
        self.next - 1
    }

    pub fn arrive(&mut self, ticket: u64, body: Box<Body>) -> Arrival {
        let rid = body.rid;
        if rid == self.next {
            self.next += 1;
            return Arrival::Next(body);
        }
        if rid > self.next {
            if rid - self.next >= self.width {
                return Arrival::Outside;
            }
            return Arrival::Early(self.early.insert(rid, (ticket, body)).map(|(ticket, _)| ticket));
        }
        match self.answered.iter().find(|(answered, _)| *answered == rid) {
            Some((_, response)) => Arrival::Again(response.clone()),
            None if self.next - rid <= self.width => Arrival::Held,
            None => Arrival::Outside,
        }
    }

    /// The request that was early and is next now.
    pub fn follow(&mut self) -> Option<(u64, Box<Body>)> {
        let request = self.early.remove(&self.next)?;
        self.next += 1;
        Some(request)
    }

    /// Tickets of requests that will not be reached any more.
    pub fn let_go(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.early).into_values().map(|(ticket, _)| ticket).collect()
    }

    /// Remembers a response, should the client ask again.
    pub fn answer(&mut self, rid: u64, response: Vec<u8>) {
        self.answered.push_back((rid, response));
        while self.answered.len() as u64 > self.width {
            self.answered.pop_front();
        }
    }

    /// Whether the request's key follows from the one before.
    pub fn unlocks(&mut self, body: &Body) -> bool {
        let Some(expected) = &self.key else { return true };
        let Some(key) = &body.key else { return false };
        let hashed: String = Sha1::digest(key.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let fits = bool::from(hashed.as_bytes().ct_eq(expected.to_ascii_lowercase().as_bytes()));
        self.key = Some(body.newkey.as_ref().unwrap_or(key).clone());
        fits
    }
}
