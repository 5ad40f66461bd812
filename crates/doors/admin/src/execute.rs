//! Doing what was asked.

use crate::command::{AppPasswordCreate, UserCreate, UserQuota, UserUpdate};
use crate::{Answer, Command, Refusal, answer, command, history, trash};
use http::StatusCode;
use kontor_groupware::{
    AppPasswordOrder, Asker, Holdings, NewUser, Office, PublicStore, QuotaChange, Scope, UserChange,
};
use kontor_model::{AccountName, AdminLevel, Error, Limit, Origin, Result, Role, Rule};

/// Accounts that one answer tells, if there are so many.
pub const USERS: usize = 1_000;

/// Does one command with the powers of the server itself: whoever calls this has made sure that the asker may.
///
/// # Errors
/// [`Refusal`]; nothing was changed then.
pub async fn execute(office: &Office, command: Command) -> std::result::Result<Answer, Refusal> {
    let who = Asker::system(Origin::Admin);
    match command {
        Command::History { path, before } if trash::is_account(&path) => {
            trash::list(office, &who, &path, before.as_deref()).await
        }
        Command::History { path, before } => history::history(office, &who, &path, before.as_deref()).await,
        Command::Restore { path, revision: None, as_name }
            if trash::is_collection(office, &who, &path).await =>
        {
            trash::restore(office, &who, &path, as_name.as_deref()).await
        }
        Command::Restore { path, revision, as_name } => {
            history::restore(office, &who, &path, revision, as_name.as_deref()).await
        }
        Command::Purge { path, all } => trash::purge(office, &who, &path, all).await,
        command => about_users(office, &who, command).await,
    }
}

async fn about_users(office: &Office, who: &Asker, command: Command) -> std::result::Result<Answer, Refusal> {
    let subject = command.subject().to_owned();
    if let Command::AppPasswordCreate(new) = &command {
        check(new)?;
    }
    let claims = command.claims();
    let revoking = matches!(command, Command::AppPasswordRevoke { .. });
    let of_public_store = matches!(command, Command::PublicStore { .. } | Command::PublicStoreCreate { .. });
    match run(office, who, command).await {
        Err(error) if of_public_store => Err(why_not(office, who, &error, &subject).await),
        Err(Error::NotFound) if revoking => {
            let text = format!("there is no user {subject}, or no app password of that number");
            Err(Refusal::new(StatusCode::NOT_FOUND, text))
        }
        Err(error @ Error::Exists) => Err(Refusal::of(&error, &claims)),
        done => done.map_err(|error| Refusal::of(&error, &subject)),
    }
}

/// Why the public store is not told, or not made.
async fn why_not(office: &Office, who: &Asker, error: &Error, name: &str) -> Refusal {
    match error {
        Error::NotFound => {
            let text = "there is no public store: `kontor public-store create` makes one";
            Refusal::new(StatusCode::NOT_FOUND, text)
        }
        Error::Exists if office.public_store(who).await.is_ok() => Refusal::new(
            StatusCode::CONFLICT,
            "there is a public store: it already exists, and there is only one",
        ),
        Error::Exists => Refusal::new(
            StatusCode::CONFLICT,
            format!("the name {name} is taken by a user: give another one"),
        ),
        error => Refusal::of(error, name),
    }
}

async fn run(office: &Office, who: &Asker, command: Command) -> Result<Answer> {
    Ok(match command {
        Command::UserCreate(new) => {
            let made = office.create_user(who, new_user(new)?).await?;
            Answer::User((&*made).into())
        }
        Command::UserList { after } => {
            let after = after.map(|name| AccountName::new(&name)).transpose()?;
            Answer::Users(users(office, who, after).await?)
        }
        Command::UserShow { name } => Answer::User((&*office.user(who, &name).await?).into()),
        Command::UserUpdate(update) => {
            let name = update.name.clone();
            Answer::User((&*office.update_user(who, &name, change(update)?).await?).into())
        }
        Command::UserDelete { name } => {
            office.delete_user(who, &name).await?;
            Answer::Done
        }
        Command::UserPassword { name, password } => {
            office.set_password(who, &name, &password.0).await?;
            Answer::Done
        }
        Command::UserQuota(change) => Answer::Quota(quota(office, who, change).await?),
        Command::PublicStore { everyone } => {
            let store = match everyone {
                Some(role) => office.open_public_store(who, role_of(&role)?).await?,
                None => office.public_store(who).await?,
            };
            Answer::PublicStore(public_store(office, who, store).await?)
        }
        Command::PublicStoreCreate { name } => {
            let name = name.map(|name| AccountName::new(&name)).transpose()?;
            let made = office.create_public_store(who, name).await?;
            Answer::PublicStore(public_store(office, who, made).await?)
        }
        Command::QuotaList { after } => {
            let after = after.map(|name| AccountName::new(&name)).transpose()?;
            let mut quotas = Vec::new();
            for user in users(office, who, after).await? {
                let holdings = office.quota(who, &user.name).await?;
                quotas.push(told(user.name, holdings));
            }
            Answer::Quotas(quotas)
        }
        Command::AppPasswordCreate(new) => {
            let name = new.name.clone();
            Answer::MadeAppPassword(office.create_app_password(who, &name, order(new)).await?.into())
        }
        Command::AppPasswordList { name } => {
            let known = office.app_passwords(who, &name).await?;
            Answer::AppPasswords(known.iter().map(Into::into).collect())
        }
        Command::AppPasswordRevoke { name, id } => {
            office.revoke_app_password(who, &name, id).await?;
            Answer::Done
        }
        Command::History { .. } | Command::Restore { .. } | Command::Purge { .. } => {
            return Err(Error::Internal("this is not about users".to_owned()));
        }
    })
}

async fn quota(office: &Office, who: &Asker, change: UserQuota) -> Result<answer::Quota> {
    let UserQuota { name, warn, soft, hard } = change;
    let [warn, soft, hard] = [warn, soft, hard].map(|limit| limit.map(limit_of));
    let change = QuotaChange { warn, soft, hard };
    let holdings = if change == QuotaChange::default() {
        office.quota(who, &name).await?
    } else {
        office.set_quota(who, &name, change).await?
    };
    Ok(told(name, holdings))
}

/// The roles that everybody may have in the public store.
fn role_of(word: &str) -> Result<Role> {
    let all = [Role::None, Role::Reader, Role::Author, Role::Editor];
    all.into_iter().find(|role| role.word() == word).ok_or_else(|| {
        let detail = format!("{word:?} is not a role for everybody: say none, reader, author or editor");
        Error::Invalid { rule: Rule::Name, detail }
    })
}

async fn public_store(office: &Office, who: &Asker, store: PublicStore) -> Result<answer::PublicStore> {
    let name = store.owner.name.as_str().to_owned();
    let used = office.quota(who, &name).await?.used;
    let everyone = store.role().map(|role| role.word().to_owned());
    Ok(answer::PublicStore { name, everyone, rights: store.everyone.letters(), used })
}

fn limit_of(limit: command::Limit) -> Limit {
    match limit {
        command::Limit::Default => Limit::Default,
        command::Limit::None | command::Limit::Bytes(0) => Limit::None,
        command::Limit::Bytes(bytes) => Limit::Bytes(bytes),
    }
}

fn told(name: String, holdings: Holdings) -> answer::Quota {
    let Holdings { set, quota, used } = holdings;
    let level = quota.level(used).word().to_owned();
    let all = [("warn", set.warn), ("soft", set.soft), ("hard", set.hard)];
    let default =
        all.iter().filter(|(_, limit)| *limit == Limit::Default).map(|(name, _)| (*name).to_owned());
    let default = default.collect();
    answer::Quota { name, used, level, warn: quota.warn, soft: quota.soft, hard: quota.hard, default }
}

fn level(admin: bool) -> AdminLevel {
    if admin { AdminLevel::System } else { AdminLevel::None }
}

async fn users(office: &Office, who: &Asker, mut after: Option<AccountName>) -> Result<Vec<answer::User>> {
    let mut told = Vec::new();
    while told.len() < USERS {
        let people = office.users(who, after.as_ref()).await?;
        told.extend(people.some.iter().map(|user| answer::User::from(&**user)));
        after = people.next;
        if after.is_none() {
            break;
        }
    }
    Ok(told)
}

fn new_user(new: UserCreate) -> Result<NewUser> {
    let password = new.password.as_ref().map(|secret| secret.0.as_str());
    let person = NewUser::person(AccountName::new(&new.name)?, &new.full_name, &new.email, password);
    Ok(NewUser { admin: level(new.admin), ..person })
}

fn change(update: UserUpdate) -> Result<UserChange> {
    Ok(UserChange {
        name: update.new_name.as_deref().map(AccountName::new).transpose()?,
        full_name: update.full_name,
        email: update.email,
        aliases: update.aliases,
        active: update.active,
        admin: update.admin.map(level),
        hidden: update.hidden,
    })
}

/// What the command line would not have let through.
fn check(new: &AppPasswordCreate) -> std::result::Result<(), Refusal> {
    let refuse = |text: String| Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, text));
    if let Some(unknown) = new.scopes.iter().find(|word| Scope::from_word(word).is_none()) {
        return refuse(format!("{unknown:?} is not a scope"));
    }
    match &new.expires {
        Some(text) if answer::read(text).is_none() => refuse(format!("{text:?} is not an RFC 3339 time")),
        _ => Ok(()),
    }
}

fn order(new: AppPasswordCreate) -> AppPasswordOrder {
    AppPasswordOrder {
        label: new.label,
        scopes: new.scopes.iter().filter_map(|word| Scope::from_word(word)).collect(),
        read_only: new.read_only,
        expires: new.expires.as_deref().and_then(answer::read),
    }
}
