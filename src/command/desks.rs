//! The services of a server, and the desks they wait for while schedules are loaded.

use crate::app::{DutyDesk, SearchLimits, SourcingDesk};
use crate::grpc::{
    AwaitedDesk, AwaitedScheduleDesk, AwaitedSourcingDesk, DutyApi, FaultLimits, Limits,
    ScheduleApi, SolveLimits, SourcingApi, StreamLimits,
};
use crate::proto::portolan::sourcing::v1::sourcing_service_server::{self, SourcingServiceServer};
use crate::proto::portolan::tariff::v1::duty_service_server::{self, DutyServiceServer};
use crate::proto::portolan::tariff::v1::schedule_service_server::{self, ScheduleServiceServer};
use crate::settings::Settings;
use crate::solver::SolverPool;
use tokio_util::sync::CancellationToken;
use tonic::codec::CompressionEncoding;
use tonic::service::Routes;

/// Names of the services, as health tells them.
pub(super) const SERVICES: [&str; 3] = [
    duty_service_server::SERVICE_NAME,
    schedule_service_server::SERVICE_NAME,
    sourcing_service_server::SERVICE_NAME,
];

/// What the services answer from, once it is there.
#[derive(Clone, Default)]
pub(super) struct Desks {
    duty: AwaitedDesk,
    schedule: AwaitedScheduleDesk,
    sourcing: AwaitedSourcingDesk,
}

/// A service with the sizes and the packing of messages; generated services share no trait for it.
macro_rules! within_sizes {
    ($service:expr, $settings:expr) => {
        $service
            .max_decoding_message_size($settings.server.max_request_bytes)
            .max_encoding_message_size($settings.server.max_response_bytes)
            .accept_compressed(CompressionEncoding::Gzip)
            .send_compressed(CompressionEncoding::Gzip)
    };
}

impl Desks {
    pub(super) fn routes(&self, settings: &Settings, draining: CancellationToken) -> Routes {
        let validation_errors = FaultLimits {
            count: settings.limits.max_validation_errors,
            bytes: settings.limits.max_fault_bytes,
        };
        let limits = Limits { lines: settings.limits.max_lines, validation_errors };
        let streams = StreamLimits { idle: settings.server.stream_idle, draining };
        let solves = SolveLimits {
            validation_errors,
            longest: settings.server.max_solve_deadline,
            retry_after: settings.solver.retry_after,
        };
        let duty = DutyServiceServer::new(DutyApi::new(self.duty.clone(), limits, streams));
        let schedule = ScheduleApi::new(self.schedule.clone(), validation_errors);
        let sourcing = SourcingApi::new(self.sourcing.clone(), solves);
        Routes::new(within_sizes!(duty, settings))
            .add_service(within_sizes!(ScheduleServiceServer::new(schedule), settings))
            .add_service(within_sizes!(SourcingServiceServer::new(sourcing), settings))
    }

    /// Lets the services answer.
    pub(super) fn open(&self, loaded: DutyDesk, pool: SolverPool, searches: SearchLimits) {
        // The only one to set them.
        let _ = self.schedule.set(loaded.schedule_desk());
        let _ = self.sourcing.set(SourcingDesk::new(loaded.clone(), pool, searches));
        let _ = self.duty.set(loaded);
    }
}
