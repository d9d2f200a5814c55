//! Whose presence the others see (`presencebroadcast`, XEP-0045 §7.2.3), hats (XEP-0317), and who reads the list of members.

use xmpp::muc::{Affiliation, Limits, Roles, RoomConfig, RoomRefusal};
use xmpp::xep::hats::Hat;

use crate::config::submit;
use crate::hall::{ANNA, BERT, Hall, ROOM, SUPPORT, VISITOR, bare, codes, holds};

const USER: &str = "xmlns='http://jabber.org/protocol/muc#user'";

/// A moderated room where only moderators are seen: Support moderates, Anna and the visitor only listen.
fn stage() -> Hall {
    let presence_broadcast = Roles { moderators: true, ..Roles::NONE };
    let mut hall = Hall::with(RoomConfig { moderated: true, presence_broadcast, ..RoomConfig::default() });
    hall.enters(SUPPORT, "Support").enters(ANNA, "Anna");
    hall
}

#[test]
fn an_audience_does_not_see_itself() {
    let mut hall = stage();
    hall.skip_all().enters(VISITOR, "Guest");
    hall.receives(VISITOR, &format!("<presence from='{ROOM}/Support'/>"));
    assert_eq!(codes(&hall.next(VISITOR)), ["110"]);
    hall.receives(VISITOR, "<message><subject/></message>");
    hall.receives_nothing(ANNA).receives_nothing(SUPPORT);
    hall.leaves(VISITOR, "Guest").receives_nothing(ANNA);
}

#[test]
fn who_steps_onto_the_stage_comes_into_sight_and_who_steps_down_goes_out_of_it() {
    let mut hall = stage();
    hall.enters(VISITOR, "Guest").skip_all();
    hall.host(|s, at| s.set_role(at, &bare(ROOM), "Guest", xmpp::muc::Role::Moderator, None));
    hall.receives(ANNA, &format!("<presence from='{ROOM}/Guest'><x {USER}><item role='moderator'/></x></presence>"));
    hall.skip_all();
    hall.host(|s, at| s.set_role(at, &bare(ROOM), "Guest", xmpp::muc::Role::Visitor, None));
    hall.receives(ANNA, &format!("<presence from='{ROOM}/Guest' type='unavailable'/>"));
    hall.receives(VISITOR, &format!("<presence from='{ROOM}/Guest'><x {USER}><item role='visitor'/></x></presence>"));
    hall.skip_all();
    hall.sends(SUPPORT, &submit(&[("presencebroadcast", "visitor")]));
    hall.receives(ANNA, &format!("<presence from='{ROOM}/Guest'/>"));
    hall.receives(ANNA, &format!("<presence from='{ROOM}/Support' type='unavailable'/>"));
}

#[test]
fn a_hat_is_seen_by_all_and_nobody_makes_their_own() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    let hat = Hat { title: "Librarian".into(), uri: "urn:example:librarian".into() };
    hall.host(|s, at| s.set_hats(at, &bare(ROOM), &bare(ANNA), vec![hat.clone()]));
    let hats = "<hats xmlns='urn:xmpp:hats:0'><hat title='Librarian' uri='urn:example:librarian'/></hats>";
    hall.receives(BERT, &format!("<presence from='{ROOM}/Anna'>{hats}</presence>"));
    hall.enters(VISITOR, "Guest").receives(VISITOR, &format!("<presence from='{ROOM}/Anna'>{hats}</presence>"));
    hall.skip_all().sends(BERT, &format!("<presence to='{ROOM}/Bert'>{hats}</presence>"));
    assert!(!holds(&hall.next(ANNA), "hats"));
    hall.skip_all().host(|s, at| s.set_hats(at, &bare(ROOM), &bare(ANNA), vec![]));
    assert!(!holds(&hall.next(BERT), "hats"));
    let many = vec![hat; Limits::default().hats_per_person + 1];
    hall.host(|s, at| s.set_hats(at, &bare(ROOM), &bare(ANNA), many));
    assert!(matches!(hall.refused, Some(RoomRefusal::TooMany { what: "hats", .. })));
}

#[test]
fn the_list_of_members_is_for_the_roles_that_the_owner_chose() {
    let mut hall = Hall::open();
    hall.is(ANNA, Affiliation::Member).enters(BERT, "Bert").skip_all();
    let list = "<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member'/></query>";
    let ask = format!("<iq to='{ROOM}' type='get' id='l'>{list}</iq>");
    hall.sends(BERT, &ask).is_refused(RoomRefusal::NotPermitted);
    hall.sends(SUPPORT, &submit(&[("getmemberlist", "participant")])).skip_all();
    hall.sends(BERT, &ask);
    let item = format!("<item affiliation='member' jid='{}'/>", bare(ANNA));
    hall.receives(
        BERT,
        &format!("<iq type='result'><query xmlns='http://jabber.org/protocol/muc#admin'>{item}</query></iq>"),
    );
    hall.sends(VISITOR, &ask).is_refused(RoomRefusal::NotPermitted);
}
