#!/usr/bin/env python3
"""What recording, seeking and searching cost, on any program.

    python3 docs/measure.py [--profiles] [--stdin FILE] [--dir DIR] PROGRAM.wasm [ARGS…]

Runs and records the program three times each, in turn, and compares the least processor time that
each took, with all its threads; then goes to
60 random steps and searches backwards from the end, without and with an index. With --profiles it
is also recorded with each profile that keeps events, which takes a while. Needs wasmscope in PATH. """
import json, os, random, resource, subprocess, sys, tempfile, time


def timed(*words):
    """Seconds a command took, and what became of it."""
    begin = time.perf_counter()
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return time.perf_counter() - begin, done


def worked(*words):
    """Seconds of processor time a command took: fair on a machine that does other things too."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    timed(*words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(args):
    profiles, given = False, []
    while args and args[0].startswith("--"):
        word = args.pop(0)
        if word == "--profiles":
            profiles = True
        else:
            given += [word, args.pop(0)]
    program, rest = [*given, args[0]], ["--", *args[1:]]
    with tempfile.TemporaryDirectory() as folder:
        measure(program, rest, args[0], folder, profiles)


def measure(program, rest, module, folder, profiles):
    trace = os.path.join(folder, "run.wtrace")

    run, record = [], []
    for _ in range(3):
        run.append(worked("wasmscope", "run", *program, *rest))
        record.append(worked("wasmscope", "record", "--force", *program, "-o", trace, *rest))
    info = json.loads(timed("wasmscope", "info", "--json", trace)[1].stdout)
    steps, size = info["steps"], os.path.getsize(trace)
    module = os.path.getsize(module)
    print(f"steps                 {steps:,}")
    print(f"run, record           {min(run):.2f} s, {min(record):.2f} s: {min(record) / min(run):.3f} x")
    print(f"file                  {size:,} bytes; {(size - module) / steps:.2e} a step beside the module")
    log = sum(part["bytes"] for part in info["parts"] if part["kind"] == "host log")
    calls, came_in = info["host_calls"], info["came_in"]
    print(f"host log              {log:,} bytes for {calls:,} calls and {came_in:,} bytes that came in:"
          f" {log / (1.1 * came_in + 16 * calls):.2f} of 1.1 x the bytes + 16 a call")
    print(f"checkpoints           {info['checkpoints']}, at most {info['checkpoint_gap']:,} steps apart")

    random.seed(1)
    opened = sorted(timed("wasmscope", "dump", trace, "--count", "1")[0] for _ in range(9))[4]
    jumps = sorted(timed("wasmscope", "dump", trace, "--from", str(random.randrange(steps)), "--count", "1")[0]
                   for _ in range(60))
    print(f"open, first event     {opened * 1e3:.0f} ms")
    print(f"random step, opened   median {jumps[30] * 1e3:.0f} ms, 95 % {jumps[56] * 1e3:.0f} ms, worst {jumps[-1] * 1e3:.0f} ms")

    queries = ["write 0x400+8", "read 0x400+8", "global 0", "op unreachable", "func 0:1"]
    without = [timed("wasmscope", "find", trace, "--backward", query) for query in queries]
    made, _ = timed("wasmscope", "index", trace)
    index = os.path.getsize(trace + ".index")
    print(f"index                 {made:.1f} s, {index:,} bytes: {index / steps:.4f} a step")
    for query, (time_without, found) in zip(queries, without):
        time_with, again = timed("wasmscope", "find", trace, "--backward", query)
        assert found.stdout == again.stdout, query
        step = found.stdout.split()[0].decode() if found.stdout else "none"
        print(f"last {query:<16} {time_without * 1e3:7.0f} ms, with index {time_with * 1e3:5.0f} ms   step {step}")

    for profile in ["flow", "values", "full"] if profiles else []:
        other = os.path.join(folder, profile)
        took, _ = timed("wasmscope", "record", "--profile", profile, *program, "-o", other, "--checkpoint-budget", "0", *rest)
        size = os.path.getsize(other) - module
        print(f"{profile:<8} live {steps / took / 1e6:6.1f} M events/s   {size / steps:.4f} bytes/event"
              f"   {size / info['ticks']:.4f} bytes/tick")
        os.remove(other)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"most memory           {peak / 1024:.0f} MiB")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
