//! Keys that everybody has read. Their hashes are kept, so that no search for secrets ever finds them in here.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

/// SHA-256 of the bytes of keys in manuals and tutorials that are copied into services by the thousand.
const PUBLISHED: [&str; 5] = [
    "4d0f8dec4515d07a611c502f22adb95c854d943d6122fb8f96c9503b42356bac", // manual of FastAPI
    "a5aa976fe0932dfa4e28efad79b2bdf0ab22a79a346ed3fe9e0aeda30ab3fd1d", // manual of Flask
    "136cb1c5a79bc9d943efda382fde1bfa26e0e140ff444657cf7fb056e2977b1c", // tutorials of Spring Security
    "c8ecc9361a05e285f04c26f9572131a6deab07e9e2b865053c6f75a4d8bd2b32", // RFC 7515, A.1
    "465d9ad5d5528ebe287b5dce4fb51620833d09b290e49ddcc70ca6c4a0aea01b", // jwt.io
];

pub(super) fn is_published(bytes: &[u8]) -> bool {
    let hash = HEXLOWER.encode(digest(&SHA256, bytes).as_ref());
    PUBLISHED.contains(&hash.as_str())
}
