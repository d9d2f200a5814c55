//! The look and words of a workgroup, by key (the dialect's `chat-settings`).

use minidom::Element;

use super::limits::{ENTRIES, NAME_BYTES, TEXT_BYTES};
use super::ns;
use crate::markup::{Build, Fault, Read};

/// What a setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// A picture, base64.
    Image,
    /// Words shown to the visitor.
    Text,
    /// Words of the bot.
    Bot,
}

impl SettingKind {
    const ALL: [SettingKind; 3] = [SettingKind::Image, SettingKind::Text, SettingKind::Bot];

    fn number(self) -> usize {
        SettingKind::ALL.iter().position(|kind| *kind == self).unwrap_or_default()
    }

    fn of(number: usize) -> Result<SettingKind, Fault> {
        SettingKind::ALL.get(number).copied().ok_or(Fault::Malformed("type"))
    }
}

/// What `<chat-settings/>` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatSettingsWanted {
    /// Everything.
    All,
    /// One setting.
    Key(String),
    /// All of a kind.
    Kind(SettingKind),
}

impl ChatSettingsWanted {
    /// Reads the request.
    ///
    /// # Errors
    /// When it is another element, the key is too long, or the kind is none.
    pub fn read(element: &Element) -> Result<ChatSettingsWanted, Fault> {
        let it = Read::of(element, "chat-settings", ns::FAMILY)?;
        if let Some(key) = it.attr("key", NAME_BYTES)?.filter(|key| !key.is_empty()) {
            return Ok(ChatSettingsWanted::Key(key.to_owned()));
        }
        match it.parsed_attr("type")? {
            Some(number) => SettingKind::of(number).map(ChatSettingsWanted::Kind),
            None => Ok(ChatSettingsWanted::All),
        }
    }

    /// Writes the request.
    pub fn write(&self) -> Element {
        let build = Build::new("chat-settings", ns::JIVE);
        match self {
            ChatSettingsWanted::All => build.done(),
            ChatSettingsWanted::Key(key) => build.attr("key", key).done(),
            ChatSettingsWanted::Kind(kind) => build.attr("type", kind.number()).done(),
        }
    }
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatSetting {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// What it is.
    pub kind: SettingKind,
}

/// `<chat-settings/>` as an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChatSettings(pub Vec<ChatSetting>);

impl ChatSettings {
    /// Reads the answer.
    ///
    /// # Errors
    /// When it is another element, a setting lacks a part, or there are too many.
    pub fn read(element: &Element) -> Result<ChatSettings, Fault> {
        let it = Read::of(element, "chat-settings", ns::FAMILY)?;
        let setting = |one: Read<'_>| {
            Ok(ChatSetting {
                key: one.need_leaf("key", NAME_BYTES)?,
                value: one.leaf("value", TEXT_BYTES)?.unwrap_or_default(),
                kind: SettingKind::of(one.parsed_leaf("type")?.ok_or(Fault::Missing("type"))?)?,
            })
        };
        let settings = it.children("chat-setting", ENTRIES)?.into_iter().map(setting);
        settings.collect::<Result<_, _>>().map(ChatSettings)
    }

    /// Writes the answer.
    pub fn write(&self) -> Element {
        let setting = |one: &ChatSetting| {
            Build::new("chat-setting", ns::JIVE)
                .leaf("key", &one.key)
                .leaf("value", &one.value)
                .leaf("type", one.kind.number())
        };
        Build::new("chat-settings", ns::JIVE).children(self.0.iter().map(setting)).done()
    }
}
