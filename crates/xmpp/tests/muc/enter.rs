//! Entering a room (XEP-0045 §7.2): what newcomers and those inside are told, and who stays outside and why.

use xmpp::muc::{Affiliation, Creation, Entry, Limits, NickFault, Role, RoomConfig, RoomHappening, RoomRefusal, Whois};

use crate::hall::{ANNA, BERT, Hall, ROOM, STRANGER, SUPPORT, VISITOR, bare, codes, full, holds};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
const USER: &str = "xmlns='http://jabber.org/protocol/muc#user'";

#[test]
fn a_newcomer_hears_of_the_others_then_of_themself_then_the_subject() {
    let mut hall = Hall::open();
    hall.enters(SUPPORT, "Support").enters(ANNA, "Anna").skip_all();
    hall.enters(BERT, "Bert");
    hall.receives(
        BERT,
        &format!("<presence from='{ROOM}/Anna'><x {USER}><item affiliation='none' role='participant'/></x></presence>"),
    );
    hall.receives(
        BERT,
        &format!(
            "<presence from='{ROOM}/Support'><x {USER}><item affiliation='owner' role='moderator'/></x></presence>"
        ),
    );
    hall.receives(
        BERT,
        &format!("<presence from='{ROOM}/Bert'><x {USER}><item affiliation='none' role='participant'/><status code='110'/></x></presence>"),
    );
    hall.receives(BERT, &format!("<message from='{ROOM}' type='groupchat'><subject/></message>"));
    hall.receives_nothing(BERT);
    hall.receives(
        ANNA,
        &format!("<presence from='{ROOM}/Bert'><x {USER}><item affiliation='none' role='participant'/></x></presence>"),
    );
    hall.receives_nothing(ANNA);
}

#[test]
fn only_moderators_see_addresses_in_a_semi_anonymous_room() {
    let mut hall = Hall::open();
    hall.enters(SUPPORT, "Support").enters(ANNA, "Anna").skip_all();
    hall.enters(BERT, "Bert");
    let seen_by_anna = String::from(&hall.next(ANNA));
    assert!(!seen_by_anna.contains("bert@"), "{seen_by_anna}");
    hall.receives(SUPPORT, &format!("<presence from='{ROOM}/Bert'><x {USER}><item jid='{BERT}'/></x></presence>"));
    let seen_by_bert = String::from(&hall.next(BERT));
    assert!(!seen_by_bert.contains("anna@"), "{seen_by_bert}");
}

#[test]
fn everybody_sees_addresses_in_a_non_anonymous_room_and_is_warned() {
    let mut hall = Hall::with(RoomConfig { whois: Whois::Anyone, public_log: true, ..RoomConfig::default() });
    hall.enters(ANNA, "Anna").skip_all();
    hall.enters(BERT, "Bert");
    hall.receives(BERT, &format!("<presence><x {USER}><item jid='{ANNA}'/></x></presence>"));
    let own = hall.next(BERT);
    assert_eq!(codes(&own), ["100", "110", "170"]);
    hall.receives(ANNA, &format!("<presence><x {USER}><item jid='{BERT}'/></x></presence>"));
}

#[test]
fn every_occupant_has_a_stable_id_that_does_not_tell_the_address() {
    let mut hall = Hall::open();
    hall.enters(SUPPORT, "Support").enters(ANNA, "Anna").skip(ANNA);
    let id = hall.service.room(&bare(ROOM)).unwrap().occupant("Anna").unwrap().occupant_id().to_owned();
    hall.leaves(ANNA, "Anna").enters(ANNA, "Anna the second");
    hall.skip(ANNA);
    assert_eq!(hall.service.room(&bare(ROOM)).unwrap().occupant("Anna the second").unwrap().occupant_id(), id);
    hall.enters(BERT, "Bert");
    hall.receives(BERT, &format!("<presence><occupant-id xmlns='urn:xmpp:occupant-id:0' id='{id}'/></presence>"));
}

#[test]
fn the_host_reads_who_entered() {
    let mut hall = Hall::conversation();
    hall.enters(VISITOR, "Guest");
    let [RoomHappening::Entered { nick, real_jid, affiliation, role, first_session, .. }] = &hall.news()[..] else {
        panic!("one happening expected");
    };
    assert_eq!((nick.as_str(), real_jid), ("Guest", &full(VISITOR)));
    assert_eq!((*affiliation, *role, *first_session), (Affiliation::Member, Role::Participant, true));
}

#[test]
fn a_stranger_stays_outside_a_members_only_room() {
    let mut hall = Hall::conversation();
    hall.enters(STRANGER, "Guest").is_refused(RoomRefusal::MembersOnly);
    hall.receives(
        STRANGER,
        &format!("<presence from='{ROOM}/Guest' type='error'><error type='auth' by='{ROOM}'><registration-required {ERROR}/></error></presence>"),
    );
    hall.receives_nothing(SUPPORT);
    assert!(hall.news().is_empty());
}

#[test]
fn a_password_is_asked_for_at_the_door() {
    let mut hall = Hall::with(RoomConfig { password: Some("cauldronburn".into()), ..RoomConfig::default() });
    let error = format!("<presence type='error'><error type='auth'><not-authorized {ERROR}/></error></presence>");
    let enter = |password: &str| {
        let muc = format!("<x xmlns='http://jabber.org/protocol/muc'><password>{password}</password></x>");
        format!("<presence to='{ROOM}/Anna'>{muc}</presence>")
    };
    hall.enters(ANNA, "Anna").receives(ANNA, &error);
    hall.sends(ANNA, &enter("wrong")).receives(ANNA, &error);
    hall.sends(ANNA, &enter("cauldronburn"));
    assert_eq!(hall.nicks(), ["Anna"]);
}

#[test]
fn who_is_banned_hears_so() {
    let mut hall = Hall::open();
    hall.is(ANNA, Affiliation::Outcast).enters(ANNA, "Anna").is_refused(RoomRefusal::Banned);
    hall.receives(ANNA, &format!("<presence type='error'><error type='auth'><forbidden {ERROR}/></error></presence>"));
    hall.is("elsewhere.example", Affiliation::Outcast).enters(STRANGER, "X").is_refused(RoomRefusal::Banned);
}

#[test]
fn a_nick_is_had_by_one_person_only_whatever_its_case() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").skip_all();
    for nick in ["Anna", "ANNA"] {
        hall.enters(BERT, nick).is_refused(RoomRefusal::NickTaken);
        hall.receives(
            BERT,
            &format!("<presence type='error'><error type='cancel'><conflict {ERROR}/></error></presence>"),
        );
    }
}

#[test]
fn a_nick_that_deceives_is_none() {
    let mut hall = Hall::open();
    hall.sends(ANNA, &format!("<presence to='{ROOM}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"));
    hall.is_refused(RoomRefusal::BadNick(NickFault::Empty));
    hall.receives(
        ANNA,
        &format!("<presence type='error'><error type='modify'><jid-malformed {ERROR}/></error></presence>"),
    );
    hall.host(|s, at| s.enter(at, &bare(ROOM), &full(ANNA), "Anna\u{2067}", &Entry::default()));
    hall.is_refused(RoomRefusal::BadNick(NickFault::Deceptive));
    hall.enters(ANNA, &"x".repeat(65)).is_refused(RoomRefusal::BadNick(NickFault::TooLong));
}

#[test]
fn a_full_room_lets_in_owners_and_admins_only() {
    let mut hall = Hall::with(RoomConfig { max_occupants: Some(1), ..RoomConfig::default() });
    hall.enters(ANNA, "Anna").skip_all();
    hall.enters(BERT, "Bert").is_refused(RoomRefusal::RoomFull);
    hall.receives(
        BERT,
        &format!("<presence type='error'><error type='wait'><service-unavailable {ERROR}/></error></presence>"),
    );
    hall.enters(SUPPORT, "Support");
    assert_eq!(hall.nicks(), ["Anna", "Support"]);
}

#[test]
fn not_even_an_owner_goes_beyond_the_limits_of_the_service() {
    let limits = Limits { occupants_per_room: 1, ..Limits::default() };
    let mut hall = Hall::empty(Creation::HostOnly, limits);
    hall.service.create_room("r7f3", RoomConfig::default(), &bare(SUPPORT)).unwrap();
    hall.enters(ANNA, "Anna").enters(SUPPORT, "Support").is_refused(RoomRefusal::RoomFull);
}

#[test]
fn rooms_are_not_created_by_entering_them_where_only_the_host_creates() {
    let mut hall = Hall::empty(Creation::HostOnly, Limits::default());
    hall.enters(ANNA, "Anna").is_refused(RoomRefusal::CreationRestricted);
    hall.receives(
        ANNA,
        &format!("<presence type='error'><error type='cancel'><not-allowed {ERROR}/></error></presence>"),
    );
}

#[test]
fn a_second_device_shares_the_nick_of_its_person() {
    let mut hall = Hall::open();
    let phone = "anna@example.org/phone";
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall.enters(phone, "Anna");
    hall.receives(phone, &format!("<presence from='{ROOM}/Bert'/>"));
    hall.receives(phone, &format!("<presence from='{ROOM}/Anna'><x {USER}><status code='110'/></x></presence>"));
    hall.skip_all();
    hall.says(BERT, "hello");
    hall.receives(ANNA, "<message><body>hello</body></message>")
        .receives(phone, "<message><body>hello</body></message>");
    hall.skip_all();
    hall.leaves(phone, "Anna");
    hall.receives(phone, &format!("<presence type='unavailable'><x {USER}><status code='110'/></x></presence>"));
    assert_eq!(hall.nicks(), ["Anna", "Bert"]);
    assert!(matches!(hall.news()[..], [RoomHappening::Left { last_session: false, .. }]));
}

#[test]
fn who_lost_track_may_enter_again_and_is_told_everything_anew() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall.enters(ANNA, "Anna");
    hall.receives(ANNA, &format!("<presence from='{ROOM}/Bert'/>"));
    assert_eq!(codes(&hall.next(ANNA)), ["110"]);
    hall.receives(ANNA, "<message><subject/></message>");
    hall.receives_nothing(BERT);
    assert!(hall.news().is_empty());
}

#[test]
fn who_believes_to_be_inside_without_having_entered_is_told() {
    let mut hall = Hall::open();
    hall.sends(ANNA, &format!("<presence to='{ROOM}/Anna'><show>away</show></presence>"));
    hall.is_refused(RoomRefusal::NotAnOccupant);
    assert!(hall.nicks().is_empty());
}

#[test]
fn nobody_can_speak_for_the_room_in_their_presence() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").skip_all();
    let forged = format!("<x {USER}><status code='307'/></x><occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/>");
    let kept = "<c xmlns='http://jabber.org/protocol/caps' node='n' hash='h' ver='v'/>";
    let muc = "<x xmlns='http://jabber.org/protocol/muc'><password>secret</password></x>";
    hall.sends(BERT, &format!("<presence to='{ROOM}/Bert'>{muc}{forged}{kept}</presence>"));
    let seen = hall.next(ANNA);
    assert!(holds(&seen, "c") && !holds(&seen, "password"));
    assert!(codes(&seen).is_empty() && !String::from(&seen).contains("forged"));
}
