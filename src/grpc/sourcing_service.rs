//! `portolan.sourcing.v1.SourcingService`: converts, calls, converts.
//!
//! A problem may have a hundred thousand parts and a plan more: both are converted off the async
//! threads. A search ends a little before its call does, so that the best plan so far is told.

use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use tokio::{sync::mpsc, task::spawn_blocking};
use tonic::{Code, Request, Response, Status};
use tracing::{Span, error, info_span};

use super::{
    Deadline,
    convert::{
        Read, breakeven_question, breakeven_response, comparison_question, comparison_response,
        concession_question, concession_response, conflict_question, conflict_response,
        evaluation_question, evaluation_response, explanation_question, explanation_response,
        objective_asked, sourcing_question, sourcing_response,
    },
    refusal::{FaultLimits, Refusal},
    sourcing_stream::SearchMessages,
};
use crate::{
    app::{DutyError, PricedDecisions, SearchProgress, SourcingCall, SourcingDesk, SourcingError},
    proto::portolan::sourcing::v1::{
        AnalyzeBreakevenRequest, AnalyzeBreakevenResponse, AnalyzeConcessionRequest,
        AnalyzeConcessionResponse, ComparePlansRequest, ComparePlansResponse, EvaluatePlanRequest,
        EvaluatePlanResponse, ExplainInfeasibilityRequest, ExplainInfeasibilityResponse,
        ExplainPlanRequest, ExplainPlanResponse, OptimizeSourcingRequest, OptimizeSourcingResponse,
        sourcing_service_server::SourcingService,
    },
    tariff::EntryFault,
};

/// What is kept of a call's time to write the answer: a twentieth, within bounds.
const RESERVED_SHARE: u32 = 20;
const LEAST_RESERVE: Duration = Duration::from_millis(20);
const MOST_RESERVE: Duration = Duration::from_secs(1);

/// A sourcing desk that may still be on its way, as
/// [`AwaitedDesk`](super::AwaitedDesk).
pub type AwaitedSourcingDesk = Arc<OnceLock<SourcingDesk>>;

/// Bounds on sourcing calls.
#[derive(Clone, Copy, Debug)]
pub struct SolveLimits {
    /// Most faults reported.
    pub validation_errors: FaultLimits,
    /// Longest call, also of one that names no deadline.
    pub longest: Duration,
    /// Wait advised to a client where every solver is busy.
    pub retry_after: Duration,
}

/// The service over a sourcing desk.
#[derive(Clone, Debug)]
pub struct SourcingApi {
    desk: AwaitedSourcingDesk,
    limits: SolveLimits,
}

/// When a call began and when it must have ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallTime {
    pub began: Instant,
    pub ends: Instant,
}

impl CallTime {
    fn of<T>(request: &Request<T>, longest: Duration) -> Self {
        let began = Instant::now();
        let ends = began + longest;
        let deadline = request.extensions().get::<Deadline>();
        Self { began, ends: deadline.map_or(ends, |deadline| deadline.at().min(ends)) }
    }

    /// When a search must have ended that is to last no longer than `asked`.
    fn search_ends(self, asked: Option<Duration>) -> Instant {
        let whole = self.ends.saturating_duration_since(self.began);
        let reserve = (whole / RESERVED_SHARE).clamp(LEAST_RESERVE, MOST_RESERVE);
        let ends = self.began + whole.saturating_sub(reserve);
        let asked = asked.and_then(|asked| self.began.checked_add(asked));
        asked.map_or(ends, |asked| asked.min(ends))
    }
}

impl SourcingApi {
    /// A service that answers from `desk` once it is there, within limits.
    pub fn new(desk: AwaitedSourcingDesk, limits: SolveLimits) -> Self {
        Self { desk, limits }
    }

    /// Finds the best plan. Dropping the future ends the search.
    pub(super) async fn optimize(
        self,
        request: OptimizeSourcingRequest,
        time: CallTime,
        progress: mpsc::Sender<SearchProgress>,
    ) -> Result<OptimizeSourcingResponse, Status> {
        let call = self.call()?;
        let read = off_async(info_span!("decode"), move || sourcing_question(request)).await?;
        let Read { asked, view, faults } = read;
        let Some(question) = asked else { return Err(self.faulty(faults)) };
        let ends = time.search_ends(question.budget.time);
        let found = call.optimize(question, ends, progress).await;
        // The next may solve while this answer is written.
        drop(call);
        let answer = self.sound(faults, found)?;
        off_async(info_span!("encode"), move || sourcing_response(answer, view)).await
    }

    async fn evaluate(&self, request: EvaluatePlanRequest) -> Result<EvaluatePlanResponse, Status> {
        let call = self.call()?;
        let read = off_async(info_span!("decode"), move || evaluation_question(request)).await?;
        let Read { asked, view, faults } = read;
        let Some((problem, decisions)) = asked else { return Err(self.faulty(faults)) };
        let found = call.evaluate(problem, decisions).await;
        let evaluation = self.sound(faults, found)?;
        off_async(info_span!("encode"), move || evaluation_response(evaluation, view)).await
    }

    /// Reads a question, has it answered and writes the answer. Dropping the
    /// future ends its solves.
    async fn analyze<M, Q, A, W, F>(
        &self,
        request: Request<M>,
        time: CallTime,
        read: impl FnOnce(M) -> Read<Q> + Send + 'static,
        ask: impl FnOnce(SourcingCall, Q, Instant) -> F + Send,
        write: impl FnOnce(A) -> W + Send + 'static,
    ) -> Result<Response<W>, Status>
    where
        M: Send + 'static,
        Q: Send + 'static,
        A: Send + 'static,
        W: Send + 'static,
        F: Future<Output = Result<A, SourcingError>> + Send,
    {
        let call = self.call()?;
        let request = request.into_inner();
        let read = off_async(info_span!("decode"), move || read(request)).await?;
        let Read { asked, view: _, faults } = read;
        let Some(question) = asked else { return Err(self.faulty(faults)) };
        // Nothing is solved for what is refused anyway.
        if !faults.is_empty() {
            return Err(self.faulty(faults));
        }
        let found = ask(call, question, time.search_ends(None)).await;
        let answer = self.sound(faults, found)?;
        off_async(info_span!("encode"), move || write(answer)).await.map(Response::new)
    }

    fn call(&self) -> Result<SourcingCall, Status> {
        let desk = self.desk.get().ok_or_else(|| Refusal::starting().into_status())?;
        Ok(desk.call())
    }

    /// What the desk found, unless the request is faulty: then every fault,
    /// those of the wire first.
    fn sound<T>(
        &self,
        mut faults: Vec<EntryFault>,
        found: Result<T, SourcingError>,
    ) -> Result<T, Status> {
        match found {
            Ok(found) if faults.is_empty() => Ok(found),
            Err(SourcingError::Duty(DutyError::Faulty(more))) => {
                // Something harmless stands in a faulty field: what is said of it is not news.
                let told: HashSet<String> =
                    faults.iter().map(|fault| fault.field.clone()).collect();
                faults.extend(more.into_iter().filter(|fault| !told.contains(&fault.field)));
                Err(self.faulty(faults))
            }
            Err(error) if faults.is_empty() => Err(self.unsolved(error)),
            Ok(_) | Err(_) => Err(self.faulty(faults)),
        }
    }

    fn faulty(&self, faults: Vec<EntryFault>) -> Status {
        self.unsolved(DutyError::Faulty(faults).into())
    }

    fn unsolved(&self, error: SourcingError) -> Status {
        match &error {
            // By reason alone: ids are the caller's.
            SourcingError::Rejected(violations) => {
                let reasons: Vec<&str> =
                    violations.iter().map(|violation| violation.reason).collect();
                error!(violations = violations.len(), ?reasons, "a plan failed its check");
            }
            SourcingError::Crashed(cause) => error!(cause, "a solver's process ended"),
            SourcingError::Duty(_) | SourcingError::Busy | SourcingError::Stopped => {}
        }
        let SolveLimits { validation_errors, retry_after, .. } = self.limits;
        Refusal::unsolved(error, validation_errors, retry_after).into_status()
    }
}

/// Does work that takes milliseconds where no other call waits for the thread.
async fn off_async<T: Send + 'static>(
    span: Span,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Status> {
    spawn_blocking(move || span.in_scope(work)).await.map_err(|_| {
        Refusal::new(Code::Internal, "CRASHED", "the conversion crashed").into_status()
    })
}

#[tonic::async_trait]
impl SourcingService for SourcingApi {
    type StreamOptimizationStream = SearchMessages;

    async fn optimize_sourcing(
        &self,
        request: Request<OptimizeSourcingRequest>,
    ) -> Result<Response<OptimizeSourcingResponse>, Status> {
        let time = CallTime::of(&request, self.limits.longest);
        // Nobody takes the progress: it is left out.
        let (progress, _) = mpsc::channel(1);
        self.clone().optimize(request.into_inner(), time, progress).await.map(Response::new)
    }

    async fn stream_optimization(
        &self,
        request: Request<OptimizeSourcingRequest>,
    ) -> Result<Response<SearchMessages>, Status> {
        let time = CallTime::of(&request, self.limits.longest);
        let request = request.into_inner();
        let objective = objective_asked(&request);
        let api = self.clone();
        let search = |progress| api.optimize(request, time, progress);
        Ok(Response::new(SearchMessages::new(search, objective, time)))
    }

    async fn compare_plans(
        &self,
        request: Request<ComparePlansRequest>,
    ) -> Result<Response<ComparePlansResponse>, Status> {
        let time = CallTime::of(&request, self.limits.longest);
        let ask = |call: SourcingCall, (from, to): (PricedDecisions, PricedDecisions), _| async move {
            call.compare(from, to).await
        };
        self.analyze(request, time, comparison_question, ask, comparison_response).await
    }

    async fn explain_plan(
        &self,
        request: Request<ExplainPlanRequest>,
    ) -> Result<Response<ExplainPlanResponse>, Status> {
        let time = CallTime::of(&request, self.limits.longest);
        let ask =
            |call: SourcingCall, question, ends| async move { call.explain(question, ends).await };
        let explained =
            self.analyze(request, time, explanation_question, ask, explanation_response);
        Box::pin(explained).await
    }

    async fn analyze_breakeven(
        &self,
        request: Request<AnalyzeBreakevenRequest>,
    ) -> Result<Response<AnalyzeBreakevenResponse>, Status> {
        let time = CallTime::of(&request, self.limits.longest);
        let ask = |call: SourcingCall, question, ends| async move {
            call.breakeven(question, ends).await
        };
        self.analyze(request, time, breakeven_question, ask, breakeven_response).await
    }

    async fn analyze_concession(
        &self,
        request: Request<AnalyzeConcessionRequest>,
    ) -> Result<Response<AnalyzeConcessionResponse>, Status> {
        let time = CallTime::of(&request, self.limits.longest);
        let ask = |call: SourcingCall, question, ends| async move {
            call.concession(question, ends).await
        };
        self.analyze(request, time, concession_question, ask, concession_response).await
    }

    async fn explain_infeasibility(
        &self,
        request: Request<ExplainInfeasibilityRequest>,
    ) -> Result<Response<ExplainInfeasibilityResponse>, Status> {
        let time = CallTime::of(&request, self.limits.longest);
        let ask =
            |call: SourcingCall, question, ends| async move { call.conflict(question, ends).await };
        self.analyze(request, time, conflict_question, ask, conflict_response).await
    }

    async fn evaluate_plan(
        &self,
        request: Request<EvaluatePlanRequest>,
    ) -> Result<Response<EvaluatePlanResponse>, Status> {
        self.evaluate(request.into_inner()).await.map(Response::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(whole: Duration) -> CallTime {
        let began = Instant::now();
        CallTime { began, ends: began + whole }
    }

    #[test]
    fn a_search_ends_before_its_call_and_no_later_than_asked() {
        let second = Duration::from_secs(1);
        for (whole, asked, lasts) in [
            (60 * second, None, 59 * second),
            (10 * second, None, Duration::from_millis(9500)),
            (Duration::from_millis(100), None, Duration::from_millis(80)),
            (Duration::from_millis(5), None, Duration::ZERO),
            (60 * second, Some(5 * second), 5 * second),
            (60 * second, Some(120 * second), 59 * second),
            (60 * second, Some(Duration::MAX), 59 * second),
        ] {
            let time = time(whole);
            assert_eq!(time.search_ends(asked) - time.began, lasts, "{whole:?} {asked:?}");
        }
    }
}
