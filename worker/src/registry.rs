//! Which handler runs which kind of job.

use std::{collections::BTreeMap, fmt};

use app::App;
use domain::{Actor, job::Job};
use futures_util::future::{BoxFuture, FutureExt as _};

use crate::JobError;

/// What a handler gets besides its payload.
#[derive(Debug, Clone)]
pub struct JobContext {
    /// The use cases.
    pub app: App,
    /// The program itself, bound to the job's tenant.
    pub actor: Actor,
}

type Handler =
    Box<dyn Fn(JobContext, serde_json::Value) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>;

/// The handlers, by the wire name of their job.
#[derive(Default)]
pub struct Registry {
    handlers: BTreeMap<&'static str, Handler>,
}

/// Kinds of jobs that may be queued but that nothing would run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no handler runs jobs of the kinds {}", kinds.join(", "))]
pub struct UnhandledKinds {
    /// Their wire names.
    pub kinds: Vec<&'static str>,
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets `handler` run jobs of type `J`.
    #[must_use]
    pub fn with<J, F, R>(mut self, handler: F) -> Self
    where
        J: Job + 'static,
        F: Fn(JobContext, J) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let run: Handler = Box::new(
            move |context, payload| match serde_json::from_value::<J>(payload) {
                Ok(job) => handler(context, job).boxed(),
                Err(error) => {
                    let reason = format!("the payload is not one of a {} job: {error}", J::KIND);
                    futures_util::future::ready(Err(JobError::Fail { reason })).boxed()
                }
            },
        );
        self.handlers.insert(J::KIND, run);
        self
    }

    /// The kinds that have a handler.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.handlers.keys().copied().collect()
    }

    /// Errors when one of `kinds` has no handler.
    pub fn check(&self, kinds: &[&'static str]) -> Result<(), UnhandledKinds> {
        let missing: Vec<_> = kinds
            .iter()
            .copied()
            .filter(|kind| !self.handlers.contains_key(kind))
            .collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(UnhandledKinds { kinds: missing })
        }
    }

    /// Starts the handler of `kind`.
    pub(crate) fn run(
        &self,
        kind: &str,
        context: JobContext,
        payload: serde_json::Value,
    ) -> BoxFuture<'static, Result<(), JobError>> {
        match self.handlers.get(kind) {
            Some(handler) => handler(context, payload),
            None => {
                let reason = format!("no handler for {kind}");
                futures_util::future::ready(Err(JobError::Retry { reason })).boxed()
            }
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("kinds", &self.kinds()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Known;

    impl Job for Known {
        const KIND: &'static str = "known";
    }

    #[test]
    fn a_kind_without_a_handler_is_found_before_anything_runs() {
        let registry = Registry::new().with(async |_, _: Known| Ok(()));
        assert_eq!(registry.check(&["known"]), Ok(()));
        assert_eq!(
            registry.check(&["known", "forgotten"]),
            Err(UnhandledKinds {
                kinds: vec!["forgotten"]
            })
        );
    }
}
