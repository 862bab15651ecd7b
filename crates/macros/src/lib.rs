//! Derives of ArchiRust. They are used through `archirust_core::config`, where they are documented.

mod attributes;
mod setting_enum;
mod settings;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct a section of the configuration.
///
/// Every field is a setting, or a section with `#[setting(nested)]`; its documentation becomes the documentation of the setting.
/// On a field, `#[setting(…)]` takes
///
/// | argument | meaning |
/// |---|---|
/// | `default = "15m"` | the value when nobody sets one, as text or as a literal (`5`, `true`) |
/// | `range = "1s..=60m"` | the values that are allowed, both ends included; of a text the number of characters, of a list that of its entries |
/// | `required = "production"` | on an `Option`: must be set in this profile |
/// | `validate = path` | `fn(&T) -> Result<(), String>` (or `&'static str`); of an `Option<T>` it is asked for a `T` that is there |
/// | `secret_file` | the path is of a file that holds a secret, such as a private key: its mode is checked (ARCHI-CFG-013) |
/// | `nested` | the field is itself a struct of settings, or an `Option` of one |
/// | `flatten` | the field is a struct of settings, whose settings are those of this section |
/// | `rename = "type"` | another name in keys than the field's |
///
/// On the struct, `#[settings(validate = path)]` takes `fn(&Self) -> impl IntoIterator<Item = Conflict>`, which is asked when
/// every single setting of the section is sound, and `#[settings(crate = path)]` the path of `archirust_core` where the crate
/// depends neither on it nor on `archirust`.
///
/// `Default` is written too when every field has a default, is an `Option`, or is a section that has `Default`.
#[proc_macro_derive(Settings, attributes(setting, settings))]
pub fn derive_settings(input: TokenStream) -> TokenStream {
    settings::expand(&parse_macro_input!(input as DeriveInput)).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes an enum of plain names a setting.
///
/// The names are those of the variants in kebab case, `ReadOnly` → `read-only` (`read_only` is taken as well);
/// `#[setting(rename = "ES256")]` on a variant gives another one. The documentation of the variants is part of the setting's.
#[proc_macro_derive(SettingEnum, attributes(setting, settings))]
pub fn derive_setting_enum(input: TokenStream) -> TokenStream {
    setting_enum::expand(&parse_macro_input!(input as DeriveInput))
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
