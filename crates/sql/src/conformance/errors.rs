//! Failures that clients hear of, and what they must not hear.

use archirust_core::{Error, ErrorKind, id};
use sea_orm::{ActiveValue, ConnectionTrait, Schema};

use super::schema::{FOLDERS, NOTES, add, folder, note, saved, titled};
use crate::{Database, OrError};

/// What no text may hold.
const CANARY: &str = "canary-4711";

fn said(error: &Error) -> String {
    format!("{error} {error:?} {} {:?} {:?}", error.report(), error.fields(), error.detail())
}

pub async fn a_value_that_is_taken_names_its_field(db: Database) {
    let first = saved(&db, CANARY).await;
    let error = db.unit_of_work(async |tx| add(tx, CANARY).await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    let fields: Vec<_> = error.fields().iter().map(|field| (field.pointer.as_str(), field.code.as_ref())).collect();
    assert_eq!(fields, [("/title", "taken")]);
    assert!(!said(&error).contains(CANARY), "{}", said(&error));

    let same_key = note::ActiveModel { id: ActiveValue::Set(first.id), ..titled("b") };
    let error = db.unit_of_work(async |tx| NOTES.insert(tx, same_key).await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);

    let other = saved(&db, "c").await;
    let mut row = sea_orm::IntoActiveModel::into_active_model(other);
    row.title = ActiveValue::Set(CANARY.to_owned());
    let error = db.unit_of_work(async |tx| NOTES.update(tx, row).await).await.unwrap_err();
    assert_eq!((error.kind(), error.fields()[0].pointer.as_str()), (ErrorKind::AlreadyExists, "/title"));
}

pub async fn a_value_that_is_missing_names_its_field(db: Database) {
    let row = note::ActiveModel { hits: ActiveValue::Set(1), ..Default::default() };
    let error = db.unit_of_work(async |tx| NOTES.insert(tx, row).await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckViolation);
    assert_eq!(error.fields()[0].pointer, "/title");
}

pub async fn what_others_refer_to_is_kept(db: Database) {
    let nowhere = note::ActiveModel { folder_id: ActiveValue::Set(Some(id::new())), ..titled("a") };
    let error = db.unit_of_work(async |tx| NOTES.insert(tx, nowhere).await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKey);

    let folder = folder(&db, "f").await;
    let inside = note::ActiveModel { folder_id: ActiveValue::Set(Some(folder)), ..titled("a") };
    db.unit_of_work(async |tx| NOTES.insert(tx, inside).await).await.unwrap();
    let error = db.unit_of_work(async |tx| FOLDERS.delete(tx, folder).await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKey);
    assert_eq!(FOLDERS.count(db.read(), FOLDERS.find()).await.unwrap(), 1);
}

pub async fn no_value_gets_into_an_error(db: Database) {
    saved(&db, CANARY).await;
    // A value of the wrong type, read through an entity that does not fit the table.
    let errors = [
        db.unit_of_work(async |tx| add(tx, CANARY).await.map(|_| ())).await.unwrap_err(),
        misfit::Entity::find_all(&db).await.unwrap_err(),
        db.unit_of_work(async |tx| {
            let row =
                note::ActiveModel { folder_id: ActiveValue::Set(Some(id::new())), ..titled(&format!("{CANARY}2")) };
            NOTES.insert(tx, row).await.map(|_| ())
        })
        .await
        .unwrap_err(),
    ];
    for error in errors {
        assert!(!said(&error).contains(CANARY), "{}", said(&error));
    }
}

mod misfit {
    use archirust_core::Result;
    use sea_orm::entity::prelude::*;

    use crate::{Database, OrError};

    /// The same table, with a number where there is text.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notes")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub title: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Entity {
        pub(super) async fn find_all(db: &Database) -> Result<()> {
            Self::find().all(db.read()).await.or_error().map(|_| ())
        }
    }
}

pub async fn a_broken_query_is_an_internal_matter(db: Database) {
    let error = db.read().execute_unprepared("SELECT nothing FROM nowhere").await.or_error().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Database, ErrorKind::Database.message()));

    // A table that is there already.
    let again = db
        .unit_of_work(async |tx| {
            let table = Schema::new(tx.get_database_backend()).create_table_from_entity(note::Entity);
            tx.execute(&table).await.or_error().map(|_| ())
        })
        .await;
    assert_eq!(again.unwrap_err().kind(), ErrorKind::Database);
}
