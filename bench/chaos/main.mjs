// @ts-check
// Hostile clients against a guarded server, while others go on using it. README.md in the folder above says what is judged.
import { parseArgs } from 'node:util';
import { run } from './parts/run.mjs';

/** @import { Outcome } from './parts/run.mjs' */

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    clients: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '60' },
    hoarded: { type: 'string', default: '10000' },
    runs: { type: 'string', default: '3' },
    /** Milliseconds after the end by which everything is zero: silent ones are found within 6 s, headers that never end as well. */
    'gone-within': { type: 'string', default: '10000' },
    /** Shows the ratio and does not judge it: a storm of two seconds on a busy machine says nothing about it. */
    'any-pace': { type: 'boolean', default: false },
    /** A directory for CPU profiles of the server and its clients. */
    profiles: { type: 'string' },
    /** For the test of this very script: a server that keeps something. */
    leaky: { type: 'boolean', default: false },
  },
});

/** @param {'seed' | 'clients' | 'seconds' | 'hoarded' | 'runs' | 'gone-within'} name @param {number} least @param {number} most */
function wholeNumber(name, least, most) {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= least && number <= most) return number;
  console.error(`--${name} must be a whole number from ${least} to ${most}, got ${JSON.stringify(values[name])}`);
  return process.exit(2);
}

const size = {
  clients: wholeNumber('clients', 1, 20_000),
  seconds: wholeNumber('seconds', 1, 3600),
  hoarded: wholeNumber('hoarded', 0, 1_000_000),
  goneWithinMs: wholeNumber('gone-within', 0, 600_000),
};
const runs = wholeNumber('runs', 1, 100);
const firstSeed = values.seed === undefined ? Math.floor(Math.random() * 1e6) : wholeNumber('seed', 0, 1e9);

/** How much longer than in quiet the 99th percentile of the others' echoes may take. */
const MAX_RATIO = 3;

/** @type {Outcome[]} */
const outcomes = [];
for (let number = 0; number < runs; number += 1) {
  const seed = firstSeed + number;
  console.log(`seed ${seed}: ${size.clients} clients for ${size.seconds} s, a user with ${size.hoarded} connections`);
  const outcome = await run({
    ...size,
    seed,
    isPaced: !values['any-pace'],
    isLeaky: values.leaky,
    profiles: values.profiles,
  });
  outcomes.push(outcome);
  print(outcome);
}

const ratios = outcomes.map(({ quiet, stormy }) => stormy.p99Ms / quiet.p99Ms).sort((one, other) => one - other);
const ratio = ratios[ratios.length >> 1] ?? NaN;
const failures = [
  ...new Set(outcomes.flatMap(({ failures: ofRun }) => ofRun)),
  ...(values['any-pace'] ? [] : paceFailures()),
];
console.log(`\necho p99 of the others: × ${ratio.toFixed(2)} (median of ${runs}: ${ratios.map((one) => one.toFixed(2)).join(', ')})`); // prettier-ignore
for (const failure of failures) console.log(`FAILED: ${failure}`);
if (failures.length === 0) console.log('The server stayed, and nothing is left.');
process.exitCode = failures.length === 0 ? 0 : 1;

function paceFailures() {
  const hoarded = Math.min(...outcomes.map(({ lives }) => lives['hoarder'] ?? 0));
  return [
    ...(ratio <= MAX_RATIO
      ? []
      : [`the others' echo p99 was × ${ratio.toFixed(2)} of the quiet one; at most × ${MAX_RATIO}`]),
    ...(hoarded >= size.hoarded ? [] : [`the hoarder opened ${hoarded} of ${size.hoarded} connections`]),
  ];
}

/** @param {Outcome} outcome */
function print({ quiet, stormy, lives, account, left, leftAfterMs }) {
  const ms = (/** @type {number | undefined} */ value) => `${(value ?? NaN).toFixed(1)} ms`;
  for (const [name, phase] of /** @type {const} */ ([
    ['quiet', quiet],
    ['storm', stormy],
  ])) {
    console.log(
      `  ${name}   echo p50 ${ms(phase.p50Ms)}  p99 ${ms(phase.p99Ms)}  max ${ms(phase.maxMs)}   ${phase.echoed} of ${phase.sent} echoed`,
    );
    for (const [role, { loopP99Ms, loopMaxMs, cores }] of Object.entries(phase.keptUp))
      console.log(
        `    ${role.padEnd(6)}  loop delay p99 ${ms(loopP99Ms)}  max ${ms(loopMaxMs)}   ${cores.toFixed(2)} of a core`,
      );
  }
  console.log(`  lives   ${listed(lives)}`);
  console.log(`  server  ${listed(account)}`);
  console.log(`  left after ${Math.round(leftAfterMs)} ms   ${listed(left)}`);
}

/** @param {Readonly<Record<string, number>>} counts */
function listed(counts) {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
