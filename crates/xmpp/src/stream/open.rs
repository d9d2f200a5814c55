//! The header and what it is answered with (RFC 6120 §4.2, §4.3, §4.7): checks, this side's header, the features of each state.

use jid::{BareJid, Jid};

use crate::sasl::Mechanism;
use crate::wire::{Header, StreamError, StreamErrorCondition as Condition, escape_attribute};

use super::connection::{Framing, State, Stream};
use super::{Logins, StartTls, inline, websocket};

impl Stream {
    pub(super) fn opened(&mut self, header: &Header) {
        if let Err(error) = self.check(header) {
            return self.fail(error);
        }
        self.send_header(header.from.as_deref());
        self.state = if self.account.is_some() { State::Binding } else { State::Login };
        self.send_features();
    }

    fn check(&mut self, header: &Header) -> Result<(), StreamError> {
        let unknown = |text| StreamError::new(Condition::HostUnknown, text);
        let to = header.to.as_deref().ok_or_else(|| unknown("say which domain it is for, in 'to'"))?;
        let jid = BareJid::new(to).map_err(|_| unknown("not a domain"))?;
        let found =
            self.settings.hosts.iter().position(|host| jid.node().is_none() && host.name == jid.domain().as_str());
        let found = found.ok_or_else(|| unknown("this domain is not served here"))?;
        if self.account.is_some() && self.host != Some(found) {
            return Err(unknown("the log-in was for another domain"));
        }
        self.host = Some(found);
        let major = header.version.as_deref().and_then(|version| version.split('.').next()?.parse::<u32>().ok());
        if major.is_some_and(|major| major >= 1) {
            return Ok(());
        }
        Err(StreamError::new(Condition::UnsupportedVersion, "version 1.0 is spoken here"))
    }

    /// The name of the domain; of the first one if the client has not named one that is known.
    pub(crate) fn host_name(&self) -> &str {
        let index = self.host.unwrap_or_default();
        self.settings.hosts.get(index).map_or("", |host| host.name.as_str())
    }

    pub(super) fn send_header(&mut self, to: Option<&str>) {
        self.header_sent = true;
        let mut attributes = Vec::new();
        let mut attribute = |name: &str, value: &str| {
            attributes.extend_from_slice(format!(" {name}='").as_bytes());
            escape_attribute(value, &mut attributes);
            attributes.push(b'\'');
        };
        let id = self.seed.name();
        attribute("id", &id);
        attribute("from", self.host_name());
        if let Some(to) = to.and_then(|to| Jid::new(to).ok()) {
            attribute("to", to.as_str());
        }
        attributes.extend_from_slice(b" version='1.0' xml:lang='en'");
        match self.framing {
            Framing::Bytes => self.put(|out, _| {
                out.extend_from_slice(b"<?xml version='1.0'?><stream:stream xmlns='jabber:client'");
                out.extend_from_slice(b" xmlns:stream='http://etherx.jabber.org/streams'");
                out.extend_from_slice(&attributes);
                out.push(b'>');
            }),
            Framing::Frames => self.put(|out, _| websocket::write_open(&attributes, out)),
            Framing::Bodies => {}
        }
    }

    pub(super) fn send_features(&mut self) {
        let features = if self.account.is_some() { self.features_after_login() } else { self.features_before_login() };
        self.put(|out, framed| {
            let declared = if framed { " xmlns:stream='http://etherx.jabber.org/streams'" } else { "" };
            out.extend_from_slice(format!("<stream:features{declared}>{features}</stream:features>").as_bytes());
        });
    }

    fn features_before_login(&self) -> String {
        let mut features = String::new();
        if self.offers_tls() {
            features.push_str("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>");
            features.push_str(if self.starttls == StartTls::Required {
                "<required/></starttls>"
            } else {
                "</starttls>"
            });
        }
        let mechanisms = self.mechanisms();
        if mechanisms.is_empty() {
            return features;
        }
        let names: String =
            mechanisms.iter().map(|mechanism| format!("<mechanism>{}</mechanism>", mechanism.name())).collect();
        features.push_str("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>");
        features.push_str(&names);
        features.push_str("</mechanisms>");
        if self.secure && self.settings.sasl2 {
            features.push_str(&inline::feature(&mechanisms));
        }
        if self.bindings.any() && self.logins() == Some(Logins::Accounts) {
            features.push_str("<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>");
            for (kind, data) in
                [("tls-exporter", &self.bindings.exporter), ("tls-server-end-point", &self.bindings.server_end_point)]
            {
                if data.is_some() {
                    features.push_str(&format!("<channel-binding type='{kind}'/>"));
                }
            }
            features.push_str("</sasl-channel-binding>");
        }
        features
    }

    fn features_after_login(&self) -> String {
        format!(
            "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>\
             <session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>\
             <sm xmlns='urn:xmpp:sm:3'/><csi xmlns='urn:xmpp:csi:0'/>{}",
            self.settings.more_features
        )
    }

    pub(super) fn offers_tls(&self) -> bool {
        self.framing == Framing::Bytes && !self.secure && self.starttls != StartTls::Absent
    }

    pub(super) fn logins(&self) -> Option<Logins> {
        self.host.and_then(|index| self.settings.hosts.get(index)).map(|host| host.logins)
    }

    /// What can be used to log in now, the best first.
    pub(super) fn mechanisms(&self) -> Vec<Mechanism> {
        if self.offers_tls() && self.starttls == StartTls::Required {
            return Vec::new();
        }
        let offered = |mechanism: &Mechanism| match mechanism {
            Mechanism::Anonymous => self.logins() == Some(Logins::Anonymous),
            _ if self.logins() != Some(Logins::Accounts) => false,
            Mechanism::ScramSha256Plus | Mechanism::ScramSha1Plus => self.bindings.any(),
            Mechanism::ScramSha256 | Mechanism::ScramSha1 => true,
            Mechanism::Plain => self.secure,
        };
        Mechanism::ALL.into_iter().filter(offered).collect()
    }
}
