//! Sending mail by SMTP: plain text, one recipient, ten seconds. When and how often is `mod.rs`.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{AsyncTransport, Tokio1Executor};
use store::edges::Delivery;

use super::Sent;
use crate::config::Mail;

/// How long a step of the dialogue may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long an attempt may take altogether.
const TIMEOUT_WHOLE: Duration = Duration::from_secs(45);

/// Sends mail.
pub struct Postman {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    domain: String,
}

impl Postman {
    /// A postman for the configured server.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn new(mail: &Mail, domain: &str) -> Result<Self, String> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&mail.url)
            .map_err(|error| format!("mail.url is no address of a mail server: {error}"))?;
        if let Some(to) = &mail.left_messages_to {
            to.parse::<Mailbox>().map_err(|error| format!("mail.left_messages_to = {to:?}: {error}"))?;
        }
        let from = mail.from.parse().map_err(|error| format!("mail.from = {:?}: {error}", mail.from))?;
        let transport = transport.timeout(Some(TIMEOUT)).build();
        Ok(Self { transport, from, domain: domain.to_owned() })
    }

    /// Connects, encrypts and signs in as for sending, and says goodbye.
    ///
    /// # Errors
    /// Which step failed and what the server said, for the operator's eyes.
    pub async fn greet(&self) -> Result<(), String> {
        match tokio::time::timeout(TIMEOUT_WHOLE, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err("the mail server hung up after the greeting".to_owned()),
            Ok(Err(error)) => Err(explained(&error)),
            Err(_) => Err("the mail server took too long".to_owned()),
        }
    }

    /// One attempt.
    pub async fn send(&self, address: &str, delivery: &Delivery) -> Sent {
        let message = match self.message(address, delivery) {
            Ok(message) => message,
            Err(why) => return Sent::Never(why),
        };
        match tokio::time::timeout(TIMEOUT_WHOLE, self.transport.send(message)).await {
            Err(_) => Sent::Later("the mail server took too long".to_owned()),
            Ok(Ok(response)) => Sent::Arrived(response.code().to_string()),
            // That the server does not let us in is no fault of this mail: the operator will mend it.
            Ok(Err(error)) if error.is_permanent() && !is_about_us(&error) => Sent::Never(said(&error)),
            Ok(Err(error)) => Sent::Later(said(&error)),
        }
    }

    fn message(&self, address: &str, delivery: &Delivery) -> Result<Message, String> {
        let to: Mailbox = address.parse().map_err(|_| "this is no mail address".to_owned())?;
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(delivery.subject.replace(['\r', '\n'], " "))
            // The same at every attempt, so that a mail that was sent twice can be recognised.
            .message_id(Some(format!("<notice-{}@{}>", delivery.id, self.domain)))
            .header(ContentType::TEXT_PLAIN)
            .body(delivery.body.clone())
            .map_err(|error| error.to_string())
    }
}

/// Whether mail to this server leaves the machine without encryption.
pub fn is_open(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("smtp://").filter(|_| !url.contains("tls=required")) else { return false };
    let host = rest.rsplit('@').next().unwrap_or_default();
    !["localhost", "127.", "[::1]"].iter().any(|here| host.starts_with(here))
}

/// Codes 530 to 539: sign in first, encrypt first, wrong password (RFC 4954).
fn is_about_us(error: &lettre::transport::smtp::Error) -> bool {
    error.status().is_some_and(|code| (530..=539).contains(&u16::from(code)))
}

/// The error and what caused it, each said once.
fn causes_of(error: &lettre::transport::smtp::Error) -> String {
    let mut causes = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let said = error.to_string();
        if !causes.contains(&said) {
            causes.push_str(": ");
            causes.push_str(&said);
        }
        cause = error.source();
    }
    causes
}

/// Whether encryption failed. While connecting, the library tells it by words only.
fn is_about_encryption(error: &lettre::transport::smtp::Error) -> bool {
    let causes = causes_of(error);
    error.is_tls() || ["certificate", "fatal alert", "STARTTLS"].iter().any(|word| causes.contains(word))
}

/// With everything that the server and the libraries say.
fn explained(error: &lettre::transport::smtp::Error) -> String {
    let causes = causes_of(error);
    match error.status() {
        Some(_) if is_about_us(error) => format!("the mail server does not take this user and password: {causes}"),
        Some(_) => format!("the mail server refuses: {causes}"),
        None if error.is_timeout() => "the mail server took too long".to_owned(),
        None if is_about_encryption(error) => {
            format!("the connection to the mail server cannot be encrypted: {causes}")
        }
        None => format!("the mail server cannot be reached: {causes}"),
    }
}

/// Without the address: notes stand where administrators read.
fn said(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("the mail server answered {code}"),
        None if error.is_timeout() => "the mail server took too long".to_owned(),
        None if is_about_encryption(error) => "the connection to the mail server could not be encrypted".to_owned(),
        None => "the mail server could not be reached".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use desk::time::Time;
    use store::edges::{DeliveryState, Target};

    #[test]
    fn a_mail_is_one_message_to_one_address() {
        let mail = Mail {
            url: "smtp://localhost:2525".into(),
            from: "Desk <desk@example.org>".into(),
            left_messages_to: None,
        };
        let post = Postman::new(&mail, "example.org").expect("a postman");
        let delivery = Delivery {
            id: 7,
            target: Target::Mail(String::new()),
            subject: "Hi\r\nBcc: eve@example.org".into(),
            body: "Grüße\n".into(),
            chat: None,
            attempts: 1,
            state: DeliveryState::Due,
            note: String::new(),
            due_at: Time::from_secs(0),
            created_at: Time::from_secs(0),
            settled_at: None,
        };
        let message = post.message("vera@example.org", &delivery).expect("a message");
        let text = String::from_utf8(message.formatted()).expect("ASCII");
        assert!(text.contains("Message-ID: <notice-7@example.org>"), "{text}");
        assert!(!text.lines().any(|line| line.starts_with("Bcc:")), "{text}");
        assert!(post.message("vera@example.org, eve@example.org", &delivery).is_err());
        let told = Mail { left_messages_to: Some("team at example".into()), ..mail.clone() };
        assert!(Postman::new(&told, "example.org").is_err_and(|said| said.contains("left_messages_to")));
        assert!(Postman::new(&Mail { url: "http://x".into(), ..mail }, "example.org").is_err());
    }

    #[test]
    fn encryption_is_asked_for_by_the_address() {
        assert!(is_open("smtp://desk:secret@mail.example.org"));
        assert!(is_open("smtp://mail.example.org:587?tls=opportunistic"));
        for closed in
            ["smtps://mail.example.org", "smtp://a:b@mail.example.org:587?tls=required", "smtp://localhost:25"]
        {
            assert!(!is_open(closed), "{closed}");
        }
    }
}
