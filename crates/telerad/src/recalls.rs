//! `telerad recalls`: what somebody waits for and the slow store does not have at hand. `telerad send-away`: the way
//! there, for one study.

use anyhow::ensure;
use app::{App, archive::AwaitedObject};
use clap::Args;
use domain::Actor;

use crate::admin::actor_of;

/// Whose recalls.
#[derive(Debug, Args)]
pub struct Recalls {
    /// The tenant's slug; all tenants when absent.
    #[arg(long)]
    tenant: Option<String>,
}

/// What is sent to the slow store.
#[derive(Debug, Args)]
pub struct SendAway {
    /// The tenant's slug.
    #[arg(long)]
    tenant: String,
    /// The Study Instance UID.
    #[arg(long)]
    study: String,
}

/// Sends a study away before it returns.
pub async fn send_away(app: &App, arguments: SendAway) -> anyhow::Result<String> {
    ensure!(app.cold.is_some(), "this installation has no slow store");
    let actor = actor_of(app, &arguments.tenant).await?;
    app.send_study_away(&actor, &arguments.study).await?;
    Ok("the study lies in the slow store".to_owned())
}

/// Prints one object a line: its key, its bytes, and since when somebody waits for it.
pub async fn run(app: &App, arguments: Recalls) -> anyhow::Result<()> {
    let actors = match &arguments.tenant {
        Some(slug) => vec![actor_of(app, slug).await?],
        None => {
            let tenants = app.all_tenants().await?;
            tenants
                .into_iter()
                .map(|tenant| Actor::system(tenant.id, None))
                .collect()
        }
    };
    for actor in actors {
        app.tell_awaited(&actor, &mut |object| print(&object)).await?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn print(object: &AwaitedObject) {
    let since = object.since.format("%Y-%m-%dT%H:%M:%SZ");
    println!("{}\t{}\t{since}", object.object_key, object.stored_bytes);
}
