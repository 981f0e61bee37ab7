// Runs the scripts of this folder on node's WASI and prints what each line
// came to: the same words, from another implementation.
//
// Input: JSON on stdin, [[title, script], …]. Output: one JSON list of answers
// a script. Each script has an empty directory of its own at descriptor 3.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASI } from 'node:wasi';

const ERRNO = JSON.parse(process.argv.at(-1));
const PATH = 0x100, SECOND = 0x2100, IOVS = 0x8000, BUF = 0x8100, OUT = 0x8008;
const READ = 2n, WRITE = 64n, ALLOCATE = 256n, SET_SIZE = 1n << 22n;
// Every right of a file and of a directory; this implementation refuses others.
const ALL = (1n << 28n) - 1n;
// The rights that make it open for writing.
const WRITES = 1n | WRITE | ALLOCATE | SET_SIZE;

class Failed extends Error {}

function run(root, script) {
  const memory = new WebAssembly.Memory({ initial: 4 });
  const options = { args: ['prog', 'one', ''], env: { A: 'b', LONG: 'c d' }, preopens: { '/': root } };
  const wasi = new WASI({ version: 'preview1', returnOnExit: true, ...options });
  wasi.initialize({ exports: { memory } });
  const view = new DataView(memory.buffer), bytes = new Uint8Array(memory.buffer);
  const text = (at, len) => new TextDecoder().decode(bytes.slice(at, at + len));
  const u32 = (at) => view.getUint32(at, true), u64 = (at) => view.getBigUint64(at, true);
  const call = (name, ...args) => {
    const errno = wasi.wasiImport[name](...args);
    if (errno !== 0) throw new Failed(ERRNO[errno] ?? String(errno));
    return '';
  };
  const path = (at, word) => {
    const parts = word.split(':');
    const [fd, name] = parts.length === 2 ? [Number(parts[0]), parts[1]] : [3, word];
    return [fd, at, new TextEncoder().encodeInto(name, bytes.subarray(at)).written];
  };
  const span = (len) => { view.setUint32(IOVS, BUF, true); view.setUint32(IOVS + 4, len, true); };
  const put = (word) => span(new TextEncoder().encodeInto(word, bytes.subarray(BUF)).written);
  const big = (word) => BigInt.asUintN(64, BigInt(word));
  const filestat = () => `type ${bytes[OUT + 16]} size ${u64(OUT + 32)}`;
  const rights = (fd, change) => {
    call('fd_fdstat_get', fd, OUT);
    return call('fd_fdstat_set_rights', fd, ...change(u64(OUT + 8), u64(OUT + 16)));
  };
  // Every entry's name; the order is the directory's own.
  const list = (fd, len) => {
    const names = [];
    for (let cookie = 0n, before = -1n, used = len; used === len && cookie !== before;) {
      call('fd_readdir', fd, BUF, len, cookie, OUT);
      [before, used] = [cookie, u32(OUT)];
      for (let at = 0; at + 24 <= used && at + 24 + u32(BUF + at + 16) <= used; at += 24 + u32(BUF + at + 16)) {
        names.push(text(BUF + at + 24, u32(BUF + at + 16)));
        cookie = u64(BUF + at);
      }
    }
    return names.sort().join(' ');
  };
  const strings = (what) => {
    call(`${what}_sizes_get`, OUT, OUT + 4);
    const [count, size] = [u32(OUT), u32(OUT + 4)];
    call(`${what}_get`, IOVS, BUF);
    if (count > 0 && u32(IOVS) !== BUF) return 'misplaced';
    return text(BUF, size).replaceAll('\0', '|');
  };
  // `clock:ID:NANOSECONDS[:abs]`, `read:FD`, `write:FD`; the events that come, each as its subscription's number and errno.
  const poll = (words) => {
    words.forEach((word, index) => {
      const at = BUF + index * 48, [what, id, timeout, absolute] = word.split(':');
      bytes.fill(0, at, at + 48);
      view.setBigUint64(at, BigInt(index), true);
      view.setUint8(at + 8, ['clock', 'read', 'write'].indexOf(what));
      view.setUint32(at + 16, Number(id), true);
      view.setBigUint64(at + 24, BigInt(timeout ?? 0), true);
      view.setUint16(at + 40, absolute ? 1 : 0, true);
    });
    call('poll_oneoff', BUF, SECOND, words.length, OUT);
    const events = Array.from({ length: u32(OUT) }, (_, index) => SECOND + index * 32);
    return events.map((at) => `${u64(at)}:${ERRNO[view.getUint16(at + 8, true)]}`).sort().join(' ');
  };
  const one = (w) => {
    const fd = Number(w[1]);
    switch (w[0]) {
      case 'open': {
        const [dir, at, len] = path(PATH, w[1]);
        let oflags = 0, lookup = 0, fdflags = 0, base = ALL & ~(READ | WRITES);
        for (const letter of w[2]) {
          if (letter === 'c') oflags |= 1;
          if (letter === 'd') oflags |= 2;
          if (letter === 'x') oflags |= 4;
          if (letter === 't') oflags |= 8;
          if (letter === 'f') lookup = 1;
          if (letter === 'r') base |= READ;
          if (letter === 'w') base |= WRITES;
          if (letter === 'a') fdflags |= 1;
          if (letter === 's') fdflags |= 16;
          if (letter === 'n') fdflags |= 4;
        }
        // It refuses rights that the directory does not pass on.
        call('fd_fdstat_get', dir, OUT);
        const inheriting = u64(OUT + 16);
        base &= inheriting | READ | WRITE;
        call('path_open', dir, lookup, at, len, oflags, base, inheriting, fdflags, OUT);
        return String(u32(OUT));
      }
      case 'close': return call('fd_close', fd);
      case 'renumber': return call('fd_renumber', fd, Number(w[2]));
      case 'read': span(Number(w[2])); call('fd_read', fd, IOVS, 1, OUT); return text(BUF, u32(OUT)) || 'end';
      case 'pread': span(Number(w[3])); call('fd_pread', fd, IOVS, 1, big(w[2]), OUT); return text(BUF, u32(OUT)) || 'end';
      case 'write': put(w[2]); call('fd_write', fd, IOVS, 1, OUT); return String(u32(OUT));
      case 'pwrite': put(w[3]); call('fd_pwrite', fd, IOVS, 1, big(w[2]), OUT); return String(u32(OUT));
      case 'seek': {
        const whence = ['set', 'cur', 'end'].indexOf(w[3]);
        call('fd_seek', fd, BigInt(w[2]), whence < 0 ? 9 : whence, OUT);
        return String(u64(OUT));
      }
      case 'tell': call('fd_tell', fd, OUT); return String(u64(OUT));
      case 'size': return call('fd_filestat_set_size', fd, big(w[2]));
      case 'allocate': return call('fd_allocate', fd, big(w[2]), big(w[3]));
      case 'advise': return call('fd_advise', fd, 0n, big(w[2]), Number(w[3]));
      case 'sync': return call('fd_sync', fd) + call('fd_datasync', fd);
      case 'flags': return call('fd_fdstat_set_flags', fd, Number(w[2]));
      case 'drop': return rights(fd, (base, inheriting) => [base & ~big(w[2]), inheriting & ~big(w[2])]);
      case 'grant': return rights(fd, (base, inheriting) => [base | big(w[2]), inheriting]);
      case 'fdstat': call('fd_fdstat_get', fd, OUT); return `type ${bytes[OUT]} flags ${view.getUint16(OUT + 2, true)}`;
      case 'fstat': call('fd_filestat_get', fd, OUT); return filestat();
      case 'stat': case 'lstat': {
        const [dir, at, len] = path(PATH, w[1]);
        call('path_filestat_get', dir, w[0] === 'stat' ? 1 : 0, at, len, OUT);
        return filestat();
      }
      case 'touch': case 'ltouch': {
        const [dir, at, len] = path(PATH, w[1]);
        return call('path_filestat_set_times', dir, w[0] === 'touch' ? 1 : 0, at, len, big(w[2]), big(w[3]), Number(w[4]));
      }
      case 'ftouch': return call('fd_filestat_set_times', fd, big(w[2]), big(w[3]), Number(w[4]));
      case 'times': case 'ltimes': {
        const [dir, at, len] = path(PATH, w[1]);
        call('path_filestat_get', dir, w[0] === 'times' ? 1 : 0, at, len, OUT);
        return `${u64(OUT + 40)} ${u64(OUT + 48)}`;
      }
      case 'mkdir': return call('path_create_directory', ...path(PATH, w[1]));
      case 'rmdir': return call('path_remove_directory', ...path(PATH, w[1]));
      case 'unlink': return call('path_unlink_file', ...path(PATH, w[1]));
      case 'rename': return call('path_rename', ...path(PATH, w[1]), ...path(SECOND, w[2]));
      case 'link': {
        const [dir, at, len] = path(PATH, w[1]);
        return call('path_link', dir, w[3] === 'follow' ? 1 : 0, at, len, ...path(SECOND, w[2]));
      }
      case 'symlink': {
        const [, at, len] = path(PATH, w[1]);
        return call('path_symlink', at, len, ...path(SECOND, w[2]));
      }
      case 'readlink': {
        const [dir, at, len] = path(PATH, w[1]);
        call('path_readlink', dir, at, len, BUF, Number(w[2]), OUT);
        return text(BUF, u32(OUT));
      }
      case 'ls': return list(fd, Number(w[2]));
      case 'args': return strings('args');
      case 'environ': return strings('environ');
      case 'clock': return call('clock_time_get', fd, 1n, OUT);
      case 'resolution': return call('clock_res_get', fd, OUT);
      case 'random': return call('random_get', BUF, Number(w[1]));
      case 'poll': return poll(w.slice(1));
      case 'prestat':
        call('fd_prestat_get', fd, OUT);
        call('fd_prestat_dir_name', fd, BUF, u32(OUT + 4));
        return text(BUF, u32(OUT + 4));
      case 'accept': return call('sock_accept', fd, 0, OUT);
      case 'recv': return call('sock_recv', fd, IOVS, 0, 0, OUT, OUT);
      case 'send': return call('sock_send', fd, IOVS, 0, 0, OUT);
      case 'shutdown': return call('sock_shutdown', fd, Number(w[2]));
      case 'raise': return call('proc_raise', 6);
      case 'yield': return call('sched_yield');
      default: return 'unknown';
    }
  };
  return script.map((line) => {
    try {
      return one(line.split(/\s+/)) || 'ok';
    } catch (error) {
      return error instanceof Failed ? error.message : `threw ${error}`;
    }
  });
}

for (const script of JSON.parse(readFileSync(0, 'utf8'))) {
  const root = mkdtempSync(join(tmpdir(), 'oracle-'));
  try {
    console.log(JSON.stringify(run(root, script)));
  } finally {
    rmSync(root, { recursive: true });
  }
}
