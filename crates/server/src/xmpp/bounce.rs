//! Errors for stanzas that cannot be handled or delivered (RFC 6120 §8.3). What may not be answered is not.

use xmpp::xmpp_parsers::iq::Iq;
use xmpp::xmpp_parsers::message::{Message, MessageType};
use xmpp::xmpp_parsers::presence::{Presence, Type};
use xmpp::xmpp_parsers::stanza::Stanza;
use xmpp::xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

/// The error stanza for one that cannot be delivered, back to its sender; none for what is an answer itself.
pub fn bounce(stanza: Stanza, error: StanzaError) -> Option<Stanza> {
    match stanza {
        Stanza::Message(message) if message.type_ != MessageType::Error => {
            let mut answer = Message::error(message.from).with_payload(error);
            (answer.from, answer.id) = (message.to, message.id);
            Some(Stanza::Message(answer))
        }
        Stanza::Presence(presence) if !matches!(presence.type_, Type::Error | Type::Unavailable) => {
            let mut answer = Presence::error().with_payload(error);
            (answer.to, answer.from, answer.id) = (presence.from, presence.to, presence.id);
            Some(Stanza::Presence(answer))
        }
        Stanza::Iq(Iq::Get { from, to, id, .. } | Iq::Set { from, to, id, .. }) => {
            Some(Stanza::Iq(Iq::Error { from: to, to: from, id, error, payload: None }))
        }
        _ => None,
    }
}

/// There is no way to that domain: there is no federation.
pub fn remote_server_not_found() -> StanzaError {
    let text = "This server does not talk to other servers.";
    StanzaError::new(ErrorType::Cancel, DefinedCondition::RemoteServerNotFound, "en", text)
}

/// Nobody of that address is there, or nobody who can be told.
pub fn service_unavailable() -> StanzaError {
    StanzaError::new(ErrorType::Cancel, DefinedCondition::ServiceUnavailable, "en", "Nobody is there who could answer.")
}
