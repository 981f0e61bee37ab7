#!/usr/bin/env python3
"""Time of a step back: gdb's `record full` on a native build, and wasmscope on a recording.

    python3 docs/reverse_steps.py samples/lisp/lisp.c samples/lisp/lisp.wasm [STEPS]

Builds the C file with cc -O1 -g, lets gdb record STEPS machine instructions (20000 unless told)
from main on and takes the last tenth of them back one by one. Then records the module, goes to
the same number of steps and takes as many back, each a moment that is written out in full as JSON, which is most of its time.
Needs cc, gdb and wasmscope in PATH; both programs get an empty standard input. """
import json, os, subprocess, sys, tempfile, time

GDB = """
set pagination off
set confirm off
set record full insn-number-max unlimited
break main
run < /dev/null > /dev/null
record full
python
import time
def steps(command, count):
    begin = time.perf_counter()
    for _ in range(count):
        gdb.execute(command, to_string=True)
    return (time.perf_counter() - begin) / count
forward, back = {steps}, {steps} // 10
begin = time.perf_counter()
gdb.execute("stepi %d" % forward, to_string=True)
recorded = (time.perf_counter() - begin) / forward
print("RESULT", recorded, steps("reverse-stepi", back))
end
kill
"""


def gdb(source, steps, folder):
    program, script = os.path.join(folder, "program"), os.path.join(folder, "script")
    # Without the vector instructions and the lazy binding that this recorder does not know.
    env = dict(os.environ, LD_BIND_NOW="1",
               GLIBC_TUNABLES="glibc.cpu.hwcaps=-AVX2_Usable,-AVX_Usable,-AVX,-AVX2,-AVX512F,-XSAVEC,-XSAVE")
    subprocess.run(["cc", "-O1", "-g", "-w", "-static", "-o", program, source, "-lm"], check=True)
    with open(script, "w") as file:
        file.write(GDB.format(steps=steps))
    out = subprocess.run(["gdb", "-nx", "-batch", "-x", script, program],
                         env=env, capture_output=True, text=True)
    lines = [line.split()[1:] for line in out.stdout.splitlines() if line.startswith("RESULT")]
    if not lines:
        sys.exit("gdb could not record this program:\n" + out.stdout[-500:] + out.stderr[-500:])
    return map(float, lines[0])


def wasmscope(module, steps, folder):
    trace = os.path.join(folder, "run.wtrace")
    subprocess.run(["wasmscope", "record", module, "-o", trace], stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = json.loads(subprocess.run(["wasmscope", "info", "--json", trace], capture_output=True).stdout)["steps"]
    at = min(steps, end)

    def session(back):
        commands = os.path.join(folder, "commands")
        with open(commands, "w") as file:
            file.write("step-back\n" * back)
        begin = time.perf_counter()
        subprocess.run(["wasmscope", "open", trace, "--at", str(at), "--commands", commands, "--json"],
                       stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - begin

    many = min(at, steps) // 10
    alone = min(session(1) for _ in range(3))
    return (session(many) - alone) / (many - 1)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    steps = int(sys.argv[3]) if len(sys.argv) == 4 else 20000
    with tempfile.TemporaryDirectory() as folder:
        recorded, reverse = gdb(sys.argv[1], steps, folder)
        ours = wasmscope(sys.argv[2], steps, folder)
    print(f"gdb record full   one step recorded {recorded * 1e6:9.1f} us   one step back {reverse * 1e6:9.1f} us")
    print(f"wasmscope         {'':28}   one step back {ours * 1e6:9.1f} us   {ours / reverse:.2f} x")
