//! Who the agents of a workgroup are (XEP-0142 `agent-status-request`), and the dialect's `agent-info` and
//! `workgroups`.

use jid::{BareJid, Jid};
use minidom::Element;

use super::limits::{ENTRIES, NAME_BYTES};
use super::ns;
use crate::markup::{Build, Fault, Read};

/// One agent in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAgent {
    /// Their address.
    pub jid: BareJid,
    /// Their name.
    pub name: Option<String>,
    /// They are no longer an agent of the workgroup.
    pub removed: bool,
}

/// `<agent-status-request/>`: empty when it asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentList(pub Vec<ListedAgent>);

impl AgentList {
    /// Reads `<agent-status-request/>`.
    ///
    /// # Errors
    /// When it is another element, an agent has no address, or there are too many.
    pub fn read(element: &Element) -> Result<AgentList, Fault> {
        let it = Read::of(element, "agent-status-request", ns::FAMILY)?;
        let agent = |agent: Read<'_>| {
            let removed = agent.attr("type", NAME_BYTES)? == Some("remove");
            Ok(ListedAgent { jid: agent.need_bare("jid")?, name: agent.leaf("name", NAME_BYTES)?, removed })
        };
        it.children("agent", ENTRIES)?.into_iter().map(agent).collect::<Result<_, _>>().map(AgentList)
    }

    /// The `<agent-status-request/>` element.
    pub fn write(&self) -> Element {
        let name = |name: &String| Build::new("name", ns::JIVE).text(name);
        let agent = |agent: &ListedAgent| {
            Build::new("agent", ns::WORKGROUP)
                .attr("jid", &agent.jid)
                .maybe_attr("type", agent.removed.then_some("remove"))
                .children(agent.name.as_ref().map(name))
        };
        Build::new("agent-status-request", ns::WORKGROUP).children(self.0.iter().map(agent)).done()
    }
}

/// `<agent-info/>`: the agent's own address and name; in a request only the new name, if any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentInfo {
    /// The agent.
    pub jid: Option<BareJid>,
    /// Their name.
    pub name: Option<String>,
}

impl AgentInfo {
    /// Reads `<agent-info/>`.
    ///
    /// # Errors
    /// When it is another element, its address is none, or the name is too long.
    pub fn read(element: &Element) -> Result<AgentInfo, Fault> {
        let it = Read::of(element, "agent-info", ns::FAMILY)?;
        Ok(AgentInfo { jid: it.parsed_leaf("jid")?, name: it.leaf("name", NAME_BYTES)? })
    }

    /// The `<agent-info/>` element.
    pub fn write(&self) -> Element {
        let build = Build::new("agent-info", ns::JIVE).maybe_leaf("jid", self.jid.as_ref());
        build.maybe_leaf("name", self.name.as_ref()).done()
    }
}

/// `<workgroups/>`: of which workgroups somebody is an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workgroups {
    /// The agent who is asked for.
    pub agent: Jid,
    /// Their workgroups, in an answer.
    pub workgroups: Vec<BareJid>,
}

impl Workgroups {
    /// Reads `<workgroups/>`.
    ///
    /// # Errors
    /// When it is another element, or an address is missing or none.
    pub fn read(element: &Element) -> Result<Workgroups, Fault> {
        let it = Read::of(element, "workgroups", ns::FAMILY)?;
        let each = it.children("workgroup", ENTRIES)?.into_iter();
        let workgroups = each.map(|one| one.need_bare("jid")).collect::<Result<_, _>>()?;
        Ok(Workgroups { agent: it.need_jid("jid")?, workgroups })
    }

    /// The `<workgroups/>` element.
    pub fn write(&self) -> Element {
        let one = |jid: &BareJid| Build::new("workgroup", ns::WORKGROUP).attr("jid", jid);
        Build::new("workgroups", ns::WORKGROUP)
            .attr("jid", &self.agent)
            .children(self.workgroups.iter().map(one))
            .done()
    }
}
