//! Health as `grpc.health.v1` reports it: for the server as a whole and for each service.

use std::sync::Arc;

use tokio::sync::Mutex;
use tonic_health::{
    ServingStatus,
    pb::health_server::HealthServer,
    server::{HealthReporter, HealthService},
};

/// Name that stands for the server as a whole.
const OVERALL: &str = "";

/// Name that stands for the process: `SERVING` as long as it runs, whatever becomes of calls.
const LIVENESS: &str = "liveness";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Starting,
    Serving,
    Stopping,
}

/// What the server says of its health. Clones speak for the same server.
#[derive(Clone, Debug)]
pub struct Health {
    reporter: HealthReporter,
    services: Arc<[String]>,
    phase: Arc<Mutex<Phase>>,
}

impl Health {
    /// The health of `services`, each a name such as `portolan.v1.QuoteService`, and of the
    /// server as a whole. All are `NOT_SERVING` until [`Health::mark_serving`].
    pub async fn new(services: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let services = services.into_iter().map(Into::into).chain([OVERALL.to_owned()]).collect();
        let health = Self {
            reporter: HealthReporter::new(),
            services,
            phase: Arc::new(Mutex::new(Phase::Starting)),
        };
        health.report(ServingStatus::NotServing).await;
        health.reporter.set_service_status(LIVENESS, ServingStatus::Serving).await;
        health
    }

    /// Reports `SERVING` for all. Does nothing once the server is stopping: a load that ends late
    /// must not draw calls to a server that is going away.
    pub async fn mark_serving(&self) {
        let mut phase = self.phase.lock().await;
        if *phase != Phase::Stopping {
            *phase = Phase::Serving;
            self.report(ServingStatus::Serving).await;
        }
    }

    /// Whether the server as a whole is `SERVING`.
    pub(super) async fn is_serving(&self) -> bool {
        *self.phase.lock().await == Phase::Serving
    }

    /// Reports `NOT_SERVING` for all, for good.
    pub(super) async fn mark_stopping(&self) {
        let mut phase = self.phase.lock().await;
        *phase = Phase::Stopping;
        self.report(ServingStatus::NotServing).await;
    }

    /// Ends all watches, which would otherwise hold their connections open through the drain.
    pub(super) async fn end_watches(&self) {
        let mut reporter = self.reporter.clone();
        for service in self.services.iter() {
            reporter.clear_service_status(service).await;
        }
    }

    /// The service that answers for this health.
    pub(super) fn service(&self) -> HealthServer<HealthService> {
        HealthServer::new(HealthService::from_health_reporter(self.reporter.clone()))
    }

    async fn report(&self, status: ServingStatus) {
        for service in self.services.iter() {
            self.reporter.set_service_status(service, status).await;
        }
    }
}
