//! Reading the lists of roles and affiliations (XEP-0045 §8.5, §9.4, §9.6, §10.4, §10.7): who may, and what they hold.

#![expect(clippy::unwrap_used, reason = "a dialogue that cannot be staged fails its test")]

use xmpp::muc::{Affiliation, RoomConfig, RoomRefusal, Whois};

use crate::hall::{ANNA, BERT, Hall, ROOM, SUPPORT, VISITOR, bare};

const ADMIN: &str = "xmlns='http://jabber.org/protocol/muc#admin'";

fn list(item: &str) -> String {
    format!("<iq to='{ROOM}' type='get' id='l'><query {ADMIN}><item {item}/></query></iq>")
}

fn staffed(config: RoomConfig) -> Hall {
    let mut hall = Hall::with(config);
    hall.is(ANNA, Affiliation::Admin).is(BERT, Affiliation::Member).is("evil@example.net", Affiliation::Outcast);
    hall.enters(SUPPORT, "Support").enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall
}

/// The addresses in the list that somebody asks for; `None` when it is not for them.
fn reads(hall: &mut Hall, who: &str, item: &str) -> Option<Vec<String>> {
    hall.skip(who).sends(who, &list(item));
    let answer = hall.next(who);
    if answer.attr("type") == Some("error") {
        assert_eq!(hall.refused, Some(RoomRefusal::NotPermitted));
        return None;
    }
    let query = answer.children().next().unwrap();
    Some(query.children().map(|item| item.attr("jid").unwrap().to_owned()).collect())
}

#[test]
fn owners_read_all_lists_admins_some_and_members_none() {
    let mut hall = staffed(RoomConfig::default());
    for (item, expected, admin_may) in [
        ("affiliation='owner'", bare(SUPPORT).to_string(), false),
        ("affiliation='admin'", bare(ANNA).to_string(), false),
        ("affiliation='member'", bare(BERT).to_string(), true),
        ("affiliation='outcast'", "evil@example.net".to_owned(), true),
        ("role='participant'", BERT.to_owned(), true),
    ] {
        assert_eq!(reads(&mut hall, SUPPORT, item), Some(vec![expected]), "{item}");
        assert_eq!(reads(&mut hall, ANNA, item).is_some(), admin_may, "{item}");
        assert_eq!(reads(&mut hall, BERT, item), None, "{item}");
    }
    assert_eq!(reads(&mut hall, ANNA, "role='moderator'").unwrap(), [ANNA, SUPPORT]);
    assert_eq!(reads(&mut hall, ANNA, "role='visitor'").unwrap(), [""; 0]);
}

#[test]
fn members_know_one_another_where_everybody_sees_addresses() {
    let config = RoomConfig { members_only: true, whois: Whois::Anyone, ..RoomConfig::default() };
    let mut hall = staffed(config);
    assert_eq!(reads(&mut hall, BERT, "affiliation='owner'").unwrap(), [bare(SUPPORT).to_string()]);
    assert_eq!(reads(&mut hall, BERT, "affiliation='outcast'"), None);
    assert_eq!(reads(&mut hall, VISITOR, "affiliation='member'"), None);
}

#[test]
fn a_ban_list_says_why() {
    let mut hall = staffed(RoomConfig::default());
    hall.host(|s, at| s.set_affiliation(at, &bare(ROOM), &bare(VISITOR), Affiliation::Outcast, Some("Treason")))
        .skip_all();
    hall.sends(SUPPORT, &list("affiliation='outcast'"));
    hall.receives(
        SUPPORT,
        &format!(
            "<iq type='result' id='l'><query {ADMIN}>
             <item affiliation='outcast' jid='{}'><reason>Treason</reason></item></query></iq>",
            bare(VISITOR)
        ),
    );
}

#[test]
fn a_list_is_asked_for_properly() {
    let mut hall = staffed(RoomConfig::default());
    for item in ["", "affiliation='none'", "affiliation='owner' role='moderator'"] {
        hall.sends(SUPPORT, &list(item));
        assert!(matches!(hall.refused, Some(RoomRefusal::BadRequest(_))), "{item}");
    }
}
