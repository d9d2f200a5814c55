//! The engine: takes a command and the time, gives back what happened or a refusal. The `match` in `carry_out` is the
//! table of contents; each subject has a file of its own that says what is refused and which events are stated.

use crate::command::Command;
use crate::entity::{Record, Request};
use crate::event::Event;
use crate::ids::RequestId;
use crate::limits::Limits;
use crate::refusal::{Refusal, What};
use crate::state::State;
use crate::time::Time;
use crate::turn::{Ended, Reply, Turn};

/// Decides. One thread owns it; it never waits.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) state: State,
    pub(crate) limits: Limits,
    pub(crate) events: Vec<Event>,
    pub(crate) ended: Vec<Ended>,
    /// Work was left over because a turn had done as much as it may.
    pub(crate) unsettled: bool,
}

impl Engine {
    /// A desk on which nothing is declared.
    pub fn new(limits: Limits) -> Self {
        Self::over(State::new(limits.clone()), limits)
    }

    /// The desk that these records were taken from. What fell due meanwhile happens in the first turn.
    ///
    /// # Errors
    /// Says which record refers to something that is not there.
    pub fn restore(records: impl IntoIterator<Item = Record>, limits: Limits) -> Result<Self, String> {
        Ok(Self::over(State::restore(records, limits.clone())?, limits))
    }

    fn over(state: State, limits: Limits) -> Self {
        Self { state, limits, events: Vec::new(), ended: Vec::new(), unsettled: false }
    }

    /// What the desk knows.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// As [`State::check`], without a copy of the desk: for who checks after every turn.
    pub fn check(&mut self) -> Vec<String> {
        self.state.check_in_place()
    }

    /// When a turn is due although nobody asks for anything; none: not before somebody does.
    pub fn deadline(&self) -> Option<Time> {
        if self.unsettled {
            return Some(self.state.now());
        }
        self.state.index.timers.first().map(|(at, _)| at)
    }

    /// Carries out a command, and before and after it whatever is due.
    pub fn turn(&mut self, now: Time, command: Command) -> Turn {
        let at = now.max(self.state.now());
        self.state.desk.now = at;
        self.settle();
        let before = self.events.len();
        let outcome = self.carry_out(command);
        debug_assert!(outcome.is_ok() || self.events.len() == before, "a refusal changed something: {outcome:?}");
        self.settle();
        Turn {
            at,
            outcome,
            events: std::mem::take(&mut self.events),
            records: self.state.take_records(),
            ended: std::mem::take(&mut self.ended),
        }
    }

    fn carry_out(&mut self, command: Command) -> Result<Reply, Refusal> {
        match command {
            Command::Tick => Ok(Reply::Done),
            Command::Declare(spec) => self.declare(&spec),
            Command::Block { key, until } => self.block(key, until),
            Command::Unblock { key } => self.unblock(key),
            Command::JoinQueue(join) => self.join_queue(*join),
            Command::DepartQueue { request, ending } => self.depart_queue(request, ending),
            Command::ObserveVisitor { request, connected } => self.observe_visitor(request, connected),
            Command::MoveRequest { request, queue } => self.move_request(request, queue),
            Command::SetPriority { request, priority } => self.set_priority(request, priority),
            Command::MoveToHead { request } => self.move_to_head(request),
            Command::SignIn { agent, show } => self.sign_in(agent, show),
            Command::SignOut { agent } => self.sign_out(agent),
            Command::ObserveAgent { agent, connected } => self.observe_agent(agent, connected),
            Command::SetAvailability { agent, show, reason, chats_max_hint } => {
                self.set_availability(agent, show, reason, chats_max_hint)
            }
            Command::OptQueue { agent, queue, opted_in } => self.opt_queue(agent, queue, opted_in),
            Command::AcceptOffer { agent, offer } => self.accept_offer(agent, offer),
            Command::RejectOffer { agent, offer } => self.reject_offer(agent, offer),
            Command::TakeRequest { agent, request, queue } => self.take_request(agent, request, queue),
            Command::StaffRoom { agent, queue } => self.staff_room(agent, queue),
            Command::UnstaffRoom { agent, room } => self.unstaff_room(agent, room),
            Command::EndWrapUp { agent } => self.end_wrap_up(agent),
            Command::TransferChat { agent, request, target, kind } => self.transfer_chat(agent, request, target, kind),
            Command::CancelTransfer { agent, request } => self.cancel_transfer(agent, request),
            Command::EnterChat { agent, request } => self.enter_chat(agent, request),
            Command::LeaveChat { agent, request } => self.leave_chat(agent, request),
            Command::CloseChat { request, ending } => self.close_chat(request, ending),
            Command::ObserveOccupant { room, who, seen } => self.observe_occupant(room, who, seen),
            Command::AskCallback { request, not_before } => self.ask_callback(request, not_before),
            Command::ConfirmCallback { request } => self.confirm_callback(request),
            Command::RescheduleCallback { request, not_before } => self.reschedule_callback(request, not_before),
        }
    }

    /// Makes a fact part of the state and of the turn.
    pub(crate) fn emit(&mut self, event: Event) {
        if let Event::RequestEnded { request, ending } = &event
            && let Some(request) = self.state.request(*request)
        {
            let (request, ending, at) = (Box::new(request.clone()), *ending, self.now());
            self.ended.push(Ended { request, ending, at });
        }
        self.state.apply(&event);
        self.events.push(event);
    }

    /// The time of this turn.
    pub(crate) fn now(&self) -> Time {
        self.state.now()
    }

    /// A number that no id has yet. Used up by the event that states it.
    pub(crate) fn fresh_id(&self) -> u64 {
        self.state.desk.next_id
    }

    /// The request, or that there is none.
    pub(crate) fn open_request(&self, id: RequestId) -> Result<&Request, Refusal> {
        self.state.request(id).ok_or(Refusal::NotFound(What::Request))
    }
}
