//! Log-ins by HTTP Digest: a client that knows the password, and everybody else.

use crate::bed::{Bed, policy};
use kontor_directory::{Scope, ThrottlePolicy};
use kontor_groupware::{
    AppPasswordOrder, Asker, Denied, DigestAlgorithm, DigestAttempt, DigestName, Office, Policy, UserChange,
};
use md5::Md5;
use sha2::{Digest, Sha256};
use std::fmt::Write;

const HERE: &str = "192.0.2.1";

fn switched_on() -> Policy {
    let mut policy = policy();
    policy.sign_in.digest.algorithms = DigestAlgorithm::ALL.to_vec();
    policy
}

fn hex(algorithm: DigestAlgorithm, text: &str) -> String {
    let hash = match algorithm {
        DigestAlgorithm::Sha256 => Sha256::digest(text).to_vec(),
        DigestAlgorithm::Md5 => Md5::digest(text).to_vec(),
    };
    hash.iter().fold(String::new(), |mut all, byte| {
        let _ = write!(all, "{byte:02x}");
        all
    })
}

/// What a client says, made by the book and not by our own code.
#[derive(Clone)]
struct Client {
    algorithm: DigestAlgorithm,
    name: String,
    hashed: bool,
    password: String,
    nonce: String,
    count: u32,
    from: String,
}

impl Client {
    fn new(office: &Office, algorithm: DigestAlgorithm, name: &str, password: &str) -> Self {
        let (name, password, from) = (name.to_owned(), password.to_owned(), HERE.to_owned());
        Self { algorithm, name, hashed: false, password, nonce: nonce(office), count: 0, from }
    }

    /// The next request with the same challenge.
    async fn next(&mut self, office: &Office) -> Result<Asker, Denied> {
        self.count += 1;
        self.say(office).await
    }

    async fn say(&self, office: &Office) -> Result<Asker, Denied> {
        let count = format!("{:08x}", self.count);
        let secret = hex(self.algorithm, &format!("{}:Kontor:{}", self.name, self.password));
        let asked = "GET:/dav/";
        let of_asked = hex(self.algorithm, asked);
        let text = format!("{secret}:{}:{count}:mine:auth:{of_asked}", self.nonce);
        let hash = hex(self.algorithm, &format!("{}:Kontor", self.name));
        let attempt = DigestAttempt {
            name: if self.hashed { DigestName::Hashed(&hash) } else { DigestName::Plain(&self.name) },
            algorithm: self.algorithm,
            realm: "Kontor",
            nonce: &self.nonce,
            count: &count,
            client_nonce: "mine",
            asked,
            response: &hex(self.algorithm, &text),
            address: self.from.parse().unwrap(),
            scope: Scope::Dav,
        };
        office.sign_in_by_digest(attempt).await
    }
}

fn nonce(office: &Office) -> String {
    office.challenges().first().map(|one| one.nonce.clone()).unwrap_or_default()
}

fn who(result: Result<Asker, Denied>) -> Result<String, Denied> {
    result.map(|asker| asker.principal.name.to_string())
}

async fn check(office: &Office, name: &str, password: &str, expect: Result<&str, Denied>) {
    for algorithm in DigestAlgorithm::ALL {
        let mut client = Client::new(office, algorithm, name, password);
        assert_eq!(who(client.next(office).await), expect.clone().map(str::to_owned), "{name} {algorithm}");
        client.hashed = true;
        assert_eq!(who(client.next(office).await), expect.clone().map(str::to_owned), "hashed {name}");
    }
}

#[tokio::test]
async fn who_knows_the_password_comes_in() {
    let mut policy = switched_on();
    policy.sign_in.throttle.enabled = false;
    let bed = Bed::with(policy).await;
    bed.user("anna").await;
    check(&bed.office, "anna", "anna", Ok("anna")).await;
    check(&bed.office, "anna@example.com", "anna", Ok("anna")).await;
    check(&bed.office, "anna", "Anna", Err(Denied::Wrong)).await;
    check(&bed.office, "nobody", "anna", Err(Denied::Wrong)).await;
    bed.office.set_password(&bed.root, "anna", "Gl\u{fc}ck").await.unwrap();
    check(&bed.office, "anna", "Gl\u{fc}ck", Ok("anna")).await;
    check(&bed.office, "anna", "anna", Err(Denied::Wrong)).await;
    let closed = UserChange { active: Some(false), ..UserChange::default() };
    bed.office.update_user(&bed.root, "anna", closed).await.unwrap();
    check(&bed.office, "anna", "Gl\u{fc}ck", Err(Denied::Wrong)).await;
}

#[tokio::test]
async fn an_app_password_serves_with_and_without_its_hyphens() {
    let bed = Bed::with(switched_on()).await;
    let anna = bed.user("anna").await;
    let order = AppPasswordOrder { label: "Word".to_owned(), read_only: true, ..AppPasswordOrder::default() };
    let made = bed.office.create_app_password(&anna, "anna", order).await.unwrap();
    check(&bed.office, "anna", &made.secret, Ok("anna")).await;
    check(&bed.office, "anna", &made.secret.replace('-', ""), Ok("anna")).await;
    let mut client = Client::new(&bed.office, DigestAlgorithm::Sha256, "anna", &made.secret);
    assert!(client.next(&bed.office).await.unwrap().read_only);
    bed.office.revoke_app_password(&anna, "anna", made.id).await.unwrap();
    assert_eq!(who(client.next(&bed.office).await), Err(Denied::Wrong));
}

/// What there is of passwords from before, and of other names, is learnt when they are shown.
#[tokio::test]
async fn an_old_password_serves_after_it_was_shown_once() {
    let bed = Bed::new().await;
    bed.user("anna").await;
    let aliases = Some(vec!["anna.b@example.com".to_owned()]);
    bed.office.update_user(&bed.root, "anna", UserChange { aliases, ..UserChange::default() }).await.unwrap();
    assert!(bed.office.challenges().is_empty(), "off as long as nobody wants it");
    let on = bed.again(switched_on()).await;
    check(&on, "anna", "anna", Err(Denied::Wrong)).await;
    for name in ["anna", "anna.b@example.com", "ANNA@example.com"] {
        bed.sign_in(&on, name, "anna", "192.0.2.7").await.unwrap();
    }
    check(&on, "anna", "anna", Ok("anna")).await;
    check(&on, "anna.b@example.com", "anna", Ok("anna")).await;
    check(&on, "ANNA@example.com", "anna", Err(Denied::Wrong)).await;
    let off = bed.again(policy()).await;
    let client = Client { count: 1, ..Client::new(&on, DigestAlgorithm::Md5, "anna", "anna") };
    assert_eq!(who(client.say(&off).await), Err(Denied::Wrong), "switched off again");
    let mut only_sha = switched_on();
    only_sha.sign_in.digest.algorithms = vec![DigestAlgorithm::Sha256];
    assert_eq!(who(client.say(&bed.again(only_sha).await).await), Err(Denied::Wrong), "MD5 is not offered");
}

#[tokio::test]
async fn a_request_is_let_in_once() {
    let bed = Bed::with(switched_on()).await;
    bed.user("anna").await;
    let mut client = Client::new(&bed.office, DigestAlgorithm::Sha256, "anna", "anna");
    for _ in 0..100 {
        assert_eq!(who(client.next(&bed.office).await), Ok("anna".to_owned()));
    }
    assert_eq!(who(client.say(&bed.office).await), Err(Denied::Stale), "the same again");
    client.count -= 10;
    assert_eq!(who(client.say(&bed.office).await), Err(Denied::Stale), "one of those before");
    client.count += 20;
    assert_eq!(who(client.say(&bed.office).await), Ok("anna".to_owned()), "some were lost on the way");
    let restarted = bed.again(switched_on()).await;
    bed.pass_s(1);
    assert_eq!(who(client.next(&restarted).await), Ok("anna".to_owned()), "of the same moment");
    let later = bed.again(switched_on()).await;
    assert_eq!(
        who(client.next(&later).await),
        Err(Denied::Stale),
        "it may have been used before the restart"
    );
}

/// Nothing of the response is looked at: neither does it help to guess, nor does it count.
#[tokio::test]
async fn an_old_challenge_is_answered_by_a_new_one() {
    let bed = Bed::with(switched_on()).await;
    bed.user("anna").await;
    let mut right = Client::new(&bed.office, DigestAlgorithm::Sha256, "anna", "anna");
    let mut wrong = Client { password: "x".to_owned(), ..right.clone() };
    let mut foreign = Client { nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c0".to_owned(), ..right.clone() };
    bed.pass_s(300);
    for _ in 0..20 {
        assert_eq!(who(right.next(&bed.office).await), Err(Denied::Stale));
        assert_eq!(who(wrong.next(&bed.office).await), Err(Denied::Stale));
        assert_eq!(who(foreign.next(&bed.office).await), Err(Denied::Stale));
    }
    right.nonce = nonce(&bed.office);
    assert_eq!(who(right.next(&bed.office).await), Ok("anna".to_owned()));
}

#[tokio::test]
async fn guessers_wait_by_either_way() {
    let mut policy = switched_on();
    policy.sign_in.throttle =
        ThrottlePolicy { longest_delay_s: 1, most_recent: 3, ..ThrottlePolicy::default() };
    let bed = Bed::with(policy).await;
    bed.user("anna").await;
    for name in ["anna", "nobody"] {
        let from = format!("198.51.100.{}", name.len());
        let new =
            || Client { from: from.clone(), ..Client::new(&bed.office, DigestAlgorithm::Md5, name, "x") };
        let mut answers = Vec::new();
        for _ in 0..6 {
            answers.push(matches!(new().next(&bed.office).await, Err(Denied::TooMany { .. })));
        }
        assert_eq!(answers, [false, false, false, false, true, true], "{name}");
        let basic = bed.sign_in(&bed.office, name, "anna", &from).await;
        assert!(matches!(basic, Err(Denied::TooMany { .. })), "{name}: and the right password waits, too");
    }
    check(&bed.office, "anna", "anna", Ok("anna")).await;
}

/// What is kept is as good as the password, so it does not lie about, and nothing serves that is of an old one.
#[tokio::test]
async fn what_is_kept_is_sealed_and_goes_with_the_password() {
    let mut policy = switched_on();
    policy.sign_in.throttle.enabled = false;
    let bed = Bed::with(policy).await;
    bed.user("anna").await;
    check(&bed.office, "anna", "anna", Ok("anna")).await;
    let kept = Sha256::digest("anna:Kontor:anna");
    let mut looked_at = 0;
    for file in std::fs::read_dir(bed.folder.path()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            looked_at += bytes.len();
            assert!(!bytes.windows(kept.len()).any(|window| window == kept.as_slice()), "{}", path.display());
        }
    }
    assert!(looked_at > 50_000, "the store is there");
    bed.office.set_password(&bed.root, "anna", "new").await.unwrap();
    check(&bed.office, "anna", "anna", Err(Denied::Wrong)).await;
    check(&bed.office, "anna", "new", Ok("anna")).await;
    bed.office.set_password(&bed.root, "anna", "anna").await.unwrap();
    check(&bed.office, "anna", "anna", Ok("anna")).await;
}
