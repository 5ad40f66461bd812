//! Forwarded addresses are believed from trusted proxies only.

use crate::house::{Running, start_with};
use kontor_listen::{Limits, Settings, TcpOptions, TrustedProxies};

async fn behind(range: &str) -> Running {
    let trusted_proxies =
        TrustedProxies { ranges: vec![range.parse().unwrap()], ..TrustedProxies::default() };
    start_with(Settings { trusted_proxies, ..Settings::default() }, TcpOptions::default()).await
}

const FORWARDED: &str = "X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n\
                         X-Forwarded-Host: office.example\r\n";

#[tokio::test]
async fn a_trusted_proxy_is_believed() {
    let answer = behind("127.0.0.0/8").await.get("/who", FORWARDED).await;
    assert!(answer.ends_with("192.0.2.7 true Some(\"office.example\") None"), "{answer}");
}

#[tokio::test]
async fn anybody_else_is_not() {
    let answer = behind("10.0.0.0/8").await.get("/who", FORWARDED).await;
    assert!(answer.ends_with("127.0.0.1 false Some(\"h.example\") None"), "{answer}");
}

#[tokio::test]
async fn clients_behind_a_proxy_are_not_limited_together() {
    let limits = Limits { connections_per_address: 1, ..Limits::default() };
    let trusted_proxies =
        TrustedProxies { ranges: vec!["127.0.0.1".parse().unwrap()], ..TrustedProxies::default() };
    let settings = Settings { limits, trusted_proxies, ..Settings::default() };
    let running = start_with(settings, TcpOptions::default()).await;
    let _held = [running.connect().await, running.connect().await];
    assert!(running.get("/", "").await.ends_with("hello"));
}
