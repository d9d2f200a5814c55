//! Mediated invitations (XEP-0045 §7.8.2): who may, what the invitee gets, and declining.

use xmpp::muc::{Affiliation, Limits, RoomConfig, RoomHappening, RoomRefusal, Whois};

use crate::hall::{ANNA, BERT, Hall, ROOM, STRANGER, SUPPORT, VISITOR, bare};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
const USER: &str = "xmlns='http://jabber.org/protocol/muc#user'";

fn invite(to: &str) -> String {
    format!(
        "<message to='{ROOM}'><x {USER}><invite to='{}'><reason>Hey Hecate, this is the place!</reason></invite></x></message>",
        bare(to)
    )
}

fn decline() -> String {
    format!(
        "<message to='{ROOM}'><x {USER}><decline to='{}'><reason>too busy</reason></decline></x></message>",
        bare(SUPPORT)
    )
}

#[test]
fn who_is_invited_to_a_members_only_room_becomes_a_member() {
    let mut hall = Hall::conversation();
    hall.sends(SUPPORT, &invite(BERT));
    let bert = bare(BERT).to_string();
    hall.receives(
        &bert,
        &format!(
            "<message from='{ROOM}'><x {USER}><invite from='{ROOM}/Support'>
             <reason>Hey Hecate, this is the place!</reason></invite></x></message>"
        ),
    );
    let news = hall.news();
    let [
        RoomHappening::AffiliationChanged { to: Affiliation::Member, .. },
        RoomHappening::Invited { by, to, reason, .. },
    ] = &news[..]
    else {
        panic!("{news:?}");
    };
    assert_eq!((by.as_str(), to.as_str()), (SUPPORT, bert.as_str()));
    assert_eq!(reason.as_deref(), Some("Hey Hecate, this is the place!"));
    hall.enters(BERT, "Bert");
    assert_eq!(hall.nicks(), ["Bert", "Support"]);
}

#[test]
fn an_invitation_carries_the_password_and_where_permitted_the_address() {
    let config = RoomConfig { password: Some("cauldronburn".into()), whois: Whois::Anyone, ..RoomConfig::default() };
    let mut hall = Hall::with(config);
    let join = "<x xmlns='http://jabber.org/protocol/muc'><password>cauldronburn</password></x>";
    hall.sends(SUPPORT, &format!("<presence to='{ROOM}/Support'>{join}</presence>")).skip_all();
    hall.sends(SUPPORT, &invite(BERT));
    hall.receives(
        bare(BERT).as_str(),
        &format!(
            "<message><x {USER}><invite from='{}'/><password>cauldronburn</password></x></message>",
            bare(SUPPORT)
        ),
    );
    assert_eq!(hall.service.room(&bare(ROOM)).unwrap().affiliation_of(&bare(BERT)), Affiliation::None);
}

#[test]
fn members_invite_only_where_that_is_configured() {
    let mut hall = Hall::conversation();
    hall.enters(ANNA, "Anna").skip_all();
    hall.sends(ANNA, &invite(BERT)).is_refused(RoomRefusal::NotPermitted);
    hall.receives(
        ANNA,
        &format!("<message from='{ROOM}' type='error'><error type='auth'><forbidden {ERROR}/></error></message>"),
    );
    let open = RoomConfig { open_invitations: true, ..RoomConfig::conversation("Support") };
    hall.host(|s, at| s.configure(at, &bare(ROOM), open)).skip_all();
    hall.sends(ANNA, &invite(BERT)).receives(bare(BERT).as_str(), "<message/>");
}

#[test]
fn only_occupants_invite_and_never_the_banned() {
    let mut hall = Hall::open();
    hall.sends(SUPPORT, &invite(BERT)).is_refused(RoomRefusal::NotAnOccupant);
    hall.is(BERT, Affiliation::Outcast).enters(SUPPORT, "Support").sends(SUPPORT, &invite(BERT));
    hall.is_refused(RoomRefusal::NotPermitted).receives_nothing(bare(BERT).as_str());
}

#[test]
fn an_invitation_can_be_declined_once() {
    let mut hall = Hall::conversation();
    hall.sends(SUPPORT, &invite(BERT)).skip_all();
    hall.sends(BERT, &decline());
    hall.receives(
        SUPPORT,
        &format!(
            "<message from='{ROOM}'><x {USER}><decline from='{}'><reason>too busy</reason></decline></x></message>",
            bare(BERT)
        ),
    );
    let news = hall.news();
    let [RoomHappening::InvitationDeclined { by, inviter, reason, .. }] = &news[..] else { panic!("{news:?}") };
    assert_eq!((by.as_str(), inviter.as_str(), reason.as_deref()), (BERT, SUPPORT, Some("too busy")));
    hall.sends(BERT, &decline()).is_refused(RoomRefusal::NotInvited);
    hall.receives(BERT, &format!("<message type='error'><error><item-not-found {ERROR}/></error></message>"));
}

#[test]
fn who_is_invited_twice_declines_once_and_to_the_last_who_asked() {
    let mut hall = Hall::open();
    hall.is(ANNA, Affiliation::Admin).enters(SUPPORT, "Support").enters(ANNA, "Anna");
    hall.sends(SUPPORT, &invite(BERT)).sends(ANNA, &invite(BERT)).skip_all();
    hall.sends(BERT, &decline()).receives(ANNA, "<message/>").receives_nothing(SUPPORT);
    hall.sends(BERT, &decline()).is_refused(RoomRefusal::NotInvited);
}

#[test]
fn who_was_not_invited_cannot_write_through_a_decline() {
    let mut hall = Hall::conversation();
    hall.sends(STRANGER, &decline()).is_refused(RoomRefusal::NotInvited).receives_nothing(SUPPORT);
}

#[test]
fn the_host_invites_in_the_name_of_the_workgroup() {
    let mut hall = Hall::with(RoomConfig::conversation("Support"));
    let workgroup = bare("support@workgroup.example.org");
    hall.host(|s, at| s.invite(at, &bare(ROOM), &workgroup, &VISITOR.parse().unwrap(), Some("Your chat")));
    hall.receives(VISITOR, &format!("<message from='{ROOM}'><x {USER}><invite from='{workgroup}'><reason>Your chat</reason></invite></x></message>"));
    hall.enters(VISITOR, "Guest");
    assert_eq!(hall.nicks(), ["Guest"]);
    hall.host(|s, at| s.invite(at, &bare(ROOM), &workgroup, &BERT.parse().unwrap(), None)).skip_all();
    hall.sends(BERT, &decline()).receives(workgroup.as_str(), "<message/>");
}

#[test]
fn an_invitation_says_for_whom_and_there_are_not_too_many() {
    let mut hall = Hall::conversation();
    hall.sends(SUPPORT, &format!("<message to='{ROOM}'><x {USER}><invite/></x></message>"));
    assert!(matches!(hall.refused, Some(RoomRefusal::BadRequest(_))));
    let many: String = (0..=Limits::default().items).map(|n| format!("<invite to='p{n}@example.net'/>")).collect();
    hall.sends(SUPPORT, &format!("<message to='{ROOM}'><x {USER}>{many}</x></message>"));
    assert!(matches!(hall.refused, Some(RoomRefusal::TooMany { .. })));
    for nonsense in ["<body>psst</body>".to_owned(), format!("<x {USER}/>")] {
        hall.sends(SUPPORT, &format!("<message to='{ROOM}' type='chat'>{nonsense}</message>"));
        assert!(matches!(hall.refused, Some(RoomRefusal::BadRequest(_))), "{nonsense}");
    }
}

#[test]
fn old_invitations_give_way_to_new_ones() {
    let mut hall = Hall::empty(xmpp::muc::Creation::HostOnly, Limits { invitations_per_room: 2, ..Limits::default() });
    hall.service.create_room("r7f3", RoomConfig::default(), &bare(SUPPORT)).unwrap();
    hall.enters(SUPPORT, "Support");
    for who in [ANNA, BERT, VISITOR] {
        hall.sends(SUPPORT, &invite(who));
    }
    hall.sends(ANNA, &decline()).is_refused(RoomRefusal::NotInvited);
    hall.sends(VISITOR, &decline());
    assert_eq!(hall.refused, None);
}
