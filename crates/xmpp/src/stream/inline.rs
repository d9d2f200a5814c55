//! Logging in and binding or resuming in one go, without a restart: SASL 2 (XEP-0388) with Bind 2 (XEP-0386) and stream
//! management inside.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jid::{FullJid, ResourcePart};
use minidom::Element;

use crate::sasl::Mechanism;
use crate::wire::escape_text;

use super::connection::{Asked, State, Stream};
use super::login::NS_SASL2;
use super::manage::NS_SM;
use super::{Answer, Question, Step};

const NS_BIND2: &str = "urn:xmpp:bind:0";
const NS_CSI: &str = "urn:xmpp:csi:0";
/// Longest part of a resource that the client chooses, in characters.
const TAG_MAX: usize = 64;

/// What the client wants with its log-in.
#[derive(Debug, Default)]
pub(super) struct Inline {
    bind: Option<Wish>,
    resume: Option<(u32, String)>,
    /// What the success says besides, written out.
    data: Vec<u8>,
    said: String,
}

/// What the client wants with its resource.
#[derive(Debug)]
struct Wish {
    tag: String,
    enable: Option<Element>,
    inactive: bool,
}

/// What is offered.
pub(super) fn feature(mechanisms: &[Mechanism]) -> String {
    let names: String =
        mechanisms.iter().map(|mechanism| format!("<mechanism>{}</mechanism>", mechanism.name())).collect();
    format!(
        "<authentication xmlns='{NS_SASL2}'>{names}<inline><bind xmlns='{NS_BIND2}'><inline><feature var='{NS_CSI}'/>\
         <feature var='{NS_SM}'/></inline></bind><sm xmlns='{NS_SM}'/></inline></authentication>"
    )
}

impl Stream {
    pub(super) fn begin_inline(&mut self, authenticate: &Element) {
        let resume = authenticate
            .get_child("resume", NS_SM)
            .and_then(|resume| Some((resume.attr("h")?.parse().ok()?, resume.attr("previd")?.to_owned())));
        let bind = authenticate.get_child("bind", NS_BIND2).map(|bind| Wish {
            tag: bind.get_child("tag", NS_BIND2).map(Element::text).unwrap_or_default(),
            enable: bind.get_child("enable", NS_SM).cloned(),
            inactive: bind.has_child("inactive", NS_CSI),
        });
        self.inline = Some(Box::new(Inline { bind, resume, ..Inline::default() }));
        let mechanism = authenticate.attr("mechanism").and_then(Mechanism::named);
        let mechanism = mechanism.filter(|_| self.secure && self.settings.sasl2);
        let initial = authenticate.get_child("initial-response", NS_SASL2).map(Element::text);
        self.begin_exchange(mechanism, initial.as_deref());
    }

    /// The account is known. The success waits for what is to be done at once.
    pub(super) fn logged_in_inline(&mut self, data: &[u8]) {
        if let Some(reader) = &mut self.reader {
            reader.log_in();
        }
        self.state = State::Binding;
        let Some(inline) = &mut self.inline else { return };
        inline.data = data.to_vec();
        self.ask_inline();
    }

    fn ask_inline(&mut self) {
        let (Some(account), Some(inline)) = (self.account.clone(), &self.inline) else { return };
        let question = if let Some((_, id)) = &inline.resume {
            Question::Resume { account, id: id.clone() }
        } else if let Some(wish) = &inline.bind {
            let tag: String = wish.tag.chars().take(TAG_MAX).collect();
            let name = self.seed.name();
            let resource = if tag.is_empty() { name.clone() } else { format!("{tag}~{name}") };
            // A tag that cannot be part of an address is left out.
            let resource = ResourcePart::new(&resource).or_else(|_| ResourcePart::new(&name));
            let Ok(resource) = resource else { return self.succeed(None) };
            Question::Bind { account, resource: resource.into_owned(), asked: false }
        } else {
            return self.succeed(None);
        };
        self.asked = Some(Asked::Inline);
        self.steps.push(Step::Ask(question));
    }

    pub(super) fn inline_answered(&mut self, answer: Answer) {
        let Some(inline) = &mut self.inline else { return };
        match (inline.resume.take(), answer) {
            (Some((h, id)), Answer::Resume(Some(session))) => {
                let Some(resumed) = self.take_over(h, &id, *session) else { return };
                self.say(&resumed);
                self.succeed(self.jid.clone());
                self.send_again();
            }
            (Some(_), _) => {
                let none = "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>";
                self.say(&format!("<failed xmlns='{NS_SM}'>{none}</failed>"));
                self.ask_inline();
            }
            (None, Answer::Bind(Ok(jid))) => self.bound_inline(jid),
            // The client can bind in the older way, and is told then why not.
            (None, _) => self.succeed(None),
        }
    }

    fn bound_inline(&mut self, jid: FullJid) {
        let wish = self.inline.as_mut().and_then(|inline| inline.bind.take());
        self.bound(jid.clone());
        let enabled = wish.as_ref().and_then(|wish| wish.enable.as_ref()).map(|enable| self.enabled(enable));
        self.say(&format!("<bound xmlns='{NS_BIND2}'>{}</bound>", enabled.unwrap_or_default()));
        self.succeed(Some(jid.clone()));
        self.steps.push(Step::Bound(jid));
        if wish.is_some_and(|wish| wish.inactive) {
            self.held.get_or_insert_default();
            self.steps.push(Step::Active(false));
        }
    }

    fn say(&mut self, text: &str) {
        if let Some(inline) = &mut self.inline {
            inline.said.push_str(text);
        }
    }

    /// Says that the log-in has succeeded, as whom, and what was done at once; then the features.
    fn succeed(&mut self, jid: Option<FullJid>) {
        let (Some(inline), Some(account)) = (self.inline.take(), self.account.clone()) else { return };
        self.put(|out, _| {
            out.extend_from_slice(format!("<success xmlns='{NS_SASL2}'>").as_bytes());
            if !inline.data.is_empty() {
                let data = BASE64_STANDARD.encode(&inline.data);
                out.extend_from_slice(format!("<additional-data>{data}</additional-data>").as_bytes());
            }
            out.extend_from_slice(b"<authorization-identifier>");
            escape_text(jid.as_ref().map_or(account.as_str(), |jid| jid.as_str()), out);
            out.extend_from_slice(b"</authorization-identifier>");
            out.extend_from_slice(inline.said.as_bytes());
            out.extend_from_slice(b"</success>");
        });
        self.send_features();
    }
}
