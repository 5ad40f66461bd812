//! Log-ins by HTTP Digest: decided as the others are, by a response instead of the password.

use super::Gate;
use crate::digest::{Answered, NewSecret};
use crate::key::purpose;
use crate::throttle::{Counters, Target};
use crate::{Admission, Attempt, Denied, DigestAttempt, DigestChallenge, DigestName, Digests, Proof};
use kontor_model::Principal;
use kontor_store::Op;
use std::sync::Arc;

impl Gate {
    /// The same gate, which takes responses, too.
    #[must_use]
    pub fn with_digests(mut self, digests: Option<Digests>) -> Self {
        self.digests = digests;
        self
    }

    /// What to ask a stranger for who must not show a password; nothing if that is switched off.
    pub fn challenges(&self) -> Vec<DigestChallenge> {
        self.digests.as_ref().map(Digests::challenges).unwrap_or_default()
    }

    /// What has to be written beside a new secret of that account, so that it serves for responses at once.
    pub fn beside(&self, who: &Principal, secret: NewSecret<'_>) -> Vec<Op> {
        self.digests.as_ref().map(|digests| digests.beside(who, secret)).unwrap_or_default()
    }

    /// Decides a response. Each is counted as a wrong password when it is wrong: that two are made of the same
    /// password cannot be seen.
    ///
    /// # Errors
    /// [`Denied`]; [`Denied::Stale`] for a challenge that is not good any more, whatever the response.
    pub async fn sign_in_by_digest(&self, attempt: &DigestAttempt<'_>) -> Result<Admission, Denied> {
        let Some(digests) = self.digests.as_ref().filter(|digests| digests.offers(attempt)) else {
            return Err(Denied::Wrong);
        };
        let answered = digests.challenge(attempt).ok_or(Denied::Stale)?;
        let _in_work = self.enter()?;
        let (DigestName::Plain(name) | DigestName::Hashed(name)) = attempt.name;
        let _turn = self.turn(name).await;
        let admission = self.respond(digests, attempt, answered).await?;
        if admission.scopes.allows(attempt.scope) { Ok(admission) } else { Err(Denied::Wrong) }
    }

    async fn respond(
        &self,
        digests: &Digests,
        attempt: &DigestAttempt<'_>,
        answered: Answered,
    ) -> Result<Admission, Denied> {
        let moment = self.moment();
        let (who, login) = digests.meant(&*self.directory, attempt).await?;
        let target = match &who {
            Some(found) => Target::Account(found.id),
            None => Target::Unknown(&login),
        };
        let counters = self.throttle.counters(&target, attempt.address).await?;
        if let Some(retry_after_s) = counters.as_ref().and_then(|counters| self.throttle.wait(counters)) {
            return Err(Denied::TooMany { retry_after_s });
        }
        let proof = self.proved(digests, (who.as_ref(), &login), attempt, counters.as_ref()).await?;
        let (Some(who), Some(proof)) = (who, proof) else { return Err(Denied::Wrong) };
        if !digests.first_time(answered) {
            return Err(Denied::Stale);
        }
        if let Some(counters) = &counters {
            self.throttle.forgive(counters).await?;
        }
        Ok(self.admit(who, proof, moment).await?.0)
    }

    /// What the response proves; if nothing, that is counted.
    async fn proved(
        &self,
        digests: &Digests,
        (who, login): (Option<&Arc<Principal>>, &str),
        attempt: &DigestAttempt<'_>,
        counters: Option<&Counters>,
    ) -> Result<Option<Proof>, Denied> {
        let prove = digests.prove(&*self.directory, who, login, attempt);
        let Some(counters) = counters else { return Ok(prove.await?) };
        let tried = self.key.digest(purpose::CREDENTIAL, &[login.as_bytes(), attempt.response.as_bytes()]);
        self.counted(counters, &tried, prove).await
    }

    /// Somebody showed a password that was right: what responses need is kept of it where that is missing.
    pub(super) async fn learn(&self, who: &Principal, attempt: &Attempt<'_>, proof: &Proof) {
        if let Some(digests) = &self.digests {
            let learnt = digests.learn(&*self.directory, who, attempt.name, (proof, attempt.password)).await;
            // It is for later log-ins by another way. This one does not fail by it, and the next one tries again.
            drop(learnt);
        }
    }
}
