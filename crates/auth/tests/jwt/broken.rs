//! A cache whose server can't be reached.

use std::time::Duration;

use archirust_cache::{Cache, Decision, Lease, Quota, Retention};
use archirust_core::{ErrorKind, Result};
use async_trait::async_trait;

pub(crate) struct Broken;

fn down<T>() -> Result<T> {
    Err(ErrorKind::ConnectionFailed.into())
}

#[async_trait]
impl Cache for Broken {
    async fn get(&self, _: &str) -> Result<Option<Vec<u8>>> {
        down()
    }

    async fn set(&self, _: &str, _: &[u8], _: Duration, _: Retention) -> Result<()> {
        down()
    }

    async fn set_if_absent(&self, _: &str, _: &[u8], _: Duration, _: Retention) -> Result<bool> {
        down()
    }

    async fn compare_and_set(&self, _: &str, _: &[u8], _: &[u8], _: Duration, _: Retention) -> Result<bool> {
        down()
    }

    async fn take(&self, _: &str) -> Result<Option<Vec<u8>>> {
        down()
    }

    async fn delete(&self, _: &str) -> Result<bool> {
        down()
    }

    async fn get_many(&self, _: &[&str]) -> Result<Vec<Option<Vec<u8>>>> {
        down()
    }

    async fn set_many(&self, _: &[(&str, &[u8])], _: Duration, _: Retention) -> Result<()> {
        down()
    }

    async fn delete_many(&self, _: &[&str]) -> Result<u64> {
        down()
    }

    async fn increment(&self, _: &str, _: i64, _: Duration) -> Result<i64> {
        down()
    }

    async fn time_to_live(&self, _: &str) -> Result<Option<Duration>> {
        down()
    }

    async fn acquire_lock(&self, _: &str, _: Duration) -> Result<Option<Lease>> {
        down()
    }

    async fn renew_lock(&self, _: &Lease, _: Duration) -> Result<()> {
        down()
    }

    async fn release_lock(&self, _: &Lease) -> Result<()> {
        down()
    }

    async fn rate_limit(&self, _: &str, _: &Quota, _: u32) -> Result<Decision> {
        down()
    }

    async fn reset_rate_limit(&self, _: &str) -> Result<bool> {
        down()
    }

    async fn ping(&self) -> Result<()> {
        down()
    }
}
