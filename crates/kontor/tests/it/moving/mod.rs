//! Whole stores on their way, under the eyes of clients that were there before.

pub(crate) mod bodies;
mod client;
mod copying;
mod drill;
mod lists;

use crate::house::binary;
use kontor_testkit::{Engine, Server, User, postgres};
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) const BERT: User = User { name: "bert", password: "another long and good one" };

/// Where the data of a server are, as the command line names it.
fn place(server: &Server) -> String {
    server.store().map_or_else(|| server.data().display().to_string(), str::to_owned)
}

/// An empty place of that engine: a database is made, a folder is not.
fn empty(engine: Engine, beside: &Server) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("moved{}", NEXT.fetch_add(1, Ordering::Relaxed));
    match engine {
        Engine::Postgres => postgres().create(&name),
        Engine::Sqlite => beside.data().with_file_name(name).display().to_string(),
    }
}

/// A server with its data in that engine, whichever is switched to.
fn server_on(engine: Engine, users: &[User]) -> Server {
    let mut server = Server::of(binary(), &[]);
    server.stop();
    let url = (engine == Engine::Postgres).then(|| empty(Engine::Postgres, &server));
    std::fs::remove_dir_all(server.data()).unwrap();
    server.move_to(url.as_deref());
    users.iter().for_each(|user| server.create(*user));
    server.restart();
    server
}

/// Starts it again on the data that were carried to `place`. A folder takes the place of the old one.
fn start_on(server: &mut Server, place: &str) {
    if place.starts_with("postgres://") {
        server.move_to(Some(place));
    } else {
        server.move_to(None);
        let _was_it = std::fs::remove_dir_all(server.data());
        std::fs::rename(place, server.data()).unwrap();
    }
    server.restart();
}
