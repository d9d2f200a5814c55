//! The rooms of a conference service (XEP-0045): a state machine without sockets, clock or randomness.
//!
//! A [`Service`] owns the rooms of one domain. A host, be it a network edge or code in the same process, gives it a
//! stanza from a real address ([`Service::handle`]) or calls it directly ([`Service::enter`], [`Service::say`] and the
//! owner's calls such as [`Service::create_room`]). Either way the answer is an [`Outcome`]:
//!
//! - `outbound`: stanzas to real addresses. Occupants who receive the same stanza share one [`std::sync::Arc`], so an
//!   edge can serialise once and put in each `to`.
//! - `happened`: the same as typed [`RoomHappening`]s, for hosts that need no XML. They come in the order in which they
//!   happened, and say everything that a recorder must know.
//! - `refused`: why nothing changed, when [`Service::handle`] answered with an error stanza.
//!
//! Nothing is held back: a host that must store words before it shows them stores what `happened` and only then passes
//! `outbound` on.
//!
//! A host in the same process stages a conversation like this:
//!
//! ```
//! use xmpp::jid::{BareJid, FullJid};
//! use xmpp::muc::*;
//! use xmpp::xep::chat::ChatContent;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let domain = BareJid::new("conference.example.org")?;
//! let mut service = Service::new(domain, OccupantKey::new([7; 32]), Limits::default(), Creation::HostOnly);
//! let workgroup = BareJid::new("support@workgroup.example.org")?;
//! let recorder = FullJid::new("support@workgroup.example.org/recorder")?;
//! let visitor = FullJid::new("visit-4711@visitors.example.org/web")?;
//! let at = |stanza_id| Moment { now_us: 1_700_000_000_000_000, stanza_id };
//!
//! let room = service.create_room("r7f3", RoomConfig::conversation("Support"), &workgroup)?;
//! service.enter(at("1"), &room, &recorder, "Support", &Entry::default())?;
//! service.set_affiliation(at("2"), &room, &visitor.to_bare(), Affiliation::Member, None)?;
//! let nick = service.free_nick(&room, &visitor.to_bare(), "  anna ").ok_or("no name")?;
//! service.enter(at("3"), &room, &visitor, nick.as_str(), &Entry::default())?;
//! let outcome = service.say(at("4"), &room, &visitor, None, ChatContent::words("Good morning"))?;
//!
//! let [RoomHappening::Said(said)] = &outcome.happened[..] else { panic!("something was said") };
//! assert_eq!((said.nick.as_str(), said.stanza_id.as_str()), ("anna", "4"));
//! assert_eq!(outcome.outbound.len(), 2); // the recorder and the visitor
//! # Ok(())
//! # }
//! ```
//!
//! One file per room feature; `room.rs` holds the state that they share and its invariants ([`Room::check`]).

mod admin;
mod admin_lists;
mod affiliation;
mod archive;
mod config;
mod destroy;
mod disco;
mod ending;
mod enter;
mod happening;
mod hat;
mod held;
mod history;
mod invite;
mod lasting;
mod lasting_document;
mod leave;
mod limits;
mod members_only;
mod message;
mod moderate;
mod nick;
mod nick_change;
mod occupant;
mod occupant_id;
mod outcome;
mod owner;
mod owner_form;
mod owner_lists;
mod pace;
mod password;
mod ping;
mod presence;
mod private_message;
mod queries;
mod refusal;
mod register;
mod relay;
mod role;
mod room;
mod routing;
mod said;
mod service;
mod sessions;
mod stanza_id;
mod subject;
mod text;
mod unique;
mod view;
mod voice;

pub use affiliation::{Affiliation, LastingPrivilege};
pub use archive::ArchiveView;
pub use config::{PrivateMessages, Registration, Roles, RoomConfig, Whois};
pub use ending::{Leaving, Why};
pub use enter::Entry;
pub use happening::RoomHappening;
pub use history::HistoryWish;
pub use lasting_document::{LastingFault, LastingRoom};
pub use limits::{Limits, Pace};
pub use nick::{Nick, NickFault};
pub use occupant::Occupant;
pub use occupant_id::OccupantKey;
pub use outcome::{Moment, Outbound, Outcome};

pub use refusal::RoomRefusal;
pub use role::{Privilege, Role};
pub use room::Room;
pub use said::Said;
pub use service::{Creation, Service};
pub use text::without_illegal_characters;
