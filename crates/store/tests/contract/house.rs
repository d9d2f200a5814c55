//! A small desk with a real engine before the store: what the tests let happen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use desk::command::{Command, JoinQueue, Medium, Party, Seen, Show};
use desk::entity::Record;
use desk::event::Ending;
use desk::ids::{AgentId, OfferId, QueueId, RequestId, RoomId, VisitorId, WorkgroupId};
use desk::limits::Limits;
use desk::schedule::{Hours, Zone};
use desk::skill::{Expr, Requirement, SkillName};
use desk::spec::{
    AgentChoice, AgentLost, AgentSpec, CallbackSpec, Closing, Counted, DeskSpec, Dispatch, Field, FieldKind, Form,
    Member, QueueSpec, RolloverStep, WorkgroupSpec,
};
use desk::time::{Span, Time};
use desk::{Engine, Turn};
use store::archive::{Author, MessageKind, NewFile, NewMessage};
use store::commit::{Answer, NewVisit, Of, Page};
use store::{Backend, Commit, Hash, Personal};

pub type Shared = Arc<dyn Backend>;

/// Ten o'clock on a Monday.
pub const MORNING: Time = Time::from_secs(1_767_607_200);

pub fn hash(of: &str) -> Hash {
    let mut hash = [0; 32];
    for (place, byte) in of.bytes().enumerate() {
        hash[place % 32] ^= byte.rotate_left(place as u32 / 32);
    }
    hash[31] ^= of.len() as u8;
    hash
}

pub struct House {
    pub engine: Engine,
    pub store: Shared,
    pub now: Time,
}

impl House {
    /// The desk declared, both agents signed in.
    pub fn open(store: Shared) -> Self {
        let mut house = Self::empty(store);
        house.ask(Command::Declare(Box::new(spec())));
        let agents: Vec<AgentId> = house.engine.state().all_records().iter().filter_map(agent).collect();
        for agent in agents {
            house.ask(Command::SignIn { agent, show: Show::Available });
        }
        house
    }

    pub fn empty(store: Shared) -> Self {
        Self { engine: Engine::new(Limits::default()), store, now: MORNING }
    }

    /// A turn, committed.
    pub fn ask(&mut self, command: Command) -> Turn {
        self.ask_with(command, Vec::new())
    }

    pub fn ask_with(&mut self, command: Command, personal: Vec<Personal>) -> Turn {
        let turn = self.engine.turn(self.now, command);
        let personal = personal.into_iter().map(|words| (0, words)).collect();
        let stored = self.store.commit(Commit { turns: vec![turn], personal }).wait().unwrap();
        stored.into_inner().remove(0)
    }

    pub fn wait(&mut self, secs: i64) {
        self.now = self.now + Span::secs(secs);
        self.ask(Command::Tick);
    }

    pub fn workgroup(&self) -> WorkgroupId {
        let found = self.engine.state().all_records().into_iter().find_map(|record| match record {
            Record::Workgroup(id, Some(_)) => Some(id),
            _ => None,
        });
        found.unwrap()
    }

    pub fn queue(&self, name: &str) -> QueueId {
        let found = self.engine.state().all_records().into_iter().find_map(|record| match record {
            Record::Queue(id, Some(queue)) if queue.spec.name == name => Some(id),
            _ => None,
        });
        found.unwrap()
    }

    pub fn agent(&self, name: &str) -> AgentId {
        let found = self.engine.state().all_records().into_iter().find_map(|record| match record {
            Record::Agent(id, Some(agent)) if agent.spec.name == name => Some(id),
            _ => None,
        });
        found.unwrap()
    }

    pub fn join_command(&self, visitor: u64, queue: Option<&str>) -> Command {
        Command::JoinQueue(Box::new(JoinQueue {
            workgroup: self.workgroup(),
            visitor: VisitorId(visitor),
            medium: Medium::Chat,
            queue: queue.map(|queue| self.queue(queue)),
            priority: None,
            skills: None,
            answers: BTreeMap::from([("topic".to_owned(), "loans".to_owned())]),
            block_keys: Vec::new(),
            last_agent: None,
            connected: true,
            not_before: None,
        }))
    }

    /// A visitor joins, with words.
    pub fn join(&mut self, visitor: u64, queue: Option<&str>) -> RequestId {
        let words = vec![Personal::Visit(Box::new(self.visit(visitor)))];
        let turn = self.ask_with(self.join_command(visitor, queue), words);
        match turn.outcome {
            Ok(desk::Reply::Queued(request)) => request,
            other => panic!("not queued: {other:?}"),
        }
    }

    pub fn visit(&self, visitor: u64) -> NewVisit {
        NewVisit {
            of: Of::Queued,
            workgroup: self.workgroup(),
            visitor: VisitorId(visitor),
            returning_hash: Some(hash(&format!("visitor {visitor}"))),
            token_hash: hash(&format!("visit {visitor} {}", self.now.0)),
            key_hash: Some(hash(&format!("key {visitor} {}", self.now.0))),
            name: Some(format!("Marker-Name-{visitor}")),
            locale: "nl".to_owned(),
            page: Some(Page {
                url: format!("https://marker-page-{visitor}.example/"),
                title: "Marker-Title".to_owned(),
                referrer: String::new(),
            }),
            answers: vec![Answer {
                field: "topic".to_owned(),
                label: "Topic".to_owned(),
                value: format!("Marker-Answer-{visitor}"),
            }],
            address_hash: Some(hash(&format!("address {visitor}"))),
            at: self.now,
        }
    }

    /// The offer of a request is accepted and the visitor enters; who took it, and where.
    pub fn answer(&mut self, request: RequestId) -> (AgentId, RoomId) {
        let (offer, agent) = self.offer(request);
        let turn = self.ask(Command::AcceptOffer { agent, offer });
        let Ok(desk::Reply::Accepted { room, .. }) = turn.outcome else { panic!("not accepted: {:?}", turn.outcome) };
        self.ask(Command::ObserveOccupant { room, who: Party::Visitor, seen: Seen::Entered });
        (agent, room)
    }

    pub fn offer(&self, request: RequestId) -> (OfferId, AgentId) {
        let found = self.engine.state().all_records().into_iter().find_map(|record| match record {
            Record::Offer(id, Some(offer)) if offer.request == request => Some((id, offer.agent)),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("no offer of {request:?}"))
    }

    pub fn close(&mut self, request: RequestId) {
        let turn = self.ask(Command::CloseChat { request, ending: Ending::ClosedByAgent });
        assert!(turn.outcome.is_ok(), "{:?}", turn.outcome);
    }

    pub fn text(&self, chat: RequestId, from: Author, client_id: &str, text: &str) -> NewMessage {
        NewMessage {
            chat,
            from,
            client_id: client_id.to_owned(),
            kind: MessageKind::Text,
            text: text.to_owned(),
            file: None,
            event: None,
            stanza_id: None,
            at: self.now,
        }
    }

    pub fn say(&self, chat: RequestId, from: Author, text: &str) -> u64 {
        let count = self.store.messages(chat, store::archive::Range::Last(1)).wait().unwrap();
        let client_id = format!("m{}", count.last().map_or(0, |last| last.number) + 1);
        self.store.append(self.text(chat, from, &client_id, text)).wait().unwrap().number
    }

    pub fn send_file(&self, chat: RequestId, id: &str) -> u64 {
        let file = NewFile {
            id: id.to_owned(),
            name: format!("Marker-File-{id}.pdf"),
            media_type: "application/pdf".to_owned(),
            size: 1234,
            sha256: "5e".repeat(32),
            path: format!("ab/{id}"),
        };
        let message = NewMessage {
            kind: MessageKind::File,
            file: Some(file),
            ..self.text(chat, Author::Visitor, &format!("file-{id}"), &format!("Marker-File-{id}.pdf"))
        };
        self.store.append(message).wait().unwrap().number
    }
}

fn agent(record: &Record) -> Option<AgentId> {
    match record {
        Record::Agent(id, Some(_)) => Some(*id),
        _ => None,
    }
}

fn member(agent: &str) -> Member {
    Member { agent: agent.to_owned(), priority: 5, capacity: Some(2), skills: BTreeMap::new() }
}

pub fn queue(name: &str, counted: Counted) -> QueueSpec {
    QueueSpec {
        name: name.to_owned(),
        title: format!("Queue {name}"),
        dispatch: Dispatch::Offer,
        choice: AgentChoice::LongestIdle,
        last_agent_first: true,
        offer_timeout: Span::secs(30),
        rejection_memory: Span::secs(120),
        ageing: Span::secs(600),
        waiting_max: 1_000_000,
        requirement: Requirement {
            steps: vec![(Span::ZERO, Expr::parse("english>=10").unwrap()), (Span::secs(60), Expr::any())],
        },
        rollover: Vec::new(),
        counted,
        offer_to_away: false,
        urgent_to_dnd: true,
        target_wait: Span::secs(60),
        members: vec![member("anna"), member("bert")],
    }
}

pub fn spec() -> DeskSpec {
    let english = SkillName::new("english").unwrap();
    let agent = |name: &str, title: &str| AgentSpec {
        name: name.to_owned(),
        title: title.to_owned(),
        skills: BTreeMap::from([(english.clone(), 20)]),
        chats_max: 2,
    };
    let mut loans = queue("loans", Counted::Answered);
    loans.rollover = vec![RolloverStep {
        after: Span::secs(30),
        to: "support/general".to_owned(),
        keep: true,
        skip_if_nobody: false,
    }];
    loans.members = vec![member("bert")];
    DeskSpec {
        workgroups: vec![WorkgroupSpec {
            name: "support".to_owned(),
            title: "Support".to_owned(),
            description: "Help with everything.".to_owned(),
            hours: Hours::default(),
            zone: Zone { name: "Test".to_owned(), base_offset_s: 3600, transitions: vec![(MORNING, 7200)] },
            form: Form {
                fields: vec![Field {
                    name: "topic".to_owned(),
                    label: "Topic".to_owned(),
                    labels: BTreeMap::from([("nl".to_owned(), "Onderwerp".to_owned())]),
                    kind: FieldKind::Text,
                    required: false,
                    length_max: 100,
                }],
            },
            entry_rules: Vec::new(),
            closing: Closing::Serve,
            agent_lost: AgentLost::Return,
            agent_grace: Span::secs(60),
            visitor_grace: Span::secs(120),
            visitor_absence: Span::secs(300),
            invitation_timeout: Span::secs(60),
            invitations_max: 3,
            wrap_up: Span::secs(5),
            transfer_timeout: Span::secs(60),
            idle_close: Span::ZERO,
            waiting_max: 1_000_000,
            callback: CallbackSpec {
                enabled: true,
                confirm_timeout: Span::secs(60),
                attempts_max: 2,
                retry_after: Span::secs(60),
                expires_after: Span::secs(3600),
                open_max: 100,
            },
            queues: vec![queue("general", Counted::Asked), loans],
            edge: "{\"rating\":true}".to_owned(),
        }],
        agents: vec![agent("anna", "Anna"), agent("bert", "Bert")],
        skills: BTreeMap::from([(english, "English".to_owned())]),
    }
}

/// Names, answers and texts that must never stand where they do not belong.
pub fn markers() -> BTreeSet<&'static str> {
    BTreeSet::from(["Marker-", "marker-"])
}
