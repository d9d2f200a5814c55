//! What is kept of a waiting visitor over a restart, as text. Personal; it is forgotten when the request ends.

use desk::ids::WorkgroupId;
use serde::{Deserialize, Serialize};
use xmpp::jid::BareJid;
use xmpp::minidom::Element;
use xmpp::workgroup::Metadata;

use super::book::Visitor;

/// Longest text of foreign elements that is parsed again.
const FOREIGN_MAX: usize = 64 * 1024;

#[derive(Serialize, Deserialize)]
struct Kept {
    workgroup: u64,
    entrance: String,
    jid: String,
    notify: bool,
    user: Option<String>,
    metadata: Vec<(String, Vec<String>)>,
    foreign: Vec<String>,
}

/// As it is kept.
pub fn to_text(visitor: &Visitor) -> String {
    let kept = Kept {
        workgroup: visitor.workgroup.0,
        entrance: visitor.entrance.to_string(),
        jid: visitor.jid.to_string(),
        notify: visitor.notify,
        user: visitor.user.as_ref().map(BareJid::to_string),
        metadata: visitor.metadata.iter().map(|(name, values)| (name.to_owned(), values.to_vec())).collect(),
        foreign: visitor.foreign.iter().map(String::from).collect(),
    };
    serde_json::to_string(&kept).unwrap_or_default()
}

/// From what was kept; nothing if it cannot be read.
pub fn from_text(text: &str) -> Option<Visitor> {
    let kept: Kept = serde_json::from_str(text).ok()?;
    let mut metadata = Metadata::default();
    for (name, values) in kept.metadata {
        metadata.set_all(&name, values);
    }
    // Their depth was checked before they were kept.
    let foreign =
        kept.foreign.iter().filter(|xml| xml.len() <= FOREIGN_MAX).filter_map(|xml| xml.parse::<Element>().ok());
    Some(Visitor {
        workgroup: WorkgroupId(kept.workgroup),
        entrance: kept.entrance.parse().ok()?,
        jid: kept.jid.parse().ok()?,
        notify: kept.notify,
        metadata,
        user: kept.user.and_then(|user| user.parse().ok()),
        foreign: foreign.collect(),
        answered: true,
        departing: false,
        invited: false,
        told: None,
        connected: false,
    })
}
