"""Processor seconds of `portolan bench solve` beside HiGHS, SCIP or CBC on the reference form.

Run by hand, on a machine that does nothing else:

    python3 -m venv /tmp/rivals && /tmp/rivals/bin/pip install highspy numpy pyscipopt
    apt-get install coinor-cbc
    /tmp/rivals/bin/python benches/rivals.py small 1-10
    /tmp/rivals/bin/python benches/rivals.py small 1-10 --rivals highs scip cbc
    /tmp/rivals/bin/python benches/rivals.py medium 1-5 --time 60
    /tmp/rivals/bin/python benches/rivals.py planner 1-5 --time 60 --own

The rivals are those of `reference.py` in the folder PORTOLAN_BENCH names, `../shared/bench` by
default; the problems are those of its generator, or with --own ours, which alone has the size
planner. One thread, relative gap 1e-6.

Runs alternate: for each seed we go first, then each rival, so that what slows the machine slows
all. Seconds are user and system time of the whole process for us: start, reading, formulating,
solving. Of a rival it is the solve alone as it reports it, which favours the rival; --whole takes
its whole process, Python and formulation and all.

Prints a line per seed and solver, then totals and our total as a share of each rival's. A gap is
the objective less the bound, as a share of the objective. Objectives of solvers that both close
the gap and differ by more than it are marked: one of the two is wrong.
"""

import argparse
import json
import math
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("size")
    parser.add_argument("seeds", help="7, 1-10 or 1,4,9")
    parser.add_argument("--rivals", nargs="+", default=["highs"], choices=["highs", "scip", "cbc"])
    parser.add_argument("--time", type=float, default=600, help="most wall seconds of a solve")
    parser.add_argument("--gap", type=float, default=1e-6)
    parser.add_argument("--own", action="store_true", help="problems of our own generator")
    parser.add_argument("--whole", action="store_true", help="count the rival's whole process")
    parser.add_argument(
        "--portolan",
        default=os.environ.get("PORTOLAN_BIN", str(ROOT / "target/release/portolan")),
    )
    parser.add_argument(
        "--bench", default=os.environ.get("PORTOLAN_BENCH", str(ROOT.parent / "shared/bench"))
    )
    return parser.parse_args()


def seeds(text):
    numbers = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def run(command):
    """Standard output of a command, and the processor seconds of its process and theirs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return done, seconds


def problem(options, seed, path):
    if options.own:
        command = [options.portolan, "bench", "generate", options.size, str(seed), path]
    else:
        generator = os.path.join(options.bench, "gen_sourcing.py")
        command = [sys.executable, generator, options.size, str(seed), path]
    subprocess.run(command, check=True)


def ours(options, path):
    command = [options.portolan, "bench", "solve", path, "--json", "--threads", "1"]
    command += ["--time-limit", str(options.time), "--gap", repr(options.gap)]
    done, seconds = run(command)
    if not done.stdout.strip():
        raise SystemExit("portolan: " + done.stderr)
    told = json.loads(done.stdout)
    number = lambda value: math.nan if value is None else value
    return number(told["objective"]), number(told["bound"]), seconds, told["status"]


def rival(options, solver, path):
    reference = os.path.join(options.bench, "reference.py")
    command = [sys.executable, reference, path, "--solver", solver, "--threads", "1"]
    command += ["--time", str(options.time), "--gap", repr(options.gap)]
    done, seconds = run(command)
    if done.returncode != 0:
        return math.nan, math.nan, seconds, "failed: " + done.stderr.strip().splitlines()[-1]
    # HiGHS may put its banner before the line of figures.
    words = done.stdout.strip().splitlines()[-1].split(None, 11)
    _, _, _, _, _, _, objective, bound, _, reported, _, status = words
    return float(objective), float(bound), seconds if options.whole else float(reported), status


def gap(objective, bound):
    if math.isnan(objective) or math.isnan(bound):
        return math.nan
    return max(0.0, objective - bound) / max(1e-9, abs(objective))


def main():
    options = arguments()
    solvers = ["portolan", *options.rivals]
    totals = dict.fromkeys(solvers, 0.0)
    row = "{:>6} {:<9} {:>20} {:>20} {:>9} {:>9}  {}"
    print(row.format("seed", "solver", "objective", "bound", "gap", "cpu_s", "status"), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds(options.seeds):
            path = os.path.join(folder, f"{options.size}-{seed}.json")
            problem(options, seed, path)
            closed = []
            for solver in solvers:
                if solver == "portolan":
                    objective, bound, seconds, status = ours(options, path)
                else:
                    objective, bound, seconds, status = rival(options, solver, path)
                totals[solver] += seconds
                left = gap(objective, bound)
                if left <= options.gap:
                    closed.append(objective)
                cells = (f"{objective:.6f}", f"{bound:.6f}", f"{left:.1e}", f"{seconds:.2f}")
                print(row.format(seed, solver, *cells, status), flush=True)
            if closed and max(closed) - min(closed) > 2 * options.gap * abs(min(closed)):
                print(f"{seed:>6} DISAGREEMENT: {min(closed):.6f} and {max(closed):.6f}")
    for solver in solvers:
        share = totals["portolan"] / totals[solver] if totals[solver] else math.nan
        print(f" total {solver:<9} {totals[solver]:>10.2f} s; ours is {share:.2f} of it")


if __name__ == "__main__":
    main()
