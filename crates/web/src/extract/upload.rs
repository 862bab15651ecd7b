use archirust_core::{Error, ErrorKind, Result};
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::context::RequestContext;
use crate::problem::ApiError;

/// More parts than a form has.
const MAX_PARTS: usize = 64;
/// Names are shown in logs and lists.
const MAX_NAME: usize = 255;

/// A form with files (`multipart/form-data`, RFC 7578), read part by part as it arrives: nothing is kept in memory but what a
/// handler asks for. All parts together are limited as every body is (`web.limits.max_body`); what a part may have is
/// said where it is read.
pub struct Upload {
    form: Multipart,
    context: Option<RequestContext>,
    parts: usize,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let context = request.extensions().get::<RequestContext>().cloned();
        let form = Multipart::from_request(request, state).await.map_err(|rejection| {
            Error::new(ErrorKind::UnsupportedMediaType)
                .with_message("the content type must be multipart/form-data with a boundary")
                .with_source(rejection)
        })?;
        Ok(Self { form, context, parts: 0 })
    }
}

impl Upload {
    /// The next part; `None` after the last.
    ///
    /// # Errors
    /// `MalformedRequest`, `PayloadTooLarge`, `RequestTimeout`.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>> {
        let context = self.context.clone();
        match self.form.next_field().await {
            Ok(Some(_)) if self.parts == MAX_PARTS => {
                Err(Error::new(ErrorKind::PayloadTooLarge).with_message("the form has too many parts"))
            }
            Ok(field) => {
                self.parts += 1;
                Ok(field.map(|field| Part { field, context }))
            }
            Err(error) => Err(broken(context.as_ref(), error)),
        }
    }
}

/// One part of a form.
pub struct Part<'a> {
    field: Field<'a>,
    context: Option<RequestContext>,
}

impl Part<'_> {
    /// The name of the field.
    pub fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    /// What the client calls the file, without folders and control characters. A label to show: never the name to store it
    /// under.
    pub fn file_name(&self) -> Option<String> {
        self.field.file_name().map(label)
    }

    /// What the client says that it is. Never to be trusted.
    pub fn content_type(&self) -> Option<&str> {
        self.field.content_type()
    }

    /// The whole part, if it has at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Upload::next`].
    pub async fn bytes(self, limit: u64) -> Result<Bytes> {
        let mut whole = Vec::new();
        self.copy_to(&mut whole, limit).await?;
        Ok(whole.into())
    }

    /// Copies the part as it arrives, and gives its size. With more than `limit` bytes it stops: what was written by then is
    /// not to be used.
    ///
    /// # Errors
    /// As [`Upload::next`]; `Internal` if the sink fails.
    pub async fn copy_to(mut self, sink: &mut (impl AsyncWrite + Unpin), limit: u64) -> Result<u64> {
        let mut size = 0;
        while let Some(piece) = self.field.next().await {
            let piece = piece.map_err(|error| broken(self.context.as_ref(), error))?;
            size += piece.len() as u64;
            if size > limit {
                return Err(Error::new(ErrorKind::PayloadTooLarge)
                    .with_message(format!("a part is larger than the {limit} bytes that it may have")));
            }
            sink.write_all(&piece).await.map_err(|error| Error::internal("an upload").with_source(error))?;
        }
        sink.flush().await.map_err(|error| Error::internal("an upload").with_source(error))?;
        Ok(size)
    }
}

/// The last component of a path of any system.
fn label(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect()
}

fn broken(context: Option<&RequestContext>, error: MultipartError) -> Error {
    let by_status = || match error.status().as_u16() {
        413 => ErrorKind::PayloadTooLarge,
        _ => ErrorKind::MalformedRequest,
    };
    let kind = context.and_then(|context| context.0.body.failure()).unwrap_or_else(by_status);
    Error::new(kind).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn a_file_name_is_a_label_without_folders() {
        assert_eq!(label("photo.jpg"), "photo.jpg");
        assert_eq!(label("../../etc/passwd"), "passwd");
        assert_eq!(label("C:\\Users\\bob\\photo.jpg"), "photo.jpg");
        assert_eq!(label("a\r\nb\0.txt"), "ab.txt");
        assert_eq!(label("dir/"), "");
        assert_eq!(label(&"ü".repeat(300)).chars().count(), 255);
    }
}
