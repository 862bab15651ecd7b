//! The attributes of the derives.

use proc_macro_crate::{FoundCrate, crate_name};
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, ExprLit, ExprUnary, Lit, LitStr, Meta, Path, Type, UnOp};

/// `#[setting(…)]` on a field or variant.
#[derive(Default)]
pub(crate) struct SettingAttribute {
    pub(crate) default: Option<String>,
    pub(crate) range: Option<LitStr>,
    pub(crate) required: Option<LitStr>,
    pub(crate) validate: Option<Path>,
    pub(crate) rename: Option<LitStr>,
    pub(crate) nested: bool,
    pub(crate) flatten: bool,
    pub(crate) secret_file: bool,
}

impl SettingAttribute {
    pub(crate) fn parse(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut parsed = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("setting")) {
            attribute.parse_nested_meta(|meta| parsed.take(&meta))?;
        }
        Ok(parsed)
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        if meta.path.is_ident("default") {
            self.default = Some(literal_text(&meta.value()?.parse()?)?);
        } else if meta.path.is_ident("range") {
            self.range = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("required") {
            let profile: LitStr = meta.value()?.parse()?;
            if !["development", "staging", "production"].contains(&profile.value().as_str()) {
                return Err(syn::Error::new(profile.span(), "no such profile: development, staging or production"));
            }
            self.required = Some(profile);
        } else if meta.path.is_ident("validate") {
            self.validate = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("rename") {
            self.rename = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("nested") {
            self.nested = true;
        } else if meta.path.is_ident("flatten") {
            self.flatten = true;
        } else if meta.path.is_ident("secret_file") {
            self.secret_file = true;
        } else {
            let known = "default, range, required, validate, rename, secret_file, nested or flatten";
            return Err(meta.error(format!("expected {known}")));
        }
        Ok(())
    }
}

/// `#[settings(…)]` on the struct or enum.
pub(crate) struct SettingsAttribute {
    pub(crate) validate: Option<Path>,
    pub(crate) core: Path,
}

impl SettingsAttribute {
    pub(crate) fn parse(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut parsed = Self { validate: None, core: core_path() };
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("settings")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("validate") {
                    parsed.validate = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("crate") {
                    parsed.core = meta.value()?.parse()?;
                } else {
                    return Err(meta.error("expected validate or crate"));
                }
                Ok(())
            })?;
        }
        Ok(parsed)
    }
}

/// How the crate that derives calls `archirust_core`: by its own name, or through the facade, which has the same modules.
fn core_path() -> Path {
    let named = |name: String| {
        let name = syn::Ident::new(&name, proc_macro2::Span::call_site());
        syn::parse_quote!(::#name)
    };
    match (crate_name("archirust-core"), crate_name("archirust")) {
        (Ok(FoundCrate::Name(name)), _) | (Err(_), Ok(FoundCrate::Name(name))) => named(name),
        _ => syn::parse_quote!(::archirust_core),
    }
}

/// The text of a literal, so that every default can be shown and read in one way.
fn literal_text(expression: &Expr) -> syn::Result<String> {
    let (sign, literal) = match expression {
        Expr::Lit(ExprLit { lit, .. }) => ("", lit),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => match &**expr {
            Expr::Lit(ExprLit { lit: lit @ (Lit::Int(_) | Lit::Float(_)), .. }) => ("-", lit),
            _ => return Err(syn::Error::new_spanned(expression, "a default is a literal")),
        },
        _ => return Err(syn::Error::new_spanned(expression, "a default is a literal")),
    };
    Ok(match literal {
        Lit::Str(text) => text.value(),
        Lit::Int(number) => format!("{sign}{}", number.base10_digits()),
        Lit::Float(number) => format!("{sign}{}", number.base10_digits()),
        Lit::Bool(boolean) => boolean.value.to_string(),
        other => return Err(syn::Error::new(other.span(), "a default is a text, a number or a boolean")),
    })
}

/// The documentation, its lines joined by newlines, each without the space that follows `///`.
pub(crate) fn doc(attributes: &[Attribute]) -> String {
    let lines: Vec<String> = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        })
        .map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned())
        .collect();
    lines.join("\n").trim().to_owned()
}

/// Whether the type is written as an `Option`.
pub(crate) fn is_option(of: &Type) -> bool {
    matches!(of, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "Option"))
}
