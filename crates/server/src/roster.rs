//! The desk's agents and workgroups by name, for edges that must not wait for the loop: who an account is, what a workgroup's
//! edge settings are, which sites may embed. Follows the desk after each commit; it decides nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use desk::event::Event;
use desk::ids::{AgentId, WorkgroupId};

use crate::declaration::EdgeSettings;

/// The names. Clones share them.
#[derive(Clone, Default)]
pub struct Roster(Arc<RwLock<Names>>);

#[derive(Default)]
struct Names {
    agents: HashMap<AgentId, Arc<str>>,
    agent_ids: HashMap<Arc<str>, AgentId>,
    workgroups: BTreeMap<WorkgroupId, Arc<Entrance>>,
}

/// A workgroup as the edges see it.
#[derive(Clone, PartialEq, Debug)]
pub struct Entrance {
    /// Its number.
    pub id: WorkgroupId,
    /// Its name.
    pub name: String,
    /// What people read.
    pub title: String,
    /// What only the edges read.
    pub settings: EdgeSettings,
}

impl Roster {
    /// The agent of that account name.
    pub fn agent(&self, name: &str) -> Option<AgentId> {
        self.read().agent_ids.get(name).copied()
    }

    /// The account name of an agent.
    pub fn agent_name(&self, agent: AgentId) -> Option<Arc<str>> {
        self.read().agents.get(&agent).cloned()
    }

    /// The workgroup of that name.
    pub fn entrance(&self, name: &str) -> Option<Arc<Entrance>> {
        self.read().workgroups.values().find(|entrance| entrance.name == name).cloned()
    }

    /// A workgroup by number.
    pub fn entrance_of(&self, workgroup: WorkgroupId) -> Option<Arc<Entrance>> {
        self.read().workgroups.get(&workgroup).cloned()
    }

    /// All workgroups.
    pub fn entrances(&self) -> Vec<Arc<Entrance>> {
        self.read().workgroups.values().cloned().collect()
    }

    /// Whether any workgroup admits pages of this origin.
    pub fn admits(&self, origin: &str) -> bool {
        self.read().workgroups.values().any(|entrance| entrance.settings.admits(origin))
    }

    /// An agent exists under this name.
    pub fn put_agent(&self, agent: AgentId, name: &str) {
        let mut names = self.write();
        names.forget(agent);
        let name: Arc<str> = name.into();
        names.agents.insert(agent, name.clone());
        names.agent_ids.insert(name, agent);
    }

    /// A workgroup exists in this form.
    pub fn put_workgroup(&self, id: WorkgroupId, name: &str, title: &str, edge: &str) {
        let settings = EdgeSettings::of(edge);
        let entrance = Entrance { id, name: name.to_owned(), title: title.to_owned(), settings };
        self.write().workgroups.insert(id, Arc::new(entrance));
    }

    /// Follows what happened.
    pub fn follow(&self, event: &Event) {
        match event {
            Event::WorkgroupDeclared { workgroup, spec, .. } => {
                self.put_workgroup(*workgroup, &spec.name, &spec.title, &spec.edge);
            }
            Event::WorkgroupRemoved { workgroup } => {
                self.write().workgroups.remove(workgroup);
            }
            Event::AgentDeclared { agent, spec, .. } => self.put_agent(*agent, &spec.name),
            Event::AgentRemoved { agent } => self.write().forget(*agent),
            _ => {}
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Names> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Names> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Names {
    fn forget(&mut self, agent: AgentId) {
        if let Some(name) = self.agents.remove(&agent)
            && self.agent_ids.get(&name) == Some(&agent)
        {
            self.agent_ids.remove(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_desk() {
        let roster = Roster::default();
        roster.put_agent(AgentId(1), "anna");
        roster.put_agent(AgentId(1), "annabel");
        roster.put_agent(AgentId(2), "anna");
        assert_eq!(roster.agent("annabel"), Some(AgentId(1)));
        assert_eq!(roster.agent("anna"), Some(AgentId(2)));
        roster.follow(&Event::AgentRemoved { agent: AgentId(2) });
        assert_eq!((roster.agent("anna"), roster.agent_name(AgentId(1)).as_deref()), (None, Some("annabel")));

        let mut settings = EdgeSettings::default();
        settings.widget.origins = vec!["https://www.example.org".into()];
        roster.put_workgroup(WorkgroupId(3), "support", "Support", &settings.to_json());
        assert!(roster.admits("https://www.example.org") && !roster.admits("https://example.org"));
        assert_eq!(roster.entrance("support").map(|entrance| entrance.id), Some(WorkgroupId(3)));
        roster.follow(&Event::WorkgroupRemoved { workgroup: WorkgroupId(3) });
        assert!(roster.entrance_of(WorkgroupId(3)).is_none());
    }
}
