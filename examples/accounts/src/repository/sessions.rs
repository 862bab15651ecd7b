//! Sessions: the store of the session manager, over SQL.

use std::net::IpAddr;

use archirust::auth::session::{Acr, Session, SessionStore, TokenHash};
use archirust::sql::{Behaviour, Database, OrError, Record, Repository, UtcTime};
use archirust::{Error, Result, Timestamp};
use async_trait::async_trait;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect};

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) family_hash: Vec<u8>,
    pub(crate) token_hash: Vec<u8>,
    pub(crate) created_at: UtcTime,
    pub(crate) last_used_at: UtcTime,
    pub(crate) authenticated_at: UtcTime,
    pub(crate) acr: String,
    pub(crate) amr: String,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) ended_at: Option<UtcTime>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Entity {
    const BEHAVIOUR: Behaviour<Column> = Behaviour::NONE;
}

const SESSIONS: Repository<Entity> = Repository::new();

/// Sessions in the database of the service.
#[derive(Clone, Debug)]
pub(crate) struct SqlSessions {
    db: Database,
}

impl SqlSessions {
    pub(crate) fn new(db: Database) -> Self {
        Self { db }
    }
}

#[async_trait]
impl SessionStore for SqlSessions {
    async fn insert(&self, session: &Session) -> Result<()> {
        let row = row(session);
        self.db.unit_of_work(async |tx| SESSIONS.insert(tx, row).await.map(drop)).await
    }

    async fn find(&self, id: Uuid) -> Result<Option<Session>> {
        SESSIONS.find_by_id(self.db.read(), id).await?.map(session).transpose()
    }

    async fn rotate(&self, id: Uuid, from: &TokenHash, to: &TokenHash, at: Timestamp) -> Result<bool> {
        let rotated = Entity::update_many()
            .col_expr(Column::TokenHash, Expr::value(to.as_bytes().to_vec()))
            .col_expr(Column::LastUsedAt, Expr::value(UtcTime::from(at)))
            .filter(open(id).add(Column::TokenHash.eq(from.as_bytes().to_vec())));
        self.db.unit_of_work(async |tx| Ok(rotated.exec(tx).await.or_error()?.rows_affected == 1)).await
    }

    async fn end(&self, id: Uuid, at: Timestamp) -> Result<bool> {
        let ended = Entity::update_many().col_expr(Column::EndedAt, Expr::value(UtcTime::from(at))).filter(open(id));
        self.db.unit_of_work(async |tx| Ok(ended.exec(tx).await.or_error()?.rows_affected == 1)).await
    }

    async fn of_user(&self, user: Uuid) -> Result<Vec<Session>> {
        let of_user = Condition::all().add(Column::UserId.eq(user)).add(Column::EndedAt.is_null());
        let rows = SESSIONS.find().filter(of_user).order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
        rows.all(self.db.read()).await.or_error()?.into_iter().map(session).collect()
    }

    async fn ended_since(&self, time: Timestamp) -> Result<Vec<Uuid>> {
        let ended = Column::EndedAt.gte(UtcTime::from(time));
        let ids = Entity::find().select_only().column(Column::Id).filter(ended).into_tuple();
        ids.all(self.db.read()).await.or_error()
    }

    async fn purge(&self, ended: Timestamp, idle: Timestamp, begun: Timestamp) -> Result<u64> {
        let over = Condition::any()
            .add(Column::EndedAt.lt(UtcTime::from(ended)))
            .add(Column::LastUsedAt.lt(UtcTime::from(idle)))
            .add(Column::CreatedAt.lt(UtcTime::from(begun)));
        let gone = Entity::delete_many().filter(over);
        self.db.unit_of_work(async |tx| Ok(gone.exec(tx).await.or_error()?.rows_affected)).await
    }
}

fn open(id: Uuid) -> Condition {
    Condition::all().add(Column::Id.eq(id)).add(Column::EndedAt.is_null())
}

fn row(session: &Session) -> ActiveModel {
    ActiveModel {
        id: Set(session.id),
        user_id: Set(session.user_id),
        family_hash: Set(session.family_hash.as_bytes().to_vec()),
        token_hash: Set(session.token_hash.as_bytes().to_vec()),
        created_at: Set(session.created_at.into()),
        last_used_at: Set(session.last_used_at.into()),
        authenticated_at: Set(session.authenticated_at.into()),
        acr: Set(session.acr.name().to_owned()),
        amr: Set(session.amr.clone()),
        address: Set(session.address.map(|address| address.to_string())),
        user_agent: Set(session.user_agent.clone()),
        ended_at: Set(session.ended_at.map(UtcTime::from)),
    }
}

fn session(row: Model) -> Result<Session> {
    let damaged = || Error::internal("a stored session can't be read");
    let hash = |bytes: Vec<u8>| <[u8; 32]>::try_from(bytes).map(TokenHash::from_bytes).map_err(|_| damaged());
    Ok(Session {
        id: row.id,
        user_id: row.user_id,
        family_hash: hash(row.family_hash)?,
        token_hash: hash(row.token_hash)?,
        created_at: row.created_at.into(),
        last_used_at: row.last_used_at.into(),
        authenticated_at: row.authenticated_at.into(),
        acr: Acr::from_name(&row.acr).ok_or_else(damaged)?,
        amr: row.amr,
        address: row.address.map(|text| text.parse::<IpAddr>().map_err(|_| damaged())).transpose()?,
        user_agent: row.user_agent,
        ended_at: row.ended_at.map(Timestamp::from),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use archirust::auth::session::conformance;
    use archirust::clock::SystemClock;
    use archirust::id;
    use archirust::sql::SqlSettings;

    use super::*;
    use crate::repository::{MIGRATIONS, users};

    /// Sessions of whatever user: the suite makes users up, and the table refers to real ones.
    struct AnyUser(SqlSessions);

    #[async_trait]
    impl SessionStore for AnyUser {
        async fn insert(&self, session: &Session) -> Result<()> {
            let user = users::ActiveModel {
                id: Set(session.user_id),
                email: Set(session.user_id.to_string()),
                display_name: Set("Ada".to_owned()),
                password_hash: Set(String::new()),
                role: Set("user".to_owned()),
                ..Default::default()
            };
            if users::USERS.find_by_id(self.0.db.read(), session.user_id).await?.is_none() {
                self.0.db.unit_of_work(async |tx| users::USERS.insert(tx, user).await).await?;
            }
            self.0.insert(session).await
        }

        async fn find(&self, id: Uuid) -> Result<Option<Session>> {
            self.0.find(id).await
        }

        async fn rotate(&self, id: Uuid, from: &TokenHash, to: &TokenHash, at: Timestamp) -> Result<bool> {
            self.0.rotate(id, from, to, at).await
        }

        async fn end(&self, id: Uuid, at: Timestamp) -> Result<bool> {
            self.0.end(id, at).await
        }

        async fn of_user(&self, user: Uuid) -> Result<Vec<Session>> {
            self.0.of_user(user).await
        }

        async fn ended_since(&self, time: Timestamp) -> Result<Vec<Uuid>> {
            self.0.ended_since(time).await
        }

        async fn purge(&self, ended: Timestamp, idle: Timestamp, begun: Timestamp) -> Result<u64> {
            self.0.purge(ended, idle, begun).await
        }
    }

    async fn sessions() -> SqlSessions {
        let folder = tempfile::tempdir().unwrap().keep();
        let settings = SqlSettings::file(folder.join("sessions.db"));
        let db = Database::connect(&settings, SystemClock::shared()).await.unwrap();
        db.migrate(MIGRATIONS).await.unwrap();
        SqlSessions::new(db)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn sessions_in_sqlite_keep_every_promise() {
        conformance::all(|| async { Arc::new(AnyUser(sessions().await)) as Arc<dyn SessionStore> }).await;
    }

    #[tokio::test]
    async fn a_session_of_nobody_is_refused() {
        let made_up = conformance::session(id::new(), Timestamp::UNIX_EPOCH, 1);
        let error = sessions().await.insert(&made_up).await.unwrap_err();
        assert_eq!(error.kind(), archirust::ErrorKind::ForeignKey);
    }
}
