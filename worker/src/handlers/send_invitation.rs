//! Mails an invitation.

use app::identity::SendInvitation;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: SendInvitation) -> Result<(), JobError> {
    Ok(context.app.send_invitation(&context.actor, &job).await?)
}
