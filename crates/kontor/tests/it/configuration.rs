//! `kontor config`, and what is believed when several say something.

use crate::house::{command, finish, kontor};
use kontor_testkit::Folder;

#[test]
fn the_example_is_a_good_configuration() {
    let folder = Folder::new("example");
    let example = kontor(folder.path(), &["config", "example"]).done();
    assert!(example.contains("max_item_size") && example.contains("[connections]"));
    folder.write("kontor.toml", &example);
    assert_eq!(kontor(folder.path(), &["config", "check"]).done(), "the configuration is good\n");
}

#[test]
fn mistakes_are_told_with_file_and_line() {
    let folder = Folder::new("mistakes");
    let check = |text: &str, holds: &str| {
        folder.write("kontor.toml", text);
        kontor(folder.path(), &["config", "check"]).refused(holds);
        kontor(folder.path(), &["serve"]).refused(holds);
    };
    check("[server]\n\nlissen = []\n", "kontor.toml:3: unknown field `lissen`");
    check("[limits]\nmax_item_size = \"much\"\n", "kontor.toml:2: ");
    check("[server]\ntls_cert = \"cert.pem\"\n", "tls_key");
    check("[server]\ntls_cert = \"no.pem\"\ntls_key = \"no.pem\"\n", "no.pem");
    check("[limits]\nmax_item_size = 0\n", "kontor.toml:2: limits.max_item_size is 0, but at least 1024");
    check("\n[server]\nlisten = []\n", "kontor.toml:3: server.listen is empty");
    check("[log]\nlevel = \"loud\"\n", "kontor.toml:2: log.level is one of");
    check("[connections]\nidle_seconds = 18446744073709551615\n", "kontor.toml:2: connections.idle_seconds");
    check("listen = 1\n", "kontor.toml:1: unknown field `listen`");
    let named = folder.write("other.toml", "[dav]\nx = 1\n");
    let args = ["--config", named.to_str().unwrap(), "config", "check"];
    kontor(folder.path(), &args).refused("other.toml:2: ");
    kontor(folder.path(), &["--config", "/nowhere/k.toml", "config", "check"]).refused("/nowhere/k.toml");
}

#[test]
fn flags_go_before_environment_before_file() {
    let folder = Folder::new("precedence");
    // Ports that are taken: which one is complained about tells which one was believed.
    let held = [0; 3].map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let [in_file, in_environment, in_flags] =
        held.each_ref().map(|held| held.local_addr().unwrap().to_string());
    folder.write("kontor.toml", format!("[server]\nlisten = [\"{in_file}\"]\n"));
    let run = |variable: Option<&str>, args: &[&str]| {
        let mut command = command(folder.path(), args);
        finish(command.envs(variable.map(|value| ("KONTOR_SERVER_LISTEN", value))), "")
    };
    run(None, &["serve"]).refused(&in_file);
    run(Some(&in_environment), &["serve"]).refused(&in_environment);
    run(Some(&in_environment), &["serve", "--listen", &in_flags]).refused(&in_flags);
    run(Some("here"), &["serve"]).refused("KONTOR_SERVER_LISTEN");
}
