//! Two tables in the words of SeaORM, which every engine understands.

use archirust_core::id::Uuid;
use sea_orm::{ActiveValue, ConnectionTrait, Schema};

use crate::{Database, OrError, Repository, Result, Tx};

pub const FOLDERS: Repository<folder::Entity> = Repository::new();
pub const NOTES: Repository<note::Entity> = Repository::new();

pub mod folder {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "folders")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(unique)]
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl crate::Record for Entity {
        const SEARCHED: &'static [Column] = &[Column::Name];
    }
}

pub mod note {
    use sea_orm::entity::prelude::*;

    use crate::{Behaviour, UtcTime};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(unique)]
        pub title: String,
        pub body: Option<String>,
        /// Not unique, and not always there: for the order of lists.
        pub rank: Option<i32>,
        pub hits: i64,
        pub folder_id: Option<Uuid>,
        pub created_at: UtcTime,
        pub updated_at: UtcTime,
        pub created_by: Option<Uuid>,
        pub updated_by: Option<Uuid>,
        pub version: i64,
        pub deleted_at: Option<UtcTime>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "super::folder::Entity", from = "Column::FolderId", to = "super::folder::Column::Id")]
        Folder,
    }

    impl Related<super::folder::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Folder.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl crate::Record for Entity {
        const BEHAVIOUR: Behaviour<Column> = Behaviour::NONE
            .times(Column::CreatedAt, Column::UpdatedAt)
            .authors(Column::CreatedBy, Column::UpdatedBy)
            .version(Column::Version)
            .soft_delete(Column::DeletedAt);
        const SEARCHED: &'static [Column] = &[Column::Title, Column::Body];
    }
}

/// Makes both tables.
pub async fn create(db: &Database) {
    db.unit_of_work(async |tx| {
        let schema = Schema::new(tx.get_database_backend());
        tx.execute(&schema.create_table_from_entity(folder::Entity)).await.or_error()?;
        tx.execute(&schema.create_table_from_entity(note::Entity)).await.or_error()?;
        Ok(())
    })
    .await
    .unwrap();
}

/// A note with this title.
pub fn titled(title: &str) -> note::ActiveModel {
    note::ActiveModel { title: ActiveValue::Set(title.to_owned()), hits: ActiveValue::Set(0), ..Default::default() }
}

pub async fn add(tx: &Tx, title: &str) -> Result<note::Model> {
    NOTES.insert(tx, titled(title)).await
}

/// The titles of all notes that others can see, sorted.
pub async fn titles(db: &Database) -> Vec<String> {
    use sea_orm::QueryOrder;
    let notes = NOTES.find().order_by_asc(note::Column::Title);
    notes.all(db.read()).await.unwrap().into_iter().map(|note| note.title).collect()
}

/// A note of its own unit of work.
pub async fn saved(db: &Database, title: &str) -> note::Model {
    db.unit_of_work(async |tx| add(tx, title).await).await.unwrap()
}

pub async fn folder(db: &Database, name: &str) -> Uuid {
    let row = folder::ActiveModel { name: ActiveValue::Set(name.to_owned()), ..Default::default() };
    db.unit_of_work(async |tx| FOLDERS.insert(tx, row).await).await.unwrap().id
}
