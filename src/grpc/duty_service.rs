//! `portolan.tariff.v1.DutyService`: converts, calls, converts.

use std::sync::{Arc, OnceLock};

use tonic::{Code, Request, Response, Status};
use tracing::{Span, info_span};

use super::{
    convert::{Limits, duty_question, duty_response},
    refusal::Refusal,
};
use crate::{
    app::{DutyDesk, DutyError},
    proto::portolan::tariff::v1::{
        CalculateDutyRequest, CalculateDutyResponse, duty_service_server::DutyService,
    },
};

/// Entries of more lines are assessed off the async threads: a line takes some ten microseconds,
/// and a thread that answers others must not be held for milliseconds.
const MOST_LINES_IN_PLACE: usize = 32;

/// A duty desk that may still be on its way: the server listens, and tells its health, while the
/// schedules are loaded.
pub type AwaitedDesk = Arc<OnceLock<DutyDesk>>;

/// The service over a duty desk.
#[derive(Clone, Debug)]
pub struct DutyApi {
    desk: AwaitedDesk,
    limits: Limits,
}

impl DutyApi {
    /// A service that answers from `desk` once it is there, within `limits`.
    pub fn new(desk: AwaitedDesk, limits: Limits) -> Self {
        Self { desk, limits }
    }

    fn answer(
        desk: &AwaitedDesk,
        limits: Limits,
        request: CalculateDutyRequest,
    ) -> Result<CalculateDutyResponse, Status> {
        let desk = desk.get().ok_or_else(|| {
            Refusal::new(Code::Unavailable, "STARTING", "the schedules are being loaded")
                .into_status()
        })?;
        let refused = |error| Refusal::of(error, limits.validation_errors).into_status();
        let (question, mut faults) =
            info_span!("decode").in_scope(|| duty_question(request, limits));
        let resolved = match desk.resolve(&question) {
            Ok(resolved) if faults.is_empty() => resolved,
            Ok(_) => return Err(refused(DutyError::Faulty(faults))),
            Err(DutyError::Faulty(more)) => {
                faults.extend(more);
                return Err(refused(DutyError::Faulty(faults)));
            }
            Err(error) => return Err(refused(error)),
        };
        let answer = desk.assess(resolved).map_err(refused)?;
        info_span!("encode")
            .in_scope(|| duty_response(&answer))
            .map_err(|overflow| refused(DutyError::Unassessable(overflow.into())))
    }
}

#[tonic::async_trait]
impl DutyService for DutyApi {
    async fn calculate_duty(
        &self,
        request: Request<CalculateDutyRequest>,
    ) -> Result<Response<CalculateDutyResponse>, Status> {
        let request = request.into_inner();
        let lines = request.entry.as_ref().map_or(0, |entry| entry.lines.len());
        let answer = if lines <= MOST_LINES_IN_PLACE {
            Self::answer(&self.desk, self.limits, request)
        } else {
            let (desk, limits, span) = (self.desk.clone(), self.limits, Span::current());
            tokio::task::spawn_blocking(move || {
                span.in_scope(|| Self::answer(&desk, limits, request))
            })
            .await
            .map_err(|_| {
                Refusal::new(Code::Internal, "CRASHED", "the assessment crashed").into_status()
            })?
        };
        answer.map(Response::new)
    }

    type StreamDutyStream = std::pin::Pin<
        Box<
            dyn tokio_stream::Stream<
                    Item = Result<crate::proto::portolan::tariff::v1::StreamDutyResponse, Status>,
                > + Send,
        >,
    >;
    async fn stream_duty(
        &self,
        _: Request<tonic::Streaming<crate::proto::portolan::tariff::v1::StreamDutyRequest>>,
    ) -> Result<Response<Self::StreamDutyStream>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn compare_origins(
        &self,
        _: Request<crate::proto::portolan::tariff::v1::CompareOriginsRequest>,
    ) -> Result<Response<crate::proto::portolan::tariff::v1::CompareOriginsResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn compare_dates(
        &self,
        _: Request<crate::proto::portolan::tariff::v1::CompareDatesRequest>,
    ) -> Result<Response<crate::proto::portolan::tariff::v1::CompareDatesResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn calculate_credit(
        &self,
        _: Request<crate::proto::portolan::tariff::v1::CalculateCreditRequest>,
    ) -> Result<Response<crate::proto::portolan::tariff::v1::CalculateCreditResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}
