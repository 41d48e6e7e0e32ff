//! The solver: HiGHS, and the processes it runs in.
//!
//! A call takes a [`SolverTurn`] of the [`SolverPool`]; each of its [`SolveOrder`]s goes to one of
//! the pool's processes, and what is found on the way is passed on. [`solve`] is what such a
//! process does; it runs in this one too.

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
mod turn;
mod worker;

pub use highs::version;
pub use order::{SolveEnd, SolveEvent, SolveOrder, SolveOutcome, SolvePhase, WorkBudget};
pub use pool::SolverPool;
pub use search::solve;
pub use solve_error::SolveError;
pub use turn::SolverTurn;
pub use worker::{WorkerLimits, work};
