//! How old the law is that answers rest on.

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A schedule as metrics tell of it.
#[derive(Clone, Debug)]
pub struct HeldSchedule {
    /// `schedules/vehicles`.
    pub name: String,
    /// `3f2a9c41d0b7`.
    pub revision: String,
    /// Days from 1970 to the last document it takes in.
    pub as_of_days: i64,
}

/// Tells the age of each schedule, and its revision, from now on.
pub fn measure_schedule_age(meter: &Meter, schedules: Vec<HeldSchedule>) {
    meter
        .i64_observable_gauge("portolan.schedule.age")
        .with_unit("s")
        .with_description("Time since the last document a schedule takes in.")
        .with_callback(move |gauge| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let now = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
            for HeldSchedule { name, revision, as_of_days } in &schedules {
                let labels = [
                    KeyValue::new("schedule", name.clone()),
                    KeyValue::new("revision", revision.clone()),
                ];
                gauge.observe((now - as_of_days * DAY).max(0), &labels);
            }
        })
        .build();
}
