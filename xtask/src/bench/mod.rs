//! `cargo xtask bench`: Kontor beside other servers, in one run, with the same load.
//!
//! Absolute times wander with the machine, so the run measures two ceilings first (how fast the disk makes one write
//! durable, how fast a socket loop answers), prints the servers' CPU per request beside every row, and gives ratios
//! against the peers. Every answer is counted against the generator's own arithmetic: a fast wrong answer is an error,
//! not a figure.
//!
//! - [`load`]: the office that is put in, and what must come out
//! - [`http`]: a client that costs little; [`hammer`]: many of them at once
//! - [`server`]: starting, filling, measuring and stopping a server
//! - [`rows`]: what is measured; [`question`]: what reports ask and how answers are checked; [`scale`]: rows that only Kontor is asked
//! - [`crowd`]: many accounts that PUT at once
//! - [`moving`]: backup, verification, restore, copy of whole stores
//! - [`lists`]: the list door beside the DAV door
//! - [`files`]: files beside Apache's mod_dav and rclone
//! - [`ceiling`]: what the machine can do at all
//! - [`table`](Table): printing; [`target`]: what is to be reached

mod ceiling;
mod crowd;
mod files;
mod fill;
mod hammer;
mod http;
mod launch;
mod lists;
mod load;
mod moving;
mod postgres;
mod question;
mod rows;
mod scale;
mod server;
mod table;
mod target;

use crate::shell::{cargo, run};
use crate::{Outcome, place};
use server::{Kind, Server};
use table::Table;

const USAGE: &str =
    "usage: cargo xtask bench [--items N] [--only kontor,postgres,radicale,xandikos] [--lists] [--shared] [--moving] [--scale] [--json FILE]
  --items N    events and cards in the collections asked (default 10000)
  --only LIST  servers to measure (default all); postgres is Kontor on PostgreSQL, with pgbench and Kontor on
               SQLite beside it; the word files alone: files, beside Apache's mod_dav and rclone
  --lists      the rows of the list door alone, beside the DAV door of the same server
  --shared     only what no other server is asked: Kontor on PostgreSQL beside pgbench, on two nodes, beside slow
               accounts, with large bodies in a folder and a bucket (two minutes)
  --moving     only how fast whole stores are backed up, verified, restored and copied, beside pg_dump
  --scale      also: 100,000 items, 10,000 idle event streams, start-up with 1,000,000 items (minutes)
  --json FILE  write the figures there too";

/// What was asked on the command line.
struct Options {
    items: usize,
    only: Vec<Kind>,
    lists: bool,
    shared: bool,
    moving: bool,
    scale: bool,
    json: Option<String>,
}

fn options(args: &[String]) -> Result<Options, String> {
    let mut options = Options {
        items: 10_000,
        only: Kind::ALL.to_vec(),
        lists: false,
        shared: false,
        moving: false,
        scale: false,
        json: None,
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().cloned().ok_or_else(|| USAGE.to_owned());
        match arg.as_str() {
            "--items" => options.items = value()?.parse().map_err(|_| USAGE.to_owned())?,
            "--only" => {
                let list = value()?;
                options.only = list
                    .split(',')
                    .map(|word| Kind::from_word(word).ok_or_else(|| USAGE.to_owned()))
                    .collect::<Result<_, _>>()?;
            }
            "--lists" => options.lists = true,
            "--shared" => options.shared = true,
            "--moving" => options.moving = true,
            "--scale" => options.scale = true,
            "--json" => options.json = Some(value()?),
            _ => return Err(USAGE.to_owned()),
        }
    }
    if options.lists {
        options.only.retain(|kind| kind.is_kontor());
    }
    if options.moving {
        options.only = vec![Kind::Kontor, Kind::Postgres];
    } else if options.shared {
        options.only = vec![Kind::Postgres];
    } else if options.only.contains(&Kind::Postgres) && !options.only.contains(&Kind::Kontor) {
        options.only.insert(0, Kind::Kontor);
    }
    Ok(options)
}

/// Runs the whole bench.
pub(crate) fn run_task(args: &[String]) -> Outcome {
    if let [word, rest @ ..] = args
        && word == scale::HOLD_STREAMS
    {
        return scale::hold_streams(rest);
    }
    let files = args.windows(2).any(|pair| pair == ["--only", "files"]);
    let options = options(if files { &[] } else { args })?;
    run(cargo(&["build", "--release", "--package", "kontor"]))?;
    let folder = place::target().join("bench");
    std::fs::create_dir_all(&folder).map_err(|e| format!("making {}: {e}", folder.display()))?;
    let mut table = Table::default();
    if files {
        files::measure(&folder, &mut table)?;
        table.print();
        return Ok(());
    }
    ceiling::measure(&folder, &mut table)?;
    let office = load::Office::new(options.items);
    for kind in &options.only {
        println!("\n-- {}", kind.word());
        let mut server = Server::start(*kind, &folder)?;
        server.fill(&office)?;
        if options.moving {
            moving::measure(&server, &folder, &mut table)?;
            server.stop()?;
            if *kind == Kind::Kontor {
                moving::copied_over(&folder, &mut table)?;
            }
            continue;
        }
        if options.lists {
            lists::measure(&server, &office, &mut table)?;
            if options.scale {
                lists::large(&server, &mut table)?;
            }
            server.stop()?;
            continue;
        }
        if !options.shared {
            rows::measure(&mut server, &office, &mut table)?;
            table.put(kind.word(), "peak memory MiB", server.peak_mib()?, None);
        }
        if kind.is_kontor() {
            crowd::gather(&server)?;
            rows::put_accounts(&server, &mut table)?;
        }
        if *kind == Kind::Postgres {
            postgres::measure(&server, &folder, &office, &mut table)?;
        }
        if options.scale && *kind == Kind::Kontor {
            scale::measure(&mut server, &office, &mut table)?;
        }
        server.stop()?;
    }
    if options.scale && !options.lists {
        scale::start_up(&folder, &mut table)?;
    }
    table.print();
    match options.json {
        Some(file) => std::fs::write(&file, table.json()).map_err(|e| format!("writing {file}: {e}")),
        None => Ok(()),
    }
}
