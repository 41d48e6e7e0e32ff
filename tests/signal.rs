//! The first signal asks the server to stop, the second ends the process.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used)]

use std::{process::Command, time::Duration};

use portolan::grpc::signal::shutdown_signal;
use tokio::time::{sleep, timeout};

/// Set in the process that is to be ended.
const CHILD: &str = "PORTOLAN_TEST_SIGNAL_CHILD";

fn terminate_this_process() {
    let id = std::process::id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
}

#[tokio::test]
async fn the_second_signal_exits_at_once() {
    if std::env::var_os(CHILD).is_none() {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_second_signal_exits_at_once"])
            .env(CHILD, "1")
            .output()
            .unwrap();
        assert_eq!(child.status.code(), Some(143), "{child:?}");
        return;
    }
    let stop = shutdown_signal().unwrap();
    // Before the future is awaited: it must not be lost.
    terminate_this_process();
    timeout(Duration::from_secs(5), stop).await.unwrap();
    terminate_this_process();
    sleep(Duration::from_secs(5)).await;
}
