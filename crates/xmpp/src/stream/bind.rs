//! Between log-in and the first stanza: a resource is bound (RFC 6120 §7), or an earlier session resumed (XEP-0198 §5).

use jid::{FullJid, ResourcePart};
use minidom::Element;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::stanza::Stanza;

use crate::wire::{StreamError, StreamErrorCondition as Condition, Unit, escape_attribute, escape_text};

use super::connection::{Asked, State, Stream};
use super::manage::NS_SM;
use super::{Answer, BindRefusal, Question, Step};

const NS_BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";

impl Stream {
    pub(super) fn binding_unit(&mut self, unit: Unit) {
        match unit {
            Unit::Stanza(stanza) => match *stanza {
                Stanza::Iq(Iq::Set { id, payload, .. }) if payload.is("bind", NS_BIND) => self.ask_bind(id, &payload),
                _ => self.fail(StreamError::new(Condition::NotAuthorized, "bind a resource first")),
            },
            Unit::Element(element) if element.is("resume", NS_SM) => self.ask_resume(&element),
            Unit::Element(element) if element.has_ns(NS_SM) => self.managing_failed("unexpected-request"),
            Unit::Broken(_) => self.fail(StreamError::new(Condition::NotAuthorized, "bind a resource first")),
            _ => self.fail(StreamError::new(Condition::UnsupportedStanzaType, "")),
        }
    }

    fn ask_bind(&mut self, iq: String, bind: &Element) {
        let Some(account) = self.account.clone() else { return };
        let asked = bind.get_child("resource", NS_BIND).map(Element::text).filter(|resource| !resource.is_empty());
        let resource = match &asked {
            Some(resource) => ResourcePart::new(resource).map(|resource| resource.into_owned()),
            None => ResourcePart::new(&self.seed.name()).map(|resource| resource.into_owned()),
        };
        let Ok(resource) = resource else { return self.bind_error(&iq, "modify", "bad-request") };
        self.asked = Some(Asked::Bind { iq });
        self.steps.push(Step::Ask(Question::Bind { account, resource, asked: asked.is_some() }));
    }

    pub(super) fn bind_answered(&mut self, iq: &str, answer: Answer) {
        match answer {
            Answer::Bind(Ok(jid)) => {
                self.put_bound(iq, &jid);
                self.bound(jid.clone());
                self.steps.push(Step::Bound(jid));
            }
            Answer::Bind(Err(BindRefusal::Conflict)) => self.bind_error(iq, "modify", "conflict"),
            Answer::Bind(Err(BindRefusal::ResourceConstraint)) => self.bind_error(iq, "wait", "resource-constraint"),
            Answer::Bind(Err(BindRefusal::NotAllowed)) => self.bind_error(iq, "cancel", "not-allowed"),
            _ => self.bind_error(iq, "wait", "internal-server-error"),
        }
    }

    pub(super) fn bound(&mut self, jid: FullJid) {
        self.jid = Some(jid);
        self.state = State::Bound;
    }

    fn put_bound(&mut self, iq: &str, jid: &FullJid) {
        self.put(|out, framed| {
            iq_head(iq, "result", framed, out);
            out.extend_from_slice(b"><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>");
            escape_text(jid.as_str(), out);
            out.extend_from_slice(b"</jid></bind></iq>");
        });
    }

    fn bind_error(&mut self, iq: &str, kind: &str, condition: &str) {
        self.put(|out, framed| {
            iq_head(iq, "error", framed, out);
            let error = format!(
                "><error type='{kind}'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            );
            out.extend_from_slice(error.as_bytes());
        });
    }
}

fn iq_head(id: &str, kind: &str, framed: bool, out: &mut Vec<u8>) {
    let declared = if framed { " xmlns='jabber:client'" } else { "" };
    out.extend_from_slice(format!("<iq{declared} type='{kind}' id='").as_bytes());
    escape_attribute(id, out);
    out.push(b'\'');
}
