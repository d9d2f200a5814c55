//! What the server says of itself: version, time, how long it runs (XEP-0092, XEP-0202, XEP-0012), and how long an
//! account is away.

use std::borrow::Cow;

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::version::VersionResult;
use xso::AsXmlText;

use super::outcome::{Asker, Turn};
use super::queries::Reply;
use super::refusal::Refusal;
use super::{House, Session};
use crate::xep::delay::Stamp;
use crate::xep::last::Last;
use crate::xep::ns as ours;

impl House {
    /// A request to the server.
    pub(super) fn ask_server(
        &mut self,
        turn: &mut Turn<'_>,
        asker: &Asker,
        payload: Element,
        is_set: bool,
    ) -> Result<Reply, Refusal> {
        let ns = payload.ns();
        let reply = match (payload.name(), ns.as_str(), is_set) {
            ("query", ns::DISCO_INFO, false) => self.server_info(asker, &payload)?,
            ("query", ns::DISCO_ITEMS, false) => Some(self.server_items(&payload)),
            ("query", ns::VERSION, false) => Some(self.version()),
            ("time", ns::TIME, false) => Some(time(turn.at.now_us)),
            ("query", ours::LAST, false) => {
                Some(Last { seconds: Some(seconds(self.settings.started_us, turn.at.now_us)), status: None }.into())
            }
            ("vCard", ns::VCARD, false) => return Err(Refusal::NotFound("There is no vCard.")),
            ("request", ns::HTTP_UPLOAD, false) => return self.ask_slot(turn, asker, &payload),
            _ => return self.ask_anyone(turn, asker, payload, is_set),
        };
        Ok(Reply::Result(reply))
    }

    fn version(&self) -> Element {
        let settings = &self.settings;
        VersionResult { name: settings.software.clone(), version: settings.version.clone(), os: settings.os.clone() }
            .into()
    }

    /// How long ago the last session of an account ended, and its last words; 0 if it is here.
    pub(super) fn last_of_account(&self, turn: &Turn<'_>, account: &BareJid) -> Result<Reply, Refusal> {
        let book = self.accounts.get(account).ok_or(Refusal::Unavailable)?;
        let last = if self.sessions_of(account).any(|(_, session)| Session::is_available(session)) {
            Last { seconds: Some(0), status: None }
        } else {
            let seen = book.last_seen.as_ref().ok_or(Refusal::NotFound("This account was never here."))?;
            let status = Some(seen.status.clone()).filter(|status| !status.is_empty());
            Last { seconds: Some(seconds(seen.at_us, turn.at.now_us)), status }
        };
        Ok(Reply::Result(Some(last.into())))
    }
}

fn seconds(since_us: i64, now_us: i64) -> u64 {
    u64::try_from(now_us.saturating_sub(since_us) / 1_000_000).unwrap_or(0)
}

fn time(now_us: i64) -> Element {
    let utc = Stamp(now_us).as_xml_text().map(Cow::into_owned).unwrap_or_default();
    let child = |name: &str, text: String| Element::builder(name, ns::TIME).append(text).build();
    Element::builder("time", ns::TIME).append(child("tzo", "+00:00".to_owned())).append(child("utc", utc)).build()
}
