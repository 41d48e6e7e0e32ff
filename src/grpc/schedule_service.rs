//! `portolan.tariff.v1.ScheduleService`: converts, calls, converts.

use std::sync::{Arc, OnceLock};

use tonic::{Code, Request, Response, Status};
use tracing::Span;

use super::{
    convert::{
        Fingerprint, MeasureTeller, difference, goods_question, importer_name, measures_question,
        provision_named, quota, quotas_question, schedule, schedule_named, schedule_pair,
        schedules_page, tariff_line,
    },
    refusal::{FaultLimits, Refusal},
};
use crate::{
    app::{ScheduleDesk, ScheduleDeskError},
    proto::portolan::tariff::v1::{self as pb, schedule_service_server::ScheduleService},
    tariff::EntryFault,
};

/// A schedule desk that may still be on its way: the server listens, and tells its health, while
/// the schedules are loaded.
pub type AwaitedScheduleDesk = Arc<OnceLock<ScheduleDesk>>;

type Told<T> = Result<T, ScheduleDeskError>;

/// The service over a schedule desk.
#[derive(Clone, Debug)]
pub struct ScheduleApi {
    desk: AwaitedScheduleDesk,
    most_faults: FaultLimits,
}

impl ScheduleApi {
    /// A service that answers from `desk` once it is there, and tells at most so many faults.
    pub fn new(desk: AwaitedScheduleDesk, most_faults: FaultLimits) -> Self {
        Self { desk, most_faults }
    }

    /// Answers off the async threads: a search reads every line of a tariff, a comparison every
    /// provision of two.
    async fn answer<Q, A>(
        &self,
        request: Request<Q>,
        work: fn(&ScheduleDesk, &Q) -> Told<A>,
    ) -> Result<Response<A>, Status>
    where
        Q: Send + 'static,
        A: Send + 'static,
    {
        let (desk, span, request) = (self.desk.clone(), Span::current(), request.into_inner());
        let answered = tokio::task::spawn_blocking(move || {
            span.in_scope(|| desk.get().map(|desk| work(desk, &request)))
        });
        let answered = answered.await.map_err(|_| {
            Refusal::new(Code::Internal, "CRASHED", "the answer crashed").into_status()
        })?;
        match answered {
            Some(Ok(answer)) => Ok(Response::new(answer)),
            Some(Err(error)) => Err(Refusal::unheld(error, self.most_faults).into_status()),
            None => Err(Refusal::starting().into_status()),
        }
    }
}

#[tonic::async_trait]
impl ScheduleService for ScheduleApi {
    async fn list_schedules(
        &self,
        request: Request<pb::ListSchedulesRequest>,
    ) -> Result<Response<pb::ListSchedulesResponse>, Status> {
        self.answer(request, list_schedules).await
    }

    async fn get_schedule(
        &self,
        request: Request<pb::GetScheduleRequest>,
    ) -> Result<Response<pb::GetScheduleResponse>, Status> {
        self.answer(request, get_schedule).await
    }

    async fn list_measures(
        &self,
        request: Request<pb::ListMeasuresRequest>,
    ) -> Result<Response<pb::ListMeasuresResponse>, Status> {
        self.answer(request, list_measures).await
    }

    async fn get_measure(
        &self,
        request: Request<pb::GetMeasureRequest>,
    ) -> Result<Response<pb::GetMeasureResponse>, Status> {
        self.answer(request, get_measure).await
    }

    async fn list_quotas(
        &self,
        request: Request<pb::ListQuotasRequest>,
    ) -> Result<Response<pb::ListQuotasResponse>, Status> {
        self.answer(request, list_quotas).await
    }

    async fn get_quota(
        &self,
        request: Request<pb::GetQuotaRequest>,
    ) -> Result<Response<pb::GetQuotaResponse>, Status> {
        self.answer(request, get_quota).await
    }

    async fn search_goods(
        &self,
        request: Request<pb::SearchGoodsRequest>,
    ) -> Result<Response<pb::SearchGoodsResponse>, Status> {
        self.answer(request, search_goods).await
    }

    async fn diff_schedules(
        &self,
        request: Request<pb::DiffSchedulesRequest>,
    ) -> Result<Response<pb::DiffSchedulesResponse>, Status> {
        self.answer(request, diff_schedules).await
    }
}

/// What the desk found, unless the request is faulty: then every fault, those of the wire first.
fn sound<T>(mut faults: Vec<EntryFault>, found: Told<T>) -> Told<T> {
    match found {
        Ok(found) if faults.is_empty() => Ok(found),
        Ok(_) => Err(ScheduleDeskError::Faulty(faults)),
        Err(ScheduleDeskError::Faulty(more)) => {
            faults.extend(more);
            Err(ScheduleDeskError::Faulty(faults))
        }
        Err(error) => Err(error),
    }
}

fn list_schedules(
    desk: &ScheduleDesk,
    request: &pb::ListSchedulesRequest,
) -> Told<pb::ListSchedulesResponse> {
    let (page, faults) = schedules_page(request);
    let held = sound(faults, Ok(desk.schedules()))?;
    let mut question = vec!["ListSchedules"];
    question.extend(held.iter().map(|schedule| schedule.name.as_str()));
    let page = page.of(Fingerprint::of(&question), held.len())?;
    Ok(pb::ListSchedulesResponse {
        schedules: held[page.range].iter().map(|held| schedule(held)).collect(),
        next_page_token: page.next,
        total_size: page.total,
    })
}

fn get_schedule(
    desk: &ScheduleDesk,
    request: &pb::GetScheduleRequest,
) -> Told<pb::GetScheduleResponse> {
    let (key, faults) = schedule_named("name", &request.name);
    let Some(key) = key else { return Err(ScheduleDeskError::Faulty(faults)) };
    let held = desk.schedule(&key)?;
    Ok(pb::GetScheduleResponse { schedule: Some(schedule(&held)) })
}

fn list_measures(
    desk: &ScheduleDesk,
    request: &pb::ListMeasuresRequest,
) -> Told<pb::ListMeasuresResponse> {
    let (question, page, faults) = measures_question(request);
    let (law, found) = sound(faults, desk.measures(&question))?;
    let fingerprint = Fingerprint::of(&[
        "ListMeasures",
        &importer_name(&law),
        &format!("{:?}", question.goods),
        &format!("{:?}", question.origin),
        question.programme.as_deref().unwrap_or_default(),
        &format!("{:?} {:?}", question.in_force_on, question.known_at),
    ]);
    let page = page.of(fingerprint, found.len())?;
    let teller = MeasureTeller::new(&law, question.known_at);
    Ok(pb::ListMeasuresResponse {
        measures: found[page.range].iter().map(|index| teller.measure(*index)).collect(),
        next_page_token: page.next,
        total_size: page.total,
    })
}

fn get_measure(
    desk: &ScheduleDesk,
    request: &pb::GetMeasureRequest,
) -> Told<pb::GetMeasureResponse> {
    let (key, faults) = provision_named("measures", &request.name);
    let Some((importer, id)) = key else { return Err(ScheduleDeskError::Faulty(faults)) };
    let (law, index) = desk.measure(Some(&importer), &id)?;
    let measure = MeasureTeller::new(&law, None).measure(index);
    Ok(pb::GetMeasureResponse { measure: Some(measure) })
}

fn list_quotas(
    desk: &ScheduleDesk,
    request: &pb::ListQuotasRequest,
) -> Told<pb::ListQuotasResponse> {
    let (importer, page, faults) = quotas_question(request);
    let (law, found) = sound(faults, desk.quotas(importer.as_ref()))?;
    let fingerprint = Fingerprint::of(&["ListQuotas", &importer_name(&law)]);
    let page = page.of(fingerprint, found.len())?;
    Ok(pb::ListQuotasResponse {
        quotas: found[page.range].iter().map(|index| quota(&law, *index)).collect(),
        next_page_token: page.next,
        total_size: page.total,
    })
}

fn get_quota(desk: &ScheduleDesk, request: &pb::GetQuotaRequest) -> Told<pb::GetQuotaResponse> {
    let (key, faults) = provision_named("quotas", &request.name);
    let Some((importer, id)) = key else { return Err(ScheduleDeskError::Faulty(faults)) };
    let (law, index) = desk.quota(Some(&importer), &id)?;
    Ok(pb::GetQuotaResponse { quota: Some(quota(&law, index)) })
}

fn search_goods(
    desk: &ScheduleDesk,
    request: &pb::SearchGoodsRequest,
) -> Told<pb::SearchGoodsResponse> {
    let (question, page, faults) = goods_question(request);
    let (law, found) = sound(faults, desk.search(&question))?;
    let fingerprint = Fingerprint::of(&[
        "SearchGoods",
        &importer_name(&law),
        question.query.as_deref().unwrap_or_default(),
        &format!("{:?}", question.on),
    ]);
    let page = page.of(fingerprint, found.len())?;
    let lines = found[page.range].iter().map(|index| &law.tariff.lines[*index]);
    Ok(pb::SearchGoodsResponse {
        lines: lines.map(tariff_line).collect(),
        next_page_token: page.next,
        total_size: page.total,
    })
}

fn diff_schedules(
    desk: &ScheduleDesk,
    request: &pb::DiffSchedulesRequest,
) -> Told<pb::DiffSchedulesResponse> {
    let ((from, to), page, faults) = schedule_pair(request);
    let compared = sound(faults, desk.differences(from.as_ref(), to.as_ref()))?;
    let fingerprint = Fingerprint::of(&["DiffSchedules", &compared.from.name, &compared.to.name]);
    let page = page.of(fingerprint, compared.differences.len())?;
    Ok(pb::DiffSchedulesResponse {
        differences: compared.differences[page.range].iter().map(difference).collect(),
        next_page_token: page.next,
        total_size: page.total,
    })
}
