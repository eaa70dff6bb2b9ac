import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

import type { CheckResult, ScenarioResult } from '../src/verdict/types.ts';
import type { EvidenceRow } from '../src/verdict/window-evidence.ts';
import { runCli } from './cli-process.ts';

export const ENDS_WITHIN_MS = 120_000;
/** A folder that is gone after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-channels-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Lives that leave the same every time. */
export const ALIKE: readonly string[] = [
  '--no-trace',
  '--recipe',
  fileURLToPath(new URL('servers/says-hello.mjs', import.meta.url)),
];
/** And suspicion that costs little. */
export const QUICKLY: readonly string[] = [...ALIKE, '--budget', '1000'];

export interface Checked {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly result: CheckResult;
  readonly cycles: ScenarioResult;
}

/** The windows of cycles alone: few of them, since all that is kept here is kept of every connection. */
export async function check(server: readonly string[], options: readonly string[] = []): Promise<Checked> {
  const folder = newFolder();
  const json = join(folder, 'result.json');
  const [name = '', ...args] = server;
  const file = fileURLToPath(new URL(`servers/${name}`, import.meta.url));
  const asked = ['--only', 'rapid-connection-cycles-stress', '--cycles', '30', '--settle', '500', '--json', json];
  const ended = await runCli(['check', ...asked, ...options, '--', process.execPath, file, ...args], {
    cwd: folder,
    deadlineMs: ENDS_WITHIN_MS,
  });
  const result = JSON.parse(readFileSync(json, 'utf8')) as CheckResult;
  const [cycles] = result.scenarios;
  if (cycles === undefined) throw new Error(ended.stderr);
  return { code: ended.code, stdout: ended.stdout, stderr: ended.stderr, result, cycles };
}

export const rowOf = ({ evidence }: ScenarioResult, kind: string, name: RegExp): EvidenceRow | undefined =>
  evidence?.rows.find((row) => row.kind === kind && name.test(row.name));

/** Of each channel the row in which a thing kept of every connection shows as exactly one, or so many bytes. */
export const CHANNELS: readonly (readonly [kind: EvidenceRow['kind'], name: RegExp, perCycle: number])[] = [
  ['timers', /^interval 3600000 ms calling beat$/, 1],
  ['listeners', /^EventEmitter#headline$/, 1],
  ['handles', /^UDPWrap$/, 1],
  ['descriptors', /^file$/, 1],
  ['processes', /^sleep$/, 1],
  ['promises', /^Promise never settled$/, 1],
  ['sockets', /^CLOSE_WAIT$/, 1],
  ['sockets', /^FIN_WAIT2$/, 1],
  ['native-memory', /^memory of buffers$/, 10_000],
  ['native-memory', /^memory outside the heap$/, 65_536],
  ['complaints', /^MaxListenersExceededWarning$/, 1],
  ['complaints', /^rejection$/, 1],
];

/** Taken of every connection, or of every fourth, only where they are asked for. */
export const DEAR_CHANNELS: typeof CHANNELS = [
  ['threads', /^thread$/, 0.25],
  ['realms', /^vm context$/, 1],
];
