//! The log of the process: lines on stderr, text or JSON. No passwords, no bodies: whoever logs sees to that.

use crate::config::{Log, LogFormat};
use std::io::IsTerminal;
use std::panic::PanicHookInfo;
use tracing_subscriber::EnvFilter;

/// Begins to log. Call once.
pub(crate) fn begin(log: &Log) {
    // Libraries speak up only when something is wrong.
    // All our rooms begin with this name.
    let filter = format!("warn,kontor={}", log.level);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        // A line that cannot be written (the log's disk is full, its reader is gone) is lost. To complain of it, on
        // stderr again, would be a panic, and one inside the panic hook at that: the end of the process.
        .log_internal_errors(false);
    let terminal = std::io::stderr().is_terminal();
    match log.format {
        LogFormat::Text => builder.with_ansi(terminal).init(),
        LogFormat::Auto if terminal => builder.with_ansi(true).init(),
        LogFormat::Json | LogFormat::Auto => builder.json().flatten_event(true).init(),
    }
    std::panic::set_hook(Box::new(on_panic));
}

/// A panic costs one request; the log says where it was. The text is left out if it was made at run time, because it
/// may quote what a client sent.
fn on_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let text = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or_default();
    tracing::error!(place, text, "a panic");
}
