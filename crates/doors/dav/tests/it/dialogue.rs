//! Save sequences of Office and LibreOffice, replayed from `tests/dialogue`.

use crate::scene::{Reply, Scene};
use std::collections::HashMap;

/// Requests and what must be answered; the format is told in `tests/dialogue/README.md`.
async fn replay(name: &str, text: &str) {
    let scene = Scene::new().await;
    let mut kept: HashMap<String, String> = HashMap::new();
    let mut request: Vec<String> = Vec::new();
    let mut reply: Option<Reply> = None;
    for (number, line) in text.lines().enumerate() {
        let at = format!("{name}:{}", number + 1);
        if let Some(said) = line.strip_prefix("C:") {
            if reply.take().is_some() {
                request.clear();
            }
            request.push(filled(said.strip_prefix(' ').unwrap_or(said), &kept));
        } else if let Some(expected) = line.strip_prefix("S: ") {
            match reply.take() {
                None => {
                    let text = spoken(&request);
                    let came = scene.anna(&text).await;
                    assert_eq!(came.status.to_string(), expected, "{at}: {text}\n{}", came.body);
                    reply = Some(came);
                }
                Some(came) => {
                    hold(&at, expected, &came, &mut kept);
                    reply = Some(came);
                }
            }
        } else {
            assert!(line.is_empty() || line.starts_with('#'), "{at}: {line}");
        }
    }
}

/// Head and body, with the empty line between them.
fn spoken(request: &[String]) -> String {
    let head: Vec<&str> = request.iter().map(String::as_str).take_while(|line| !line.is_empty()).collect();
    let body = request.get(head.len() + 1..).unwrap_or_default();
    format!("{}\n\n{}", head.join("\n"), body.join("\n"))
}

fn filled(line: &str, kept: &HashMap<String, String>) -> String {
    kept.iter().fold(line.to_owned(), |line, (name, value)| line.replace(&format!("${{{name}}}"), value))
}

#[track_caller]
fn hold(at: &str, expected: &str, came: &Reply, kept: &mut HashMap<String, String>) {
    if let Some(part) = expected.strip_prefix("has ") {
        assert!(came.body.contains(part), "{at}: no {part} in\n{}", came.body);
    } else if let Some(part) = expected.strip_prefix("lacks ") {
        assert!(!came.body.contains(part), "{at}: {part} in\n{}", came.body);
    } else if let Some((name, header)) = expected.strip_prefix("keep ").and_then(|rest| rest.split_once(' '))
    {
        kept.insert(name.to_owned(), came.header(header).to_owned());
    } else {
        let (name, part) = expected.split_once(": ").unwrap_or_else(|| panic!("{at}: {expected}"));
        assert!(came.header(name).contains(part), "{at}: {name}: {}", came.header(name));
    }
}

#[tokio::test]
async fn word_saves() {
    replay("word.txt", include_str!("../dialogue/word.txt")).await;
}

#[tokio::test]
async fn excel_saves() {
    replay("excel.txt", include_str!("../dialogue/excel.txt")).await;
}

#[tokio::test]
async fn windows_copies_to_a_drive() {
    replay("explorer.txt", include_str!("../dialogue/explorer.txt")).await;
}

#[tokio::test]
async fn libreoffice_saves() {
    replay("libreoffice.txt", include_str!("../dialogue/libreoffice.txt")).await;
}
