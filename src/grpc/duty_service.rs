//! `portolan.tariff.v1.DutyService`: converts, calls, converts.

use std::sync::{Arc, OnceLock};

use tonic::{Code, Request, Response, Status, Streaming};
use tracing::{Span, info_span};

use super::{
    Deadline,
    convert::{
        Limits, credit_question, credit_response, dates_question, dates_response, duty_question,
        duty_response, origin_question, origins_response,
    },
    duty_stream::{DutyAnswers, StreamLimits},
    refusal::Refusal,
};
use crate::{
    app::{DutyDesk, DutyError},
    money::Overflow,
    proto::portolan::tariff::v1::{
        CalculateCreditRequest, CalculateCreditResponse, CalculateDutyRequest,
        CalculateDutyResponse, CompareDatesRequest, CompareDatesResponse, CompareOriginsRequest,
        CompareOriginsResponse, StreamDutyRequest, duty_service_server::DutyService,
    },
    tariff::EntryFault,
};

/// Calls of more lines in all are answered off the async threads: a line takes some microseconds,
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
    streams: StreamLimits,
}

impl DutyApi {
    /// A service that answers from `desk` once it is there, within limits.
    pub fn new(desk: AwaitedDesk, limits: Limits, streams: StreamLimits) -> Self {
        Self { desk, limits, streams }
    }

    /// Whether an entry is too large to be assessed in place.
    pub(super) fn is_large(request: Option<&CalculateDutyRequest>) -> bool {
        lines(request.and_then(|request| request.entry.as_ref())) > MOST_LINES_IN_PLACE
    }

    pub(super) fn calculate(
        &self,
        request: CalculateDutyRequest,
    ) -> Result<CalculateDutyResponse, Status> {
        let desk = self.desk()?;
        let (question, faults) =
            info_span!("decode").in_scope(|| duty_question(request, self.limits));
        let resolved = self.sound(faults, desk.resolve(&question))?;
        let answer = desk.assess(resolved).map_err(|error| self.refused(error))?;
        self.told(|| duty_response(&answer))
    }

    fn desk(&self) -> Result<&DutyDesk, Status> {
        self.desk.get().ok_or_else(|| Refusal::starting().into_status())
    }

    /// What a use case found, unless the request is faulty: then every fault,
    /// those of the wire first.
    fn sound<T>(
        &self,
        mut faults: Vec<EntryFault>,
        found: Result<T, DutyError>,
    ) -> Result<T, Status> {
        match found {
            Ok(found) if faults.is_empty() => Ok(found),
            Ok(_) => Err(self.refused(DutyError::Faulty(faults))),
            Err(DutyError::Faulty(more)) => {
                faults.extend(more);
                Err(self.refused(DutyError::Faulty(faults)))
            }
            Err(error) => Err(self.refused(error)),
        }
    }

    fn told<T>(&self, response: impl FnOnce() -> Result<T, Overflow>) -> Result<T, Status> {
        let told = info_span!("encode").in_scope(response);
        told.map_err(|overflow| self.refused(DutyError::Unassessable(overflow.into())))
    }

    fn refused(&self, error: DutyError) -> Status {
        Refusal::of(error, self.limits.validation_errors).into_status()
    }

    /// Answers in place or, where there are many lines, off the async threads.
    async fn answer<Q, A>(
        &self,
        lines: usize,
        request: Q,
        work: fn(&Self, Q) -> Result<A, Status>,
    ) -> Result<Response<A>, Status>
    where
        Q: Send + 'static,
        A: Send + 'static,
    {
        if lines <= MOST_LINES_IN_PLACE {
            return work(self, request).map(Response::new);
        }
        let (api, span) = (self.clone(), Span::current());
        tokio::task::spawn_blocking(move || span.in_scope(|| work(&api, request)))
            .await
            .map_err(|_| {
                Refusal::new(Code::Internal, "CRASHED", "the assessment crashed").into_status()
            })?
            .map(Response::new)
    }

    fn origins(&self, request: CompareOriginsRequest) -> Result<CompareOriginsResponse, Status> {
        let desk = self.desk()?;
        let (question, faults) = info_span!("decode").in_scope(|| origin_question(request));
        let ranking = self.sound(faults, desk.compare_origins(&question))?;
        self.told(|| origins_response(&question, &ranking))
    }

    fn dates(&self, request: CompareDatesRequest) -> Result<CompareDatesResponse, Status> {
        let desk = self.desk()?;
        let (question, pairs, view, faults) =
            info_span!("decode").in_scope(|| dates_question(request, self.limits));
        let dated = self.sound(faults, desk.compare_dates(&question, &pairs))?;
        self.told(|| dates_response(&dated, view))
    }

    fn credit(&self, request: CalculateCreditRequest) -> Result<CalculateCreditResponse, Status> {
        let desk = self.desk()?;
        let (question, faults) = info_span!("decode").in_scope(|| credit_question(request));
        let answer = self.sound(faults, desk.credit(&question))?;
        self.told(|| Ok(credit_response(&answer)))
    }
}

fn lines(entry: Option<&crate::proto::portolan::tariff::v1::Entry>) -> usize {
    entry.map_or(0, |entry| entry.lines.len())
}

#[tonic::async_trait]
impl DutyService for DutyApi {
    type StreamDutyStream = DutyAnswers;

    async fn calculate_duty(
        &self,
        request: Request<CalculateDutyRequest>,
    ) -> Result<Response<CalculateDutyResponse>, Status> {
        let request = request.into_inner();
        self.answer(lines(request.entry.as_ref()), request, Self::calculate).await
    }

    async fn stream_duty(
        &self,
        request: Request<Streaming<StreamDutyRequest>>,
    ) -> Result<Response<DutyAnswers>, Status> {
        let deadline = request.extensions().get::<Deadline>().copied();
        let inbound = request.into_inner();
        Ok(Response::new(DutyAnswers::new(inbound, self.clone(), &self.streams, deadline)))
    }

    async fn compare_origins(
        &self,
        request: Request<CompareOriginsRequest>,
    ) -> Result<Response<CompareOriginsResponse>, Status> {
        let request = request.into_inner();
        self.answer(request.candidates.len(), request, Self::origins).await
    }

    async fn compare_dates(
        &self,
        request: Request<CompareDatesRequest>,
    ) -> Result<Response<CompareDatesResponse>, Status> {
        let request = request.into_inner();
        let lines = lines(request.entry.as_ref()) * request.dates.len();
        self.answer(lines, request, Self::dates).await
    }

    async fn calculate_credit(
        &self,
        request: Request<CalculateCreditRequest>,
    ) -> Result<Response<CalculateCreditResponse>, Status> {
        self.answer(0, request.into_inner(), Self::credit).await
    }
}
