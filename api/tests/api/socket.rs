//! GraphQL over WebSocket: who may open one, and how long it lives.

use std::time::Duration;

use crate::support::{House, Session};
use chrono::TimeDelta;
use domain::Role;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, ClientRequestBuilder, Message, http::Uri},
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Far longer than anything here takes; a test that runs into it fails by what it then finds missing.
const PATIENCE: Duration = Duration::from_secs(30);

async fn open(house: &House, origin: Option<&str>, protocol: &str) -> Result<Socket, tungstenite::Error> {
    let uri: Uri = format!("{}/graphql", house.base.replacen("http", "ws", 1))
        .parse()
        .unwrap();
    let mut request = ClientRequestBuilder::new(uri).with_sub_protocol(protocol);
    if let Some(origin) = origin {
        request = request.with_header("Origin", origin);
    }
    connect_async(request).await.map(|(socket, _)| socket)
}

async fn connected(house: &House, token: &str) -> Socket {
    let mut socket = open(house, None, "graphql-transport-ws").await.unwrap();
    send(
        &mut socket,
        json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } }),
    )
    .await;
    assert_eq!(answer(&mut socket).await, Ok(json!({ "type": "connection_ack" })));
    socket
}

async fn send(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// The next message, or the code and words of the close.
async fn answer(socket: &mut Socket) -> Result<Value, (u16, String)> {
    loop {
        let message = tokio::time::timeout(PATIENCE, socket.next())
            .await
            .expect("the server says something");
        match message {
            Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(Some(frame)))) => {
                return Err((frame.code.into(), frame.reason.to_string()));
            }
            Some(Ok(Message::Close(None))) | None => return Err((0, String::new())),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err((0, error.to_string())),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_page_and_a_foreign_protocol_are_refused() {
    let house = House::open().await;
    for (origin, protocol, status) in [
        (Some("https://evil.example"), "graphql-transport-ws", 403),
        (Some("null"), "graphql-transport-ws", 403),
        (None, "graphql-ws", 400),
    ] {
        match open(&house, origin, protocol).await {
            Err(tungstenite::Error::Http(answer)) => assert_eq!(answer.status().as_u16(), status),
            other => panic!("{origin:?} {protocol}: {other:?}"),
        }
    }
    assert!(
        open(&house, Some("http://localhost:8080"), "graphql-transport-ws")
            .await
            .is_ok(),
        "our own page may"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_say_who_they_are_is_not_heard() {
    let house = House::open().await;
    for payload in [
        json!({}),
        json!({ "authorization": "Bearer nonsense" }),
        json!({ "authorization": 7 }),
    ] {
        let mut socket = open(&house, None, "graphql-transport-ws").await.unwrap();
        send(
            &mut socket,
            json!({ "type": "connection_init", "payload": payload }),
        )
        .await;
        assert_eq!(answer(&mut socket).await.unwrap_err().1, "NOT_AUTHENTICATED");
    }
    let mut socket = open(&house, None, "graphql-transport-ws").await.unwrap();
    send(
        &mut socket,
        json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ me { id } }" } }),
    )
    .await;
    assert!(answer(&mut socket).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_answered_and_bound_by_the_same_limits() {
    let house = House::open().await;
    let session = house.member("ada@example.org", Role::Radiologist).await;
    let mut socket = connected(&house, &session.access).await;
    send(
        &mut socket,
        json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ me { email } }" } }),
    )
    .await;
    let next = answer(&mut socket).await.unwrap();
    assert_eq!(
        next["payload"]["data"]["me"]["email"], "ada@example.org",
        "{next}"
    );
    assert_eq!(answer(&mut socket).await.unwrap()["type"], "complete");
    let aliases: String = (0..40).map(|n| format!("a{n}: me {{ id }} ")).collect();
    send(
        &mut socket,
        json!({ "type": "subscribe", "id": "2", "payload": { "query": format!("{{ {aliases} }}") } }),
    )
    .await;
    let refused = answer(&mut socket).await.unwrap().to_string();
    assert!(refused.contains("QUERY_TOO_COMPLEX"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_closes_when_its_token_expires() {
    let house = House::open().await;
    let session = house.member("ada@example.org", Role::Radiologist).await;
    let mut socket = connected(&house, &session.access).await;
    house.clock.pass(TimeDelta::minutes(10));
    assert_eq!(answer(&mut socket).await.unwrap_err().0, 4403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_closes_when_its_session_is_revoked() {
    let house = House::open().await;
    let session = house.member("ada@example.org", Role::Radiologist).await;
    let mut socket = connected(&house, &session.access).await;
    let user = session.body["user"]["id"].as_str().unwrap().parse().unwrap();
    house
        .app
        .set_member_disabled(&house.system(), user, true)
        .await
        .unwrap();
    assert_eq!(answer(&mut socket).await.unwrap_err().0, 4403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_says_goodbye() {
    let mut house = House::open().await;
    let session = house.member("ada@example.org", Role::Radiologist).await;
    let mut socket = connected(&house, &session.access).await;
    house.stop();
    assert_eq!(answer(&mut socket).await.unwrap_err().0, 1001);
}

/// Opens a socket that may be refused after it was opened.
async fn introduced(house: &House, session: &Session) -> (Socket, Result<Value, (u16, String)>) {
    let mut socket = open(house, None, "graphql-transport-ws").await.unwrap();
    let authorization = format!("Bearer {}", session.access);
    let init = json!({ "type": "connection_init", "payload": { "authorization": authorization } });
    send(&mut socket, init).await;
    let answer = answer(&mut socket).await;
    (socket, answer)
}

fn watch(id: usize) -> Value {
    let payload = json!({ "query": "subscription { changes { sequence } }" });
    json!({ "type": "subscribe", "id": id.to_string(), "payload": payload })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_runs_sixteen_operations_and_refuses_more_until_one_ends() {
    let house = House::open().await;
    let session = house.member("ada@example.org", Role::Radiologist).await;
    let mut socket = connected(&house, &session.access).await;
    for id in 0..17 {
        send(&mut socket, watch(id)).await;
    }
    let refused = answer(&mut socket).await.unwrap();
    assert_eq!(
        (&refused["type"], &refused["id"]),
        (&json!("error"), &json!("16"))
    );
    assert_eq!(refused["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    send(&mut socket, json!({ "type": "complete", "id": "3" })).await;
    send(&mut socket, watch(16)).await;
    send(&mut socket, json!({ "type": "ping" })).await;
    assert_eq!(
        answer(&mut socket).await.unwrap(),
        json!({ "type": "pong" }),
        "it runs"
    );
    send(&mut socket, watch(16)).await;
    assert_eq!(answer(&mut socket).await.unwrap_err().0, 4409, "it runs already");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_caller_has_a_bounded_number_of_sockets_and_takes_none_from_another_tenant() {
    let house = House::open_with(|options| options.sockets.of_caller = 2).await;
    let session = house.member("ada@example.org", Role::Radiologist).await;
    let other = house.other_tenant("bob@example.org", Role::Radiologist).await;
    let first = connected(&house, &session.access).await;
    let _second = connected(&house, &session.access).await;
    let (_, refused) = introduced(&house, &session).await;
    assert_eq!(refused.unwrap_err().0, 4429);
    let _others = connected(&house, &other.access).await;
    drop(first);
    let let_in = async {
        while introduced(&house, &session).await.1.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, let_in)
        .await
        .expect("the server notices that one is gone when it next looks");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_cannot_take_every_socket() {
    let house = House::open_with(|options| options.sockets.strangers = 2).await;
    let session = house.member("ada@example.org", Role::Radiologist).await;
    let _in_use = connected(&house, &session.access).await;
    let _one = open(&house, None, "graphql-transport-ws").await.unwrap();
    let _two = open(&house, None, "graphql-transport-ws").await.unwrap();
    match open(&house, None, "graphql-transport-ws").await {
        Err(tungstenite::Error::Http(answer)) => {
            assert_eq!(answer.status().as_u16(), 429);
            assert!(answer.headers().contains_key("retry-after"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_sockets_of_one_address_keep_nobody_else_out() {
    let house = House::open_with(|options| {
        options.sockets.strangers_of_network = 2;
        options.trusted_proxies = vec![[127, 0, 0, 1].into()];
    })
    .await;
    let uri: Uri = format!("{}/graphql", house.base.replacen("http", "ws", 1))
        .parse()
        .unwrap();
    let from = |address: &str| {
        let request = ClientRequestBuilder::new(uri.clone()).with_sub_protocol("graphql-transport-ws");
        connect_async(request.with_header("X-Forwarded-For", address))
    };
    let _one = from("203.0.113.9").await.unwrap();
    let _two = from("203.0.113.9").await.unwrap();
    match from("203.0.113.9").await {
        Err(tungstenite::Error::Http(answer)) => assert_eq!(answer.status().as_u16(), 429),
        other => panic!("{other:?}"),
    }
    assert!(from("192.0.2.1").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_nobody_can_vouch_for_does_not_stay() {
    let house = House::open_with(|options| options.sockets.longest_doubt = Duration::from_secs(1)).await;
    let session = house.member("ada@example.org", Role::Radiologist).await;
    let mut socket = connected(&house, &session.access).await;
    house.lose_table("session").await;
    assert_eq!(answer(&mut socket).await.unwrap_err().0, 1013);
}
