// @ts-check
import { parseArgs } from 'node:util';

import { keepBusy } from './busy.mjs';
import { caseIds, readCase } from './cases.mjs';
import { compareInProcess } from './compare-in-process.mjs';
import { examine, toolVersion } from './examine.mjs';
import { judge } from './judge.mjs';
import { inLanes } from './lanes.mjs';
import { isSame, readRows, writeRow } from './results.mjs';
import { smoke, survey } from './smoke.mjs';
import { writeTable } from './table.mjs';

/**
 * @typedef {import('./cases.mjs').Case} Case
 * @typedef {{ one: Case, variant: string, seed: number }} Sitting
 */

const LEAK_SEEDS = 3;
const HEALTHY_SEEDS = 10;
const MAX_JOBS = 2;

const USAGE = `npm run exam -- [options]
  --only <id>      this case, or all whose id begins so; repeatable
  --variant <v>    buggy, fixed or control
  --seeds <n>      so many seeds for each variant (default: ${LEAK_SEEDS} where a leak is expected, else ${HEALTHY_SEEDS})
  --busy           with all cores burnt meanwhile; kept as rows of their own
  --jobs <n>       so many checks at once, at most ${MAX_JOBS} (default: 1)
  --again          also what has a result of this version already
  --keep           results of other versions count too
  --list           lists the cases
  --reports <dir>  keeps the JSON of every check there, as ID-VARIANT-SEED.json
  --table          only writes corpus/RESULTS.md from what is there
  --smoke          starts every server and lives five lives, without the detector
  --in-process     with the test kit, in the process that serves, beside the verdict of the command line; writes corpus/IN-PROCESS.md
  --survey         what stays behind after sixty lives, and where it was allocated: for whoever writes a case
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    variant: { type: 'string' },
    seeds: { type: 'string' },
    busy: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '1' },
    again: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    reports: { type: 'string' },
    table: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    'in-process': { type: 'boolean', default: false },
    survey: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const every = caseIds().map(readCase);
const cases = every.filter(({ id }) => values.only === undefined || values.only.some((part) => id.startsWith(part)));
const variants = cases.flatMap((one) =>
  one.variants
    .filter(({ name }) => values.variant === undefined || name === values.variant)
    .map(({ name, verdict }) => ({ one, variant: name, verdict })),
);
const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);

if (values.help) process.stdout.write(USAGE);
else if (values.list) for (const one of cases) say(`${one.id.padEnd(34)} ${one.package.padEnd(30)} ${one.mechanism}`);
else if (values.table) writeTable(every);
else if (variants.length === 0) fail('no case fits; --list shows all');
else if (values.smoke || values.survey) await walkThrough(values.survey ? survey : smoke);
else if (values['in-process']) await compareInProcess(variants, { again: values.again, jobs: jobs(), say });
else await sit();

/** @param {(one: Case, variant: string) => Promise<string>} step */
async function walkThrough(step) {
  let failed = 0;
  for (const { one, variant } of variants) {
    try {
      say(`${one.id}/${variant}: ${await step(one, variant)}`);
    } catch (error) {
      failed += 1;
      say(`${one.id}/${variant}: FAILED: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  say(`${variants.length - failed} of ${variants.length} in order`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** The exam itself. What has a result is not sat again, so it may be interrupted at any time. */
async function sit() {
  const tool = toolVersion();
  const sittings = variants.flatMap(({ one, variant, verdict }) => {
    const seeds = Number(values.seeds ?? (verdict === 'leak' ? LEAK_SEEDS : HEALTHY_SEEDS));
    if (!Number.isInteger(seeds) || seeds < 1) fail(`--seeds ${values.seeds}: expected a whole number from 1`);
    return Array.from({ length: seeds }, (_, at) => ({ one, variant, seed: at + 1 }));
  });
  const missing = sittings.filter((sitting) => values.again || !hasResult(sitting, tool));
  say(`${sittings.length} checks, ${sittings.length - missing.length} of them have a result already`);
  const stopBurning = values.busy ? keepBusy() : () => undefined;
  try {
    await inLanes(missing, { jobs: jobs(), nameOf, say }, async (sitting) => await sitOne(sitting, tool));
  } finally {
    stopBurning();
    writeTable(every);
  }
}

function jobs() {
  return Math.min(MAX_JOBS, Number(values.jobs) || 1);
}

/** @param {Sitting} sitting @param {string} tool */
function hasResult({ one, variant, seed }, tool) {
  const wanted = { variant, seed, busy: values.busy };
  return readRows(one.id).some((row) => isSame(row, wanted) && (values.keep || row.tool === tool));
}

/** @param {Sitting} sitting */
function nameOf({ one, variant, seed }) {
  return `${one.id}/${variant} seed ${seed}`;
}

/** @param {Sitting} sitting @param {string} tool */
async function sitOne(sitting, tool) {
  const { one, variant, seed } = sitting;
  const { result, seconds, peakBytes, said } = await examine(one, variant, seed, [], values.reports);
  const judgement = judge(one, variant, result ?? { verdict: 'no result', exitCode: 3, findings: [] });
  const note = result === null ? said.trim().split('\n').at(-1) : (result.stopped ?? undefined);
  writeRow(one.id, {
    variant,
    seed,
    busy: values.busy,
    tool,
    node: process.versions.node,
    date: new Date().toISOString().slice(0, 10),
    verdict: result?.verdict ?? 'no result',
    exitCode: result?.exitCode ?? null,
    ...judgement,
    seconds: Number(seconds.toFixed(2)),
    peakBytes,
    ...(note === undefined ? {} : { note }),
  });
  const at =
    judgement.top === null ? '' : ` – ${judgement.top.kind} ${judgement.top.name} at ${judgement.top.at ?? '?'}`;
  say(
    `${nameOf(sitting)}: ${judgement.mark}, place ${judgement.placeRank ?? '–'}, ${seconds.toFixed(1)} s${at}${note ? ` – ${note}` : ''}`,
  );
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  process.stderr.write(`${message}\n${USAGE}`);
  process.exit(2);
}
