//! Booleans, numbers, text, paths and addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::{NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::Url;

use crate::config::{Profile, Raw};

use super::{InvalidRange, Malformed, SettingValue, Shape, ValueType, Variant, bounds, within};

impl SettingValue for bool {
    fn value_type() -> ValueType {
        ValueType::text("boolean", "true or false").with_shape(Shape::Boolean)
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        text.trim().parse().map_err(|_| Malformed::value())
    }

    fn from_raw(raw: &Raw) -> Result<Self, Malformed> {
        match raw {
            Raw::Text(text) => Self::from_text(text),
            Raw::Boolean(value) => Ok(*value),
            other => Err(Malformed::kind(other)),
        }
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

macro_rules! integers {
    ($($type:ty: $min:expr, $max:expr;)*) => {$(
        impl SettingValue for $type {
            fn value_type() -> ValueType {
                let (min, max) = (i128::from($min), i128::from($max));
                let accepted = match (min, max) {
                    // The bounds of a 64-bit type help nobody.
                    (0, max) if max > i128::from(u32::MAX) => "a whole number, 0 or more".into(),
                    (_, max) if max > i128::from(u32::MAX) => "a whole number".into(),
                    (min, max) => format!("a whole number from {min} to {max}"),
                };
                ValueType::text("integer", accepted).with_shape(Shape::Integer { min, max })
            }

            fn from_text(text: &str) -> Result<Self, Malformed> {
                text.trim().parse().map_err(|_| Malformed::value())
            }

            fn from_raw(raw: &Raw) -> Result<Self, Malformed> {
                match raw {
                    Raw::Text(text) => Self::from_text(text),
                    Raw::Integer(value) => Self::try_from(*value).map_err(|_| Malformed::value()),
                    other => Err(Malformed::kind(other)),
                }
            }

            fn to_text(&self) -> String {
                self.to_string()
            }

            fn is_within(&self, range: &str) -> Result<bool, InvalidRange> {
                within(self, range)
            }

            fn check_range(range: &str) -> Result<(), InvalidRange> {
                bounds::<Self>(range).map(drop)
            }
        }
    )*};
}

integers! {
    u8: u8::MIN, u8::MAX;
    u16: u16::MIN, u16::MAX;
    u32: u32::MIN, u32::MAX;
    u64: u64::MIN, u64::MAX;
    i8: i8::MIN, i8::MAX;
    i16: i16::MIN, i16::MAX;
    i32: i32::MIN, i32::MAX;
    i64: i64::MIN, i64::MAX;
    // `usize` has no `Into<i128>`; a setting that needs more than 64 bits does not exist.
    usize: u64::MIN, u64::MAX;
}

macro_rules! positive_integers {
    ($($type:ty, $inner:ty;)*) => {$(
        impl SettingValue for $type {
            fn value_type() -> ValueType {
                let mut known = <$inner>::value_type();
                if let Shape::Integer { min, .. } = &mut known.shape {
                    *min = 1;
                }
                known.accepted = "a whole number, 1 or more".into();
                known
            }

            fn from_text(text: &str) -> Result<Self, Malformed> {
                Self::new(<$inner>::from_text(text)?).ok_or_else(Malformed::value)
            }

            fn from_raw(raw: &Raw) -> Result<Self, Malformed> {
                Self::new(<$inner>::from_raw(raw)?).ok_or_else(Malformed::value)
            }

            fn to_text(&self) -> String {
                self.to_string()
            }

            fn is_within(&self, range: &str) -> Result<bool, InvalidRange> {
                within(self, range)
            }

            fn check_range(range: &str) -> Result<(), InvalidRange> {
                bounds::<Self>(range).map(drop)
            }
        }
    )*};
}

positive_integers! {
    NonZeroU16, u16;
    NonZeroU32, u32;
    NonZeroU64, u64;
    NonZeroUsize, usize;
}

impl SettingValue for f64 {
    fn value_type() -> ValueType {
        ValueType::text("number", "a finite number").with_shape(Shape::Number)
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        text.trim().parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(Malformed::value)
    }

    fn from_raw(raw: &Raw) -> Result<Self, Malformed> {
        match raw {
            Raw::Text(text) => Self::from_text(text),
            Raw::Float(value) if value.is_finite() => Ok(*value),
            Raw::Float(_) => Err(Malformed::value()),
            // As precise as the text of the same number would be.
            Raw::Integer(value) => Ok(*value as f64),
            other => Err(Malformed::kind(other)),
        }
    }

    fn to_text(&self) -> String {
        self.to_string()
    }

    fn is_within(&self, range: &str) -> Result<bool, InvalidRange> {
        within(self, range)
    }

    fn check_range(range: &str) -> Result<(), InvalidRange> {
        bounds::<Self>(range).map(drop)
    }
}

/// A range of a text is one of its length in characters.
impl SettingValue for String {
    fn value_type() -> ValueType {
        ValueType::text("text", "text").counted_in("characters")
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        Ok(text.to_owned())
    }

    fn to_text(&self) -> String {
        self.clone()
    }

    fn is_within(&self, range: &str) -> Result<bool, InvalidRange> {
        within(&self.chars().count(), range)
    }

    fn check_range(range: &str) -> Result<(), InvalidRange> {
        bounds::<usize>(range).map(drop)
    }
}

impl SettingValue for PathBuf {
    fn value_type() -> ValueType {
        ValueType::text("path", "the path of a file or folder")
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        if text.trim().is_empty() || text.contains('\0') { Err(Malformed::value()) } else { Ok(text.into()) }
    }

    fn to_text(&self) -> String {
        self.display().to_string()
    }
}

crate::setting_from_str!(IpAddr, "IP address", "an IP address");
crate::setting_from_str!(Ipv4Addr, "IPv4 address", "an IPv4 address");
crate::setting_from_str!(Ipv6Addr, "IPv6 address", "an IPv6 address");
crate::setting_from_str!(IpNet, "IP network", "an IP network such as 10.0.0.0/8 or fd00::/8");
crate::setting_from_str!(Ipv4Net, "IPv4 network", "an IPv4 network such as 10.0.0.0/8");
crate::setting_from_str!(Ipv6Net, "IPv6 network", "an IPv6 network such as fd00::/8");
crate::setting_from_str!(
    SocketAddr,
    "address and port",
    "an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080"
);

/// A URL without credentials: those belong into settings of their own, which are secret.
impl SettingValue for Url {
    fn value_type() -> ValueType {
        ValueType::text("URL", "an absolute URL without user name and password")
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        let url = Self::parse(text.trim()).map_err(|_| Malformed::value())?;
        if url.username().is_empty() && url.password().is_none() {
            Ok(url)
        } else {
            Err(Malformed::because("holds credentials"))
        }
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

const PROFILES: &[Variant] = &[
    Variant { name: "development", doc: "A developer's machine." },
    Variant { name: "staging", doc: "As production, but failing rules are only shown." },
    Variant { name: "production", doc: "A failing rule stops the start." },
];

impl SettingValue for Profile {
    fn value_type() -> ValueType {
        ValueType::one_of("profile", PROFILES)
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        text.parse().map_err(|_| Malformed::value())
    }

    fn to_text(&self) -> String {
        self.name().to_owned()
    }
}
