//! Visitors with XMPP clients: joining, leaving, asking how long it takes; and noticing that they are there or gone.

use std::collections::BTreeMap;

use desk::Reply;
use desk::command::{BlockKey, Command, JoinQueue, Medium};
use desk::entity::Phase;
use desk::event::Ending;
use desk::ids::{AgentId, QueueId, RequestId, VisitorId, WorkgroupId};
use desk::{State, spec};
use store::accounts::Role;
use store::commit::{NewVisit, Of, Personal};
use xmpp::jid::{FullJid, Jid};
use xmpp::workgroup::asked::Asked;
use xmpp::workgroup::depart::DepartQueue;
use xmpp::workgroup::join::{self, JoinQueue as Joining};
use xmpp::workgroup::queue_status::QueueStatus;

use super::book::{Told, Visitor};
use super::no::No;
use super::renderer::Job;
use super::request::{Answer, Request};
use super::{Office, Running, form, kept};
use crate::auth;
use crate::roster::Entrance;
use crate::run_loop::AskError;
use crate::text;

/// What an entrance asks, and where a visitor goes first.
struct Hall {
    form: spec::Form,
    queue: Option<QueueId>,
}

/// Who somebody is to the desk.
struct Person {
    visitor: VisitorId,
    returning: String,
    last_agent: Option<AgentId>,
}

/// Where somebody stands, as visitors are told.
pub(super) fn standing(state: &State, request: RequestId) -> Option<Told> {
    let position = state.position(request)?;
    let wait = state.estimate(request).map(|estimate| estimate.expected.as_secs());
    Some(Told { ahead: position.ahead as u64, wait_s: wait.and_then(|seconds| u64::try_from(seconds).ok()) })
}

impl Office {
    pub(super) async fn ask_as_visitor(
        &self,
        running: &Running,
        request: &Request<'_>,
        entrance: &Entrance,
        queue: Option<&str>,
        asked: Asked,
    ) -> Result<Answer, No> {
        match asked {
            Asked::JoinForm => {
                let hall = self.hall(running, entrance, None).await?;
                Ok(join::join_form(&form::data_form(&entrance.title, &hall.form)).into())
            }
            Asked::Form => {
                let hall = self.hall(running, entrance, None).await?;
                if hall.form.fields.is_empty() {
                    return Err(No::NotFound);
                }
                Ok(join::workgroup_form(&form::data_form(&entrance.title, &hall.form)).into())
            }
            Asked::Join(joining) => {
                let hall = self.hall(running, entrance, queue).await?;
                let request = self.join(running, request.from, entrance, hall, *joining).await?;
                Ok(Job::Joined(request).into())
            }
            Asked::Depart(depart) => self.depart(running, request.from, entrance, depart).await,
            Asked::Status => self.status(running, request.from, entrance).await,
            _ => Err(No::Unavailable),
        }
    }

    async fn hall(&self, running: &Running, entrance: &Entrance, queue: Option<&str>) -> Result<Hall, No> {
        let workgroup = entrance.id;
        let queue = queue.map(|queue| format!("{}/{queue}", entrance.name));
        let found = running.app.desk.view(move |state, _| {
            let form = state.workgroup(workgroup)?.spec.form.clone();
            match queue {
                None => Some(Hall { form, queue: None }),
                Some(name) => state.queue_by_name(&name).map(|queue| Hall { form, queue: Some(queue.id) }),
            }
        });
        found.await?.ok_or(No::NotFound)
    }

    async fn join(
        &self,
        running: &Running,
        from: &Jid,
        entrance: &Entrance,
        hall: Hall,
        joining: Joining,
    ) -> Result<RequestId, No> {
        let jid = from.clone().try_into_full().map_err(|_| No::NotAuthorized)?;
        let address = self.addresses.workgroup(&entrance.name).ok_or(No::NotFound)?;
        if joining.form.as_ref().is_some_and(|form| form.is_cancelled()) {
            return Err(No::NotAcceptable("The form was not filled in.".to_owned()));
        }
        if self.book().request_of(entrance.id, &jid).is_some() {
            return Err(No::Conflict);
        }
        let metadata = joining.merged();
        let answers = form::answers(&hall.form, &metadata)?;
        let person = self.person(running, entrance.id, &jid).await?;
        let visitor = Visitor {
            workgroup: entrance.id,
            entrance: address,
            jid,
            notify: joining.notify,
            metadata,
            user: joining.user,
            foreign: joining.foreign,
            answered: false,
            departing: false,
            invited: false,
            told: None,
            connected: true,
        };
        let visit = new_visit(running, &person, &visitor, form::labelled(&hall.form, &answers));
        let command = join_queue(running, &person, &visitor, &hall, answers);
        let text = kept::to_text(&visitor);
        let request = match self.queue_up(running, command, visit, visitor.clone()).await {
            Ok(request) => request,
            // Queued, but never told so: the server went down before it could answer.
            Err(No::Refused(desk::refusal::Refusal::AlreadyQueued)) => {
                self.take_up(running, &person, visitor).await?.ok_or(No::Conflict)?
            }
            Err(no) => return Err(no),
        };
        if let Err(error) = running.keeping.keep(request, text).await {
            tracing::error!(%error, hint = error.hint(), "a visitor's address could not be kept: lost with a restart");
        }
        Ok(request)
    }

    /// Asks the desk. The visitor stands in the book from the moment in which the desk decides, so that nothing that follows
    /// from it misses them.
    async fn queue_up(
        &self,
        running: &Running,
        command: JoinQueue,
        visit: NewVisit,
        visitor: Visitor,
    ) -> Result<RequestId, No> {
        let Some(office) = self.arc() else { return Err(No::Busy) };
        let words = move |reply: &Reply| {
            if let Reply::Queued(request) = reply {
                office.book().add_visitor(*request, visitor);
            }
            vec![Personal::Visit(Box::new(visit))]
        };
        match running.app.desk.ask_with(Command::JoinQueue(Box::new(command)), words).await? {
            Reply::Queued(request) => Ok(request),
            other => {
                tracing::error!(?other, "the desk answered a joining with something else");
                Err(No::Store)
            }
        }
    }

    /// Takes up a request of this person that stands at the desk and not in the book.
    async fn take_up(&self, running: &Running, person: &Person, visitor: Visitor) -> Result<Option<RequestId>, No> {
        let (workgroup, who) = (visitor.workgroup, person.visitor);
        let found = running.app.desk.view(move |state, _| state.request_of_visitor(workgroup, who).map(|it| it.id));
        let Some(request) = found.await? else { return Ok(None) };
        let mut book = self.book();
        if book.visitor(request).is_some() {
            return Ok(None);
        }
        book.add_visitor(request, visitor);
        Ok(Some(request))
    }

    /// A person is known by the bare address; a second session of theirs at the same workgroup is somebody else to the desk,
    /// since a person can wait there only once and XEP-0142 lets every session wait.
    async fn person(&self, running: &Running, workgroup: WorkgroupId, jid: &FullJid) -> Result<Person, No> {
        let second = self.book().has_other_session(workgroup, jid);
        let name = if second { jid.to_string() } else { jid.to_bare().to_string() };
        let returning = running.app.auth.opened_token("r_", &format!("xmpp:{name}"));
        let visitor = VisitorId(auth::block_number(&auth::hash(&returning)).max(1));
        let known = running.app.store.visitor_by_token(auth::hash(&returning)).await?;
        Ok(match known {
            Some(known) => Person { visitor: known.id, returning, last_agent: known.last_agent },
            None => Person { visitor, returning, last_agent: None },
        })
    }

    async fn depart(
        &self,
        running: &Running,
        from: &Jid,
        entrance: &Entrance,
        depart: DepartQueue,
    ) -> Result<Answer, No> {
        let whom = depart.jid.as_ref().unwrap_or(from);
        let own = whom == from;
        if !own && !self.may_remove(running, from).await? {
            return Err(No::NotAuthorized);
        }
        let whom = whom.try_as_full().map_err(|_| No::NotFound)?;
        let request = self.book().request_of(entrance.id, whom).ok_or(No::NotFound)?;
        let waits = running.app.desk.view(move |state, _| {
            state.request(request).is_some_and(|it| !matches!(it.phase, Phase::Invited { .. } | Phase::Chatting))
        });
        if !waits.await? {
            return Err(No::NotFound);
        }
        let ending = if own { Ending::Departed } else { Ending::ByHand };
        self.set_departing(request, true);
        match running.app.desk.ask(Command::DepartQueue { request, ending }).await {
            Ok(_) => {}
            Err(AskError::Refused(desk::refusal::Refusal::NotFound(_))) => return Err(No::NotFound),
            Err(error) => {
                self.set_departing(request, false);
                return Err(error.into());
            }
        }
        let left = self.book().remove_visitor(request);
        Ok(Answer { payload: None, afterwards: left.map(|visitor| Job::Left(request, Box::new(visitor))) })
    }

    fn set_departing(&self, request: RequestId, departing: bool) {
        if let Some(visitor) = self.book().visitor_mut(request) {
            visitor.departing = departing;
        }
    }

    /// Who may take others out of a line: whoever looks after the floor.
    pub(super) async fn may_remove(&self, running: &Running, from: &Jid) -> Result<bool, No> {
        Ok(self.role(running, from).await?.is_some_and(|role| role >= Role::Supervisor))
    }

    /// What an account may do.
    pub(super) async fn role(&self, running: &Running, from: &Jid) -> Result<Option<Role>, No> {
        let Some(name) = self.addresses.account(from).filter(|name| name.len() <= 80) else { return Ok(None) };
        let account = running.app.store.account(name).await?;
        Ok(account.filter(|account| !account.disabled).map(|account| account.role))
    }

    async fn status(&self, running: &Running, from: &Jid, entrance: &Entrance) -> Result<Answer, No> {
        let jid = from.try_as_full().map_err(|_| No::NotAuthorized)?;
        let request = self.book().request_of(entrance.id, jid).ok_or(No::NotAuthorized)?;
        let told = running.app.desk.view(move |state, _| standing(state, request)).await?.ok_or(No::NotAuthorized)?;
        let status = QueueStatus { position: Some(told.ahead), wait_s: told.wait_s, session: None };
        Ok(status.write().into())
    }

    /// Whatever somebody sends, it shows that they are there.
    pub(super) async fn is_there(&self, running: &Running, from: &Jid) {
        let Ok(session) = from.try_as_full() else { return };
        let back: Vec<_> = {
            let mut book = self.book();
            let theirs = book.requests_of(session);
            theirs
                .into_iter()
                .filter(|r| book.visitor_mut(*r).is_some_and(|v| !std::mem::replace(&mut v.connected, true)))
                .collect()
        };
        self.observe(running, back, true).await;
    }

    /// Tells the desk whether visitors are there. What it refuses has ended meanwhile.
    pub(super) async fn observe(&self, running: &Running, requests: Vec<RequestId>, connected: bool) {
        if !requests.is_empty() {
            let seen = requests.into_iter().map(|request| Command::ObserveVisitor { request, connected });
            running.app.desk.ask_many(seen.collect()).await;
        }
    }

    /// A client's session is over.
    pub(super) async fn session_over(&self, running: &Running, session: &FullJid) {
        let gone = {
            let mut book = self.book();
            book.unwatch_all(&Jid::from(session.clone()));
            let gone = book.requests_of(session);
            for request in &gone {
                if let Some(visitor) = book.visitor_mut(*request) {
                    visitor.connected = false;
                }
            }
            gone
        };
        self.observe(running, gone, false).await;
        let agent = self.book().agent_at(session);
        if let Some(agent) = agent {
            self.agent_lost(running, agent).await;
        }
    }

    /// After a start: who waited before comes into the book again, and what has ended is forgotten.
    pub(super) async fn resume(&self) -> Result<(), String> {
        let Some(running) = self.running() else { return Ok(()) };
        let all = running.keeping.all().await.map_err(|error| format!("the visitors who wait: {error}"))?;
        let open = running
            .app
            .desk
            .view(|state, _| state.requests().map(|request| request.id).collect::<std::collections::BTreeSet<_>>());
        let open = open.await.map_err(|_| "the desk has stopped".to_owned())?;
        for (request, text) in all {
            match kept::from_text(&text).filter(|_| open.contains(&request)) {
                Some(visitor) => {
                    running.outside.visitor_comes_as(request, self.comes_as(&visitor));
                    self.book().add_visitor(request, visitor);
                }
                None => {
                    let forgotten = running.keeping.forget(request).await;
                    forgotten.map_err(|error| format!("a visitor who is gone: {error}"))?;
                }
            }
        }
        Ok(())
    }

    /// By which address a visitor enters the room: everybody with an account of this domain may change the client.
    pub(super) fn comes_as(&self, visitor: &Visitor) -> Jid {
        let full = Jid::from(visitor.jid.clone());
        if self.addresses.account(&full).is_some() { visitor.jid.to_bare().into() } else { full }
    }
}

fn new_visit(running: &Running, person: &Person, visitor: &Visitor, answers: Vec<store::commit::Answer>) -> NewVisit {
    let named = ["username", "name"].iter().find_map(|key| visitor.metadata.get(key));
    NewVisit {
        of: Of::Queued,
        workgroup: visitor.workgroup,
        visitor: person.visitor,
        returning_hash: Some(auth::hash(&person.returning)),
        // Nobody has this token: the visitor is recognised by address.
        token_hash: auth::hash(&auth::token("v_")),
        key_hash: None,
        name: named.and_then(|name| text::line(name, text::NAME_MAX).ok()),
        locale: "en".to_owned(),
        page: None,
        answers,
        address_hash: None,
        at: running.app.clock.now(),
    }
}

fn join_queue(
    running: &Running,
    person: &Person,
    visitor: &Visitor,
    hall: &Hall,
    answers: BTreeMap<String, String>,
) -> JoinQueue {
    let mut answers = answers;
    answers.entry("locale".to_owned()).or_insert_with(|| "en".to_owned());
    JoinQueue {
        workgroup: visitor.workgroup,
        visitor: person.visitor,
        medium: Medium::Chat,
        queue: hall.queue,
        priority: None,
        skills: None,
        answers,
        block_keys: vec![BlockKey(running.app.auth.visitor_key(person.visitor.0))],
        last_agent: person.last_agent,
        connected: true,
        not_before: None,
    }
}
