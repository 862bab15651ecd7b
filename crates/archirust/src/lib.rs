//! archirust
