//! What service discovery says of the service and of a workgroup (XEP-0142 §disco, XEP-0030).

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::ns as parsers_ns;

use super::ns;
use crate::markup::Build;
use crate::xep::data_form::{Field, Form, FormType, Kind};

/// Whether a workgroup takes requests, in the words that web clients look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Online {
    /// It is open and somebody is there.
    Open,
    /// It is open and nobody is there.
    Ready,
    /// It is closed.
    Closed,
}

impl Online {
    /// As it is written, in capitals: one known client takes nothing else.
    pub fn as_str(self) -> &'static str {
        match self {
            Online::Open => "OPEN",
            Online::Ready => "READY",
            Online::Closed => "CLOSED",
        }
    }
}

/// The features of the service besides those of every entity.
pub const SERVICE_FEATURES: [&str; 5] =
    [ns::WORKGROUP, parsers_ns::DISCO_INFO, parsers_ns::DISCO_ITEMS, parsers_ns::VERSION, crate::xep::ns::COMMANDS];

/// `disco#info` of the service. `mail` says that it sends mail.
pub fn service_info(mail: bool) -> Element {
    let features = SERVICE_FEATURES.into_iter().chain(mail.then_some(ns::EMAIL_FEATURE));
    info("Fastpath").children(features.map(feature)).done()
}

/// `disco#info` of a workgroup.
pub fn workgroup_info(name: &str, description: &str, online: Online) -> Element {
    let features = [ns::WORKGROUP, parsers_ns::DISCO_INFO, parsers_ns::DISCO_ITEMS, parsers_ns::VERSION];
    let mut form = Form::new(FormType::Result, Some(ns::WORKGROUP_INFO));
    let answer = |name: &str, label: &str, value: &str| Field {
        kind: None,
        ..Field::new(name, Kind::TextSingle).labelled(label).valued(value)
    };
    form.fields = vec![
        answer("workgroup#description", "Description", description),
        answer("workgroup#online", "Status", online.as_str()),
    ];
    info(name).children(features.map(feature)).child(form.write()).done()
}

/// `disco#items` of the service. The name is the workgroup's node: the web chat takes it for that.
pub fn service_items(workgroups: &[BareJid]) -> Element {
    let item = |jid: &BareJid| {
        let name = jid.node().map_or("", |node| node.as_str());
        Build::new("item", parsers_ns::DISCO_ITEMS).attr("jid", jid).attr("name", name)
    };
    Build::new("query", parsers_ns::DISCO_ITEMS).children(workgroups.iter().map(item)).done()
}

fn info(name: &str) -> Build {
    let identity = Build::new("identity", parsers_ns::DISCO_INFO)
        .attr("category", "collaboration")
        .attr("type", "workgroup")
        .attr("name", name);
    Build::new("query", parsers_ns::DISCO_INFO).child(identity)
}

fn feature(var: &str) -> Build {
    Build::new("feature", parsers_ns::DISCO_INFO).attr("var", var)
}
