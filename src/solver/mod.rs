//! The solver: HiGHS, and the processes it runs in.
