//! People in the database: accounts, passwords, sign-ins.

use std::sync::Arc;

use anyhow::Result;
use pilothouse_core::{
    Role,
    agents::KeyHash,
    people::{PasswordHash, SignIn, User},
    ports::{Credentials, Store, StoreError, Write},
    time::Timestamp,
};

use super::places::Place;

fn user(id: &str) -> User {
    User {
        id: id.parse().unwrap(),
        username: "änn".into(),
        name: "Änn O'Neill".into(),
        email: Some("ann@example.org".into()),
        role: Role::Operator,
        created_at: Timestamp(1_700_000_000_001),
        signed_in_at: None,
        gone_at: None,
        valid_from: Timestamp(0),
    }
}

fn sign_in(id: &str, secret: u8) -> SignIn {
    SignIn {
        id: id.parse().unwrap(),
        user: "usr-1".parse().unwrap(),
        secret: KeyHash([secret; 32]),
        begun_at: Timestamp(1_700_000_000_002),
        expires_at: Timestamp(1_700_000_000_003 + u64::from(secret)),
        address: "192.0.2.7".into(),
        program: "browser".into(),
    }
}

pub(super) async fn accounts_come_back_as_they_were_last(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let plain = User { email: None, role: Role::Viewer, ..user("usr-2") };
    let changed = User {
        role: Role::Admin,
        signed_in_at: Some(Timestamp(5)),
        gone_at: Some(Timestamp(6)),
        valid_from: Timestamp(7000),
        ..user("usr-1")
    };
    let write = |user: &User| Write::User(Arc::new(user.clone()));
    store.commit(&[write(&plain), write(&user("usr-1"))]).await?;
    assert_eq!(store.load(0).await?.users, [user("usr-1"), plain.clone()]);
    store.commit(&[write(&user("usr-1")), write(&changed)]).await?;
    assert_eq!(place.open().await?.load(0).await?.users, [changed, plain]);
    place.tamper("UPDATE users SET role = 'king'").await?;
    assert!(matches!(store.load(0).await, Err(StoreError::Corrupt(_))));
    Ok(())
}

pub(super) async fn a_password_is_read_alone_and_goes_with_its_account(
    place: &Place,
) -> Result<()> {
    let store = place.open().await?;
    let (ann, ben) = ("usr-1".parse()?, "usr-2".parse()?);
    let password = |user: &pilothouse_core::ids::UserId, hash: Option<&str>| Write::Password {
        user: user.clone(),
        hash: hash.map(PasswordHash::new),
    };
    assert_eq!(store.password(&ann).await?, None);
    store.commit(&[password(&ann, Some("$1$a")), password(&ben, Some("$1$b"))]).await?;
    store.commit(&[password(&ann, Some("$1$c"))]).await?;
    assert_eq!(store.password(&ann).await?, Some(PasswordHash::new("$1$c")));
    assert!(!format!("{:?}", store.password(&ann).await?).contains("$1$c"));
    store.commit(&[password(&ann, Some("$1$d")), password(&ann, None)]).await?;
    assert_eq!(store.password(&ann).await?, None);
    assert_eq!(store.password(&ben).await?, Some(PasswordHash::new("$1$b")));
    Ok(())
}

pub(super) async fn sign_ins_come_and_go(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let all: Vec<_> = (0..20).map(|n| Write::SignIn(sign_in(&format!("s-{n:02}"), n))).collect();
    store.commit(&all).await?;
    assert_eq!(store.load(0).await?.sign_ins.len(), 20);
    let gone = (1..20).map(|n| Write::SignInGone(format!("s-{n:02}").parse().unwrap()));
    let renewed = [Write::SignIn(sign_in("s-00", 99))];
    store.commit(&gone.chain(renewed).collect::<Vec<_>>()).await?;
    assert_eq!(place.open().await?.load(0).await?.sign_ins, [sign_in("s-00", 99)]);
    Ok(())
}
