//! What `anteroom doctor` and `anteroom backup` find out about data that something happened to: a clock that went back, a file
//! that was lost or changed.
#![expect(clippy::disallowed_methods, reason = "a test of the whole process runs in real time")]

mod load;

use load::process::Server;

const DESK: &str = "[[agent]]\nname = \"anna\"\n[[workgroup]]\nname = \"support\"\n\
    [[workgroup.queue]]\nname = \"general\"\nmembers = [\"anna\"]\n";
/// `printf hello | sha256sum`
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[tokio::test]
async fn the_doctor_sees_a_clock_that_went_back() {
    let mut server = Server::prepare("doctor-clock", "", DESK);
    server.start();
    server.ready().await;
    let (code, said) = server.run(&["doctor"]);
    assert_eq!((code, said.contains("ok       last turn: 2")), (0, true), "while it runs: {said}");
    server.kill();
    let database = rusqlite::Connection::open(server.data.join("anteroom.db")).unwrap();
    let ahead = "UPDATE desk SET now = now + 3600000000, body = json_set(body, '$.now', now + 3600000000)";
    assert_eq!(database.execute(ahead, []).unwrap(), 1);
    drop(database);
    let (code, said) = server.run(&["doctor"]);
    assert_eq!((code, said.contains("FAULT    clock: it went back")), (4, true), "{said}");
    // The documented behaviour: it serves all the same, and its time stands still.
    server.start();
    server.ready().await;
    let (code, said) = server.run(&["doctor"]);
    assert_eq!((code, said.contains("FAULT    clock: it went back")), (4, true), "{said}");
}

#[tokio::test]
async fn files_that_are_lost_or_changed_are_named() {
    let mut server = Server::prepare("doctor-files", "", DESK);
    server.start();
    server.ready().await;
    server.kill();
    let id = "ab".repeat(16);
    let path = format!("ab/{id}");
    let database = rusqlite::Connection::open(server.data.join("anteroom.db")).unwrap();
    let sql = "INSERT INTO file (id, chat, author, name, media_type, size, sha256, path, at)
               VALUES (?1, 7, 0, 'a secret name.txt', 'text/plain', 5, ?2, ?3, 0)";
    database.execute(sql, [id.as_str(), HELLO, path.as_str()]).unwrap();
    drop(database);
    let missing = format!("files/{path} (chat 7) is missing");
    let (code, said) = server.run(&["doctor"]);
    assert_eq!((code, said.contains(&format!("FAULT    files: {missing}"))), (4, true), "{said}");
    assert!(!said.contains("secret"), "names are personal: {said}");
    let copy = |name: &str| server.run(&["backup", &server.data.join(name).to_string_lossy()]);
    let (code, said) = copy("one.db");
    assert_eq!((code, said.contains(&missing), server.data.join("one.db").exists()), (4, true, true), "{said}");

    std::fs::create_dir_all(server.data.join("files/ab")).unwrap();
    std::fs::write(server.data.join("files").join(&path), "jello").unwrap();
    let (code, said) = server.run(&["doctor"]);
    assert_eq!((code, said.contains("its SHA-256 differs")), (4, true), "{said}");
    std::fs::write(server.data.join("files").join(&path), "hello").unwrap();
    let (code, said) = server.run(&["doctor"]);
    assert_eq!((code, said.contains("ok       files: 1 sent in chats, 5 bytes, all whole")), (0, true), "{said}");
    let (code, said) = copy("two.db");
    assert_eq!((code, said.contains("1 file(s) sent in chats are whole, 5 bytes")), (0, true), "{said}");
}
