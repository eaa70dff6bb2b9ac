import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Ended, startCli } from './cli-process.ts';

const PROGRAM = fileURLToPath(new URL('fixtures/leaves-behind.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'watertight-trace-'));
afterAll(() => rmSync(folder, { recursive: true }));

const snapshots = ['0', '1', '2'].map((name) => join(folder, `${name}.heapsnapshot`));
const trace = (...args: string[]): Promise<Ended> => startCli(['trace', ...args]).ended;

beforeAll(() => {
  execFileSync(process.execPath, [PROGRAM, folder, 'map,lru', '0,31,20']);
}, 60_000);

describe('watertight trace', () => {
  it('[S14] says of several snapshots what grows per cycle, where and held by whom, and ends with 1', async () => {
    const json = join(folder, 'made', 'result.json');
    const { code, stdout, stderr } = await trace(...snapshots, '--cycles', '31,20', '--json', json);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/\n1 Session per cycle \(\d+ B\) — .*leaves-behind\.mjs:\d+:\d+\n {2}60 → 91 → 111\n/);
    expect(stdout).toMatch(
      /kept by Map byId \(.*leaves-behind\.mjs:\d+:7\)\n {8}← module scope\n {2}1 independent retainer/,
    );
    expect(stdout).not.toContain('recent');
    expect(code).toBe(1);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ cycles: [31, 20], growing: [{ perCycle: 1 }] });
  });

  it('[S14] ends with 0 when nothing grows', async () => {
    const [first = ''] = snapshots;
    expect(await trace(first, first)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing grew in every interval') as string,
    });
  });

  it('[S19] says which snapshot seems to be older than the one before it', async () => {
    const [first = '', second = '', third = ''] = snapshots;
    const { code, stdout } = await trace(first, third, second);
    expect([code, stdout.match(/^note: /gm)]).toEqual([0, ['note: ']]);
    expect(stdout).toContain(`note: ${second} seems to be older than ${third}, or of another process`);
    expect((await trace(...snapshots)).stdout).not.toContain('note:');
  });

  it('[S15] says of one snapshot where its bytes are, and who holds a class or an object', async () => {
    const [first = ''] = snapshots;
    const whole = await trace(first);
    expect(whole.stdout).toMatch(
      /where the bytes are, along the shortest paths\n[^]* 1 global, [^]*by class[^]* \(string\)\n/,
    );
    const ofClass = await trace(first, '--class', 'Session');
    expect(ofClass.stdout).toMatch(
      /\n110 Session, the youngest @\d+: .*, with all that only they hold .* KB\n {2}kept by Map/,
    );
    expect(ofClass.code).toBe(0);
    const [, id = ''] = /youngest (@\d+)/.exec(ofClass.stdout) ?? [];
    expect((await trace(first, '--node', id)).stdout).toContain(`\nSession ${id}: `);
  });

  it.each([
    [['none.heapsnapshot'], 'none.heapsnapshot: no such file'],
    [[folder], 'is a folder; expected a heap snapshot'],
    [[PROGRAM], "not a heap snapshot: expected '{', found '/' (at byte 0)"],
    [[], "missing required argument 'file'"],
    [['a', 'b', '--cycles', '3,4'], '--cycles has 2 numbers; 2 snapshots need 1'],
    [['a', 'b', '--cycles', '0'], '--cycles is "0"; expected whole numbers from 1 to'],
    [['a', '--node', 'x'], '--node is "x"; expected an id such as @12345'],
    [['a', '--class', 'A', '--node', '@1'], '--class and --node exclude each other'],
    [['a', '--json', '/proc/self/x.json'], '--json: /proc/self/x.json cannot be written: '],
    [['a', '--json', folder], 'is a folder; expected a file'],
  ])('[S16] %j is refused with what is wrong', async (args, message) => {
    const { code, stderr } = await trace(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('[S16] a snapshot that is cut off or has no such object is refused', async () => {
    const [first = ''] = snapshots;
    const cut = join(folder, 'cut.heapsnapshot');
    writeFileSync(cut, readFileSync(first).subarray(0, 500_000));
    expect((await trace(cut)).stderr).toContain(
      'the heap snapshot is cut off within or behind "nodes" (at byte 500000)',
    );
    expect((await trace(first, '--class', 'Nobody')).stderr).toContain('no object of class "Nobody"');
  });
});
