//! The reception: where people prove who they are, and get tokens.
//!
//! What is decided here is asked of the core as well, which knows who may come in and leaves a record.

use std::{io, sync::Arc, time::Duration};

use parking_lot::Mutex;
use pilothouse_core::{
    Caller, CoreError, Role, Scope,
    agents::KeyHash,
    ids::{ConnectionId, SignInId, UserId},
    people::{Failure, Refusal, Request, SignIn, User},
    ports::{Credentials, StoreError},
    time::{Moment, Timestamp},
};

use super::{
    codes::Codes,
    credential::Credential,
    devices::{Approval, Devices},
    passwords::{Passwords, Unhashed},
    random,
    throttle::{Throttle, Wait},
    tokens::{Grant, Signer},
};
use crate::{
    config::{Config, PeopleSettings},
    desk::{self, NoAnswer},
    gateway::Whence,
    hub::Hub,
};

/// What a secret for refreshing begins with; the name of the sign-in follows, and a dot.
const PREFIX: &str = "phr_";
/// The longest name that is looked up or written down, in bytes.
const LONGEST_LOGIN: usize = 254;
/// The user of links that open the page, which needs no account.
pub(crate) const LOCAL: &str = "local";
/// How long the token counts that such a link is exchanged for.
const LINK_LIFETIME: Duration = Duration::from_hours(12);

/// Everything people need to come in.
pub(crate) struct Reception {
    pub(crate) passwords: Passwords,
    pub(crate) throttle: Mutex<Throttle>,
    pub(crate) codes: Mutex<Codes>,
    pub(crate) devices: Mutex<Devices>,
    signer: Signer,
    credentials: Arc<dyn Credentials>,
    pub(crate) settings: PeopleSettings,
}

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotLetIn {
    /// They tried too often.
    #[error("too many attempts; try again in {} s", .0.as_millis().div_ceil(1000))]
    TooOften(Duration),
    /// Too many others come in at once.
    #[error(transparent)]
    Unhashed(#[from] Unhashed),
    /// What is stored cannot be read.
    #[error("nobody can sign in now; try again later")]
    Store(#[from] StoreError),
    /// The core says no, or nothing.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// There are no random numbers.
    #[error("no token can be made now")]
    Random(#[from] io::Error),
}

/// What somebody gets who was let in.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) token: String,
    pub(crate) lifetime: Duration,
    /// For the next token; only people with an account get one.
    pub(crate) refresh: Option<String>,
    /// Their account, if they have one.
    pub(crate) user: Option<Arc<User>>,
}

impl Reception {
    pub(crate) fn new(config: &Config, signer: Signer, credentials: Arc<dyn Credentials>) -> Self {
        let settings = config.people.clone();
        let throttle = Throttle::new(settings.attempts_per_account, settings.attempts_per_address);
        Self {
            passwords: Passwords::default(),
            throttle: Mutex::new(throttle),
            codes: Mutex::default(),
            devices: Mutex::default(),
            signer,
            credentials,
            settings,
        }
    }

    /// Lets somebody in who knows a password.
    pub(crate) async fn sign_in(
        &self,
        hub: &Hub,
        login: &str,
        password: String,
        whence: &Whence,
    ) -> Result<Admitted, NotLetIn> {
        let address = &whence.address;
        let login = &login[..login.floor_char_boundary(LONGEST_LOGIN)];
        let user = hub.look(|core, _| core.people().find(login).cloned());
        // One account has one bucket, by whichever of its names.
        let account =
            user.as_ref().map_or_else(|| login.to_lowercase(), |user| user.id.to_string());
        let stranger = stranger(login, address);
        if let Err(wait) = self.attempt(hub, Some(&account), address) {
            if wait.is_first {
                let failed = Request::FailSignIn { name: login.into(), failure: Failure::TooOften };
                let _ = ask(hub, &stranger, failed).await;
            }
            return Err(NotLetIn::TooOften(wait.left));
        }
        if !self.is_password(user.as_ref(), password).await? {
            let failed = Request::FailSignIn { name: login.into(), failure: Failure::Wrong };
            ask(hub, &stranger, failed).await?;
        }
        let wrong = NoAnswer::Refused(CoreError::People(Refusal::WrongCredentials));
        let user = user.ok_or(wrong)?;
        let admitted = self.admit(hub, &user, whence).await?;
        self.throttle.lock().forgive(Some(&account), address);
        Ok(admitted)
    }

    /// Whether it is the person's password; nobody has one.
    pub(crate) async fn is_password(
        &self,
        user: Option<&Arc<User>>,
        password: String,
    ) -> Result<bool, NotLetIn> {
        // For nobody as well, so that it takes as long; ids of accounts look different.
        let nobody = UserId::new("nobody").expect("this is an id");
        let id = user.map_or(&nobody, |user| &user.id);
        let known = self.credentials.password(id).await?;
        Ok(self.passwords.is(password, known).await?)
    }

    /// Takes an attempt, if there is one left.
    pub(crate) fn attempt(
        &self,
        hub: &Hub,
        account: Option<&str>,
        address: &str,
    ) -> Result<(), Wait> {
        self.throttle.lock().attempt(account, address, hub.clock.now().steady)
    }

    /// Begins a sign-in of somebody who has proved who they are.
    pub(crate) async fn admit(
        &self,
        hub: &Hub,
        user: &Arc<User>,
        whence: &Whence,
    ) -> Result<Admitted, NotLetIn> {
        let now = hub.clock.now();
        let name = random::secret()?;
        let id = SignInId::new(&name).map_err(|error| io::Error::other(error.to_string()))?;
        let secret = random::secret()?;
        let sign_in = SignIn {
            id: id.clone(),
            user: user.id.clone(),
            secret: hash(&secret),
            begun_at: now.wall,
            expires_at: later(now.wall, self.settings.refresh_lifetime),
            address: whence.address.clone(),
            program: whence.program.clone(),
        };
        let caller = Caller {
            user: user.id.as_str().into(),
            name: user.username.clone(),
            scope: Scope::Person(user.role),
            program: whence.program.clone(),
            ..stranger("", &whence.address)
        };
        ask(hub, &caller, Request::SignIn(sign_in)).await?;
        self.issue(hub, &id, &secret, now)
    }

    /// Gives the next token for a secret that was not used before.
    pub(crate) async fn refresh(
        &self,
        hub: &Hub,
        shown: &str,
        address: &Arc<str>,
    ) -> Result<Admitted, NotLetIn> {
        let over = || NoAnswer::Refused(CoreError::People(Refusal::SignInOver));
        // Attempts bound what strangers can have written into the audit.
        self.attempt(hub, None, address).map_err(|wait| NotLetIn::TooOften(wait.left))?;
        let (id, old) =
            shown.strip_prefix(PREFIX).and_then(|it| it.split_once('.')).ok_or_else(over)?;
        let id = SignInId::new(id).map_err(|_| over())?;
        let now = hub.clock.now();
        let secret = random::secret()?;
        let request = Request::Refresh {
            sign_in: id.clone(),
            shown: hash(old),
            next: hash(&secret),
            expires_at: later(now.wall, self.settings.refresh_lifetime),
        };
        // For the record: whose secret it is, or was said to be.
        let whose = hub.look(|core, _| core.people().sign_in(&id).map(|known| known.user.clone()));
        let name = whose.as_ref().map_or("", |user| user.as_str());
        ask(hub, &stranger(name, address), request).await?;
        self.throttle.lock().forgive(None, address);
        self.issue(hub, &id, &secret, now)
    }

    /// Lets somebody in who has the code of a link.
    pub(crate) async fn exchange(
        &self,
        hub: &Hub,
        code: &str,
        address: &Arc<str>,
    ) -> Result<Admitted, NotLetIn> {
        self.attempt(hub, None, address).map_err(|wait| NotLetIn::TooOften(wait.left))?;
        let now = hub.clock.now();
        let is_good = self.codes.lock().take(code, now.steady);
        let name = if is_good { LOCAL } else { "" };
        ask(hub, &stranger(name, address), Request::ExchangeCode { is_good }).await?;
        self.throttle.lock().forgive(None, address);
        let grant = Grant::Person { user: LOCAL.to_owned(), role: Role::Admin };
        let token = self.signer.sign(&grant, now.wall, LINK_LIFETIME);
        Ok(Admitted { token, lifetime: LINK_LIFETIME, refresh: None, user: None })
    }

    /// Lets a program in for the one who approved it.
    pub(crate) async fn approved(
        &self,
        hub: &Hub,
        approval: &Approval,
        whence: &Whence,
    ) -> Result<Admitted, NotLetIn> {
        let user = hub.look(|core, _| core.people().named(&approval.user).cloned());
        if let Some(user) = user {
            return self.admit(hub, &user, whence).await;
        }
        let lifetime = self.settings.token_lifetime;
        let grant = Grant::Person { user: approval.user.to_string(), role: approval.role };
        let token = self.signer.sign(&grant, hub.clock.now().wall, lifetime);
        Ok(Admitted { token, lifetime, refresh: None, user: None })
    }

    /// A token that the core has granted.
    pub(crate) fn sign(&self, grant: &Grant, now: Timestamp, lifetime: Duration) -> String {
        self.signer.sign(grant, now, lifetime)
    }

    fn issue(
        &self,
        hub: &Hub,
        id: &SignInId,
        secret: &str,
        now: Moment,
    ) -> Result<Admitted, NotLetIn> {
        let user = hub.look(|core, _| {
            let people = core.people();
            people.sign_in(id).and_then(|sign_in| people.get(&sign_in.user)).cloned()
        });
        let over = NoAnswer::Refused(CoreError::People(Refusal::SignInOver));
        let user = user.ok_or(over)?;
        let lifetime = self.settings.token_lifetime;
        // What was issued before that moment does not count, and it may be up to a second away.
        let at = now.wall.max(user.valid_from);
        let grant = Grant::SignedIn { user: user.clone(), sign_in: id.clone() };
        let token = self.signer.sign(&grant, at, lifetime);
        let refresh = Some(format!("{PREFIX}{id}.{secret}"));
        Ok(Admitted { token, lifetime, refresh, user: Some(user) })
    }
}

/// Somebody who has proved nothing yet.
pub(crate) fn stranger(name: &str, address: &Arc<str>) -> Caller {
    let name: Arc<str> =
        name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().into();
    Caller {
        user: name.clone(),
        name,
        scope: Scope::Nobody,
        connection: ConnectionId(0),
        address: address.clone(),
        program: "".into(),
        expires_at: None,
    }
}

async fn ask(hub: &Hub, caller: &Caller, request: Request) -> Result<(), NoAnswer> {
    let request = pilothouse_core::Request::People(request);
    hub.ask(caller, request, desk::WITHIN).await.map(drop)
}

fn hash(secret: &str) -> KeyHash {
    KeyHash(*Credential::of(secret).bytes())
}

fn later(now: Timestamp, lifetime: Duration) -> Timestamp {
    Timestamp(now.0.saturating_add(u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX)))
}
