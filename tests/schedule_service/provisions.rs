//! Measures, quotas and tariff lines, and what finds them.

use super::{Client, PARENT, client, date, faults, ids, own};
use portolan::proto::portolan::tariff::v1 as pb;

async fn measures(client: &mut Client, request: pb::ListMeasuresRequest) -> Vec<String> {
    let request = pb::ListMeasuresRequest { parent: PARENT.to_owned(), ..request };
    let page = client.list_measures(request).await.unwrap().into_inner();
    assert_eq!(usize::try_from(page.total_size).unwrap(), page.measures.len());
    ids(page.measures.iter().map(|measure| &measure.name)).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn filters_leave_what_meets_them_all() {
    let mut client = client(Some(vec![own()])).await;
    let none = pb::ListMeasuresRequest::default;
    let goods = |code: &str| pb::ListMeasuresRequest { goods_code: code.to_owned(), ..none() };
    assert_eq!(measures(&mut client, none()).await.len(), 3);
    assert_eq!(measures(&mut client, goods("8703.23.01")).await.len(), 3);
    let excepted = measures(&mut client, goods("8703.24.01")).await;
    assert!(!excepted.contains(&"cars-25".to_owned()) && excepted.len() == 2, "{excepted:?}");
    assert_eq!(measures(&mut client, goods("8704.21.00")).await, ["general-10"]);
    let british = pb::ListMeasuresRequest { origin_region_code: "GB".to_owned(), ..none() };
    assert_eq!(measures(&mut client, british.clone()).await, ["cars-25", "general-10"]);
    let of_cars = pb::ListMeasuresRequest { programme_id: "cars".to_owned(), ..british };
    assert_eq!(measures(&mut client, of_cars).await, ["cars-25"]);
    for (day, known_at, held) in [
        ("2026-03-15", None, false),
        ("2026-04-01", None, true),
        ("2026-04-01", Some("2026-02-28"), false),
        ("2026-04-01", Some("2026-03-01"), true),
    ] {
        let request = pb::ListMeasuresRequest {
            in_force_on: Some(date(day)),
            known_at: known_at.map(date),
            ..none()
        };
        let found = measures(&mut client, request).await;
        assert_eq!(found.contains(&"cars-25".to_owned()), held, "{day} {known_at:?}");
    }
}

#[tokio::test]
async fn a_measure_is_told_with_its_states_and_exclusions() {
    let mut client = client(Some(vec![own()])).await;
    let name = format!("{PARENT}/measures/cars-25");
    let found = client.get_measure(pb::GetMeasureRequest { name }).await.unwrap();
    let cars = found.into_inner().measure.unwrap();
    assert!(cars.name.starts_with("schedules/own@") && cars.every_origin);
    assert_eq!((cars.rate.as_str(), cars.base_rule.as_str()), ("25%", "customs value"));
    assert_eq!(cars.excepted_goods_codes, ["8703.24"]);
    let states: Vec<_> = cars.states.iter().map(|state| state.state.as_str()).collect();
    assert_eq!(states, ["announced", "in force"]);
    assert_eq!(cars.states[1].document.as_ref().unwrap().published_on, Some(date("2026-03-01")));
    assert_eq!(cars.excludes[0].exclusion_id, "cars-over-general");
    assert_eq!(cars.excludes[0].of, ["general-10"]);
    assert_eq!(cars.citations[1].pinpoint, "section 1");
    assert!(cars.excluded_by.is_empty() && !cars.note.is_empty());

    let name = format!("{PARENT}/measures/general-10");
    let found = client.get_measure(pb::GetMeasureRequest { name }).await.unwrap();
    let general = found.into_inner().measure.unwrap();
    assert_eq!(general.excluded_by[0].by, ["cars-25"]);
    // Of all but one the others are told, and no code that nobody has.
    let origins = &general.origin_region_codes;
    assert!(!general.every_origin && !origins.contains(&"CN".to_owned()));
    assert!(origins.contains(&"JP".to_owned()) && !origins.contains(&"AA".to_owned()));

    // By what was published before the order, nothing of it is told.
    let request = pb::ListMeasuresRequest {
        parent: PARENT.to_owned(),
        programme_id: "cars".to_owned(),
        known_at: Some(date("2026-02-28")),
        ..pb::ListMeasuresRequest::default()
    };
    let known = client.list_measures(request).await.unwrap().into_inner().measures;
    let cars = known.iter().find(|measure| measure.name.ends_with("cars-25")).unwrap();
    assert_eq!((cars.states.len(), cars.citations.len(), cars.excludes.len()), (1, 1, 0));
    assert_eq!(cars.note, "");
}

#[tokio::test]
async fn a_quota_is_told_with_its_periods_and_users() {
    let mut client = client(Some(vec![own()])).await;
    let request = pb::ListQuotasRequest { parent: PARENT.to_owned(), ..Default::default() };
    let listed = client.list_quotas(request).await.unwrap().into_inner();
    assert_eq!(ids(listed.quotas.iter().map(|quota| &quota.name)), ["a-quota", "z-quota"]);
    let name = listed.quotas[0].name.clone();
    let found = client.get_quota(pb::GetQuotaRequest { name }).await.unwrap().into_inner();
    let quota = found.quota.unwrap();
    assert_eq!(Some(&quota), listed.quotas.first());
    assert_eq!(quota.unit_code, "NAR");
    assert_eq!(quota.periods[1].carried_from, [date("2026-01-01")]);
    assert_eq!(ids(quota.measures.iter()), ["cars-quota"]);
    assert_eq!(quota.citations[0].pinpoint, "page 9");
    let name = quota.measures[0].clone();
    client.get_measure(pb::GetMeasureRequest { name }).await.unwrap();
}

#[tokio::test]
async fn goods_are_found_by_code_and_by_words() {
    let mut client = client(Some(vec![own()])).await;
    for (query, on, codes) in [
        ("8703", "2026-02-01", vec!["8703.23.01", "8703.24.01"]),
        ("8703.23.01.40", "2026-02-01", vec!["8703.23.01"]),
        ("MOTOR cars", "2026-02-01", vec!["8703.23.01", "8703.24.01", "8704.21.00"]),
        ("car mot spark", "2026-02-01", vec!["8703.23.01", "8703.24.01"]),
        ("motor cars", "2026-05-01", vec!["8703.23.01", "8703.24.01"]),
        ("over 3000", "2026-02-01", vec!["8703.24.01"]),
        ("1,500", "2026-02-01", vec!["8703.23.01"]),
        ("ars", "2026-02-01", vec![]),
        ("8703.23.01", "2025-12-31", vec![]),
    ] {
        let request = pb::SearchGoodsRequest {
            parent: PARENT.to_owned(),
            query: query.to_owned(),
            on: Some(date(on)),
            ..pb::SearchGoodsRequest::default()
        };
        let found = client.search_goods(request).await.unwrap().into_inner().lines;
        let found: Vec<_> = found.iter().map(|line| line.goods_code.as_str()).collect();
        assert_eq!(found, codes, "{query} on {on}");
    }
    let request = pb::SearchGoodsRequest {
        parent: PARENT.to_owned(),
        query: "motor".to_owned(),
        page_size: 1,
        ..pb::SearchGoodsRequest::default()
    };
    let first = client.search_goods(request.clone()).await.unwrap().into_inner();
    assert_eq!((first.lines.len(), first.total_size), (1, 2));
    assert_eq!(first.lines[0].column_2_rate, "10%");
    let request = pb::SearchGoodsRequest { page_token: first.next_page_token, ..request };
    let last = client.search_goods(request.clone()).await.unwrap().into_inner();
    assert_eq!(
        (last.lines[0].goods_code.as_str(), last.next_page_token),
        ("8703.24.01", String::new())
    );
    let other = pb::SearchGoodsRequest { query: "cars".to_owned(), ..request };
    let status = client.search_goods(other).await.unwrap_err();
    assert_eq!(faults(&status), ["page_token PAGE_TOKEN_MISMATCH"]);
}
