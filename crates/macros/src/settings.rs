//! `#[derive(Settings)]`

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Field, Fields, Ident, Path, Type};

use crate::attributes::{SettingAttribute, SettingsAttribute, doc, is_option};

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "settings are a struct"));
    };
    let Fields::Named(named) = &data.fields else {
        return Err(syn::Error::new_spanned(&input.ident, "settings are a struct with named fields"));
    };
    if !input.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(&input.generics, "settings have no parameters"));
    }
    let attribute = SettingsAttribute::parse(&input.attrs)?;
    let members: Vec<Member<'_>> = named.named.iter().map(Member::parse).collect::<syn::Result<_>>()?;

    let name = &input.ident;
    let core = &attribute.core;
    let config = quote!(#core::config);
    let owner = name.unraw().to_string();
    let type_doc = doc(&input.attrs);
    let idents: Vec<&Ident> = members.iter().map(|member| member.ident).collect();
    let specs = members.iter().enumerate().filter(|(_, member)| !member.attribute.flatten);
    let specs = specs.map(|(place, member)| member.spec(place, &owner, &config));
    let describe = members.iter().enumerate().map(|(place, member)| member.describe(place));
    let read = members.iter().enumerate().map(|(place, member)| member.read(place, &config));
    let validate = attribute.validate.as_ref().map(|path| validate(path, &config));
    let default = default_impl(name, &members, &config);

    Ok(quote! {
        const _: () = {
            #(#specs)*

            #[automatically_derived]
            impl #config::Settings for #name {
                fn describe(to: &mut #config::Describer) {
                    to.section(#type_doc);
                    #(#describe)*
                }

                fn read(from: &mut #config::Reader<'_>) -> ::core::option::Option<Self> {
                    let problems_before = from.problem_count();
                    // Every field is read before the first `?`, so that all problems are found at once.
                    #(#read)*
                    let settings = Self { #(#idents: #idents?),* };
                    let is_sound = from.problem_count() == problems_before;
                    #validate
                    let _ = is_sound;
                    ::core::option::Option::Some(settings)
                }
            }

            #default
        };
    })
}

struct Member<'a> {
    ident: &'a Ident,
    of: &'a Type,
    doc: String,
    name: String,
    attribute: SettingAttribute,
}

impl<'a> Member<'a> {
    fn parse(field: &'a Field) -> syn::Result<Self> {
        let Some(ident) = &field.ident else {
            return Err(syn::Error::new_spanned(field, "a setting has a name"));
        };
        let attribute = SettingAttribute::parse(&field.attrs)?;
        let refuse = |why: &str| Err(syn::Error::new_spanned(field, why));
        if (attribute.nested || attribute.flatten)
            && (attribute.default.is_some()
                || attribute.range.is_some()
                || attribute.validate.is_some()
                || attribute.required.is_some()
                || attribute.secret_file)
        {
            return refuse("a section has no default, range or check of its own; they belong to its fields");
        }
        if attribute.flatten && (attribute.nested || attribute.rename.is_some() || is_option(&field.ty)) {
            return refuse("what is flattened has no name of its own and is always there");
        }
        if attribute.required.is_some() && !is_option(&field.ty) {
            return refuse("only an Option can be required in one profile; any other type without default always is");
        }
        if attribute.required.is_some() && attribute.default.is_some() {
            return refuse("what has a default is never missing");
        }
        let doc = doc(&field.attrs);
        if doc.is_empty() && !attribute.nested && !attribute.flatten {
            return refuse("a setting without documentation: add a doc comment, it becomes part of the reference");
        }
        let name = attribute.rename.as_ref().map_or_else(|| ident.unraw().to_string(), syn::LitStr::value);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty()
            || !name.chars().all(plain)
            || name.contains("__")
            || name.starts_with('_')
            || name.ends_with('_')
        {
            return refuse("the name of a setting is of lower-case letters, digits and single underscores");
        }
        Ok(Self { ident, of: &field.ty, doc, name, attribute })
    }

    /// Whether it is a struct of settings, and not one setting.
    fn is_section(&self) -> bool {
        self.attribute.nested || self.attribute.flatten
    }

    fn spec(&self, place: usize, owner: &str, config: &TokenStream) -> TokenStream {
        let spec = spec_name(place);
        let field = self.ident.unraw().to_string();
        let (name, doc) = (&self.name, &self.doc);
        let default = option(self.attribute.default.as_ref());
        let range = option(self.attribute.range.as_ref());
        let secret_file = self.attribute.secret_file;
        let required = match self.attribute.required.as_ref().map(syn::LitStr::value).as_deref() {
            Some("development") => quote!(::core::option::Option::Some(#config::Profile::Development)),
            Some("staging") => quote!(::core::option::Option::Some(#config::Profile::Staging)),
            Some(_) => quote!(::core::option::Option::Some(#config::Profile::Production)),
            None => quote!(::core::option::Option::None),
        };
        quote! {
            const #spec: #config::FieldSpec = #config::FieldSpec {
                owner: #owner,
                field: #field,
                name: #name,
                doc: #doc,
                default: #default,
                range: #range,
                required_in: #required,
                secret_file: #secret_file,
            };
        }
    }

    fn describe(&self, place: usize) -> TokenStream {
        let (of, spec) = (self.of, spec_name(place));
        if self.attribute.nested {
            quote!(to.nested::<#of>(&#spec);)
        } else if self.attribute.flatten {
            quote!(to.flattened::<#of>();)
        } else {
            quote!(to.field::<#of>(&#spec);)
        }
    }

    fn read(&self, place: usize, config: &TokenStream) -> TokenStream {
        let (ident, of) = (self.ident, self.of);
        let spec = spec_name(place);
        match &self.attribute.validate {
            _ if self.attribute.flatten => quote!(let #ident = <#of as #config::Settings>::read(from);),
            _ if self.attribute.nested => quote!(let #ident = from.nested::<#of>(&#spec);),
            None => quote!(let #ident = from.field::<#of>(&#spec);),
            Some(check) if is_option(of) => quote! {
                let #ident = from.field_checked::<#of, _>(&#spec, |value| value.as_ref().map_or(Ok(()), |value| #check(value)));
            },
            Some(check) => quote!(let #ident = from.field_checked::<#of, _>(&#spec, |value| #check(value));),
        }
    }
}

fn validate(path: &Path, config: &TokenStream) -> TokenStream {
    quote! {
        if is_sound {
            let conflicts: ::std::vec::Vec<#config::Conflict> =
                ::core::iter::IntoIterator::into_iter(#path(&settings)).collect();
            from.conflicts(conflicts);
        }
    }
}

/// `Default`, when every field can have one. Whether a section has one is left to the bound, which may not hold.
fn default_impl(name: &Ident, members: &[Member<'_>], config: &TokenStream) -> Option<TokenStream> {
    let settled =
        |member: &Member<'_>| member.is_section() || member.attribute.default.is_some() || is_option(member.of);
    if !members.iter().all(settled) {
        return None;
    }
    let nested = members.iter().filter(|member| member.is_section()).map(|member| member.of);
    // `for<'never>` keeps a bound that does not hold from being an error: the impl is then simply not there.
    let bounds = nested.map(|of| quote!(for<'never> #of: ::core::default::Default));
    let values = members.iter().enumerate().map(|(place, member)| {
        let (ident, of, spec) = (member.ident, member.of, spec_name(place));
        if member.is_section() {
            quote!(#ident: <#of as ::core::default::Default>::default())
        } else {
            quote!(#ident: #config::default_of::<#of>(&#spec))
        }
    });
    Some(quote! {
        #[automatically_derived]
        impl ::core::default::Default for #name where #(#bounds),* {
            fn default() -> Self {
                Self { #(#values),* }
            }
        }
    })
}

fn spec_name(place: usize) -> Ident {
    format_ident!("FIELD_{place}")
}

fn option<T: quote::ToTokens>(value: Option<T>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
