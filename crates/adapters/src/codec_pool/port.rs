//! The pool behind the port of `app`.

use app::ports::{CodecError as PortError, PixelCodec};
use dicom::codec::{CodecError, CodecReply, CodecRequest};

use super::{CodecPool, CodecPoolError};

#[async_trait::async_trait]
impl PixelCodec for CodecPool {
    async fn run(&self, request: CodecRequest) -> Result<CodecReply, PortError> {
        CodecPool::run(self, request).await.map_err(PortError::from)
    }
}

impl From<CodecPoolError> for PortError {
    fn from(error: CodecPoolError) -> Self {
        let reason = error.to_string();
        let transient = error.is_transient();
        match error {
            CodecPoolError::Refused(CodecError::NoPixels) => Self::NoPixels,
            CodecPoolError::Refused(CodecError::Unsuitable { why }) => Self::Unsuitable { reason: why },
            CodecPoolError::Refused(CodecError::Damaged) => Self::Damaged,
            // A crash or a timeout is a property of these bytes: they would do it again, to the next child.
            CodecPoolError::Refused(CodecError::BadRequest { what }) => Self::Senseless { what },
            _ if !transient => Self::Unreadable { reason },
            _ => Self::Failed { reason },
        }
    }
}
