//! Files that people send: received with a limit while reading, recognised by what is in them, stored under random names
//! outside the database, looked at by the operator's scanner. Who may send and fetch them is decided elsewhere.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use desk::time::Time;
use futures_util::{Stream, StreamExt, pin_mut};
use sha2::{Digest, Sha256};
use store::archive::{File, NewFile};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::auth;
use crate::declaration::edge::FileRules;
use crate::text;

/// Bytes at the beginning of a file by which it is recognised.
const SNIFFED: usize = 8 * 1024;
/// Ending of a file that is not taken yet.
const PART: &str = ".part";
/// Longest name of a file in characters.
const NAME_MAX: usize = 120;
/// Files that one conversation may have.
pub const FILES_PER_CHAT: usize = 50;

/// Why a file was not taken. Nothing of it is left.
#[derive(Debug)]
pub enum FileError {
    /// Files may not be sent here.
    NotPermitted,
    /// Nothing in it.
    Empty,
    /// More bytes than this.
    TooLarge(u64),
    /// Not one of the types that are taken; what it is, if that was recognised.
    WrongType(Option<String>),
    /// The scanner found something.
    NotClean,
    /// The scanner failed or took too long; the cause is for the log.
    ScanFailed(String),
    /// The sender stopped in the middle, or broke the form of the request.
    Broken,
    /// The disk failed.
    Disk(std::io::Error),
}

/// How files are kept.
#[derive(Clone, Debug)]
pub struct FilesOptions {
    /// The folder.
    pub folder: PathBuf,
    /// Largest file in bytes, whatever a workgroup says.
    pub size_max: u64,
    /// A program with arguments; the file's path is added as the last one.
    pub scan_command: Option<Vec<String>>,
    /// How long it may take.
    pub scan_timeout: Duration,
}

/// The files. Clones share the settings.
#[derive(Clone, Debug)]
pub struct Files(Arc<FilesOptions>);

impl Files {
    /// Files in this folder; it is made when the first one comes.
    pub fn new(options: FilesOptions) -> Self {
        Self(Arc::new(options))
    }

    /// Receives a file. On success it lies in the folder and may be told to the store; if that fails, `delete` it.
    ///
    /// # Errors
    /// Then nothing is left of it.
    pub async fn receive<E>(
        &self,
        rules: &FileRules,
        name: Option<&str>,
        content: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<NewFile, FileError> {
        if !rules.enabled {
            return Err(FileError::NotPermitted);
        }
        let id = auth::random::<16>().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let path = format!("{}/{id}", &id[..2]);
        let part = Part(self.0.folder.join(format!("{path}{PART}")));
        let seen = self.write(&part.0, rules, content).await?;
        self.scan(&part.0).await?;
        tokio::fs::rename(&part.0, self.0.folder.join(&path)).await.map_err(FileError::Disk)?;
        tracing::debug!(bytes = seen.size, kind = seen.media_type, "a file was received");
        Ok(NewFile {
            id,
            name: file_name(name, &seen.media_type),
            media_type: seen.media_type,
            size: seen.size,
            sha256: seen.sum,
            path,
        })
    }

    async fn write<E>(
        &self,
        part: &Path,
        rules: &FileRules,
        content: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<Seen, FileError> {
        let most = self.0.size_max.min(u64::from(rules.size_max_kb) * 1024);
        if let Some(folder) = part.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(FileError::Disk)?;
        }
        let mut file = tokio::fs::File::create_new(part).await.map_err(FileError::Disk)?;
        let (mut head, mut size, mut sum) = (Vec::new(), 0_u64, Sha256::new());
        pin_mut!(content);
        while let Some(chunk) = content.next().await {
            let chunk = chunk.map_err(|_| FileError::Broken)?;
            size += chunk.len() as u64;
            if size > most {
                return Err(FileError::TooLarge(most));
            }
            if head.len() < SNIFFED {
                head.extend_from_slice(&chunk[..chunk.len().min(SNIFFED - head.len())]);
                // Refused as soon as it can be recognised, not after megabytes.
                if head.len() == SNIFFED {
                    permitted(rules, &head)?;
                }
            }
            sum.update(&chunk);
            file.write_all(&chunk).await.map_err(FileError::Disk)?;
        }
        if size == 0 {
            return Err(FileError::Empty);
        }
        let media_type = permitted(rules, &head)?;
        file.sync_all().await.map_err(FileError::Disk)?;
        Ok(Seen { media_type, size, sum: digits(sum) })
    }

    async fn scan(&self, part: &Path) -> Result<(), FileError> {
        let Some((program, arguments)) = self.0.scan_command.as_ref().and_then(|command| command.split_first()) else {
            return Ok(());
        };
        let mut command = Command::new(program);
        command.args(arguments).arg(part).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| FileError::ScanFailed(error.to_string()))?;
        match tokio::time::timeout(self.0.scan_timeout, child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            // Scanners say 1 for something found; anything else is a failure of their own, and neither passes.
            Ok(Ok(status)) if status.code() == Some(1) => Err(FileError::NotClean),
            Ok(Ok(status)) => Err(FileError::ScanFailed(format!("the scanner ended with {status}"))),
            Ok(Err(error)) => Err(FileError::ScanFailed(error.to_string())),
            Err(_) => Err(FileError::ScanFailed("the scanner took too long".to_owned())),
        }
    }

    /// Opens a file by the path that the store keeps.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn open(&self, path: &str) -> std::io::Result<tokio::fs::File> {
        tokio::fs::File::open(self.place(path)?).await
    }

    /// Deletes a file; one that is not there is no fault.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn delete(&self, path: &str) -> std::io::Result<()> {
        match tokio::fs::remove_file(self.place(path)?).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The paths of files on this shelf, half received ones too, that were last written before. Blocks while it reads.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn lying(&self, shelf: u8, before: Time) -> std::io::Result<Vec<String>> {
        let shelf = format!("{shelf:02x}");
        let entries = match std::fs::read_dir(self.0.folder.join(&shelf)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut lying = Vec::new();
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = format!("{shelf}/{name}");
            if self.place(&path).is_err() {
                continue;
            }
            let written = match entry.metadata() {
                Ok(metadata) if metadata.is_file() => metadata.modified()?,
                _ => continue,
            };
            let since = written.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            if i64::try_from(since.as_micros()).is_ok_and(|at| at < before.0) {
                lying.push(path);
            }
        }
        Ok(lying)
    }

    /// Looks whether a file lies where it should, whole: a sentence about what is wrong with it. Blocks while it reads.
    pub fn verify(&self, kept: &File) -> Option<String> {
        let wrong = |what: &str| Some(format!("files/{} (chat {}) {what}", kept.path, kept.chat.0));
        let opened = self.place(&kept.path).and_then(std::fs::File::open);
        let mut file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return wrong("is missing"),
            Err(error) => return wrong(&format!("cannot be read: {error}")),
        };
        let mut sum = Sha256::new();
        match std::io::copy(&mut file, &mut sum) {
            Err(error) => wrong(&format!("cannot be read: {error}")),
            Ok(size) if size != kept.size => wrong(&format!("has {size} bytes instead of {}", kept.size)),
            Ok(_) if kept.sha256.as_ref().is_some_and(|kept| *kept != digits(sum)) => {
                wrong("is not what was sent: its SHA-256 differs")
            }
            Ok(_) => None,
        }
    }

    /// Only paths that `receive` makes are followed.
    fn place(&self, path: &str) -> std::io::Result<PathBuf> {
        let name = path.strip_suffix(PART).unwrap_or(path);
        let fit = name.len() == 35
            && name.as_bytes()[2] == b'/'
            && name.bytes().enumerate().all(|(at, b)| at == 2 || b.is_ascii_hexdigit());
        if fit { Ok(self.0.folder.join(path)) } else { Err(std::io::ErrorKind::NotFound.into()) }
    }
}

fn digits(sum: Sha256) -> String {
    sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file that is not taken yet. Whatever ends its coming, also that nobody waits for it any more, nothing of it is left.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // It may not have come as far as being there, or has its name by now.
        let _ = std::fs::remove_file(&self.0);
    }
}

struct Seen {
    media_type: String,
    size: u64,
    sum: String,
}

/// The name as it may be shown: one line, no path. Without one: `file` with the usual ending.
fn file_name(name: Option<&str>, media_type: &str) -> String {
    let base = name.and_then(|name| name.rsplit(['/', '\\']).next()).unwrap_or_default();
    let short: String = base.chars().rev().take(NAME_MAX).collect::<Vec<_>>().into_iter().rev().collect();
    text::line(&short, NAME_MAX).unwrap_or_else(|_| {
        let ending = media_type.rsplit('/').next().unwrap_or("bin");
        format!("file.{}", if ending == "plain" { "txt" } else { ending })
    })
}

fn permitted(rules: &FileRules, head: &[u8]) -> Result<String, FileError> {
    let found = recognise(head).ok_or(FileError::WrongType(None))?;
    let kind = found.split('/').next().unwrap_or_default();
    let fits =
        |wanted: &String| wanted.eq_ignore_ascii_case(found) || wanted.strip_suffix("/*").is_some_and(|w| w == kind);
    if rules.types.iter().any(fits) { Ok(found.to_owned()) } else { Err(FileError::WrongType(Some(found.to_owned()))) }
}

/// What a file is, by its beginning; its name and what the sender says of it are not believed.
fn recognise(head: &[u8]) -> Option<&'static str> {
    const KNOWN: &[(usize, &[u8], &str)] = &[
        (0, b"\x89PNG\r\n\x1a\n", "image/png"),
        (0, b"\xff\xd8\xff", "image/jpeg"),
        (0, b"GIF87a", "image/gif"),
        (0, b"GIF89a", "image/gif"),
        (8, b"WEBP", "image/webp"),
        (4, b"ftypavif", "image/avif"),
        (4, b"ftypheic", "image/heic"),
        (0, b"%PDF-", "application/pdf"),
        (0, b"PK\x03\x04", "application/zip"),
        (0, b"\x1f\x8b", "application/gzip"),
        (0, b"ID3", "audio/mpeg"),
        (0, b"OggS", "audio/ogg"),
        (4, b"ftypM4A", "audio/mp4"),
        (4, b"ftyp", "video/mp4"),
        (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    ];
    let starts = |at: usize, magic: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(magic));
    if let Some((_, _, found)) = KNOWN.iter().find(|(at, magic, _)| starts(*at, magic)) {
        return match *found {
            "application/zip" => Some(office_type(head).unwrap_or("application/zip")),
            found => Some(found),
        };
    }
    is_text(head).then_some("text/plain")
}

/// Office documents are archives whose first entries give them away.
fn office_type(head: &[u8]) -> Option<&'static str> {
    let has = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
    if has(b"mimetypeapplication/vnd.oasis.opendocument.text") {
        return Some("application/vnd.oasis.opendocument.text");
    }
    if has(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet") {
        return Some("application/vnd.oasis.opendocument.spreadsheet");
    }
    if !has(b"[Content_Types].xml") && !has(b"_rels/.rels") {
        return None;
    }
    let kinds: [(&[u8], &str); 3] = [
        (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ];
    kinds.into_iter().find(|(folder, _)| has(folder)).map(|(_, kind)| kind)
}

/// UTF-8 without control characters other than white space; a character cut by the end of the sample is no fault.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn files(folder: &Path, scan: Option<&[&str]>) -> Files {
        Files::new(FilesOptions {
            folder: folder.to_owned(),
            size_max: 100_000,
            scan_command: scan.map(|command| command.iter().map(|&word| word.to_owned()).collect()),
            scan_timeout: Duration::from_secs(5),
        })
    }

    fn chunks(bytes: &[u8]) -> impl Stream<Item = Result<Bytes, Infallible>> {
        futures_util::stream::iter(bytes.chunks(1000).map(|c| Ok(Bytes::copy_from_slice(c))).collect::<Vec<_>>())
    }

    fn left_over(folder: &Path) -> usize {
        let mut count = 0;
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            count += if entry.path().is_dir() { left_over(&entry.path()) } else { 1 };
        }
        count
    }

    #[tokio::test]
    async fn a_file_is_kept_under_a_random_name_with_its_real_type() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), None);
        let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 3000]].concat();
        let kept = files.receive(&FileRules::default(), Some("../../etc/\u{202e}cat.exe"), chunks(&png)).await.unwrap();
        assert_eq!((kept.media_type.as_str(), kept.size, kept.name.as_str()), ("image/png", 3008, "cat.exe"));
        assert_eq!(kept.sha256, "711e3445f25dcf7608bb052900380320ddbb6ffc418a0f60fc02d7fc069e68f0");
        assert_eq!(left_over(folder.path()), 1);
        files.open(&kept.path).await.unwrap();
        files.delete(&kept.path).await.unwrap();
        files.delete(&kept.path).await.unwrap();
        assert_eq!(left_over(folder.path()), 0);
        for path in ["../../etc/passwd", "", "aa/bb", "/etc/passwd"] {
            assert!(files.open(path).await.is_err(), "{path}");
        }
    }

    #[tokio::test]
    async fn a_file_that_was_lost_or_changed_is_found_out() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), None);
        let new = files.receive(&FileRules::default(), None, chunks(b"hello")).await.unwrap();
        let (chat, from) = (desk::ids::RequestId(7), store::archive::Author::Visitor);
        let (path, sha256, at) = (new.path.clone(), Some(new.sha256), Time::from_secs(0));
        let kept =
            File { id: new.id, chat, from, name: new.name, media_type: new.media_type, size: 5, sha256, path, at };
        assert_eq!(files.verify(&kept), None);
        let place = folder.path().join(&new.path);
        std::fs::write(&place, "jello").unwrap();
        assert!(files.verify(&kept).unwrap().ends_with("is not what was sent: its SHA-256 differs"));
        assert_eq!(files.verify(&File { sha256: None, ..kept.clone() }), None, "from before sums were kept");
        std::fs::write(&place, "hello!").unwrap();
        assert!(files.verify(&kept).unwrap().ends_with("has 6 bytes instead of 5"));
        std::fs::remove_file(&place).unwrap();
        assert_eq!(files.verify(&kept), Some(format!("files/{} (chat 7) is missing", new.path)));
    }

    #[tokio::test]
    async fn what_may_not_be_sent_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), None);
        let rules = FileRules::default();
        let sent = |bytes: Vec<u8>| {
            let (files, rules) = (files.clone(), rules.clone());
            async move { files.receive(&rules, Some("x"), chunks(&bytes)).await }
        };
        assert!(matches!(sent(vec![b'a'; 100_001]).await, Err(FileError::TooLarge(100_000))));
        assert!(matches!(sent(vec![]).await, Err(FileError::Empty)));
        assert!(matches!(sent(b"MZ\x90\0\x03".to_vec()).await, Err(FileError::WrongType(None))));
        assert!(matches!(sent(b"PK\x03\x04zip".to_vec()).await, Err(FileError::WrongType(Some(_)))));
        let closed = FileRules { enabled: false, ..FileRules::default() };
        assert!(matches!(files.receive(&closed, None, chunks(b"x")).await, Err(FileError::NotPermitted)));
        assert_eq!(left_over(folder.path()), 0);
    }

    #[tokio::test]
    async fn a_file_that_nobody_waits_for_any_more_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), None);
        let rules = FileRules::default();
        let stalled = chunks(b"the beginning of").chain(futures_util::stream::pending());
        let (mut receiving, mut begun) = (Box::pin(files.receive(&rules, None, stalled)), 0);
        while begun == 0 {
            tokio::select! {
                _ = &mut receiving => panic!("it cannot be whole"),
                () = tokio::time::sleep(Duration::from_millis(1)) => begun = left_over(folder.path()),
            }
        }
        drop(receiving);
        assert_eq!(left_over(folder.path()), 0);
    }

    #[tokio::test]
    async fn the_scanner_decides() {
        let folder = tempfile::tempdir().unwrap();
        let rules = FileRules::default();
        files(folder.path(), Some(&["true"])).receive(&rules, None, chunks(b"hello")).await.unwrap();
        let found = files(folder.path(), Some(&["false"])).receive(&rules, None, chunks(b"hello")).await;
        assert!(matches!(found, Err(FileError::NotClean)));
        let broken =
            files(folder.path(), Some(&["/nonexistent/scanner"])).receive(&rules, None, chunks(b"hello")).await;
        assert!(matches!(broken, Err(FileError::ScanFailed(_))));
        assert_eq!(left_over(folder.path()), 1);
    }

    #[test]
    fn types_are_found_by_content() {
        assert_eq!(recognise(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(recognise("déjà vu\n".as_bytes()), Some("text/plain"));
        assert_eq!(recognise(&"é".as_bytes()[..1]), None);
        assert_eq!(recognise(b"a\0b"), None);
        assert_eq!(recognise(b"PK\x03\x04....[Content_Types].xml....word/document.xml").map(|t| t.len()), Some(71));
    }
}
