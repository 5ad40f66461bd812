//! How fast whole stores move: backup, verification, restore, copy to the other engine; beside `pg_dump` and `pg_restore` of the
//! same database. Megabytes are those of the embedded store's file, for all of them, so that rows can be compared.

use super::server::{DATABASE, Kind, Server};
use super::table::Table;
use crate::place;
use crate::shell::{program, run};
use kontor_testkit::Postgres;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Where what is made lies.
struct Yard {
    folder: PathBuf,
    megabytes: f64,
}

/// Measures one server, which works meanwhile.
pub(super) fn measure(server: &Server, folder: &Path, table: &mut Table) -> Result<(), String> {
    let yard = Yard { folder: folder.join("moving"), megabytes: megabytes(folder)? };
    if yard.folder.exists() {
        std::fs::remove_dir_all(&yard.folder)
            .map_err(|e| format!("clearing {}: {e}", yard.folder.display()))?;
    }
    std::fs::create_dir_all(&yard.folder).map_err(|e| format!("making {}: {e}", yard.folder.display()))?;
    let (word, database) = (server.kind.word(), server.database.as_deref());
    let file = yard.path("office.backup");
    let mut put = |server: &str, row: &str, command: Command| yard.put(table, (server, row), command);
    put(word, "backup MB/s", kontor(&server.data, database, &["backup", &file]))?;
    put(word, "verify MB/s", kontor(&server.data, database, &["verify"]))?;
    put(word, "verify a backup MB/s", kontor(&server.data, None, &["verify", &file]))?;
    let Some(database) = database else {
        return put(
            word,
            "restore MB/s",
            kontor(Path::new(&yard.path("restored")), None, &["restore", &file]),
        );
    };
    beside(server, database, &yard, &file, table)
}

/// What a database can be asked besides.
fn beside(
    server: &Server,
    database: &Postgres,
    yard: &Yard,
    file: &str,
    table: &mut Table,
) -> Result<(), String> {
    let word = server.kind.word();
    let mut put = |server: &str, row: &str, command: Command| yard.put(table, (server, row), command);
    let there = |name: &str| database.create(name);
    let to = there("restored");
    put(
        word,
        "restore MB/s",
        kontor(Path::new(&yard.path("restored")), None, &["--store", &to, "restore", file]),
    )?;
    let (from, to) = (database.url(DATABASE), yard.path("copied"));
    let copy = ["store", "copy", &from, &to, "--keep-open"];
    put(word, "copy to the other engine MB/s", kontor(&server.data, Some(database), &copy))?;
    // It may run as another user, who has no right on our folder.
    let dump = yard.path("office.dump");
    let fault = |error: std::io::Error| format!("{dump}: {error}");
    let mut command = database.program("pg_dump");
    command.args(["--format=custom", "--dbname", &from]).stdout(File::create(&dump).map_err(fault)?);
    put("pg_dump", "backup MB/s", command)?;
    let to = there("dumped");
    let mut command = database.program("pg_restore");
    command.args(["--dbname", &to]).stdin(File::open(&dump).map_err(fault)?);
    put("pg_dump", "restore MB/s", command)
}

/// From the stopped embedded store into a database.
pub(super) fn copied_over(folder: &Path, table: &mut Table) -> Result<(), String> {
    let (from, megabytes) = (folder.join(Kind::Kontor.word()), megabytes(folder)?);
    let database = Postgres::start("moving");
    let (here, to) = (from.display().to_string(), database.create("copied"));
    let yard = Yard { folder: folder.to_owned(), megabytes };
    let copy = kontor(&from, None, &["store", "copy", &here, &to, "--keep-open"]);
    yard.put(table, (Kind::Kontor.word(), "copy to the other engine MB/s"), copy)
}

impl Yard {
    /// Runs something that goes through all of it.
    fn put(&self, table: &mut Table, (server, row): (&str, &str), command: Command) -> Result<(), String> {
        let begun = Instant::now();
        run(command)?;
        table.put(server, row, self.megabytes / begun.elapsed().as_secs_f64(), None);
        Ok(())
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}

/// Of the file of the embedded store, with what is in its log.
fn megabytes(folder: &Path) -> Result<f64, String> {
    let data = folder.join(Kind::Kontor.word());
    let size = |name: &str| std::fs::metadata(data.join(name)).map_or(0, |file| file.len());
    match size("kontor.db") + size("kontor.db-wal") {
        0 => Err("there is no embedded store to tell the size by".to_owned()),
        bytes => Ok(bytes as f64 / 1e6),
    }
}

fn kontor(data: &Path, database: Option<&Postgres>, args: &[&str]) -> Command {
    let mut command = program(place::kontor(), &["--data", &data.display().to_string()]);
    command.args(args).stdout(Stdio::null()).stderr(Stdio::null());
    if let Some(database) = database {
        command.env("KONTOR_STORE_URL", database.url(DATABASE));
    }
    command
}
