//! The settings of passwords, second factors and throttle: all are read, and what is refused is refused by name.

use std::path::Path;

use archirust_auth::password::PasswordSettings;
use archirust_auth::throttle::ThrottleSettings;
use archirust_auth::totp::TotpSettings;
use archirust_core::testing::assert_all_settings_are_read;

#[test]
fn every_setting_is_read() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert_all_settings_are_read::<PasswordSettings>([source.join("password")]);
    assert_all_settings_are_read::<TotpSettings>([source.join("totp")]);
    assert_all_settings_are_read::<ThrottleSettings>([source.join("throttle")]);
}
