//! The solver: HiGHS, and the processes it runs in.
//!
//! A [`SolveOrder`] goes to a [`SolverPool`], which hands it to one of its processes and passes
//! on what is found on the way. [`solve`] is what such a process does; it runs in this one too.

mod blocks;
mod course;
mod decomposition;
mod frame;
mod highs;
mod highs_rows;
mod highs_run;
mod incumbent;
mod instruments;
mod order;
mod pool;
mod process;
mod relaxation;
mod relay;
mod rounds;
mod search;
mod session;
mod solve_error;
mod worker;

pub use highs::version;
pub use order::{SolveEnd, SolveEvent, SolveOrder, SolveOutcome, SolvePhase, WorkBudget};
pub use pool::SolverPool;
pub use search::solve;
pub use solve_error::SolveError;
pub use worker::{WorkerLimits, work};
