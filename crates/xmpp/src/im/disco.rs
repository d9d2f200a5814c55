//! Service discovery of the server and of accounts (XEP-0030), with the server's capabilities (XEP-0115), software
//! (XEP-0232) and contact addresses (XEP-0157).

use std::collections::BTreeSet;

use jid::{BareJid, Jid};
use minidom::Element;
use xmpp_parsers::caps::{Caps, compute_disco, hash_caps};
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};
use xmpp_parsers::disco::{DiscoInfoResult, DiscoItemsResult, Identity, Item};
use xmpp_parsers::hashes::{Algo, Hash};
use xmpp_parsers::ns;

use super::outcome::Asker;
use super::refusal::Refusal;
use super::{House, Settings, archive};
use crate::xep::ns as ours;

const ROSTER_VERSIONS: &str = "urn:xmpp:features:rosterver";
const PRE_APPROVAL: &str = "urn:xmpp:features:pre-approval";

fn identity(category: &str, type_: &str, name: Option<&str>) -> Identity {
    Identity { category: category.to_owned(), type_: type_.to_owned(), lang: None, name: name.map(str::to_owned) }
}

fn owned(features: &[&str]) -> BTreeSet<String> {
    features.iter().map(|feature| (*feature).to_owned()).collect()
}

/// What everybody may use of the server.
const COMMON: [&str; 6] = [ns::DISCO_INFO, ns::DISCO_ITEMS, ns::PING, ns::VERSION, ns::TIME, ours::LAST];

/// What accounts may use besides.
const FOR_ACCOUNTS: [&str; 8] =
    [ns::ROSTER, ns::VCARD, ns::PRIVATE, ns::BLOCKING, ns::CARBONS, ours::OFFLINE, ns::SID, ours::LAST];

/// The server's capabilities (XEP-0115 §4).
pub(super) fn caps(settings: &Settings, for_visitors: bool) -> Element {
    let hash = hash_caps(&compute_disco(&described(settings, for_visitors)), Algo::Sha_1);
    // SHA-1 is always known; an empty hash would only make clients ask again.
    let hash = hash.unwrap_or_else(|_| Hash::new(Algo::Sha_1, Vec::new()));
    Caps::new(settings.caps_node.clone(), hash).into()
}

fn described(settings: &Settings, for_visitors: bool) -> DiscoInfoResult {
    let mut features = owned(&COMMON);
    let mut extensions = vec![software(settings)];
    if !for_visitors {
        features.append(&mut owned(&FOR_ACCOUNTS));
        features.append(&mut owned(&archive::FEATURES));
        if settings.password_change {
            features.insert(ns::REGISTER.to_owned());
        }
    }
    if let Some(most) = settings.upload_bytes {
        features.insert(ns::HTTP_UPLOAD.to_owned());
        let most = Field::text_single("max-file-size", &most.to_string());
        extensions.push(DataForm::new(DataFormType::Result_, ns::HTTP_UPLOAD, vec![most]));
    }
    if !settings.contact_addresses.is_empty() {
        let field = |(kind, addresses): (&String, &Vec<String>)| {
            let mut field = Field::new(&format!("{kind}-addresses"), FieldType::ListMulti);
            field.values.clone_from(addresses);
            field
        };
        let fields = settings.contact_addresses.iter().map(field).collect();
        extensions.push(DataForm::new(DataFormType::Result_, ns::SERVER_INFO, fields));
    }
    let mut identities = vec![identity("server", "im", Some(&settings.software))];
    if settings.upload_bytes.is_some() {
        identities.push(identity("store", "file", Some(&settings.software)));
    }
    DiscoInfoResult { node: None, identities, features, extensions }
}

fn software(settings: &Settings) -> DataForm {
    let mut fields = vec![
        Field::text_single("software", &settings.software),
        Field::text_single("software_version", &settings.version),
    ];
    fields.extend(settings.os.as_ref().map(|os| Field::text_single("os", os)));
    DataForm::new(DataFormType::Result_, ours::SOFTWARE, fields)
}

impl House {
    /// The server's capabilities for the features of a client's stream (XEP-0115 §6.3), as `<c/>`. Visitors are told of
    /// fewer.
    pub fn caps(&self, for_visitors: bool) -> Element {
        self.caps[usize::from(for_visitors)].clone()
    }

    /// What a client's stream says of this house after log-in, as XML text: capabilities, versioned rosters (RFC 6121
    /// §2.6), subscriptions granted beforehand (§3.4).
    pub fn stream_features(&self) -> String {
        let mut features = String::from(&self.caps(false));
        for (name, namespace) in [("ver", ROSTER_VERSIONS), ("sub", PRE_APPROVAL)] {
            features.push_str(&String::from(&Element::bare(name, namespace)));
        }
        features
    }

    fn caps_node(&self, for_visitors: bool) -> String {
        format!("{}#{}", self.settings.caps_node, self.caps(for_visitors).attr("ver").unwrap_or_default())
    }

    /// What the server is and can do.
    pub(super) fn server_info(&self, asker: &Asker, query: &Element) -> Result<Option<Element>, Refusal> {
        let domain = asker.to.as_ref().map(Jid::domain);
        let for_visitors = domain.is_some_and(|domain| Some(domain) == self.settings.visitors.as_deref());
        let node = query.attr("node").map(str::to_owned);
        if node.as_ref().is_some_and(|node| *node != self.caps_node(for_visitors)) {
            return Err(Refusal::NotFound("There is no such node."));
        }
        Ok(Some(DiscoInfoResult { node, ..described(&self.settings, for_visitors) }.into()))
    }

    /// The host's services.
    pub(super) fn server_items(&self, query: &Element) -> Element {
        let services = self.settings.services.iter().filter(|_| query.attr("node").is_none());
        let item = |(domain, service): (&jid::DomainPart, &super::LocalService)| Item {
            jid: BareJid::from(domain.clone()).into(),
            node: None,
            name: Some(service.title.clone()).filter(|title| !title.is_empty()),
        };
        DiscoItemsResult { node: query.attr("node").map(str::to_owned), items: services.map(item).collect(), rsm: None }
            .into()
    }

    /// No items: an account has none here.
    pub(super) fn no_items(&self) -> Element {
        DiscoItemsResult { node: None, items: Vec::new(), rsm: None }.into()
    }

    /// What an account is, and, to itself, what it can do.
    pub(super) fn account_info(
        &self,
        account: &BareJid,
        query: &Element,
        is_own: bool,
    ) -> Result<Option<Element>, Refusal> {
        if query.attr("node").is_some() {
            return Err(Refusal::NotFound("There is no such node."));
        }
        let kind = if self.has_account(account) { "registered" } else { "anonymous" };
        let mut features = owned(&[ns::DISCO_INFO, ns::DISCO_ITEMS, ns::VCARD]);
        if is_own && self.has_account(account) {
            features.append(&mut owned(&archive::FEATURES));
            features.append(&mut owned(&[ns::CARBONS, ns::BLOCKING, ns::PRIVATE]));
        }
        let identities = vec![identity("account", kind, None)];
        Ok(Some(DiscoInfoResult { node: None, identities, features, extensions: Vec::new() }.into()))
    }
}
