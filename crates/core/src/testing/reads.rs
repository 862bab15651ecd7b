//! Finds the names of fields that source code reads.

use std::collections::HashSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprAssign, ExprField, File, ImplItemFn, Item, ItemImpl, ItemMod, Macro, Member, PatStruct, Path,
    Type,
};

/// The names of fields that code reads.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// Of a struct that can't be told: `settings.ttl`.
    anywhere: HashSet<String>,
    /// Of a struct that is known: `self.ttl` in its own methods, a pattern that names it.
    of_struct: HashSet<(String, String)>,
    /// The type whose methods are being read.
    own: Option<String>,
    /// Modules that are tests and lie in a file of their own.
    pub(super) test_modules: Vec<String>,
}

impl Reads {
    pub(super) fn file(&mut self, file: &File) {
        self.visit_file(file);
    }

    pub(super) fn has(&self, owner: &str, field: &str) -> bool {
        self.anywhere.contains(field) || self.of_struct.contains(&(owner.to_owned(), field.to_owned()))
    }

    fn read(&mut self, owner: Option<String>, field: String) {
        match owner {
            Some(owner) => self.of_struct.insert((owner, field)),
            None => self.anywhere.insert(field),
        };
    }

    /// The arguments of a macro are no syntax tree: `.name` that is not a call is taken for a field.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is_dot = |place: Option<usize>| matches!(place.and_then(|place| tokens.get(place)), Some(TokenTree::Punct(punct)) if punct.as_char() == '.');
        for (place, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(name) if is_dot(place.checked_sub(1)) && !is_dot(place.checked_sub(2)) => {
                    let called = matches!(
                        tokens.get(place + 1),
                        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis
                    );
                    if !called {
                        let of_self = place >= 2
                            && matches!(&tokens[place - 2], TokenTree::Ident(base) if base == "self")
                            && !is_dot(place.checked_sub(3));
                        let owner = if of_self { self.own.clone() } else { None };
                        self.read(owner, plain(name));
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reads {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        } else if let Item::Mod(ItemMod { ident, content: None, .. }) = item {
            self.test_modules.push(plain(ident));
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let own = match &*item.self_ty {
            Type::Path(path) => last(&path.path),
            _ => None,
        };
        let outer = std::mem::replace(&mut self.own, own);
        visit::visit_item_impl(self, item);
        self.own = outer;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_expr_field(&mut self, access: &'ast ExprField) {
        if let Member::Named(name) = &access.member {
            let of_self = matches!(&*access.base, Expr::Path(base) if base.path.is_ident("self"));
            let owner = if of_self { self.own.clone() } else { None };
            self.read(owner, plain(name));
        }
        visit::visit_expr_field(self, access);
    }

    /// To assign to a field is not to read it.
    fn visit_expr_assign(&mut self, assign: &'ast ExprAssign) {
        match &*assign.left {
            Expr::Field(access) => self.visit_expr(&access.base),
            left => self.visit_expr(left),
        }
        self.visit_expr(&assign.right);
    }

    fn visit_pat_struct(&mut self, pattern: &'ast PatStruct) {
        let owner = match last(&pattern.path) {
            Some(name) if name == "Self" => self.own.clone(),
            other => other,
        };
        for field in &pattern.fields {
            // `name: _` takes nothing.
            if let Member::Named(name) = &field.member
                && !matches!(&*field.pat, syn::Pat::Wild(_))
            {
                self.read(owner.clone(), plain(name));
            }
        }
        visit::visit_pat_struct(self, pattern);
    }

    fn visit_macro(&mut self, macro_call: &'ast Macro) {
        self.tokens(macro_call.tokens.clone());
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let cfg_test = || attribute.parse_args::<Path>().is_ok_and(|condition| condition.is_ident("test"));
        attribute.path().segments.last().is_some_and(|segment| segment.ident == "test")
            || attribute.path().is_ident("cfg") && cfg_test()
    })
}

fn last(path: &Path) -> Option<String> {
    path.segments.last().map(|segment| plain(&segment.ident))
}

/// The name without `r#`.
fn plain(ident: &proc_macro2::Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}
