//! `#[derive(SettingEnum)]`

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Ident};

use crate::attributes::{SettingAttribute, SettingsAttribute, doc};

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "only an enum is a list of names"));
    };
    let mut idents: Vec<&Ident> = Vec::new();
    let (mut names, mut docs): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(syn::Error::new_spanned(variant, "a name holds no fields"));
        }
        let renamed = SettingAttribute::parse(&variant.attrs)?.rename;
        let name = renamed.map_or_else(|| kebab_case(&variant.ident.unraw().to_string()), |name| name.value());
        if names.contains(&name) {
            return Err(syn::Error::new_spanned(variant, "the name is taken by another variant"));
        }
        idents.push(&variant.ident);
        names.push(name);
        docs.push(doc(&variant.attrs));
    }
    if names.is_empty() {
        return Err(syn::Error::new_spanned(&input.ident, "an empty list of names accepts nothing"));
    }

    let name = &input.ident;
    let type_name = kebab_case(&name.unraw().to_string()).replace('-', " ");
    let core = SettingsAttribute::parse(&input.attrs)?.core;
    let config = quote!(#core::config);
    Ok(quote! {
        #[automatically_derived]
        impl #config::SettingValue for #name {
            fn value_type() -> #config::ValueType {
                #config::ValueType::one_of(#type_name, &[#(#config::Variant { name: #names, doc: #docs }),*])
            }

            fn from_text(text: &str) -> ::core::result::Result<Self, #config::Malformed> {
                let text = text.trim();
                #(if #config::is_name(text, #names) { return ::core::result::Result::Ok(Self::#idents); })*
                ::core::result::Result::Err(#config::Malformed::value())
            }

            fn to_text(&self) -> ::std::string::String {
                ::std::string::ToString::to_string(match self { #(Self::#idents => #names),* })
            }
        }
    })
}

/// `ReadOnly` → `read-only`, `HTTPOnly` → `http-only`, `Es256` → `es256`.
fn kebab_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut kebab = String::new();
    for (place, letter) in letters.iter().enumerate() {
        let after_lower = place > 0 && !letters[place - 1].is_uppercase();
        let before_lower = place > 0 && letters.get(place + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (after_lower || before_lower) {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::kebab_case;

    #[test]
    fn names_are_in_kebab_case() {
        for (name, kebab) in [
            ("Memory", "memory"),
            ("ReadOnly", "read-only"),
            ("HTTPOnly", "http-only"),
            ("Es256", "es256"),
            ("A", "a"),
            ("VerifyFull", "verify-full"),
        ] {
            assert_eq!(kebab_case(name), kebab);
        }
    }
}
