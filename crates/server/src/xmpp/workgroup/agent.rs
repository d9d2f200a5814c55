//! Agents with XMPP clients, and whoever else sends presence to a workgroup: coming, what they show, going. One agent, one
//! session: a second one is told so.

use std::collections::BTreeSet;

use desk::command::{Command, Show};
use desk::ids::{AgentId, QueueId};
use xmpp::jid::{FullJid, Jid};
use xmpp::markup::Fault;
use xmpp::workgroup::agent_list::{AgentList, ListedAgent};
use xmpp::workgroup::agent_status::AgentStatus;
use xmpp::workgroup::asked::Asked;
use xmpp::workgroup::invitation::workgroup_presence;
use xmpp::workgroup::{LegacyDate, ns};
use xmpp::xmpp_parsers::presence::{Presence, Show as XmppShow, Type};

use super::book::AgentSession;
use super::edge::online;
use super::no::No;
use super::renderer::Job;
use super::request::{Answer, Request};
use super::{Office, Running, Target};
use crate::directory::Owner;
use crate::roster::Entrance;

const ELSEWHERE: &str = "You are signed in elsewhere: one agent has one session.";

impl Office {
    pub(super) async fn presence(&self, running: &Running, from: Jid, presence: Presence) {
        let Some(to) = presence.to.clone() else { return };
        let (id, type_) = (presence.id.clone(), presence.type_.clone());
        let entrance = match self.addresses.target(&to) {
            Some(Target::Workgroup(name, _)) => running.app.roster.entrance(&name),
            // The service itself has no presence.
            _ => return,
        };
        let done = match (entrance, type_) {
            (_, Type::Error | Type::Subscribed | Type::Unsubscribed) => return,
            (None, Type::Unavailable) => return,
            (None, _) => Err(No::NotFound),
            (Some(entrance), Type::None) => self.comes(running, &from, &entrance, &presence).await,
            (Some(entrance), Type::Unavailable) => self.goes(running, &from, &entrance).await,
            (Some(entrance), Type::Probe) => self.show_workgroup(running, &from, &entrance).await,
            (Some(entrance), Type::Subscribe) => self.subscribe(running, &from, &entrance).await,
            (Some(entrance), Type::Unsubscribe) => self.unsubscribe(&from, &entrance),
        };
        if let Err(no) = done {
            self.send(self.presence_error(&from, Some(to), id, &no));
        }
    }

    async fn comes(&self, running: &Running, from: &Jid, entrance: &Entrance, presence: &Presence) -> Result<(), No> {
        let session = from.try_as_full().map_err(|_| No::Fault(Fault::Malformed("from")))?;
        let status =
            presence.payloads.iter().find(|p| p.name() == "agent-status" && ns::FAMILY.contains(&p.ns().as_str()));
        let status = status.map(AgentStatus::read).transpose()?;
        let agent = self.member(running, from, entrance).await?;
        let known = agent.and_then(|agent| self.book().agent(agent).map(|session| session.jid.clone()));
        match (agent, status) {
            (None, Some(_)) => return Err(No::NotAuthorized),
            (Some(agent), Some(status)) => {
                self.agent_comes(running, agent, session, entrance, show_of(presence), status.max_chats).await?;
            }
            // Once a session is there, every presence of it counts as the agent's.
            (Some(agent), None) if known.as_ref() == Some(session) => {
                self.agent_comes(running, agent, session, entrance, show_of(presence), None).await?;
            }
            _ => {
                if !self.book().watch(entrance.id, from.clone()) {
                    return Err(No::Busy);
                }
            }
        }
        // Clients wait for an answer, whatever it is.
        self.show_workgroup(running, from, entrance).await?;
        if let Some(agent) = agent.filter(|agent| self.book().agent(*agent).is_some_and(|it| it.jid == *session)) {
            self.tell(Job::Welcome { agent, workgroup: entrance.id });
        }
        Ok(())
    }

    async fn agent_comes(
        &self,
        running: &Running,
        agent: AgentId,
        session: &FullJid,
        entrance: &Entrance,
        show: Show,
        max: Option<u32>,
    ) -> Result<(), No> {
        if running.app.directory.is_read(Owner::Staff(agent)) {
            return Err(No::NotAllowed(ELSEWHERE));
        }
        let is_new = match self.book().agent(agent) {
            Some(there) if there.jid != *session => return Err(No::NotAllowed(ELSEWHERE)),
            Some(there) => !there.present.contains(&entrance.id),
            None => true,
        };
        if is_new {
            self.sign_in(running, agent, session, entrance).await?;
        }
        if let Some(there) = self.book().agent_mut(agent) {
            there.show = show;
        }
        let hint = running.app.desk.view(move |state, _| state.agent(agent)?.session.as_ref()?.chats_max_hint).await?;
        let chats_max_hint = max.map(|max| max.min(100)).or(hint);
        running.app.desk.ask(Command::SetAvailability { agent, show, reason: None, chats_max_hint }).await?;
        Ok(())
    }

    /// Begins or goes on with a session: the agent helps at the queues of workgroups where they are present, and no others.
    async fn sign_in(
        &self,
        running: &Running,
        agent: AgentId,
        session: &FullJid,
        entrance: &Entrance,
    ) -> Result<(), No> {
        let workgroup = entrance.id;
        let first = {
            let mut book = self.book();
            match book.agent_mut(agent) {
                Some(there) => {
                    there.present.insert(workgroup);
                    false
                }
                None => {
                    let (present, listed, left) = ([workgroup].into(), BTreeSet::new(), BTreeSet::new());
                    let jid = session.clone();
                    book.add_agent(agent, AgentSession { jid, show: Show::Away, present, listed, left });
                    true
                }
            }
        };
        let view = running.app.desk.view(move |state, _| {
            let there = state.agent(agent)?;
            let queues = state.queues_of_agent(agent).map(|it| (it.id, it.workgroup, there.opted_out.contains(&it.id)));
            Some((there.session.is_some(), queues.collect::<Vec<_>>()))
        });
        let Some((signed_in, queues)) = view.await? else { return Err(No::NotAuthorized) };
        let mut commands = Vec::new();
        if first {
            // Away until everything is set, so that nothing is offered from where the agent is not present.
            commands.push(match signed_in {
                true => Command::ObserveAgent { agent, connected: true },
                false => Command::SignIn { agent, show: Show::Away },
            });
        }
        let mut left = BTreeSet::new();
        for (queue, of, out) in queues {
            if of == workgroup && out {
                commands.push(Command::OptQueue { agent, queue, opted_in: true });
            } else if first && of != workgroup && !out {
                left.insert(queue);
                commands.push(Command::OptQueue { agent, queue, opted_in: false });
            }
        }
        for answer in running.app.desk.ask_many(commands).await {
            answer?;
        }
        if let Some(there) = self.book().agent_mut(agent) {
            there.left.extend(left);
        }
        Ok(())
    }

    async fn goes(&self, running: &Running, from: &Jid, entrance: &Entrance) -> Result<(), No> {
        self.book().unwatch(entrance.id, from);
        let Ok(session) = from.try_as_full() else { return Ok(()) };
        let agent = self.book().agent_at(session);
        let Some(agent) = agent else { return Ok(()) };
        let (last, was_there) = match self.book().agent_mut(agent) {
            Some(there) => {
                let was_there = there.present.remove(&entrance.id);
                there.listed.remove(&entrance.id);
                (there.present.is_empty(), was_there)
            }
            None => return Ok(()),
        };
        if last {
            let left = self.book().remove_agent(agent).map(|there| there.left).unwrap_or_default();
            // Signed out elsewhere meanwhile: nothing to be done.
            let _ = running.app.desk.ask(Command::SignOut { agent }).await;
            self.opt_in(running, agent, left).await;
        } else if was_there {
            let workgroup = entrance.id;
            let queues = running.app.desk.view(move |state, _| {
                let theirs = state.queues_of_agent(agent).filter(|queue| queue.workgroup == workgroup);
                theirs.map(|queue| queue.id).collect::<Vec<_>>()
            });
            let queues = queues.await?;
            if let Some(there) = self.book().agent_mut(agent) {
                there.left.extend(queues.iter().copied());
            }
            let out = |queue| Command::OptQueue { agent, queue, opted_in: false };
            running.app.desk.ask_many(queues.into_iter().map(out).collect()).await;
        }
        Ok(())
    }

    /// Helps again at queues that were left only because the agent was not present there.
    pub(super) async fn opt_in(&self, running: &Running, agent: AgentId, queues: BTreeSet<QueueId>) {
        if !queues.is_empty() {
            let back = |queue| Command::OptQueue { agent, queue, opted_in: true };
            running.app.desk.ask_many(queues.into_iter().map(back).collect()).await;
        }
    }

    /// An agent's client is gone without saying so: the time of grace runs.
    pub(super) async fn agent_lost(&self, running: &Running, agent: AgentId) {
        let left = self.book().remove_agent(agent).map(|there| there.left).unwrap_or_default();
        running.app.desk.ask_many(vec![Command::ObserveAgent { agent, connected: false }]).await;
        self.opt_in(running, agent, left).await;
    }

    /// The workgroup's own presence, to somebody.
    pub(super) async fn show_workgroup(&self, running: &Running, to: &Jid, entrance: &Entrance) -> Result<(), No> {
        let workgroup = entrance.id;
        let state = running.app.desk.view(move |state, _| online(state, workgroup)).await?;
        if let Some(presence) = self.workgroup_presence(running, &entrance.name, to, state) {
            self.send(presence);
        }
        Ok(())
    }

    pub(super) fn workgroup_presence(
        &self,
        running: &Running,
        name: &str,
        to: &Jid,
        state: xmpp::workgroup::disco::Online,
    ) -> Option<Presence> {
        let open = state == xmpp::workgroup::disco::Online::Open;
        let mut presence = if open { Presence::available() } else { Presence::unavailable() };
        presence.from = Some(self.addresses.workgroup(name)?.into());
        presence.to = Some(to.clone());
        presence.payloads.push(workgroup_presence(LegacyDate(running.started.0)));
        Some(presence)
    }

    async fn subscribe(&self, running: &Running, from: &Jid, entrance: &Entrance) -> Result<(), No> {
        let person = Jid::from(from.to_bare());
        if !self.book().watch(entrance.id, person.clone()) {
            return Err(No::Busy);
        }
        let mut answer = Presence::subscribed().with_to(person.clone());
        answer.from = self.addresses.workgroup(&entrance.name).map(Into::into);
        self.send(answer);
        self.show_workgroup(running, &person, entrance).await
    }

    fn unsubscribe(&self, from: &Jid, entrance: &Entrance) -> Result<(), No> {
        let person = Jid::from(from.to_bare());
        self.book().unwatch(entrance.id, &person);
        for kind in [Type::Unsubscribed, Type::Unavailable] {
            let mut answer = Presence::new(kind).with_to(person.clone());
            answer.from = self.addresses.workgroup(&entrance.name).map(Into::into);
            self.send(answer);
        }
        Ok(())
    }

    pub(super) async fn ask_as_agent(
        &self,
        running: &Running,
        request: &Request<'_>,
        entrance: &Entrance,
        asked: Asked,
    ) -> Result<Answer, No> {
        match asked {
            Asked::Agents => self.list_agents(running, request.from, entrance).await,
            Asked::Answer(answer) => self.answer_offer(running, request.from, entrance, &answer).await,
            Asked::PassOn(pass) => self.pass_on(running, request.from, entrance, *pass).await,
            _ => Err(No::Unavailable),
        }
    }

    async fn list_agents(&self, running: &Running, from: &Jid, entrance: &Entrance) -> Result<Answer, No> {
        let session = from.try_as_full().map_err(|_| No::NotFound)?;
        let agent = self.book().agent_at(session).ok_or(No::NotFound)?;
        let workgroup = entrance.id;
        match self.book().agent_mut(agent).filter(|there| there.present.contains(&workgroup)) {
            Some(there) => _ = there.listed.insert(workgroup),
            None => return Err(No::NotFound),
        }
        let names = running.app.desk.view(move |state, _| {
            let members = state.queues_of(workgroup).flat_map(|queue| state.members_of(queue.id));
            let others = members.filter(|member| member.id != agent);
            let named = others.map(|member| (member.id, (member.spec.name.clone(), member.spec.title.clone())));
            named.collect::<std::collections::BTreeMap<_, _>>()
        });
        let listed = names.await?.into_values().filter_map(|(name, title)| {
            Some(ListedAgent { jid: self.addresses.agent(&name)?, name: Some(title), removed: false })
        });
        let list = AgentList(listed.collect());
        Ok(Answer { payload: Some(list.write()), afterwards: Some(Job::Colleagues { agent, workgroup }) })
    }
}

/// What a presence shows, in the desk's words.
fn show_of(presence: &Presence) -> Show {
    match presence.show {
        None => Show::Available,
        Some(XmppShow::Chat) => Show::Chat,
        Some(XmppShow::Away) => Show::Away,
        Some(XmppShow::Xa) => Show::Xa,
        Some(XmppShow::Dnd) => Show::Dnd,
    }
}
