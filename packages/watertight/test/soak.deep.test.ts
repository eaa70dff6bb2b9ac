import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import type { CheckResult } from '../src/verdict/types.ts';
import { runCli, startCli } from './cli-process.ts';

const SPECIMEN = fileURLToPath(new URL('../dist/programs/specimen.js', import.meta.url));
const SOAK_MINUTES = '0.5';

/** A specimen that goes on between the sessions; answers its process and its address. */
async function serve(
  fault: string,
  onTestFinished: (end: () => Promise<void>) => void,
): Promise<{ readonly pid: number; readonly url: string }> {
  const args = [SPECIMEN, '--fault', fault, '--heartbeat-interval-ms=300', '--heartbeat-misses=2'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening on (ws:\S+)$/.exec(line)?.[1];
    if (url !== undefined && child.pid !== undefined) return { pid: child.pid, url };
  }
  throw new Error('the specimen did not say where it listens');
}

test.concurrent.for([
  ['healthy', 0],
  ['P-12', 1],
] as const)(
  '[PS7, PS8] a soak of %s that was stopped goes on by the same line, and is judged over both sessions',
  async ([fault, code], { expect, onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), 'watertight-soak-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { pid, url } = await serve(fault, onTestFinished);
    const [laps, json] = [join(folder, 'soak.jsonl'), join(folder, 'result.json')];
    const line = ['check', '--url', url, '--pid', String(pid), '--only', 'soak', '--soak-for', SOAK_MINUTES];
    const args = [...line, '--soak-file', laps, '--json', json];
    const first = startCli(args, { deadlineMs: 120_000 });
    await first.shows('soak › lap 4');
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(3);
    const written = readFileSync(laps, 'utf8').trimEnd().split('\n').length;
    expect(written).toBeGreaterThanOrEqual(3);

    const second = await runCli(args, { deadlineMs: 120_000 });
    expect(second.stdout + second.stderr).toContain(`the soak goes on after ${written} laps`);
    const [soak] = (JSON.parse(readFileSync(json, 'utf8')) as CheckResult).scenarios;
    expect(soak?.figures).toMatchObject({ 'laps of earlier sessions': written });
    expect(readFileSync(laps, 'utf8').trimEnd().split('\n').length).toBeGreaterThan(written);
    expect(soak?.violations.map(({ type }) => type)).toEqual(code === 0 ? [] : ['file-descriptors-left']);
    expect(second.code, second.stdout).toBe(code);
  },
);
