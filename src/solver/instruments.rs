//! What is measured of solves.

use super::order::SolveOutcome;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, UpDownCounter};
use std::time::Duration;

/// Upper bounds of the time buckets in seconds: a small program takes milliseconds, a large one
/// minutes.
const SECONDS: [f64; 15] =
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0, 600.0];

/// Upper bounds of the gap buckets, as shares of the cost.
const GAPS: [f64; 9] = [0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.05, 0.1, 1.0];

/// The instruments all solves share.
#[derive(Debug)]
pub(super) struct Instruments {
    queue_duration: Histogram<f64>,
    duration: Histogram<f64>,
    gap: Histogram<f64>,
    deaths: Counter<u64>,
    refused: Counter<u64>,
    queued: UpDownCounter<i64>,
    busy: UpDownCounter<i64>,
}

impl Instruments {
    /// For so many processes, and calls that may wait for one.
    pub(super) fn of(meter: &Meter, processes: usize, max_queued: usize) -> Self {
        let limit = |name, description, limit: usize| {
            meter
                .u64_observable_gauge(name)
                .with_description(description)
                .with_callback(move |gauge| gauge.observe(limit as u64, &[]))
                .build();
        };
        limit("portolan.solver.processes", "Solver processes, and so solves at once.", processes);
        limit("portolan.solver.queue_limit", "Calls that may wait for a process.", max_queued);
        let instruments = Self {
            queue_duration: meter
                .f64_histogram("portolan.solver.queue.duration")
                .with_unit("s")
                .with_description("Time a call waited for a solver process.")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            duration: meter
                .f64_histogram("portolan.solver.duration")
                .with_unit("s")
                .with_description("Time from handing a solve to a process to its end.")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            gap: meter
                .f64_histogram("portolan.solver.gap")
                .with_unit("1")
                .with_description("Gap left between a plan and its bound, as a share of its cost.")
                .with_boundaries(GAPS.to_vec())
                .build(),
            deaths: meter
                .u64_counter("portolan.solver.process.deaths")
                .with_unit("{process}")
                .with_description("Solver processes that ended unasked or had to be killed.")
                .build(),
            refused: meter
                .u64_counter("portolan.solver.refused_calls")
                .with_unit("{call}")
                .with_description("Calls refused because as many waited as may.")
                .build(),
            queued: meter
                .i64_up_down_counter("portolan.solver.queued")
                .with_unit("{call}")
                .with_description("Calls that wait for a solver process.")
                .build(),
            busy: meter
                .i64_up_down_counter("portolan.solver.busy")
                .with_unit("{process}")
                .with_description("Solver processes held by a call, or being replaced.")
                .build(),
        };
        // From the start: an alert must see the first.
        instruments.deaths.add(0, &[]);
        instruments.refused.add(0, &[]);
        instruments.queued.add(0, &[]);
        instruments.busy.add(0, &[]);
        instruments
    }

    pub(super) fn refused(&self) {
        self.refused.add(1, &[]);
    }

    pub(super) fn waited(&self, time: Duration) {
        self.queue_duration.record(time.as_secs_f64(), &[]);
    }

    /// A solve ended with an outcome; `None`: its process crashed and left nothing.
    pub(super) fn solved(&self, time: Duration, outcome: Option<&SolveOutcome>) {
        let reason = outcome.map_or("crashed", |outcome| outcome.reason.name());
        self.duration.record(time.as_secs_f64(), &[KeyValue::new("reason", reason)]);
        if let Some(gap) = outcome.and_then(SolveOutcome::relative_gap) {
            self.gap.record(gap, &[]);
        }
    }

    pub(super) fn died(&self) {
        self.deaths.add(1, &[]);
    }

    pub(super) fn count_queued(&self, change: i64) {
        self.queued.add(change, &[]);
    }

    pub(super) fn count_busy(&self, change: i64) {
        self.busy.add(change, &[]);
    }
}
