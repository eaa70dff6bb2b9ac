import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { systemPart } from '../../scripts/system-parts.mjs';

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
/** `npm test` has said loudly that they are not there. */
const isWhole = systemPart('promtool') !== undefined && systemPart('chromium') !== undefined;

interface Night {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function night(...args: string[]): Promise<Night> {
  return await new Promise((resolve) => {
    execFile(process.execPath, [pathOf('incident.js'), ...args], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

const NO_NIGHT: Night = { code: NaN, stdout: '', stderr: '' };
let nights: readonly Night[] = [];
// They wait most of the time.
beforeAll(async () => {
  nights = await Promise.all([night(), night('--before', 'fixed'), night('--after', 'leaky')]);
}, 240_000);

/** The lines in which a place is made. */
function linesOfPlace(): readonly number[] {
  const lines = readFileSync(pathOf('places.js'), 'utf8').split('\n');
  const from = lines.findIndex((line) => line.startsWith('function placeOf'));
  const to = lines.findIndex((line, index) => index > from && line === '}');
  return Array.from({ length: to - from }, (_, index) => from + 1 + index);
}

test.skipIf(!isWhole)(
  '[TM14] a leak is alerted, shown, found, fixed, and its alert is over, by each of the tools, in this order',
  () => {
    const { code, stdout, stderr } = nights[0] ?? NO_NIGHT;
    expect([code, stderr], stdout).toEqual([0, '']);
    const steps = [
      /SERVER .*places\.js/,
      /QUIET .*nothing fires/,
      /ALERT .*the webhook, signed: \[critical\] WatertightUserLockedOut, user ada/,
      /promtool, rules of deploy\/.*: firing/,
      /DASHBOARD .*ada holds 20 of 20, (20|19|18) of them without a connection, the first since \d\d:\d\d:\d\d/,
      /GET api\/events: .* [1-9]\d* values/,
      /in Chromium: “ada is at its limit, 20 of 20”/,
      /“critical User locked out ada since \d\d:\d\d:\d\d/,
      /OBSERVE .*watertight observe \d+ --window/,
      /places\.js:\d+ keeps growing, [1-9]\d* KB a connection; called by .*keep \(line/,
      /FIX [^]*\+ admission\.manager\.after\(RESUME_WITHIN_MS/,
      /ROLLOUT .*takes its alert back; .*places\.fixed\.js/,
      /CLEAR .*no alert, nothing fires on the dashboard/,
      /promtool, rules of deploy\/.*: over/,
      /the night is over/,
    ];
    let rest = stdout;
    for (const step of steps) {
      expect(rest).toMatch(step);
      rest = rest.slice(rest.search(step));
    }
    const [, line = ''] = /places\.js:(\d+) keeps growing/.exec(stdout) ?? [];
    expect(linesOfPlace()).toContain(Number(line));
  },
);

test('[TM14] without a leak nobody is alerted, and the night ends with 1', () => {
  const { code, stdout } = nights[1] ?? NO_NIGHT;
  expect(code, stdout).toBe(1);
  expect(stdout).toMatch(/FAILED .*not seen within 20 s: the webhook is told of a user who is locked out/);
});

test('[TM14] a rollout that fixes nothing is found out: the alert comes again, and the night ends with 1', () => {
  const { code, stdout } = nights[2] ?? NO_NIGHT;
  expect(code, stdout).toBe(1);
  expect(stdout).toMatch(/ROLLOUT .*places\.js\n/);
  expect(stdout).toMatch(/FAILED .*nothing alerts any more \(it was WatertightUserLockedOut firing/);
});
