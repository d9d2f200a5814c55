//! ANONYMOUS (RFC 4505): somebody new, with an address that was drawn for them. What they say about themselves is not kept.

use jid::{BareJid, NodePart};

use super::{Failure, Terms, Turn};

/// Longest trace information (RFC 4505 §2).
const TRACE_MAX: usize = 1_020;

pub(super) fn respond(terms: &Terms, response: &[u8]) -> Turn {
    if response.len() > TRACE_MAX || str::from_utf8(response).is_err() {
        return Turn::Failure(Failure::MalformedRequest);
    }
    match NodePart::new(&terms.nonce) {
        Ok(node) => Turn::Success(BareJid::from_parts(Some(&node), &terms.host), Vec::new()),
        Err(_) => Turn::Failure(Failure::TemporaryAuthFailure),
    }
}
