//! What is asked of the service in an `<iq/>`: who is asked, and which file answers. Nothing is answered here.

use std::sync::Arc;

use desk::ids::AgentId;
use xmpp::jid::Jid;
use xmpp::minidom::Element;
use xmpp::workgroup::asked::Asked;

use super::no::No;
use super::renderer::Job;
use super::{Office, Running, Target};
use crate::roster::Entrance;

/// A request.
pub struct Request<'a> {
    /// Who asks.
    pub from: &'a Jid,
    /// Whom.
    pub to: &'a Jid,
    /// What that address means.
    pub target: &'a Target,
    /// It wants to change something.
    pub set: bool,
    /// What is asked.
    pub payload: &'a Element,
}

/// A reply that is no error, and what is done after it was sent.
#[derive(Default)]
pub struct Answer {
    /// What the result holds.
    pub payload: Option<Element>,
    /// What is done after it was sent.
    pub afterwards: Option<Job>,
}

impl From<Element> for Answer {
    fn from(payload: Element) -> Self {
        Self { payload: Some(payload), afterwards: None }
    }
}

impl From<Job> for Answer {
    fn from(job: Job) -> Self {
        Self { payload: None, afterwards: Some(job) }
    }
}

impl Office {
    pub(super) async fn ask(&self, running: &Running, request: &Request<'_>) -> Result<Answer, No> {
        if let Some(answer) = self.discover(running, request).await? {
            return Ok(answer.into());
        }
        let asked = Asked::read(request.set, request.payload)?.ok_or(No::Unavailable)?;
        match request.target {
            Target::Service => self.ask_service(running, request, asked).await,
            Target::Workgroup(name, queue) => {
                let entrance = running.app.roster.entrance(name).ok_or(No::NotFound)?;
                match asked {
                    Asked::JoinForm | Asked::Form | Asked::Join(_) | Asked::Depart(_) | Asked::Status => {
                        self.ask_as_visitor(running, request, &entrance, queue.as_deref(), asked).await
                    }
                    Asked::Agents | Asked::Answer(_) | Asked::PassOn(_) => {
                        self.ask_as_agent(running, request, &entrance, asked).await
                    }
                    _ => self.ask_dialect(running, request, &entrance, asked).await,
                }
            }
        }
    }

    /// The agent behind an address, with the account's name.
    pub(super) fn agent_of(&self, running: &Running, from: &Jid) -> Option<(AgentId, Arc<str>)> {
        let agent = running.app.roster.agent(self.addresses.account(from)?)?;
        Some((agent, running.app.roster.agent_name(agent)?))
    }

    /// The agent behind an address, if they help at this workgroup.
    pub(super) async fn member(
        &self,
        running: &Running,
        from: &Jid,
        entrance: &Entrance,
    ) -> Result<Option<AgentId>, No> {
        let Some((agent, _)) = self.agent_of(running, from) else { return Ok(None) };
        let workgroup = entrance.id;
        let helps = running
            .app
            .desk
            .view(move |state, _| state.queues_of_agent(agent).any(|queue| queue.workgroup == workgroup));
        Ok(helps.await?.then_some(agent))
    }
}
