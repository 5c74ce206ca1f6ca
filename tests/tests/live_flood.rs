//! A greedy listener: whoever fills sockets with subscriptions takes nothing from anybody else.

use dicom::phantom::PhantomKind;
use serde_json::{Value, json};
use telerad_tests::{Backend, Client, Message, Socket, Telerad, Tenant, eventually, files};
use tokio::sync::watch;

/// Everything of a case that has to be asked for, each by a query of its own.
const GREEDY: &str = "subscription { changes(after: 0) { sequence case { id facility { name } holder { since } \
                      report { id } keyImages { id } deliveries { id } } } }";
/// Far more than one connection may have.
const ASKED: usize = 100;
/// Long enough that each socket is looked at several times in between.
const ROUNDS: u64 = 12;

/// The first word on each operation: data for those that run, a code for those that were one too many.
async fn subscribe_to_excess(socket: &mut Socket) -> anyhow::Result<usize> {
    for id in 0..ASKED {
        let payload = json!({ "query": GREEDY });
        socket
            .send(&json!({ "type": "subscribe", "id": id.to_string(), "payload": payload }))
            .await?;
    }
    let mut refused = 0;
    // A ping is answered in its turn, after everything that was asked before.
    socket.send(&json!({ "type": "ping" })).await?;
    loop {
        match socket.receive().await? {
            Message::Json(message) if message["type"] == "error" => {
                let code = &message["payload"][0]["extensions"]["code"];
                anyhow::ensure!(code == "RATE_LIMITED", "refused as {message}");
                refused += 1;
            }
            Message::Json(message) if message["type"] == "pong" => return Ok(refused),
            Message::Json(_) => {}
            Message::Closed(code) => anyhow::bail!("closed with {code}"),
        }
    }
}

/// The number of the change that a message tells of; 0 where it tells of none.
fn sequence_of(message: &Value) -> i64 {
    message["payload"]["data"]["changes"]["sequence"]
        .as_i64()
        .unwrap_or_default()
}

/// Another tenant's reader goes on working.
async fn works(reader: &Client) -> anyhow::Result<()> {
    let worklist = "{ worklist { nodes { id } } me { id } }";
    let (one, two, ready) = tokio::join!(
        reader.graphql(worklist, Value::Null),
        reader.graphql(worklist, Value::Null),
        reader.get("/readyz"),
    );
    one?;
    two?;
    assert_eq!(ready?.status, 200);
    Ok(())
}

async fn change(telerad: &Telerad, tenant: &Tenant, round: u64) -> anyhow::Result<()> {
    let study = files::study(PhantomKind::ChestRadiograph, 900 + round, 1);
    let stored = telerad
        .with_key(tenant)
        .stow(&tenant.slug, &files::bytes_of(&study))
        .await?;
    anyhow::ensure!(stored.status == 200, "a change was refused: {}", stored.body);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_full_of_subscriptions_takes_nothing_from_others() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let variables = [("TELERAD_QUIET_PERIOD_SECONDS", "1")];
        let telerad = Telerad::start_with(backend, &variables, &[]).await?;
        let (greedy, other) = (telerad.found_tenant("greedy")?, telerad.found_tenant("other")?);
        let listener = telerad.signed_in(&greedy.radiologist).await?;
        let reader = telerad.signed_in(&other.radiologist).await?;
        let mut sockets = Vec::new();
        for _ in 0..4 {
            let mut socket = listener.live().await?;
            let refused = subscribe_to_excess(&mut socket).await?;
            assert!(
                (1..ASKED).contains(&refused),
                "{backend:?}: some run and some are refused: {refused}"
            );
            sockets.push(socket);
        }
        // One listens, the others take nothing from the line any more.
        let mut drained = sockets.pop().expect("four were opened");
        let (tell, last_heard) = watch::channel(0);
        let listening = tokio::spawn(async move {
            while let Ok(Message::Json(message)) = drained.receive().await {
                let sequence = sequence_of(&message);
                tell.send_modify(|last| *last = sequence.max(*last));
            }
        });
        for round in 0..ROUNDS {
            tokio::try_join!(change(&telerad, &greedy, round), works(&reader), works(&reader))?;
        }
        // It still is a working feed: what changes is told.
        let mut fresh = listener.live().await?;
        fresh.subscribe("subscription { changes { sequence } }").await?;
        change(&telerad, &greedy, ROUNDS).await?;
        let Message::Json(told) = fresh.receive().await? else {
            anyhow::bail!("{backend:?}: the fresh socket was closed");
        };
        assert_eq!(told["type"], "next", "{backend:?}: {told}");
        // So is that of who listens and asks for much.
        eventually("the listener hears of the last change", async || {
            anyhow::ensure!(!listening.is_finished(), "the listener was shut out");
            Ok((*last_heard.borrow() >= sequence_of(&told)).then_some(()))
        })
        .await?;
        listening.abort();
    }
    Ok(())
}
