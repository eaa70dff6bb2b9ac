import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { expectHoldAtMost, expectNothingBehind, expectReleaseWithin, type CommandToStart } from '../../src/vitest.ts';

const ENDS_WITHIN_MS = 60_000;

/** Enough to tell one object a connection from none; traces and long windows are proved elsewhere. */
const QUICK = { cycles: 12, noTrace: true, settleMs: 300, budgetMs: 20_000 };

function fileOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

function serverOf(path: string, ...flags: readonly string[]): CommandToStart {
  return { command: ['node', fileOf(path), ...flags] };
}

/** What `expectNothingBehind` says of a function, in a process without a test runner, whose heap is quickly looked at. */
async function nothingBehind(what: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    fileOf('../fixtures/kit-cycle.mjs'),
    what,
    'by-matcher',
  ]);
  return stdout;
}

test('[TK6] a server holds its sockets no longer than it is held to', { timeout: ENDS_WITHIN_MS }, async () => {
  await Promise.all([
    expect(serverOf('../fixtures/ws-server.mjs')).toReleaseWithin(2_000),
    expect(serverOf('../fixtures/ws-server.mjs', '--keeps-sockets')).not.toReleaseWithin(300, { bail: true }),
  ]);
});

test(
  '[TK6] a server holds at most so many of a user, or the matcher says how many',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const [, said] = await Promise.all([
      expect(serverOf('../../../../examples/chat/server.js')).toHoldAtMost(20),
      expectHoldAtMost(serverOf('../../../../examples/chat/leaky.js'), 20).catch(String),
    ]);
    expect(said).toContain('is not watertight: violation');
    expect(said).toContain('limit-not-enforced');
  },
);

test(
  '[TK6] what leaves something of every call fails toLeaveNothingBehind, its twin passes',
  { timeout: 3 * ENDS_WITHIN_MS },
  async () => {
    const server = '../servers/keeps-sessions.mjs';
    const [, , kept] = await Promise.all([
      expect(serverOf(server, 'leaky')).not.toLeaveNothingBehind(QUICK),
      expect(serverOf(server)).toLeaveNothingBehind(QUICK),
      nothingBehind('keep'),
    ]);
    expect(kept).toMatch(/^Error: takeSeat\(\) is not watertight: leak[^]*1 Seat per call/);
  },
);

test('[TK6] neither a matcher nor its opposite holds where nothing could be told', async () => {
  const gone: CommandToStart = { command: ['node', '-e', 'process.exit(3)'] };
  const cannotTell = /could not be told/;
  await Promise.all([
    expect(expect(gone).toLeaveNothingBehind(QUICK)).rejects.toThrow(cannotTell),
    expect(expect(gone).not.toLeaveNothingBehind(QUICK)).rejects.toThrow(cannotTell),
    expect(expect(gone).not.toReleaseWithin(500)).rejects.toThrow(cannotTell),
    expect(expectNothingBehind(gone, QUICK)).rejects.toThrow(cannotTell),
  ]);
});

test('[TK6] what counts is released within the time, or the matcher says how many are left', async () => {
  const held = new Set(['ada', 'ben']);
  const count = (): number => held.size;
  const timer = setTimeout(() => held.clear(), 20);
  await expect(count).toReleaseWithin(2_000);
  clearTimeout(timer);
  held.add('eve');
  await expect(count).not.toReleaseWithin(20);
  await expect(expectReleaseWithin(count, 20)).rejects.toThrow('1 of 1 are still held after 20 ms');
});

test('[TK6] what counts holds at most so many', async () => {
  const factory = { stats: () => ({ active: 19, pending: 2 }) };
  await expect(factory).toHoldAtMost(21);
  await expect(factory).not.toHoldAtMost(20);
  await expect(expectHoldAtMost(factory, 20)).rejects.toThrow('21 are held; 20 are allowed');
});

test('[TK6] a number that is none is refused with its unit', async () => {
  await expect(expectReleaseWithin(() => 0, Number.NaN)).rejects.toThrow(
    'toReleaseWithin(NaN): expected a number of milliseconds of at least 0',
  );
});
