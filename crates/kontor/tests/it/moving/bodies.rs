//! Large bodies go along with everything else, wherever they lie.

use super::client::CALENDAR;
use super::{empty, place, server_on, start_on};
use crate::house::{ANNA, Said, kontor};
use kontor_testkit::{Client, Engine, Server, s3};
use std::path::PathBuf;

/// Events of that name whose text is large, and one that is not.
const LARGE: [&str; 3] = ["one.ics", "two.ics", "three.ics"];

/// Its text is large.
pub(crate) fn event(name: &str) -> String {
    let words: String = (0..6_000).map(|n| format!("{name} {n}\r\n ")).collect();
    super::client::event(name, &format!("{words}end"))
}

fn put_all(anna: &Client) {
    for name in LARGE {
        assert!(event(name).len() > 64 << 10);
        anna.put(&format!("{CALENDAR}{name}"), &event(name));
    }
    anna.put(&format!("{CALENDAR}small.ics"), &super::client::event("small.ics", "small"));
}

#[track_caller]
fn all_there(server: &Server) {
    let anna = server.client_of(ANNA);
    for name in LARGE {
        let found = anna.get(&format!("{CALENDAR}{name}"));
        assert!(found.is_some_and(|text| text == event(name)), "{name}");
    }
    assert!(anna.get(&format!("{CALENDAR}small.ics")).unwrap().contains("SUMMARY:small"));
}

/// A bucket, and the file that tells of it.
struct Bucket {
    name: &'static str,
    file: PathBuf,
}

impl Bucket {
    fn made(name: &'static str, beside: &Server) -> Self {
        s3().create(name);
        let file = beside.data().with_file_name(format!("{name}.toml"));
        let text = format!(
            "[blobs]\nurl = \"s3://{name}/some/prefix\"\nendpoint = \"{}\"\naccess_key = \"a\"\nsecret_key = \"b\"\n",
            s3().endpoint()
        );
        std::fs::write(&file, text).unwrap();
        Self { name, file }
    }

    fn named(&self) -> String {
        format!("@{}", self.file.display())
    }

    /// The server has its bodies there from its next start on.
    fn serves(&self, server: &mut Server) {
        server.set("KONTOR_BLOBS_URL", &format!("s3://{}/some/prefix", self.name));
        server.set("KONTOR_BLOBS_ENDPOINT", &s3().endpoint());
        server.set("KONTOR_BLOBS_ACCESS_KEY", "a");
        server.set("KONTOR_BLOBS_SECRET_KEY", "b");
    }

    /// Objects without the mark.
    fn objects(&self) -> usize {
        s3().objects(self.name).iter().filter(|name| !name.ends_with("kontor-store")).count()
    }
}

fn copy(server: &Server, args: &[&str]) -> Said {
    kontor(&server.data(), &[&["store", "copy"], args].concat())
}

#[test]
fn from_a_folder_into_a_bucket_and_out_of_it() {
    let mut server = server_on(Engine::Sqlite, &[ANNA]);
    put_all(&server.client_of(ANNA));
    server.stop();
    let bucket = Bucket::made("cli-there", &server);
    let (from, url) = (place(&server), empty(Engine::Postgres, &server));

    // What cannot be got at closes nothing.
    let wrong = server.data().with_file_name("wrong.toml");
    let text = std::fs::read_to_string(&bucket.file).unwrap().replace("cli-there", "no-such-bucket");
    std::fs::write(&wrong, text).unwrap();
    let wrong = format!("@{}", wrong.display());
    copy(&server, &[&from, &url, "--to-blobs", &wrong]).refused("no-such-bucket");
    copy(&server, &[&from, &url, "--to-blobs", "@/nonexistent"]).refused("/nonexistent");
    copy(&server, &[&from, &url, "--to-blobs", "gs://x"]).refused("--to-blobs");

    let said = copy(&server, &[&from, &url, "--to-blobs", &bucket.named()]).done();
    assert!(said.contains("3 large bodies (") && said.contains("s3://cli-there/some/prefix"), "{said}");
    assert_eq!(bucket.objects(), 3);
    let mut there = Server::of(crate::house::binary(), &[]);
    there.stop();
    bucket.serves(&mut there);
    start_on(&mut there, &url);
    all_there(&there);
    put_all(&there.client_of(ANNA));
    there.stop();

    let folder = empty(Engine::Sqlite, &server);
    let said = copy(&server, &[&url, &folder, "--from-blobs", &bucket.named()]).done();
    assert!(said.contains("3 large bodies (") && said.contains(&format!("{folder}/blobs")), "{said}");
    server.move_to(None);
    start_on(&mut server, &folder);
    all_there(&server);
}

#[test]
fn they_stay_where_both_stores_have_them() {
    let mut server = server_on(Engine::Sqlite, &[ANNA]);
    put_all(&server.client_of(ANNA));
    server.stop();
    let (from, url) = (place(&server), empty(Engine::Postgres, &server));
    let said = copy(&server, &[&from, &url, "--json"]).done();
    let done: serde_json::Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&done["large_bodies"], done["large_bodies_in"].as_str()),
        (&3.into(), Some(&*format!("{from}/blobs")))
    );
    start_on(&mut server, &url);
    all_there(&server);
}

#[test]
fn a_backup_has_them_in_it() {
    for (from, to) in [(Engine::Sqlite, Engine::Postgres), (Engine::Postgres, Engine::Sqlite)] {
        let mut server = server_on(from, &[ANNA]);
        put_all(&server.client_of(ANNA));
        let running = server.data().with_file_name("running.backup");
        let said = server.command(&["backup", running.to_str().unwrap()]);
        assert!(said.contains(" and 3 large bodies ("), "{said}");
        server.stop();
        let stopped = server.data().with_file_name("stopped.backup");
        let said = server.command(&["backup", stopped.to_str().unwrap(), "--json"]);
        assert!(said.contains("\"large_bodies\":3"), "{said}");
        for file in [running, stopped] {
            let place = empty(to, &server);
            let mut elsewhere = Server::of(crate::house::binary(), &[]);
            elsewhere.stop();
            let target: Vec<&str> =
                if place.starts_with("postgres") { vec!["--store", &place] } else { vec![] };
            let data = if target.is_empty() { PathBuf::from(&place) } else { elsewhere.data() };
            let said = kontor(&data, &[&target[..], &["restore", file.to_str().unwrap()]].concat()).done();
            assert!(said.contains(" and 3 large bodies ("), "{said}");
            elsewhere.move_to(None);
            start_on(&mut elsewhere, &place);
            all_there(&elsewhere);
        }
    }
}

#[test]
fn a_backup_of_what_is_damaged_names_the_item() {
    let mut server = server_on(Engine::Sqlite, &[ANNA]);
    put_all(&server.client_of(ANNA));
    let folder = server.data().join("blobs");
    let account =
        std::fs::read_dir(folder).unwrap().map(|one| one.unwrap().path()).find(|path| path.is_dir());
    let files = std::fs::read_dir(account.unwrap()).unwrap().map(|one| one.unwrap().path());
    let two =
        files.into_iter().find(|file| std::fs::read(file).unwrap() == event("two.ics").into_bytes()).unwrap();
    let mut bytes = std::fs::read(&two).unwrap();
    bytes[70_000] ^= 1;
    std::fs::write(&two, bytes).unwrap();
    let file = server.data().with_file_name("never.backup");
    let refused = |server: &Server| {
        let said = kontor(&server.data(), &["backup", "--quiet", file.to_str().unwrap()]);
        said.refused("account anna (");
        said.refused("item \"two.ics\": the file of its body is damaged");
        let left = std::fs::read_dir(file.parent().unwrap()).unwrap().map(|one| one.unwrap().file_name());
        assert!(
            left.into_iter().all(|name| !name.to_string_lossy().contains("never")),
            "nothing is left of it"
        );
    };
    refused(&server);
    server.stop();
    refused(&server);
}
