//! The operations that run on one socket, each as a task of its own.
//!
//! **Invariant:** an operation goes on whatever the client does: one that waits to be sent holds no connection
//! of the database, and one that reads is never left standing because another one is being sent.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Data, Request};
use futures_util::StreamExt as _;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
};

use super::messages;
use crate::graphql::ApiSchema;

/// The most operations that run on one socket at once. The portal needs one.
pub const MAX_OPERATIONS: usize = 16;
/// Answers that wait to be sent; then operations wait.
const WAITING_ANSWERS: usize = 16;

/// Why an operation is not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBegun {
    /// One of that id still runs.
    IdTaken,
    /// As many run as may.
    TooMany,
}

/// An operation's word, and which one's it is: an id may come again.
struct Answer {
    id: String,
    number: u64,
    text: String,
    last: bool,
}

struct Running {
    number: u64,
    task: AbortHandle,
}

/// What runs for one caller.
pub struct Operations {
    schema: ApiSchema,
    data: Arc<Data>,
    running: HashMap<String, Running>,
    begun: u64,
    tasks: JoinSet<()>,
    say: mpsc::Sender<Answer>,
    said: mpsc::Receiver<Answer>,
}

impl Operations {
    pub fn new(schema: ApiSchema, data: Data) -> Self {
        let (say, said) = mpsc::channel(WAITING_ANSWERS);
        Self {
            schema,
            data: Arc::new(data),
            running: HashMap::new(),
            begun: 0,
            tasks: JoinSet::new(),
            say,
            said,
        }
    }

    /// Begins an operation; its answers come out of [`Operations::next`].
    pub fn begin(&mut self, id: String, request: Request) -> Result<(), NotBegun> {
        if self.running.contains_key(&id) {
            return Err(NotBegun::IdTaken);
        }
        // Those that were ended may still be winding up.
        if self.running.len() >= MAX_OPERATIONS || self.tasks.len() >= 2 * MAX_OPERATIONS {
            return Err(NotBegun::TooMany);
        }
        self.begun += 1;
        let number = self.begun;
        let answers = self
            .schema
            .execute_stream_with_session_data(request, Arc::clone(&self.data));
        let (say, its_id) = (self.say.clone(), id.clone());
        let task = self.tasks.spawn(async move {
            let answer = |text, last| Answer {
                id: its_id.clone(),
                number,
                text,
                last,
            };
            let mut answers = answers;
            while let Some(response) = answers.next().await {
                if say
                    .send(answer(messages::next(&its_id, &response), false))
                    .await
                    .is_err()
                {
                    return;
                }
            }
            // When nobody listens any more there is nobody to tell.
            let _ = say.send(answer(messages::complete(&its_id), true)).await;
        });
        self.running.insert(id, Running { number, task });
        Ok(())
    }

    /// Ends an operation, if it runs.
    pub fn end(&mut self, id: &str) {
        if let Some(ended) = self.running.remove(id) {
            ended.task.abort();
        }
    }

    /// The next message to send. None when an operation broke, which is our fault.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            tokio::select! {
                Some(answer) = self.said.recv() => {
                    let is_current = self.running.get(&answer.id).is_some_and(|running| running.number == answer.number);
                    if !is_current {
                        continue;
                    }
                    if answer.last {
                        self.running.remove(&answer.id);
                    }
                    return Some(answer.text);
                }
                Some(ended) = self.tasks.join_next() => {
                    if let Err(error) = ended && error.is_panic() {
                        tracing::error!(error = %error, "an operation on a socket broke");
                        return None;
                    }
                }
                // The sender is ours, so the channel never closes; with no task there is only waiting.
                else => std::future::pending().await,
            }
        }
    }
}
