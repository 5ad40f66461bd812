//! What an administrator may tune about log-ins.

use crate::{DigestAlgorithm, Network};

/// How dear a password digest is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArgonCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for ArgonCost {
    /// 19 MiB, two passes, one lane: the least that the OWASP sheet calls good, and what four cores can bear.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

/// Log-ins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInPolicy {
    /// Cost of new password digests; old ones are checked at the cost written in them.
    pub argon: ArgonCost,
    /// Digests computed at the same time; each takes its memory.
    pub hashes_at_once: usize,
    /// Log-ins in work at the same time, beyond which more are told to come back in a second.
    pub attempts_at_once: usize,
    /// For how many seconds a credential that was right is remembered.
    pub remember_s: i64,
    /// How many credentials are remembered.
    pub remembered: usize,
    /// Against guessing.
    pub throttle: ThrottlePolicy,
    /// For clients without TLS.
    pub digest: DigestPolicy,
}

/// HTTP Digest: a log-in that does not show the password. Off as long as no algorithm is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestPolicy {
    /// What is offered, in this order.
    pub algorithms: Vec<DigestAlgorithm>,
    /// The realm. With another one, everybody has to show their password once more.
    pub realm: String,
    /// For how many seconds a challenge is good.
    pub nonce_s: i64,
}

impl Default for DigestPolicy {
    fn default() -> Self {
        Self { algorithms: Vec::new(), realm: "Kontor".to_owned(), nonce_s: 300 }
    }
}

impl Default for SignInPolicy {
    fn default() -> Self {
        Self {
            argon: ArgonCost::default(),
            hashes_at_once: 2,
            attempts_at_once: 256,
            remember_s: 600,
            remembered: 16_384,
            throttle: ThrottlePolicy::default(),
            digest: DigestPolicy::default(),
        }
    }
}

/// Against guessing (features.md 2.14).
///
/// Failures are counted per (account, subnet), per account and per subnet. After `n` of them the next attempt has to
/// wait `0.1 s x 2^n`, at most [`longest_delay_s`](Self::longest_delay_s); waits below a second are waived, as they
/// cannot be told. When the longest delay is reached and more than [`most_recent`](Self::most_recent) failures lie
/// within [`recent_s`](Self::recent_s), nothing is checked until they grow old.
///
/// The pair counts in full. A whole account and a whole subnet count a fraction only (`account_weight`,
/// `subnet_weight`): a distributed guess or a spray is slowed, but neither can a stranger lock an account with a few
/// tries, nor an office behind one address lock itself out when some phones still have old passwords.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThrottlePolicy {
    /// Whether anything is counted at all.
    pub enabled: bool,
    /// How long a failure counts, in seconds; at most 48 h.
    pub window_s: i64,
    /// Cap of the delay, in seconds.
    pub longest_delay_s: i64,
    /// What counts as recent, in seconds.
    pub recent_s: i64,
    /// More recent failures than this, and nothing is checked.
    pub most_recent: usize,
    /// So many failures of an account, wherever from, count as one.
    pub account_weight: usize,
    /// So many failures from a subnet, whatever the account, count as one.
    pub subnet_weight: usize,
    /// Addresses that are never throttled.
    pub exempt: Vec<Network>,
}

impl ThrottlePolicy {
    /// The longest window, in seconds: 48 h.
    pub const LONGEST_WINDOW_S: i64 = 48 * 3600;
}

impl Default for ThrottlePolicy {
    fn default() -> Self {
        Self {
            enabled: true,
            window_s: 12 * 3600,
            longest_delay_s: 25,
            recent_s: 30 * 60,
            most_recent: 10,
            account_weight: 4,
            subnet_weight: 4,
            exempt: Vec::new(),
        }
    }
}
