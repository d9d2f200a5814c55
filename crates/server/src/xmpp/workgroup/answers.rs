//! What agents answer to offers, and conversations that they pass on.

use desk::State;
use desk::command::{Command, TransferKind, TransferTarget};
use desk::entity::Offer;
use desk::ids::{AgentId, OfferId, RequestId};
use desk::refusal::Refusal;
use store::commit::Personal;
use xmpp::jid::Jid;
use xmpp::workgroup::offer::{OfferAnswer, OfferRevoke};
use xmpp::workgroup::passing::{PassOn, Passing, PassingFailed};

use super::no::No;
use super::renderer::Job;
use super::request::Answer;
use super::{Office, Running, Target};
use crate::roster::Entrance;
use crate::run_loop::AskError;
use crate::text;
use crate::wire;

impl Office {
    pub(super) async fn answer_offer(
        &self,
        running: &Running,
        from: &Jid,
        entrance: &Entrance,
        answer: &OfferAnswer,
    ) -> Result<Answer, No> {
        let agent = self.member(running, from, entrance).await?.ok_or(No::NotAuthorized)?;
        let session = from.try_as_full().map_err(|_| No::NotAuthorized)?;
        if self.book().agent(agent).is_none_or(|there| there.jid != *session) {
            return Err(No::NotFound);
        }
        let offers = running.app.desk.view(move |state: &State, _| state.offers_of(agent).copied().collect::<Vec<_>>());
        let Some(offer) = self.meant(&offers.await?, answer) else {
            return self.gone(session.clone().into(), entrance, answer);
        };
        let command =
            if answer.accepted { Command::AcceptOffer { agent, offer } } else { Command::RejectOffer { agent, offer } };
        match running.app.desk.ask(command).await {
            Ok(_) => Ok(Answer::default()),
            Err(AskError::Refused(Refusal::OfferGone)) => self.gone(session.clone().into(), entrance, answer),
            Err(error) => Err(error.into()),
        }
    }

    /// Which offer to this agent is meant: by its own id, by that of the conversation (Smack sends no other), by the visitor's
    /// address, and at last by that address in small letters (Candy).
    fn meant(&self, offers: &[Offer], answer: &OfferAnswer) -> Option<OfferId> {
        let by = |fits: &dyn Fn(&Offer) -> bool| offers.iter().find(|offer| fits(offer)).map(|offer| offer.id);
        let id = answer.id.as_deref();
        let jid = answer.jid.as_deref();
        by(&|offer| id == Some(wire::id(offer.id.0).as_str()))
            .or_else(|| by(&|offer| id == Some(wire::id(offer.request.0).as_str())))
            .or_else(|| by(&|offer| jid.is_some() && jid == self.visitor_jid(offer.request).as_ref().map(Jid::as_str)))
            .or_else(|| {
                let jid = jid?.to_lowercase();
                by(&|offer| self.visitor_jid(offer.request).is_some_and(|it| it.as_str().to_lowercase() == jid))
            })
    }

    /// The offer is gone: the answer is taken, and the offer is taken back once more.
    fn gone(&self, to: Jid, entrance: &Entrance, answer: &OfferAnswer) -> Result<Answer, No> {
        let jid = answer.jid.as_deref().and_then(|jid| jid.parse().ok());
        let request = answer.id.as_deref().and_then(wire::parse).map(RequestId);
        let jid = jid.or_else(|| self.visitor_jid(request?));
        let (Some(jid), Some(from)) = (jid, self.addresses.workgroup(&entrance.name)) else {
            return Ok(Answer::default());
        };
        let reason = Some(OfferRevoke::TIMED_OUT.to_owned());
        let revoke = OfferRevoke { id: answer.id.clone(), jid, reason, session: None, user: None };
        Ok(Job::Revoke { from, to, revoke: Box::new(revoke) }.into())
    }

    /// The address under which agents know the visitor of a request.
    pub(super) fn visitor_jid(&self, request: RequestId) -> Option<Jid> {
        let book = self.book();
        match book.visitor(request) {
            Some(visitor) => Some(visitor.jid.clone().into()),
            None => self.addresses.web_visitor(request).map(Into::into),
        }
    }

    pub(super) async fn pass_on(
        &self,
        running: &Running,
        from: &Jid,
        entrance: &Entrance,
        mut pass: PassOn,
    ) -> Result<Answer, No> {
        let agent = self.member(running, from, entrance).await?.ok_or(No::NotFound)?;
        if self.book().agent(agent).is_none_or(|there| from.try_as_full() != Ok(&there.jid)) {
            return Err(No::NotFound);
        }
        let request = wire::parse(&pass.session.id).map(RequestId).ok_or(No::NotFound)?;
        let inside =
            running.app.desk.view(move |state, _| state.request(request).map(|it| it.agents.contains_key(&agent)));
        match inside.await? {
            None => return Err(No::NotFound),
            Some(false) => return Err(No::Forbidden),
            Some(true) => {}
        }
        pass.inviter = Some(from.clone());
        let failed = |pass: PassOn, why| {
            let from = self.addresses.workgroup(&entrance.name).ok_or(No::NotFound)?;
            Ok(Answer::from(Job::PassingFailed { from, to: pass.inviter.clone(), pass: Box::new(pass), why }))
        };
        let target = match self.target_of(running, &pass).await? {
            Ok(target) => target,
            Err(why) => return failed(pass, why),
        };
        let kind = if pass.transfer { TransferKind::Transfer } else { TransferKind::Conference };
        let clock = running.app.clock.clone();
        let note = pass.reason.as_deref().and_then(|reason| text::message(reason, crate::staff::NOTE_MAX).ok());
        let words = move |_: &_| {
            let note = note.map(|text| Personal::TransferNote { request, from: agent, text, at: clock.now() });
            note.into_iter().collect()
        };
        self.book().note_passing(request, agent, pass.clone());
        match running.app.desk.ask_with(Command::TransferChat { agent, request, target, kind }, words).await {
            Ok(_) => Ok(Answer::default()),
            Err(AskError::Refused(_)) => {
                self.book().take_passing(request);
                failed(pass, PassingFailed::NobodyCame)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn target_of(&self, running: &Running, pass: &PassOn) -> Result<Result<TransferTarget, PassingFailed>, No> {
        let found = match (pass.to, self.addresses.target(&pass.invitee)) {
            (Passing::User, _) => {
                let agent: Option<AgentId> = self.agent_of(running, &pass.invitee).map(|(agent, _)| agent);
                agent.map(TransferTarget::Agent).ok_or(PassingFailed::NobodyCame)
            }
            (Passing::Queue, Some(Target::Workgroup(name, Some(queue)))) => {
                let name = format!("{name}/{queue}");
                let found = running.app.desk.view(move |state, _| state.queue_by_name(&name).map(|it| it.id)).await?;
                found.map(TransferTarget::Queue).ok_or(PassingFailed::NoQueue)
            }
            (Passing::Queue, _) => Err(PassingFailed::NoQueue),
            (Passing::Workgroup, Some(Target::Workgroup(name, _))) => {
                let found = running.app.roster.entrance(&name).map(|entrance| entrance.id);
                found.map(TransferTarget::Workgroup).ok_or(PassingFailed::NoWorkgroup)
            }
            (Passing::Workgroup, _) => Err(PassingFailed::NoWorkgroup),
        };
        Ok(found)
    }
}
