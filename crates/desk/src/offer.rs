//! Offers: accepted, rejected, expired, revoked; and requests that an agent takes from a line by hand.

use crate::engine::Engine;
use crate::entity::{Offer, Phase, Request};
use crate::event::{Event, OfferKind, Part, Placement, Revocation, TransferEnd};
use crate::ids::{AgentId, OfferId, QueueId, RequestId, RoomId};
use crate::refusal::{Ineligible, Refusal, What};
use crate::state::index::Key;
use crate::time::Span;
use crate::turn::Reply;

impl Engine {
    fn own_offer(&self, agent: AgentId, offer: OfferId) -> Result<Offer, Refusal> {
        self.known_agent(agent)?;
        let offer = *self.state.offer(offer).ok_or(Refusal::OfferGone)?;
        if offer.agent == agent { Ok(offer) } else { Err(Refusal::NotYours(What::Offer)) }
    }

    pub(crate) fn accept_offer(&mut self, agent: AgentId, offer: OfferId) -> Result<Reply, Refusal> {
        let offer = self.own_offer(agent, offer)?;
        self.session_of(agent)?;
        if !self.state.may_stand(&offer, false) {
            return Err(Refusal::NotEligible(Ineligible::AtCapacity));
        }
        self.emit(Event::OfferAccepted { offer: offer.id });
        let room = self.give(offer.request, offer.queue, agent, None);
        room.map(|room| Reply::Accepted { request: offer.request, room }).ok_or(Refusal::OfferGone)
    }

    pub(crate) fn reject_offer(&mut self, agent: AgentId, offer: OfferId) -> Result<Reply, Refusal> {
        let offer = self.own_offer(agent, offer)?;
        self.make_room_for_rejection(&offer);
        let direct = self.state.is_direct(&offer);
        self.emit(Event::OfferRejected { offer: offer.id });
        if direct {
            self.end_transfer(offer.request, TransferEnd::Refused);
        }
        Ok(Reply::Done)
    }

    /// The deadline of an offer passed.
    pub(crate) fn expire_offer(&mut self, id: OfferId) {
        let Some(offer) = self.state.offer(id).copied() else { return };
        self.make_room_for_rejection(&offer);
        let direct = self.state.is_direct(&offer);
        self.emit(Event::OfferExpired { offer: id });
        if direct {
            self.end_transfer(offer.request, TransferEnd::Lapsed);
        }
        self.note_silence(offer.agent);
    }

    /// A request remembers so many rejections; the oldest gives way.
    fn make_room_for_rejection(&mut self, offer: &Offer) {
        let Some(request) = self.state.request(offer.request) else { return };
        if request.rejected.len() < self.limits.rejections.max(1) || request.rejected.contains_key(&offer.agent) {
            return;
        }
        let oldest = request.rejected.iter().min_by_key(|(agent, until)| (**until, **agent)).map(|(agent, _)| *agent);
        if let Some(agent) = oldest {
            self.emit(Event::RejectionForgotten { request: offer.request, agent });
        }
    }

    /// Takes back the offers of a request.
    pub(crate) fn revoke_offers_for(&mut self, request: RequestId, reason: Revocation) {
        let offers: Vec<_> = self.state.offers_for(request).map(|offer| offer.id).collect();
        for offer in offers {
            self.emit(Event::OfferRevoked { offer, reason });
        }
    }

    /// Takes back the offers of a request from one line.
    pub(crate) fn revoke_offers_from(&mut self, request: RequestId, queue: QueueId, reason: Revocation) {
        let offers = self.state.offers_for(request).filter(|offer| offer.queue == queue);
        for offer in offers.map(|offer| offer.id).collect::<Vec<_>>() {
            self.emit(Event::OfferRevoked { offer, reason });
        }
    }

    /// Takes back all offers from one line.
    pub(crate) fn revoke_offers_in(&mut self, queue: QueueId, reason: Revocation) {
        let offers = self.state.offers().filter(|offer| offer.queue == queue && !self.state.is_direct(offer));
        let offers: Vec<_> = offers.copied().collect();
        self.revoke(&offers, reason);
    }

    /// Takes back all offers to an agent.
    pub(crate) fn revoke_offers_of(&mut self, agent: AgentId, reason: Revocation) {
        let offers: Vec<_> = self.state.offers_of(agent).copied().collect();
        self.revoke(&offers, reason);
    }

    /// Takes back the offers that an agent can take no longer.
    pub(crate) fn revoke_untakeable(&mut self, agent: AgentId) {
        let offers = self.state.offers_of(agent).filter(|offer| !self.state.may_stand(offer, false));
        let offers: Vec<_> = offers.copied().collect();
        self.revoke(&offers, Revocation::AgentUnavailable);
    }

    /// Takes back the offers of a request that their agents can take no longer.
    pub(crate) fn revoke_untakeable_for(&mut self, request: RequestId) {
        let offers = self.state.offers_for(request).filter(|offer| !self.state.may_stand(offer, false));
        let offers: Vec<_> = offers.copied().collect();
        self.revoke(&offers, Revocation::AgentUnavailable);
    }

    /// Takes back offers; a transfer to one agent ends with its offer.
    pub(crate) fn revoke(&mut self, offers: &[Offer], reason: Revocation) {
        for offer in offers {
            let direct = self.state.is_direct(offer);
            self.emit(Event::OfferRevoked { offer: offer.id, reason });
            if direct {
                self.end_transfer(offer.request, TransferEnd::Refused);
            }
        }
    }

    /// Puts a request before an agent.
    pub(crate) fn make_offer(&mut self, request: RequestId, queue: QueueId, agent: AgentId, timeout: Span) {
        let transfer = self.state.request(request).and_then(|request| request.transfer);
        let kind = match transfer.map(|transfer| transfer.kind) {
            None => OfferKind::Request,
            Some(crate::command::TransferKind::Transfer) => OfferKind::Transfer,
            Some(crate::command::TransferKind::Conference) => OfferKind::Conference,
        };
        let offer = OfferId(self.fresh_id());
        let deadline = self.now() + timeout.max(Span::secs(1));
        let deadline = transfer.map_or(deadline, |transfer| deadline.min(transfer.deadline));
        self.emit(Event::OfferMade { offer, request, agent, queue, kind, deadline });
    }

    /// Gives a request to an agent: into a new room, or the one the agent waits in; or as a transfer into its own.
    pub(crate) fn give(
        &mut self,
        id: RequestId,
        queue: QueueId,
        agent: AgentId,
        staffed: Option<RoomId>,
    ) -> Option<RoomId> {
        self.revoke_offers_for(id, Revocation::TakenBy(agent));
        self.unplace_all(id);
        let room = match self.state.request(id)?.transfer {
            Some(transfer) => self.take_transfer(id, transfer, agent)?,
            None => {
                let room = staffed.unwrap_or(RoomId(self.fresh_id()));
                self.emit(Event::RoomAssigned { room, request: id, queue, agent });
                self.emit(Event::AgentEntered { room, request: id, agent, part: Part::Holder });
                let timeout = self.entrance(id).map_or(Span::ZERO, |it| it.spec.invitation_timeout);
                let deadline = self.now() + timeout;
                self.emit(Event::VisitorInvited { room, request: id, deadline });
                room
            }
        };
        self.revoke_untakeable(agent);
        Some(room)
    }

    pub(crate) fn take_request(
        &mut self,
        agent: AgentId,
        request: Option<RequestId>,
        queue: Option<QueueId>,
    ) -> Result<Reply, Refusal> {
        self.session_of(agent)?;
        if let Some(queue) = queue {
            self.state.queue(queue).ok_or(Refusal::NotFound(What::Queue))?;
            if !self.state.is_member(agent, queue) {
                return Err(Refusal::NotEligible(Ineligible::NotMember));
            }
        }
        let (request, queue) = match request {
            Some(request) => (request, self.line_to_take_from(agent, request, queue)?),
            None => self.first_to_take(agent, queue)?,
        };
        let room = self.give(request, queue, agent, None).ok_or(Refusal::NotFound(What::Request))?;
        Ok(Reply::Taken { request, room })
    }

    /// The best line of the agent's that the request stands in and may be taken from.
    fn line_to_take_from(&self, agent: AgentId, id: RequestId, queue: Option<QueueId>) -> Result<QueueId, Refusal> {
        let request = self.open_request(id)?;
        let places: Vec<_> =
            request.places.iter().filter(|place| queue.is_none_or(|queue| place.queue == queue)).collect();
        let waits = request.phase == Phase::Waiting || places.iter().any(|place| place.cause == Placement::Transfer);
        if !waits || places.is_empty() {
            return Err(Refusal::WrongState("the request does not wait in that line"));
        }
        if !self.state.is_chat(id) {
            return Err(Refusal::WrongState("the callback is not confirmed"));
        }
        let mine = places.iter().filter(|place| self.state.is_member(agent, place.queue));
        let best = mine.min_by_key(|place| {
            let priority = self.state.membership(agent, place.queue).map_or(0, |member| member.priority);
            (self.state.may_take(agent, request, place.queue).is_err(), std::cmp::Reverse(priority), place.level)
        });
        let place = best.ok_or(Refusal::NotEligible(Ineligible::NotMember))?;
        self.state.may_take(agent, request, place.queue).map_err(Refusal::NotEligible)?;
        Ok(place.queue)
    }

    /// The first request that the agent may take from this line, or from all of theirs, the preferred line first.
    fn first_to_take(&self, agent: AgentId, queue: Option<QueueId>) -> Result<(RequestId, QueueId), Refusal> {
        let of_agent = self.state.queues_of_agent(agent).map(|queue| queue.id);
        let lines = of_agent.filter(|line| queue.is_none_or(|queue| queue == *line));
        let found = lines.filter_map(|line| {
            let priority = self.state.membership(agent, line)?.priority;
            let key = self.first_key_to_take(agent, line)?;
            Some((std::cmp::Reverse(priority), key, line))
        });
        match found.min() {
            Some((_, key, line)) => Ok((key.request, line)),
            None if !self.state.agent(agent).is_some_and(|it| self.state.load(it).has_slot()) => {
                Err(Refusal::NotEligible(Ineligible::AtCapacity))
            }
            None => Err(Refusal::NotFound(What::Request)),
        }
    }

    fn first_key_to_take(&self, agent: AgentId, line: QueueId) -> Option<Key> {
        let classes = self.state.index.queues.get(&line)?.classes.values();
        let firsts = classes.filter_map(|class| {
            let may = |key: &&Key| {
                self.state.request(key.request).is_some_and(|it| self.state.may_take(agent, it, line).is_ok())
            };
            // All of a class ask for the same, so where the first may not be taken, only being inside another can differ.
            class.takeable.iter().take(1 + self.limits.agents_per_chat).find(may)
        });
        firsts.min().copied()
    }

    /// After the end or return of a request: whoever was inside is free, the one who held the chat after a pause.
    pub(crate) fn free_agents(&mut self, request: &Request) {
        let Some(room) = request.room else { return };
        let chatted = request.phase == Phase::Chatting;
        let pause = self.state.workgroup(request.workgroup).map_or(Span::ZERO, |it| it.spec.wrap_up);
        for (agent, part) in &request.agents {
            self.emit(Event::AgentLeft { room, request: request.id, agent: *agent });
            if chatted && *part == Part::Holder {
                self.start_wrap_up(*agent, pause);
            }
        }
    }
}
