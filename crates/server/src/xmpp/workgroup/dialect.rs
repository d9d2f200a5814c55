//! What the dialect asks of a workgroup besides XEP-0142: settings, prepared answers, who is in a room, monitoring. Past
//! conversations are in `past.rs`. Doors that Fastpath leaves open are closed here: no mail, no words of others.

use desk::command::Command;
use desk::ids::{AgentId, RequestId};
use store::accounts::Role;
use xmpp::jid::Jid;
use xmpp::workgroup::LegacyDate;
use xmpp::workgroup::agent_list::AgentInfo;
use xmpp::workgroup::asked::Asked;
use xmpp::workgroup::chat_settings::{ChatSetting, ChatSettings, ChatSettingsWanted, SettingKind};
use xmpp::workgroup::history::GenericMetadata;
use xmpp::workgroup::macros::{Macro, MacroGroup, MacroKind, MacrosWanted};
use xmpp::workgroup::monitor::Monitor;
use xmpp::workgroup::occupants::{OccupantThere, OccupantsInfo};
use xmpp::workgroup::settings::{OfflineSettings, SearchSettings, WorkgroupProperties};

use super::no::No;
use super::request::{Answer, Request};
use super::{Office, Running};
use crate::roster::Entrance;
use crate::wire;

impl Office {
    pub(super) async fn ask_dialect(
        &self,
        running: &Running,
        request: &Request<'_>,
        entrance: &Entrance,
        asked: Asked,
    ) -> Result<Answer, No> {
        let from = request.from;
        match asked {
            Asked::ChatSettings(wanted) => chat_settings(entrance, &wanted),
            Asked::OfflineSettings => {
                let page = format!("{}/chat/{}", running.app.config.public_url.origin(), entrance.name);
                Ok(OfflineSettings::Page(page).write().into())
            }
            // There are none.
            Asked::SoundSettings => Err(No::NotFound),
            Asked::SearchSettings => {
                self.member(running, from, entrance).await?.ok_or(No::NotFound)?;
                Ok(SearchSettings::default().write().into())
            }
            Asked::Properties(wanted) => {
                let own = wanted.0.is_none_or(|whom| whom.to_bare() == from.to_bare());
                if own { Ok(WorkgroupProperties::default().write().into()) } else { Err(No::Forbidden) }
            }
            Asked::GenericMetadata(_) => {
                self.member(running, from, entrance).await?.ok_or(No::NotFound)?;
                Ok(GenericMetadata::default().write().into())
            }
            Asked::Macros(wanted) => self.macros(running, from, entrance, request.set, &wanted).await,
            Asked::Occupants(room) => self.occupants(running, from, entrance, room).await,
            Asked::Monitor(monitor) => self.monitor(running, from, entrance, request.set, monitor).await,
            Asked::AgentInfo(_) if request.set => Err(No::Unavailable),
            Asked::AgentInfo(_) => {
                let agent = self.member(running, from, entrance).await?.ok_or(No::NotFound)?;
                let title = running.app.floor.title(agent);
                Ok(AgentInfo { jid: Some(from.to_bare()), name: Some(title) }.write().into())
            }
            asked => self.ask_past(running, from, entrance, asked).await,
        }
    }

    async fn macros(
        &self,
        running: &Running,
        from: &Jid,
        entrance: &Entrance,
        set: bool,
        wanted: &MacrosWanted,
    ) -> Result<Answer, No> {
        self.member(running, from, entrance).await?.ok_or(No::NotFound)?;
        let account = self.addresses.account(from).ok_or(No::NotFound)?;
        if set {
            return Err(No::NotAllowed("Prepared answers are written in the console."));
        }
        let all = running.app.floor.canned(account, false, std::slice::from_ref(&entrance.name)).await;
        let all = all.map_err(|_| No::Store)?;
        let answer = |title: String, text: String| Macro {
            title,
            kind: MacroKind::Text,
            description: String::new(),
            response: text,
        };
        let macros: Vec<_> =
            all.into_iter().filter(|it| it.mine == wanted.personal).map(|it| answer(it.title, it.text)).collect();
        if macros.is_empty() {
            return Err(No::NotFound);
        }
        Ok(MacrosWanted::answer(&MacroGroup { title: entrance.title.clone(), macros, groups: Vec::new() }).into())
    }

    /// A conversation by the session's id or the node of its room.
    pub(super) async fn chat_named(&self, running: &Running, name: &str) -> Result<Option<RequestId>, No> {
        if let Some(request) = wire::parse(name).map(RequestId) {
            return Ok(Some(request));
        }
        let open = running
            .app
            .desk
            .view(|state, _| state.requests().filter(|it| it.room.is_some()).map(|it| it.id).collect::<Vec<_>>());
        let is_it = |chat: &RequestId| {
            running.outside.room_of(*chat).is_some_and(|room| room.node().is_some_and(|node| node.as_str() == name))
        };
        Ok(open.await?.into_iter().find(is_it))
    }

    async fn occupants(&self, running: &Running, from: &Jid, entrance: &Entrance, room: String) -> Result<Answer, No> {
        self.member(running, from, entrance).await?.ok_or(No::NotAuthorized)?;
        let Some(chat) = self.chat_named(running, &room).await? else {
            return Ok(OccupantsInfo { room, occupants: Vec::new() }.write().into());
        };
        let workgroup = entrance.id;
        let view = running.app.desk.view(move |state, _| {
            let request = state.request(chat).filter(|it| it.workgroup == workgroup && it.room.is_some())?;
            let since = request.answered.map_or(request.joined_at, |(_, _, at)| at);
            let agents = request.agents.keys().filter_map(|agent| state.agent(*agent));
            Some((since, agents.map(|it| (it.id, it.spec.name.clone(), it.spec.title.clone())).collect::<Vec<_>>()))
        });
        let mut occupants = Vec::new();
        if let Some((since, agents)) = view.await? {
            let joined = LegacyDate(since.0);
            let visits = running.app.store.visits(vec![chat]).await?;
            let name = visits.into_iter().next().and_then(|visit| visit.name).unwrap_or_default();
            occupants.extend(self.visitor_jid(chat).map(|jid| OccupantThere { jid, nick: name, joined }));
            for (agent, name, title) in agents {
                if let Some(jid) = self.agent_jid(agent, &name) {
                    occupants.push(OccupantThere { jid, nick: title, joined });
                }
            }
        }
        Ok(OccupantsInfo { room, occupants }.write().into())
    }

    /// Where an agent is: the session of the client, or the console's.
    pub(super) fn agent_jid(&self, agent: AgentId, name: &str) -> Option<Jid> {
        if let Some(there) = self.book().agent(agent) {
            return Some(there.jid.clone().into());
        }
        self.addresses.agent(name)?.with_resource_str("console").ok().map(Into::into)
    }

    async fn monitor(
        &self,
        running: &Running,
        from: &Jid,
        entrance: &Entrance,
        set: bool,
        monitor: Monitor,
    ) -> Result<Answer, No> {
        let may = self.role(running, from).await?.is_some_and(|role| role >= Role::Supervisor);
        if !set {
            return Ok(Monitor::answer(may).into());
        }
        let agent = self.member(running, from, entrance).await?.filter(|_| may).ok_or(No::Forbidden)?;
        let chat = monitor.make_owner.ok_or(No::NotAcceptable("No conversation is named.".to_owned()))?;
        let request = self.chat_named(running, &chat).await?.ok_or(No::NotFound)?;
        running.app.desk.ask(Command::EnterChat { agent, request }).await?;
        Ok(Answer::default())
    }
}

/// The workgroup's texts under the names that the dialect's web chat knows.
fn chat_settings(entrance: &Entrance, wanted: &ChatSettingsWanted) -> Result<Answer, No> {
    let look = &entrance.settings.look;
    let title = look.title.as_ref().unwrap_or(&entrance.title);
    let text =
        |key: &str, value: &str| ChatSetting { key: key.to_owned(), value: value.to_owned(), kind: SettingKind::Text };
    let mut all = vec![text("user_input_page_title", title), text("queue_title_text", title)];
    all.extend(look.greeting.as_deref().map(|greeting| text("queue_description_text", greeting)));
    match wanted {
        ChatSettingsWanted::All => {}
        ChatSettingsWanted::Kind(kind) => all.retain(|setting| setting.kind == *kind),
        ChatSettingsWanted::Key(key) => all.retain(|setting| setting.key == *key),
    }
    if all.is_empty() && matches!(wanted, ChatSettingsWanted::Key(_)) {
        return Err(No::NotFound);
    }
    Ok(ChatSettings(all).write().into())
}
