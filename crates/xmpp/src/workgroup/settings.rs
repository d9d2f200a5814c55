//! Smaller settings of the dialect: what to do when nobody is there (`offline-settings`), sounds (`sound-settings`),
//! where agents search (`search-settings`), and whether an account is needed (`workgroup-properties`).

use jid::{BareJid, Jid};
use minidom::Element;

use super::limits::{NAME_BYTES, REASON_BYTES, TEXT_BYTES, VALUE_BYTES};
use super::ns;
use crate::markup::{Build, Fault, Read};

/// `<offline-settings/>`: where a visitor can turn when the workgroup is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfflineSettings {
    /// To a page.
    Page(String),
    /// To a room. Smack does not know this one.
    Room(BareJid),
    /// To a mail form.
    Mail {
        /// Who receives it.
        address: String,
        /// What is said above the form.
        text: String,
        /// The mail's subject.
        subject: String,
    },
}

impl OfflineSettings {
    /// Reads `<offline-settings/>`; `None` where it asks.
    ///
    /// # Errors
    /// When it is another element or a part makes no sense.
    pub fn read(element: &Element) -> Result<Option<OfflineSettings>, Fault> {
        let it = Read::of(element, "offline-settings", ns::FAMILY)?;
        if let Some(page) = it.leaf("redirectPage", VALUE_BYTES)?.filter(|page| !page.is_empty()) {
            return Ok(Some(OfflineSettings::Page(page)));
        }
        if let Some(room) = it.parsed_leaf("redirectMUC")? {
            return Ok(Some(OfflineSettings::Room(room)));
        }
        let Some(address) = it.leaf("emailAddress", NAME_BYTES)? else { return Ok(None) };
        let text = it.leaf("offlineText", VALUE_BYTES)?.unwrap_or_default();
        let subject = it.leaf("subject", REASON_BYTES)?.unwrap_or_default();
        Ok(Some(OfflineSettings::Mail { address, text, subject }))
    }

    /// The `<offline-settings/>` element.
    pub fn write(&self) -> Element {
        let build = Build::new("offline-settings", ns::JIVE);
        match self {
            OfflineSettings::Page(page) => build.leaf("redirectPage", page),
            OfflineSettings::Room(room) => build.leaf("redirectMUC", room),
            OfflineSettings::Mail { address, text, subject } => {
                build.leaf("emailAddress", address).leaf("offlineText", text).leaf("subject", subject)
            }
        }
        .done()
    }
}

/// `<sound-settings/>`: two sounds in base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundSettings {
    /// For what the client sends.
    pub outgoing: String,
    /// For what it receives.
    pub incoming: String,
}

impl SoundSettings {
    /// Reads `<sound-settings/>`; `None` where it asks.
    ///
    /// # Errors
    /// When it is another element or holds too much.
    pub fn read(element: &Element) -> Result<Option<SoundSettings>, Fault> {
        let it = Read::of(element, "sound-settings", ns::FAMILY)?;
        let (outgoing, incoming) = (it.leaf("outgoingSound", TEXT_BYTES)?, it.leaf("incomingSound", TEXT_BYTES)?);
        Ok(outgoing.zip(incoming).map(|(outgoing, incoming)| SoundSettings { outgoing, incoming }))
    }

    /// The `<sound-settings/>` element.
    pub fn write(&self) -> Element {
        let build = Build::new("sound-settings", ns::JIVE).leaf("outgoingSound", &self.outgoing);
        build.leaf("incomingSound", &self.incoming).done()
    }
}

/// `<search-settings/>`: where agents look things up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchSettings {
    /// The forums' address.
    pub forums: Option<String>,
    /// The knowledge base's address.
    pub knowledge_base: Option<String>,
}

impl SearchSettings {
    /// Reads `<search-settings/>`.
    ///
    /// # Errors
    /// When it is another element or an address is too long.
    pub fn read(element: &Element) -> Result<SearchSettings, Fault> {
        let it = Read::of(element, "search-settings", ns::FAMILY)?;
        Ok(SearchSettings { forums: it.leaf("forums", VALUE_BYTES)?, knowledge_base: it.leaf("kb", VALUE_BYTES)? })
    }

    /// The `<search-settings/>` element.
    pub fn write(&self) -> Element {
        let build = Build::new("search-settings", ns::JIVE).maybe_leaf("forums", self.forums.as_ref());
        build.maybe_leaf("kb", self.knowledge_base.as_ref()).done()
    }
}

/// `<workgroup-properties/>` as a request: about whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PropertiesWanted(pub Option<Jid>);

impl PropertiesWanted {
    /// Reads the request.
    ///
    /// # Errors
    /// When it is another element or its `jid` is no address.
    pub fn read(element: &Element) -> Result<PropertiesWanted, Fault> {
        let it = Read::of(element, "workgroup-properties", ns::FAMILY)?;
        it.parsed_attr("jid").map(PropertiesWanted)
    }

    /// Writes the request.
    pub fn write(&self) -> Element {
        Build::new("workgroup-properties", ns::JIVE).maybe_attr("jid", self.0.as_ref()).done()
    }
}

/// `<workgroup-properties/>` as an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkgroupProperties {
    /// Whether visitors need an account.
    pub auth_required: bool,
    /// The mail address of who asked.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
}

impl WorkgroupProperties {
    /// Reads the answer.
    ///
    /// # Errors
    /// When it is another element or holds too much.
    pub fn read(element: &Element) -> Result<WorkgroupProperties, Fault> {
        let it = Read::of(element, "workgroup-properties", ns::FAMILY)?;
        Ok(WorkgroupProperties {
            auth_required: it.parsed_leaf("authRequired")?.unwrap_or_default(),
            email: it.leaf("email", NAME_BYTES)?,
            name: it.leaf("name", NAME_BYTES)?,
        })
    }

    /// Writes the answer.
    pub fn write(&self) -> Element {
        Build::new("workgroup-properties", ns::JIVE)
            .leaf("authRequired", self.auth_required)
            .maybe_leaf("email", self.email.as_ref())
            .maybe_leaf("name", self.name.as_ref())
            .done()
    }
}
