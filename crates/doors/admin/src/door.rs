//! The door itself.

use crate::{Figure, Refusal, execute, metrics};
use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use kontor_groupware::Office;
use kontor_listen::{Answering, Body, BodyError, Door, Meter, Request, Response};
use serde::Serialize;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of one command.
const LARGEST_COMMAND: usize = 64 * 1024;
/// A store that has not answered by then is not well.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the store something small, and to write; the text says why it did not.
pub type Probe = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

/// Begins to pour out everything, as one stream; the text says why not. Whoever asks may know all secrets.
pub type Export = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Body, String>> + Send>> + Send + Sync>;

/// What the door works with.
pub struct Parts {
    /// The office that commands are done on.
    pub office: Office,
    /// The user id that may give commands, besides root: that of the server.
    pub owner: u32,
    /// Version of the server.
    pub version: &'static str,
    /// Numbers of the server that clients come to.
    pub meter: Arc<Meter>,
    /// Whether the store answers.
    pub probe: Probe,
    /// A backup of everything.
    pub export: Export,
    /// What comes of a look at what rows do not tell, line by line.
    pub survey: Export,
    /// As a backup, with rows alone.
    pub rows: Export,
    /// Numbers from elsewhere.
    pub figures: Box<dyn Fn() -> Vec<Figure> + Send + Sync>,
}

/// Commands, health and numbers.
pub struct AdminDoor(Parts);

impl AdminDoor {
    /// Makes the door.
    pub fn new(parts: Parts) -> Self {
        Self(parts)
    }

    async fn answer(&self, mut request: Request) -> Response {
        let reading = request.head.method == Method::GET || request.head.method == Method::HEAD;
        match request.head.uri.path() {
            "/healthz" if reading => self.health().await,
            "/metrics" if reading => self.metrics(),
            "/healthz" | "/metrics" => wrong_method("GET, HEAD"),
            "/command" if request.head.method == Method::POST => self.command(&mut request).await,
            "/backup" if request.head.method == Method::POST => self.pour(&self.0.export, &mut request).await,
            "/rows" if request.head.method == Method::POST => self.pour(&self.0.rows, &mut request).await,
            "/survey" if request.head.method == Method::POST => self.pour(&self.0.survey, &mut request).await,
            "/command" | "/backup" | "/rows" | "/survey" => wrong_method("POST"),
            _ => plain(StatusCode::NOT_FOUND, "there are /healthz and /metrics\n".into()),
        }
    }

    async fn health(&self) -> Response {
        match tokio::time::timeout(PATIENCE, (self.0.probe)()).await {
            Ok(Ok(())) => plain(StatusCode::OK, "ok\n".into()),
            Ok(Err(why)) => plain(StatusCode::SERVICE_UNAVAILABLE, format!("the store is not well: {why}\n")),
            Err(_) => {
                let text = format!("the store has not answered for {} s\n", PATIENCE.as_secs());
                plain(StatusCode::SERVICE_UNAVAILABLE, text)
            }
        }
    }

    fn metrics(&self) -> Response {
        let page = metrics::page(self.0.version, &self.0.meter.numbers(), &(self.0.figures)());
        let mut response = plain(StatusCode::OK, page);
        let media_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, media_type);
        response
    }

    async fn command(&self, request: &mut Request) -> Response {
        match self.run(request).await {
            Ok(answer) => json(StatusCode::OK, &answer),
            Err(refusal) => {
                let status =
                    StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                if status.is_server_error() {
                    tracing::error!(id = %request.id, %refusal, "an admin command failed");
                }
                json(status, &refusal)
            }
        }
    }

    async fn pour(&self, export: &Export, request: &mut Request) -> Response {
        if let Err(refusal) = self.admit(request).await {
            return json(StatusCode::FORBIDDEN, &refusal);
        }
        match export().await {
            Ok(body) => {
                let mut response = Response::new(body);
                let media_type = HeaderValue::from_static("application/octet-stream");
                response.headers_mut().insert(CONTENT_TYPE, media_type);
                response
            }
            Err(why) => {
                tracing::error!(id = %request.id, why, "what was asked for could not be begun");
                json(StatusCode::CONFLICT, &Refusal::new(StatusCode::CONFLICT, why))
            }
        }
    }

    /// The body of a request of somebody who may give commands.
    async fn admit(&self, request: &mut Request) -> Result<Bytes, Refusal> {
        // Read before anything is refused, so that the client is there to hear it.
        let bytes = request.body.read_all(LARGEST_COMMAND).await.map_err(|error| {
            let status = match error {
                BodyError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                BodyError::TooSlow => StatusCode::REQUEST_TIMEOUT,
                BodyError::Broken => StatusCode::BAD_REQUEST,
                BodyError::NoRoom => StatusCode::SERVICE_UNAVAILABLE,
            };
            Refusal::new(status, error.to_string())
        })?;
        if !request.peer.uid.is_some_and(|uid| uid == 0 || uid == self.0.owner) {
            let why = "commands are taken on the admin socket only, from root and the server's own user";
            return Err(Refusal::new(StatusCode::FORBIDDEN, why));
        }
        Ok(bytes)
    }

    async fn run(&self, request: &mut Request) -> Result<crate::Answer, Refusal> {
        let bytes = self.admit(request).await?;
        let command = serde_json::from_slice(&bytes).map_err(|error| {
            // The text may hold a password, so the error tells the place only.
            let at = format!("line {}, column {}", error.line(), error.column());
            Refusal::new(StatusCode::BAD_REQUEST, format!("this is not a known command ({at})"))
        })?;
        execute(&self.0.office, command).await
    }
}

impl Door for AdminDoor {
    fn handle(&self, request: Request) -> Answering<'_> {
        Box::pin(self.answer(request))
    }
}

fn wrong_method(allowed: &'static str) -> Response {
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n".into());
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

fn plain(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::full(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let mut response = plain(status, serde_json::to_string(value).unwrap_or_default());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
