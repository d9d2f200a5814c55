//! Logging in: every mechanism, what is refused, resources, and the ends of sessions that the server decides.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use server::control::Order;

use crate::client::Client;
use crate::stage::{PASSWORD, Stage};

const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";

fn plain(name: &str, password: &str) -> String {
    let text = STANDARD.encode(format!("\0{name}\0{password}"));
    format!("<auth xmlns='{SASL}' mechanism='PLAIN'>{text}</auth>")
}

#[tokio::test]
async fn scram_over_plain_tcp_on_the_loopback() {
    let stage = Stage::open().await;
    let mut client = Client::connect(stage.tcp).await;
    let features = client.open("localhost").await;
    assert!(features.contains("<mechanism>SCRAM-SHA-256</mechanism>"), "{features}");
    assert!(!features.contains(">PLAIN<"), "{features}");
    client.scram_sha_256("anna", PASSWORD, None).await;
    let features = client.open("localhost").await;
    assert!(features.contains("urn:ietf:params:xml:ns:xmpp-bind"), "{features}");
    client.bind("desk").await;
    assert_eq!(client.jid, "anna@localhost/desk");
    client.send("</stream:stream>").await;
    assert!(client.rest().await.contains("</stream:stream>"));
}

#[tokio::test]
async fn scram_bound_to_the_channel_after_starttls_and_over_direct_tls() {
    let stage = Stage::open().await;
    for direct in [false, true] {
        let mut client =
            if direct { Client::connect_tls(stage.tls).await } else { Client::starttls(stage.tcp, "localhost").await };
        let features = client.open("localhost").await;
        assert!(features.contains("<mechanism>SCRAM-SHA-256-PLUS</mechanism>"), "{features}");
        let exporter = client.exporter.clone().unwrap();
        client.scram_sha_256("anna", PASSWORD, Some(("tls-exporter", &exporter))).await;
        client.open("localhost").await;
        client.bind("").await;
        assert!(client.jid.starts_with("anna@localhost/"), "{}", client.jid);
    }
    let mut client = Client::connect_tls(stage.tls).await;
    client.open("localhost").await;
    let end_point = client.end_point.clone().unwrap();
    client.scram_sha_256("anna", PASSWORD, Some(("tls-server-end-point", &end_point))).await;
    let mut client = Client::connect_tls(stage.tls).await;
    client.open("localhost").await;
    let refused = client.try_scram_sha_256("anna", PASSWORD, Some(("tls-exporter", &[7; 32]))).await;
    assert!(refused.contains("<failure"), "{refused}");
}

#[tokio::test]
async fn plain_only_under_tls() {
    let stage = Stage::open().await;
    let mut client = Client::connect_tls(stage.tls).await;
    client.open("localhost").await;
    client.send(&plain("anna", PASSWORD)).await;
    client.expect("<success").await;
    let mut client = Client::connect(stage.tcp).await;
    client.open("localhost").await;
    client.send(&plain("anna", PASSWORD)).await;
    client.expect("<failure").await;
}

#[tokio::test]
async fn wrong_passwords_and_unknown_names_look_the_same_and_are_throttled() {
    let stage = Stage::with(|config| config.limits.login_failures = 3).await;
    for name in ["anna", "nobody"] {
        for attempt in 1..=4 {
            let mut client = Client::connect(stage.tcp).await;
            client.open("localhost").await;
            let refused = client.try_scram_sha_256(name, "wrong", None).await;
            let expected = if attempt < 4 { "<not-authorized" } else { "<temporary-auth-failure" };
            assert!(refused.contains(expected), "{name}, attempt {attempt}: {refused}");
        }
    }
    // Who knows the password waits like everybody else, and gets in afterwards.
    stage.server.pass(60).await;
    stage.client("anna", "x").await;
}

#[tokio::test]
async fn anonymous_visitors_get_an_address_that_nobody_chose() {
    let stage = Stage::open().await;
    let (one, two) = (stage.visitor().await, stage.visitor().await);
    assert!(one.jid.contains("@visitors.localhost/"), "{}", one.jid);
    assert_ne!(one.jid.split('@').next(), two.jid.split('@').next());
    let mut client = Client::connect(stage.tcp).await;
    client.open("localhost").await;
    client.send(&format!("<auth xmlns='{SASL}' mechanism='ANONYMOUS'/>")).await;
    client.expect("<failure").await;
}

#[tokio::test]
async fn tls_is_required_from_elsewhere_and_hosts_are_known() {
    let stage = Stage::open().await;
    let mut client = Client::connect(stage.tcp).await;
    client.send(&crate::client::header("elsewhere.example")).await;
    assert!(client.rest().await.contains("<host-unknown"));
}

#[tokio::test]
async fn the_second_client_of_a_resource_replaces_the_first_and_the_consoles_name_is_taken() {
    let stage = Stage::open().await;
    let mut first = stage.client("anna", "phone").await;
    let second = stage.client("anna", "phone").await;
    assert_eq!(second.jid, "anna@localhost/phone");
    assert!(first.rest().await.contains("<conflict"));
    let third = stage.client("anna", "console").await;
    assert_ne!(third.jid, "anna@localhost/console");
}

#[tokio::test]
async fn another_password_ends_sessions() {
    let stage = Stage::open().await;
    let (mut anna, mut bert) = (stage.client("anna", "a").await, stage.present("bert", "b").await);
    let order = Order::SetPassword { name: "anna".into(), password: "another password".into() };
    stage.server.running.house().perform(order).await;
    assert!(anna.rest().await.contains("<not-authorized"));
    let mut client = Client::connect(stage.tcp).await;
    client.open("localhost").await;
    assert!(client.try_scram_sha_256("anna", PASSWORD, None).await.contains("<failure"));
    bert.ask("p", "get", "localhost", "<ping xmlns='urn:xmpp:ping'/>").await;
}

#[tokio::test]
async fn who_does_not_log_in_is_cut_and_stopping_is_told() {
    let stage = Stage::open().await;
    let mut idle = Client::connect(stage.tcp).await;
    idle.open("localhost").await;
    let mut anna = stage.client("anna", "a").await;
    stage.server.pass(31).await;
    assert!(idle.rest().await.contains("<policy-violation"), "the deadline passed");
    anna.ask("p", "get", "localhost", "<ping xmlns='urn:xmpp:ping'/>").await;
    let app = stage.server.running.app.clone();
    let stopping = tokio::spawn(async move { server::xmpp::stop(&app).await });
    assert!(anna.rest().await.contains("<system-shutdown"));
    stopping.await.unwrap();
}
