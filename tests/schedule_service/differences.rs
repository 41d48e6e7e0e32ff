//! What is not the same in two schedules.

use super::{HEAD, LAW, built, client, own, reason};
use portolan::proto::portolan::tariff::v1 as pb;
use tonic::Code;

/// The same law, changed in one thing of each kind.
fn changed() -> String {
    let law = LAW
        .replace("rate = \"25%\"", "rate = \"20%\"")
        .replace("general = \"25%\"", "general = \"22%\"")
        .replace("volume = \"5\"", "volume = \"6\"")
        .replace("from = \"2026-04-01\"\ndocument", "from = \"2026-04-02\"\ndocument")
        .replace("2 ORDER 2", "2 ORDER 3")
        .replace("Cars act", "Vehicles act");
    let kept = law.split("[[measure]]").filter(|table| !table.contains("id = \"cars-quota\""));
    kept.collect::<Vec<_>>().join("[[measure]]")
        + "\n[[line]]\ncode = \"8705.10.00\"\ndescription = \"Cranes\"\ngeneral = \"free\"\nspecial = \"\"\n"
}

#[tokio::test]
async fn two_revisions_are_compared_thing_by_thing() {
    let (earlier, later) = (own(), built(HEAD, &changed()));
    let (from, to) = (earlier.name.clone(), later.name.clone());
    let mut client = client(Some(vec![earlier, later])).await;
    let request =
        pb::DiffSchedulesRequest { from: from.clone(), to: to.clone(), ..Default::default() };
    let all = client.diff_schedules(request.clone()).await.unwrap().into_inner();
    let told: Vec<String> = all
        .differences
        .iter()
        .map(|difference| {
            let kind = difference.kind().as_str_name().trim_start_matches("DIFFERENCE_KIND_");
            let fields: Vec<_> = difference
                .fields
                .iter()
                .filter(|_| difference.kind() == pb::DifferenceKind::Changed)
                .map(|field| format!(" {}: {} -> {}", field.field, field.before, field.after))
                .collect();
            format!("{kind} {} {}{}", difference.item, difference.id, fields.concat())
        })
        .collect();
    assert_eq!(
        told,
        [
            "CHANGED document order citation: 2 ORDER 2 -> 2 ORDER 3",
            "CHANGED exclusion cars-over-general from: 2026-04-01 -> 2026-04-02",
            "CHANGED line 8704.21.00 from 2026-01-01 general: 25% -> 22%",
            "ADDED line 8705.10.00 from 2026-01-01",
            "CHANGED measure cars-25 rate: 25% -> 20%",
            "REMOVED measure cars-quota",
            "CHANGED programme cars authority: Cars act -> Vehicles act",
            "CHANGED quota z-quota periods: 2026-01-01 to 2027-01-01: 5 -> 2026-01-01 to 2027-01-01: 6",
        ]
    );
    // In pages the same, and turned round what was added is removed.
    let mut paged = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::DiffSchedulesRequest { page_size: 3, page_token, ..request.clone() };
        let page = client.diff_schedules(request).await.unwrap().into_inner();
        paged.extend(page.differences);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, all.differences);
    let back = pb::DiffSchedulesRequest { from: to, to: from.clone(), ..Default::default() };
    let back = client.diff_schedules(back).await.unwrap().into_inner().differences;
    let kinds: Vec<_> = back.iter().map(pb::ScheduleDifference::kind).collect();
    assert_eq!((kinds[3], kinds[5]), (pb::DifferenceKind::Removed, pb::DifferenceKind::Added));
    let same = pb::DiffSchedulesRequest { from: from.clone(), to: from, ..Default::default() };
    assert_eq!(client.diff_schedules(same).await.unwrap().into_inner().total_size, 0);
    // Of two revisions held one must be named.
    let unnamed = pb::GetScheduleRequest { name: "schedules/own".to_owned() };
    let status = client.get_schedule(unnamed).await.unwrap_err();
    assert_eq!(reason(&status), (Code::NotFound, "SCHEDULE_REVISION_NOT_FOUND".to_owned()));
}
