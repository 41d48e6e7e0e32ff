//! Names, pages and faults.

use super::{HEAD, LAW, PARENT, built, client, date, faults, own, reason};
use portolan::proto::google::r#type as google;
use portolan::proto::portolan::tariff::v1 as pb;
use portolan::store::bundled_schedules;
use std::collections::BTreeSet;
use tonic::Code;

#[tokio::test]
async fn schedules_are_listed_with_what_they_hold() {
    let bundled = bundled_schedules().unwrap().into_values();
    let mut client = client(Some(bundled.chain([own()]).collect())).await;
    let request = pb::ListSchedulesRequest::default();
    let listed = client.list_schedules(request).await.unwrap().into_inner();
    assert_eq!(usize::try_from(listed.total_size).unwrap(), listed.schedules.len());
    let names: Vec<_> = listed.schedules.iter().map(|schedule| schedule.name.clone()).collect();
    assert!(names.is_sorted() && names[0].starts_with("schedules/own@"), "{names:?}");

    let held = &listed.schedules[0].importers[0];
    assert_eq!(held.name, format!("{}/importers/US", names[0]));
    assert_eq!((held.lines, held.measures, held.quotas, held.documents), (3, 3, 2, 2));
    assert_eq!(held.least_confidence(), pb::Confidence::Secondary);
    for name in ["schedules/own".to_owned(), names[0].clone()] {
        let found = client.get_schedule(pb::GetScheduleRequest { name }).await.unwrap();
        assert_eq!(found.into_inner().schedule.as_ref(), listed.schedules.first());
    }
}

#[tokio::test]
async fn pages_of_every_size_give_the_same_list() {
    let mut client = client(Some(bundled_schedules().unwrap().into_values().collect())).await;
    let parent = "schedules/vehicles/importers/US".to_owned();
    let all = pb::ListMeasuresRequest {
        parent: parent.clone(),
        page_size: 100_000,
        ..pb::ListMeasuresRequest::default()
    };
    let all = client.list_measures(all).await.unwrap().into_inner();
    assert_eq!(
        (all.measures.len(), all.next_page_token.as_str()),
        (usize::try_from(all.total_size).unwrap(), "")
    );
    for page_size in [1, 7, 50] {
        let mut found = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = pb::ListMeasuresRequest {
                parent: parent.clone(),
                page_size,
                page_token,
                ..pb::ListMeasuresRequest::default()
            };
            let page = client.list_measures(request).await.unwrap().into_inner();
            assert_eq!(page.total_size, all.total_size);
            assert!(page.measures.len() <= usize::try_from(page_size).unwrap());
            found.extend(page.measures);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(found, all.measures);
    }
    let names: BTreeSet<_> = all.measures.iter().map(|measure| &measure.name).collect();
    assert_eq!(names.len(), all.measures.len());
}

#[tokio::test]
async fn a_token_leads_on_only_in_its_own_question() {
    let mut client = client(Some(vec![own()])).await;
    let first = pb::ListMeasuresRequest {
        parent: PARENT.to_owned(),
        page_size: 1,
        ..pb::ListMeasuresRequest::default()
    };
    let token = client.list_measures(first.clone()).await.unwrap().into_inner().next_page_token;
    let second = pb::ListMeasuresRequest { page_token: token.clone(), ..first };
    // The size may change, and a name with its revision is the same name.
    let revised = own().name + "/importers/US";
    for sound in [
        second.clone(),
        pb::ListMeasuresRequest { page_size: 2, ..second.clone() },
        pb::ListMeasuresRequest { parent: revised, ..second.clone() },
    ] {
        client.list_measures(sound).await.unwrap();
    }
    let mismatch = ["page_token PAGE_TOKEN_MISMATCH"];
    for other in [
        pb::ListMeasuresRequest { goods_code: "8703".to_owned(), ..second.clone() },
        pb::ListMeasuresRequest { origin_region_code: "JP".to_owned(), ..second.clone() },
        pb::ListMeasuresRequest { programme_id: "cars".to_owned(), ..second.clone() },
        pb::ListMeasuresRequest { in_force_on: Some(date("2026-05-01")), ..second.clone() },
        pb::ListMeasuresRequest { known_at: Some(date("2026-05-01")), ..second.clone() },
    ] {
        assert_eq!(faults(&client.list_measures(other).await.unwrap_err()), mismatch);
    }
    let quotas = pb::ListQuotasRequest {
        parent: PARENT.to_owned(),
        page_token: token,
        ..pb::ListQuotasRequest::default()
    };
    assert_eq!(faults(&client.list_quotas(quotas).await.unwrap_err()), mismatch);

    // Another revision of the schedule is another question.
    let later = built(HEAD, &LAW.replace("Cars, 25%", "Cars, a quarter"));
    let mut other = super::client(Some(vec![later])).await;
    assert_eq!(faults(&other.list_measures(second).await.unwrap_err()), mismatch);
}

#[tokio::test]
async fn every_fault_is_told_at_once() {
    let mut client = client(Some(vec![own()])).await;
    let bad = pb::ListMeasuresRequest {
        parent: "schedules/own".to_owned(),
        goods_code: "cars".to_owned(),
        origin_region_code: "Japan".to_owned(),
        in_force_on: Some(google::Date { year: 2026, month: 13, day: 1 }),
        known_at: Some(google::Date { year: 2026, month: 2, day: 30 }),
        page_size: -1,
        page_token: "xyz".to_owned(),
        ..pb::ListMeasuresRequest::default()
    };
    assert_eq!(
        faults(&client.list_measures(bad).await.unwrap_err()),
        [
            "goods_code MALFORMED_GOODS_CODE",
            "in_force_on INVALID_DATE",
            "known_at INVALID_DATE",
            "origin_region_code UNKNOWN_REGION",
            "page_size OUT_OF_RANGE",
            "page_token MALFORMED_PAGE_TOKEN",
            "parent MALFORMED_NAME",
        ]
    );
    let unknown = pb::ListMeasuresRequest {
        parent: PARENT.to_owned(),
        programme_id: "nothing".to_owned(),
        page_size: -1,
        ..pb::ListMeasuresRequest::default()
    };
    assert_eq!(
        faults(&client.list_measures(unknown).await.unwrap_err()),
        ["page_size OUT_OF_RANGE", "programme_id PROGRAMME_UNKNOWN"]
    );
    let empty = pb::SearchGoodsRequest::default();
    assert_eq!(
        faults(&client.search_goods(empty).await.unwrap_err()),
        ["parent REQUIRED", "query REQUIRED"]
    );
    let neither = pb::DiffSchedulesRequest { from: "own".to_owned(), ..Default::default() };
    assert_eq!(
        faults(&client.diff_schedules(neither).await.unwrap_err()),
        ["from MALFORMED_NAME", "to REQUIRED"]
    );
}

#[tokio::test]
async fn what_is_not_held_is_not_found() {
    let mut client = client(Some(vec![own()])).await;
    let not_found = |reason: &str| (Code::NotFound, reason.to_owned());
    for (name, why) in [
        ("schedules/other", "SCHEDULE_NOT_FOUND"),
        ("schedules/own@000000000000", "SCHEDULE_REVISION_NOT_FOUND"),
    ] {
        let request = pb::GetScheduleRequest { name: name.to_owned() };
        assert_eq!(reason(&client.get_schedule(request).await.unwrap_err()), not_found(why));
    }
    for (name, why) in [
        ("schedules/own/importers/JP/measures/cars-25", "IMPORTER_NOT_FOUND"),
        ("schedules/own/importers/US/measures/cars-26", "MEASURE_NOT_FOUND"),
    ] {
        let request = pb::GetMeasureRequest { name: name.to_owned() };
        assert_eq!(reason(&client.get_measure(request).await.unwrap_err()), not_found(why));
    }
    let name = format!("{PARENT}/quotas/none");
    let status = client.get_quota(pb::GetQuotaRequest { name }).await.unwrap_err();
    assert_eq!(reason(&status), not_found("QUOTA_NOT_FOUND"));
    for name in ["", "schedules/", "schedules/own/importers/US/measures/", "measures/cars-25"] {
        let request = pb::GetMeasureRequest { name: name.to_owned() };
        assert_eq!(faults(&client.get_measure(request).await.unwrap_err()).len(), 1, "{name}");
    }
    let mut starting = super::client(None).await;
    let status = starting.list_schedules(pb::ListSchedulesRequest::default()).await.unwrap_err();
    assert_eq!(reason(&status), (Code::Unavailable, "STARTING".to_owned()));
}
