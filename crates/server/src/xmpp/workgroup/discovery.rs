//! What the service and its workgroups say of themselves: service discovery, version, card; and what agents' clients ask the
//! service first, of which workgroups they are agents.

use xmpp::jid::Jid;
use xmpp::markup::Build;
use xmpp::minidom::Element;
use xmpp::workgroup::agent_list::Workgroups;
use xmpp::workgroup::asked::Asked;
use xmpp::workgroup::disco::{service_info, service_items, workgroup_info};
use xmpp::xmpp_parsers::ns;

use super::edge::online;
use super::no::No;
use super::request::{Answer, Request};
use super::{Office, Running, Target};

const VCARD: &str = "vcard-temp";

impl Office {
    /// Answers what every entity is asked; nothing if it is something else.
    pub(super) async fn discover(&self, running: &Running, request: &Request<'_>) -> Result<Option<Element>, No> {
        let payload = request.payload;
        let has_node = payload.attr("node").is_some_and(|node| !node.is_empty());
        let entrance = match request.target {
            Target::Service => None,
            Target::Workgroup(name, _) => Some(running.app.roster.entrance(name).ok_or(No::NotFound)?),
        };
        let asks = |name: &str, ns: &str| !request.set && payload.is(name, ns);
        if asks("query", ns::DISCO_INFO) {
            if has_node {
                return Err(No::NotFound);
            }
            let Some(entrance) = entrance else { return Ok(Some(service_info(false))) };
            let workgroup = entrance.id;
            let view = running.app.desk.view(move |state, _| {
                let description = state.workgroup(workgroup)?.spec.description.clone();
                Some((description, online(state, workgroup)))
            });
            let (description, state) = view.await?.ok_or(No::NotFound)?;
            let description = if description.is_empty() { entrance.title.clone() } else { description };
            return Ok(Some(workgroup_info(&entrance.name, &description, state)));
        }
        if asks("query", ns::DISCO_ITEMS) {
            return match (has_node, entrance) {
                (true, _) => Err(No::Unavailable),
                (false, Some(_)) => Ok(Some(Build::new("query", ns::DISCO_ITEMS).done())),
                (false, None) => {
                    let all = running.app.roster.entrances();
                    let jids: Vec<_> = all.iter().filter_map(|it| self.addresses.workgroup(&it.name)).collect();
                    Ok(Some(service_items(&jids)))
                }
            };
        }
        if asks("query", ns::VERSION) {
            let version =
                Build::new("query", ns::VERSION).leaf("name", "Anteroom").leaf("version", env!("CARGO_PKG_VERSION"));
            return Ok(Some(version.done()));
        }
        if asks("vCard", VCARD) {
            let title = entrance.map_or_else(|| "Anteroom".to_owned(), |entrance| entrance.title.clone());
            let card =
                Build::new("vCard", VCARD).leaf("FN", &title).leaf("NICKNAME", &title).leaf("JABBERID", request.to);
            return Ok(Some(card.done()));
        }
        Ok(None)
    }

    pub(super) async fn ask_service(
        &self,
        running: &Running,
        request: &Request<'_>,
        asked: Asked,
    ) -> Result<Answer, No> {
        match asked {
            Asked::Workgroups(wanted) => {
                let workgroups = self.workgroups_of(running, request.from, &wanted.agent).await?;
                Ok(Workgroups { agent: wanted.agent.to_bare().into(), workgroups }.write().into())
            }
            Asked::Search(query) => self.search(running, request.from, query).await,
            _ => Err(No::Unavailable),
        }
    }

    /// The workgroups that somebody helps at. Only agents may ask.
    async fn workgroups_of(&self, running: &Running, from: &Jid, whom: &Jid) -> Result<Vec<xmpp::jid::BareJid>, No> {
        self.agent_of(running, from).ok_or(No::NotAuthorized)?;
        let (agent, _) = self.agent_of(running, whom).ok_or(No::NotFound)?;
        let names = running.app.desk.view(move |state, _| {
            let theirs = state.queues_of_agent(agent).filter_map(|queue| state.workgroup(queue.workgroup));
            theirs.map(|workgroup| workgroup.spec.name.clone()).collect::<std::collections::BTreeSet<_>>()
        });
        Ok(names.await?.iter().filter_map(|name| self.addresses.workgroup(name)).collect())
    }
}
