//! `cargo xtask up`: from a fresh clone to a running demo office.

use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::time::Duration;

use crate::shell::{cargo, program, run};
use crate::{Outcome, place};

const LISTEN: &str = "127.0.0.1:8080";
const DATA: &str = "./kontor-data";

/// Builds, makes the demo office on first use, says how to connect, and becomes the server.
pub(crate) fn run_task(args: &[String]) -> Outcome {
    if !args.is_empty() {
        return Err("usage: cargo xtask up".to_owned());
    }
    run(cargo(&["build", "--release", "--package", "kontor"]))?;
    let address: SocketAddr = LISTEN.parse().map_err(|e| format!("reading {LISTEN}: {e}"))?;
    if TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
        return Err(format!("{LISTEN} is taken: is another server running there?"));
    }
    let kontor = place::kontor();
    if place::root().join(DATA).exists() {
        println!(
            "\nThe office in {DATA} is used as it is. Passwords were printed when it was made; to set another:"
        );
        println!("  {} --data {DATA} user password NAME", kontor.display());
    } else {
        println!("\nA new demo office in {DATA}:\n");
        run(program(&kontor, &["--data", DATA, "demo"]))?;
    }
    println!("{}", how_to_connect(&format!("http://{LISTEN}")));
    let error = program(&kontor, &["--data", DATA, "serve", "--listen", LISTEN]).exec();
    Err(format!("starting {}: {error}", kontor.display()))
}

fn how_to_connect(url: &str) -> String {
    format!(
        "\nKontor serves on {url}/ until Ctrl-C. NAME is a log-in, such as one printed with the demo office.

  Browser      {url}/ tells how to connect, per client
  Thunderbird  Calendar > New Calendar > On the Network: user name NAME, location {url}/
               Address Book > New > Add CardDAV Address Book: the same
  iOS, macOS   Settings > Apps > Calendar > Accounts > Add > Other > CalDAV account (contacts: CardDAV account)
               Server {url}, user name NAME. A phone needs an address it can reach and TLS: see docs/admin
  DAVx5        Log in with URL and user name: base URL {url}/
  Files        {url}/dav/files/NAME/ in a browser, a file manager or LibreOffice
  Outlook      Open {url}/connect in a browser on the same machine, log in as NAME, and choose \"Connect to Outlook\"
  curl         curl -u NAME {url}/dav/calendars/NAME/default/
"
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_client_of_the_readme_is_told_how_to_connect() {
        let text = super::how_to_connect("http://x");
        for client in ["Thunderbird", "iOS", "DAVx5", "Outlook", "Files", "curl"] {
            assert!(text.contains(client), "{client}");
        }
    }
}
