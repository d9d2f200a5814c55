//! What happens before log-in: STARTTLS (RFC 6120 §5) and SASL (§6) as elements.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jid::{BareJid, DomainPart};
use minidom::Element;

use crate::sasl::{Exchange, Failure, Mechanism, Terms, Turn};
use crate::wire::{NS_CLIENT, StreamError, StreamErrorCondition as Condition};

use super::connection::{Asked, State, Stream};
use super::{Answer, Step};

const NS_SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
/// SASL 2 (XEP-0388).
pub(super) const NS_SASL2: &str = "urn:xmpp:sasl:2";
const NS_TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";

impl Stream {
    pub(super) fn login_element(&mut self, element: &Element) {
        if element.is("starttls", NS_TLS) {
            return self.start_tls();
        }
        if element.has_ns(NS_SASL) {
            return match element.name() {
                "auth" => self.begin_login(element),
                "response" => self.login_response(element),
                "abort" => self.login_failed(Failure::Aborted),
                _ => self.fail(StreamError::new(Condition::UnsupportedStanzaType, "")),
            };
        }
        if element.has_ns(NS_SASL2) {
            return match element.name() {
                "authenticate" => self.begin_inline(element),
                "response" => self.login_response(element),
                "abort" => self.login_failed(Failure::Aborted),
                _ => self.fail(StreamError::new(Condition::UnsupportedStanzaType, "")),
            };
        }
        if matches!(element.name(), "message" | "presence" | "iq") {
            let condition =
                if element.has_ns(NS_CLIENT) { Condition::NotAuthorized } else { Condition::InvalidNamespace };
            return self.fail(StreamError::new(condition, ""));
        }
        self.fail(StreamError::new(Condition::UnsupportedStanzaType, ""));
    }

    fn start_tls(&mut self) {
        if !self.offers_tls() || self.exchange.is_some() {
            self.put_text("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            return self.close(None, self.clock.now);
        }
        self.put_text("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        self.steps.push(Step::StartTls);
        self.state = State::Handshake;
    }

    fn begin_login(&mut self, auth: &Element) {
        self.inline = None;
        let text = auth.text();
        let mechanism = auth.attr("mechanism").and_then(Mechanism::named);
        self.begin_exchange(mechanism, (!text.trim().is_empty()).then_some(text.as_str()));
    }

    /// Begins with a mechanism, and the initial response as it was written, if there was one.
    pub(super) fn begin_exchange(&mut self, mechanism: Option<Mechanism>, initial: Option<&str>) {
        let Some(mechanism) = mechanism.filter(|mechanism| self.mechanisms().contains(mechanism)) else {
            return self.login_failed(Failure::InvalidMechanism);
        };
        let Ok(host) = DomainPart::new(self.host_name()) else {
            return self.login_failed(Failure::TemporaryAuthFailure);
        };
        let terms = Terms {
            host: host.into_owned(),
            bindings: self.bindings.clone(),
            nonce: self.seed.name(),
            decoy_key: self.settings.decoy_key,
            iterations: self.settings.iterations,
        };
        self.exchange = Some(Exchange::new(mechanism, terms));
        match initial {
            Some(initial) => self.exchange_data(initial),
            None if mechanism == Mechanism::Anonymous => self.exchange_data(""),
            // An empty challenge asks for it.
            None => self.put_data("challenge", &[]),
        }
    }

    fn login_response(&mut self, response: &Element) {
        if self.exchange.is_none() {
            return self.login_failed(Failure::MalformedRequest);
        }
        self.exchange_data(&response.text());
    }

    fn exchange_data(&mut self, text: &str) {
        let data = match text.trim() {
            "" | "=" => Ok(Vec::new()),
            encoded => BASE64_STANDARD.decode(encoded),
        };
        let Ok(data) = data else { return self.login_failed(Failure::IncorrectEncoding) };
        if let Some(exchange) = &mut self.exchange {
            let turn = exchange.respond(&data);
            self.login_turn(turn);
        }
    }

    pub(super) fn login_answered(&mut self, answer: Answer) {
        if let Some(exchange) = &mut self.exchange {
            let turn = exchange.answer(answer);
            self.login_turn(turn);
        }
    }

    fn login_turn(&mut self, turn: Turn) {
        match turn {
            Turn::Challenge(data) => self.put_data("challenge", &data),
            Turn::Ask(question) => {
                self.asked = Some(Asked::Login);
                self.steps.push(Step::Ask(question));
            }
            Turn::Success(account, data) => self.logged_in(account, &data),
            Turn::Failure(failure) => self.login_failed(failure),
        }
    }

    fn logged_in(&mut self, account: BareJid, data: &[u8]) {
        self.exchange = None;
        self.account = Some(account);
        if self.inline.is_some() {
            return self.logged_in_inline(data);
        }
        self.put_data("success", data);
        self.reopen();
    }

    fn login_failed(&mut self, failure: Failure) {
        self.exchange = None;
        let name = failure.name();
        match self.inline.take() {
            Some(_) => self.put_text(&format!("<failure xmlns='{NS_SASL2}'><{name} xmlns='{NS_SASL}'/></failure>")),
            None => self.put_text(&format!("<failure xmlns='{NS_SASL}'><{name}/></failure>")),
        }
        self.failures += 1;
        if self.failures >= self.settings.login_tries {
            self.fail(StreamError::new(Condition::PolicyViolation, "too many attempts to log in"));
        }
    }

    fn put_data(&mut self, name: &str, data: &[u8]) {
        let encoded = BASE64_STANDARD.encode(data);
        let namespace = if self.inline.is_some() { NS_SASL2 } else { NS_SASL };
        let text = if encoded.is_empty() {
            format!("<{name} xmlns='{namespace}'/>")
        } else {
            format!("<{name} xmlns='{namespace}'>{encoded}</{name}>")
        };
        self.put_text(&text);
    }
}
