#!/usr/bin/env python3
"""Reads a full .wtrace: a second reader, written from docs/trace-format.md alone.

    python3 docs/read_trace.py TRACE        prints its events, as `wasmscope dump --json` does

Needs zstandard and lz4 from PyPI. Checks checksums and trusts the rest: damage ends it, gaps are left out. """
import json, lz4.block, math, re, struct, sys, zlib, zstandard

TYPES = "i32 i64 f32 f64 v128 funcref externref exnref".split()
WIDTH = dict(i32=4, f32=4, v128=16, i64=8, f64=8, funcref=8, externref=8, exnref=8)
NEXT, JUMP, CALL, TAIL_CALL, HOST_CALL, RETURN, THROW, HALT, ERROR = OUTCOMES = (
    "Next Jump Call TailCall HostCall Return Throw Halt Error".split())
TRAPS = """unreachable|integer divide by zero|integer overflow|invalid conversion to integer|out of bounds memory access|
out of bounds table access|undefined element|uninitialized element|indirect call type mismatch|call stack exhausted|
null reference|null function reference|null exception reference|uncaught exception|unaligned atomic|
expected shared memory|call of a missing import""".replace("\n", "").split("|")
FLOW, TARGET, ADDR, MEM, V4, OLD_MEM, O4, ODD, EXTRA = 0, 1, 2, 3, 4, 7, 8, 11, 12
RANK = "host_call read memory_grow write table_grow table drop_elem drop_data global slot pop push".split()
EFFECTS = """slot depth slot value! old!?|global instance index value! old!?|read memory addr len bytes*|
write memory addr len bytes* old*?|table table index len value!?|memory_grow memory old_pages new_pages|
table_grow table old_len new_len|drop_elem instance index|drop_data instance index|push module func entered|
pop count|host_call import$ args+ results+""".replace("\n", "").split("|")
class Bytes:  # numbers and records, from the front of a byte string
    def __init__(self, data): self.data, self.at = data, 0
    def take(self, n):
        self.at += n
        assert self.at <= len(self.data), "ends early"
        return self.data[self.at - n:self.at]
    def byte(self): return self.take(1)[0]
    def num(self):
        value = shift = 0
        while (byte := self.byte()) > 127:
            value, shift = value | (byte & 127) << shift, shift + 7
        return value | byte << shift
    def signed(self): return (n := self.num()) >> 1 ^ -(n & 1)
    def blob(self): return self.take(self.num())
    def text(self): return self.blob().decode()
    def option(self, read): return read() if self.byte() else None
    def many(self, read): return [read() for _ in range(self.num())]
    def nums(self, n): return tuple(self.num() for _ in range(n))
    def func(self): return self.nums(2)
    def type(self): return TYPES[self.num()]
    def value(self):
        if (code := self.num()) == 7: return shown(self.type(), self.num())
        ty, bits = TYPES[code & 7], code >> 3
        if ty in ("i32", "i64"): bits = (bits >> 1 ^ -(bits & 1)) % (1 << 8 * WIDTH[ty])
        if ty in ("f32", "f64"): bits = int.from_bytes(bits.to_bytes(WIDTH[ty], "little"), "big")
        return shown(ty, bits)
    def outcome(self):
        if (name := OUTCOMES[self.num()]) != ERROR: return name, None
        kind = self.num()
        text = (lambda: TRAPS[self.num()], self.text, lambda: f"exit {self.signed()}", lambda: "out of fuel",
                lambda: "interrupted", lambda: "waiting for input")[kind]()
        return name, dict(kind="trap host exit fuel interrupted waiting".split()[kind], text=text, **(dict(code=int(text[5:])) if kind == 2 else {}))
    def effect(self):
        name, *fields = EFFECTS[self.num()].split()
        made = dict(effect=name)
        for field in fields:
            word = field.rstrip("!?*$+")
            read = {"!": self.value, "*": lambda: self.blob().hex(), "$": self.text,
                    "+": lambda: self.many(self.value)}.get(field.rstrip("?")[-1], self.num)
            if (new := self.option(read) if field[-1] == "?" else read()) is not None: made[word] = new
        return made
    def op(self):
        op = dict(zip(("ip", "pc", "weight"), self.nums(3)), op=self.text(), text=self.text())
        op["dsts"] = self.many(lambda: (self.num(), self.type()))
        op["access"] = self.option(lambda: (*self.nums(2), self.byte()))
        op["global"] = self.option(lambda: (self.num(), self.type()))
        op["flow"] = self.num()
        op["to"] = self.many(self.num) if op["flow"] == 3 else self.nums((0, 1, 1, 0, 2, 1, 0, 1, 0, 0, 0, 0)[op["flow"]])
        return op
    def code(self):
        func, name = self.func(), self.option(self.text)
        self.many(lambda: (self.num(), self.nums(2), self.option(self.num), self.option(self.text)))  # slots
        ops = self.many(self.op)
        number = {op["ip"]: at for at, op in enumerate(ops)}
        for op in ops: op["to"] = number[op["to"][0]] if op["flow"] in (1, 2) else op["to"]
        return dict(name=name, ops=ops)
def shown(ty, bits):
    text = dict(i=lambda n: str(bits - (bits >> n - 1 << n)), v=lambda n: f"0x{bits:032x}", f=lambda n: floating(n, bits))
    text = (lambda n: f"{ty[:-3]} {bits - 1}" if bits else "null") if "ref" in ty else text[ty[0]]
    return dict(type=ty, bits=f"0x{bits:x}", text=text(8 * WIDTH[ty]))
def floating(size, bits):  # the shortest text that gives the number back
    form, mantissa = ("<d", 52) if size == 64 else ("<f", 23)
    raw, payload, sign = bits.to_bytes(size // 8, "little"), bits & (1 << mantissa) - 1, "-" * (bits >> size - 1)
    number = abs(struct.unpack(form, raw)[0])
    if math.isinf(number): return f"{sign}inf"
    if math.isnan(number): return f"{sign}nan" + (f":0x{payload:x}" if payload != 1 << mantissa - 1 else "")
    fits = lambda n: n < 3.4028235677973366e38 and struct.unpack("<f", struct.pack("<f", n))[0] == number
    text = repr(number if size == 64 else next(n for d in range(17) if fits(n := float(f"{number:.{d}e}"))))
    return sign + re.sub(r"e([-+]?)0*(\d)", lambda m: f"e{m[1].strip('+')}{m[2]}", text).replace(".0e", "e")
def inflate(codec, data, raw):
    return data if codec == 0 else zstandard.ZstdDecompressor().decompress(data, max_output_size=raw) if codec == 2 \
        else lz4.block.decompress(data, uncompressed_size=raw)
def frames(file):  # offset, kind, first, count and payload of each
    assert file[:8] == b"\x89WTR\r\n\x1a\n" and zlib.crc32(file[:60]) == struct.unpack("<I", file[60:64])[0], "no trace"
    assert struct.unpack("<HHI", file[8:16])[::2] == (1, 0), "version, flags"
    at, start, payload = 64, 64, b""
    while at < len(file):
        sync, kind, _, codec, stored, raw, first, count, salt, crc, head = struct.unpack("<4sHBBIIQI4sII", file[at:at + 40])
        data = file[at + 40:at + 40 + stored]
        assert sync == b"WTF1" and salt == file[36:40] and zlib.crc32(file[at:at + 36]) == head, f"byte {at}: header"
        assert zlib.crc32(data) == crc, f"byte {at}: checksum"
        at, payload = at + 40 + (stored + 7) // 8 * 8, payload + inflate(codec, data, raw)
        if not kind & 0x2000:  # else it goes on in the next
            yield start, kind, first, count, payload
            start, payload = at, b""
def chunk(first, count, payload, codes):
    b = Bytes(payload)
    h = Bytes(b.take(struct.unpack("<I", b.take(4))[0]))
    assert h.nums(2) == (0, 3), "a chunk of version 1 and profile full"
    with_old, func, (instance, op, depth, tick) = h.byte(), h.func(), h.nums(4)
    callers, funcs = h.many(lambda: [h.func(), *h.nums(4)]), h.many(lambda: (h.func(), h.num()))  # [func, instance, op, base, lag]
    code, col, addrs, lags, memories, called = {func: codes[at] for func, at in funcs if at}, {}, {}, {}, {}, False
    for number, _, codec, raw, stored in h.many(lambda: (*h.take(3), *h.nums(2))):
        col[number] = Bytes(inflate(codec, b.take(stored), raw))
    def column(number): return col.setdefault(number, Bytes(b""))
    def delta(number): return None if column(number).at >= len(column(number).data) else column(number).num()
    def cell(ty, which): return shown(ty, int.from_bytes(column(which + {4: 0, 8: 1, 16: 2}[WIDTH[ty]]).take(WIDTH[ty]), "little"))
    def written(made, ty): return dict(made, value=cell(ty, V4), **(dict(old=cell(ty, O4)) if with_old else {}))
    bits = iter([byte >> bit & 1 for byte in column(FLOW).data for bit in range(8)])
    odd, extra, fix, last_fix, more, last_more = column(ODD), column(EXTRA), delta(ODD), 0, delta(EXTRA), 0
    for index in range(count):
        memory, base, outcome, callee, error, pending, effects, extras = None, None, None, None, None, False, [], []
        while fix is not None and last_fix + (fix >> 3) == index:
            if fix & 7 == 0:
                at, op, deep, instance = odd.nums(4)
                func, called, out, depth = funcs[at][0], False, depth - deep, deep
                callers = callers[:max(len(callers) - out, 0)] if out >= 0 else callers + [None] * -out if out >= -64 else []
            elif fix & 7 == 1:
                tick, lag = tick + (off := odd.signed()), callers[-1][4] - off if called else -1
                if 0 <= lag < 1 << 32:
                    callers[-1][4], place = lag, (callers[-1][0], callers[-1][2])
                    if len(lags) < 4096 or place in lags: lags[place] = lag
            else: memory, base = (odd.num(), base) if fix & 7 == 2 else (memory, odd.num())
            fix, last_fix = delta(ODD), index
        while more is not None and last_more + more == index:
            kind = extra.num()
            if kind == 0: extras = extra.many(extra.effect)
            if kind == 1: (outcome, error), callee = extra.outcome(), extra.option(extra.func)
            pending |= kind == 2
            more, last_more = delta(EXTRA), index
        shape, here, pops = code[func]["ops"][op], (func, op), any(effect["effect"] == "pop" for effect in extras)
        flow, to = shape["flow"], shape["to"]
        if outcome is None:
            at = column(TARGET).num() if flow in (3, 5, 8) else 0
            outcome = (NEXT, JUMP, JUMP if flow == 2 and next(bits) else NEXT, JUMP, CALL, CALL if at else HOST_CALL, HOST_CALL,
                       TAIL_CALL, TAIL_CALL if at else HOST_CALL, RETURN if depth else HALT, THROW)[flow]
            callee = (func[0], to[0]) if flow in (4, 7) else funcs[at - 1][0] if flow in (5, 8) and at else None
            to = at - 1 if flow == 3 else to
        writes, ranged = outcome in (NEXT, JUMP, HOST_CALL, RETURN) and not pending, None
        if outcome != ERROR and shape["access"]:
            number, kind, size = shape["access"]
            addrs[here] = addr = (addrs.get(here, 0) + column(ADDR).signed()) % (1 << 64)
            if memory is not None:
                memories.pop((instance, number), None)
                if len(memories) == 64: del memories[next(iter(memories))]
                memories[instance, number] = memory
            ranged = dict(effect="write" if kind == 2 else "read", memory=memories.get((instance, number), number), addr=addr, len=size)
            if kind: ranged["bytes"] = column(MEM).take(size).hex()
            if kind == 2 and with_old: ranged["old"] = column(OLD_MEM).take(size).hex()
            effects.append(ranged)
        if outcome != ERROR and shape["global"]:
            effects.append(written(dict(effect="global", instance=instance, index=shape["global"][0]), shape["global"][1]))
        caller = callers[-1] if callers else None
        start = base if base is not None else caller[3] if caller else 0
        for at, (number, ty) in enumerate(shape["dsts"] if writes else []):
            place = dict(depth=depth - 1, slot=start + number) if flow == 9 else dict(depth=depth, slot=number)
            effects.append(made := written(dict(effect="slot", **place), ty))
            if at == 0 and ranged and "bytes" not in ranged:
                ranged["bytes"] = int(made["value"]["bits"], 16).to_bytes(16, "little")[:ranged["len"]].hex()
        if outcome in (RETURN, HALT, TAIL_CALL) and not pops: effects.append(dict(effect="pop", count=1))
        if outcome in (CALL, TAIL_CALL) and callee:
            effects.append(dict(effect="push", module=callee[0], func=callee[1], entered=first + index + 1))
        event = dict(step=first + index, tick=tick, module=func[0], func=func[1], name=code[func]["name"], ip=shape["ip"],
                     pc=shape["pc"], op=shape["op"], text=shape["text"], depth=depth, outcome=outcome, effects=effects + extras)
        yield dict(event, error=error) if error else event
        tick, called = tick + shape["weight"], outcome == CALL
        if outcome in (NEXT, HOST_CALL, JUMP): op = to if outcome == JUMP else op + 1
        if outcome == CALL:
            callers = callers + [[func, instance, op, to[-1] if flow in (4, 5) else 0, lags.get(here, 0)]]
            tick, depth = tick - callers[-1][4], depth + 1
        if outcome in (CALL, TAIL_CALL): func, op = callee, 0
        if outcome == RETURN:
            callers, depth = callers[:-1], depth - 1
            if caller: func, instance, op, tick = caller[0], caller[1], caller[2] + 1, tick + caller[4]
def main(path):
    codes, late, parts = {}, {}, list(frames(open(path, "rb").read()))
    for at, kind, _, _, payload in parts:
        b = Bytes(payload[1:])
        if kind == 4: codes[at] = b.code()
        for step, *more in b.many(lambda: (b.num(), b.many(b.effect), b.option(b.outcome))) if kind == 15 else []:
            late.setdefault(step, []).append(more)
    for event in (event for _, kind, *part in parts if kind == 9 for event in chunk(*part, codes)):
        for effects, new in late.get(event["step"], []):
            event["effects"] += effects
            if new: event.update({key: part for key, part in zip(("outcome", "error"), new) if part})
        event["effects"].sort(key=lambda effect: RANK.index(effect["effect"]))
        print(json.dumps(event))
main(sys.argv[1])
