// @ts-check
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CORPUS } from './cases.mjs';
import { readRows } from './results.mjs';

/**
 * @typedef {import('./cases.mjs').Case} Case
 * @typedef {import('./results.mjs').Row} Row
 */

const HEAD = [
  'case',
  'variant',
  'expected',
  'verdict',
  'place first',
  'in three',
  'first finding',
  'a cycle',
  'bytes',
  's',
  'MB',
];

/**
 * Writes corpus/RESULTS.md from the results that are there.
 *
 * @param {readonly Case[]} cases
 */
export function writeTable(cases) {
  writeFileSync(join(CORPUS, 'RESULTS.md'), tableOf(cases.map((one) => ({ one, rows: readRows(one.id) }))));
}

/**
 * @param {readonly { one: Case, rows: readonly Row[] }[]} sat
 * @returns {string}
 */
export function tableOf(sat) {
  const lines = sat.flatMap(({ one, rows }) =>
    one.variants.map((variant) => {
      const mine = rows.filter((row) => row.variant === variant.name);
      return lineOf(one, variant, mine);
    }),
  );
  return [
    '# Results of the exam',
    '',
    'Written by `npm run exam`; the rows behind it are in `results/`. Seconds are the median, memory is the peak of the checker, place is',
    'asked of leaks whose object is on the heap only.',
    '',
    ...totalsOf(sat),
    '',
    `| ${HEAD.join(' | ')} |`,
    `| ${HEAD.map(() => '---').join(' | ')} |`,
    ...lines,
    '',
  ].join('\n');
}

/**
 * @param {readonly { one: Case, rows: readonly Row[] }[]} sat
 * @returns {string[]}
 */
function totalsOf(sat) {
  const all = sat.flatMap(({ one, rows }) =>
    rows.map((row) => ({
      row,
      leaks: one.variants.some(({ name, verdict }) => name === row.variant && verdict === 'leak'),
      hasPlace: one.expected.place.length > 0,
    })),
  );
  const leaking = all.filter(({ leaks }) => leaks);
  const healthy = all.filter(({ leaks }) => !leaks);
  const placed = leaking.filter(({ hasPlace }) => hasPlace);
  const tools = [...new Set(all.map(({ row }) => `${row.tool} on Node ${row.node}`))];
  const share = (/** @type {typeof all} */ of, /** @type {(row: Row) => boolean} */ is) => {
    const count = of.filter(({ row }) => is(row)).length;
    return `${count} of ${of.length}${of.length === 0 ? '' : ` (${((100 * count) / of.length).toFixed(1)} %)`}`;
  };
  return [
    `- Checks: ${all.length}, of them ${all.filter(({ row }) => row.busy).length} with all cores busy; ${tools.join(', ') || 'none yet'}`,
    `- Leaks found: ${share(leaking, ({ mark }) => mark === 'right')}`,
    `- Place named by the first finding: ${share(placed, ({ placeRank }) => placeRank === 1)}; by one of the first three: ${share(placed, ({ placeRank }) => placeRank !== null && placeRank <= 3)}`,
    `- False alarms on healthy servers: ${share(healthy, ({ mark }) => mark === 'false alarm')}`,
    `- Inconclusive: ${share(all, ({ mark }) => mark === 'inconclusive')}`,
  ];
}

/**
 * @param {Case} one @param {import('./cases.mjs').Variant} variant @param {readonly Row[]} rows
 */
function lineOf(one, variant, rows) {
  const asksPlace = rows.length > 0 && variant.verdict === 'leak' && one.expected.place.length > 0;
  const placed = (/** @type {number} */ within) =>
    asksPlace
      ? `${rows.filter(({ placeRank }) => placeRank !== null && placeRank <= within).length}/${rows.length}`
      : '–';
  const { top } = rows.find((row) => row.top !== null) ?? { top: null };
  const cells = [
    one.id,
    `${variant.name} (${variant.version})`,
    variant.verdict,
    countsOf(rows.map(({ verdict }) => verdict)),
    placed(1),
    placed(3),
    top === null ? '–' : `${top.kind}: ${top.name}${top.at === null ? '' : ` at ${top.at}`}`,
    rangeOf(
      rows.map((row) => row.top?.perCycle ?? null),
      2,
    ),
    rangeOf(
      rows.map((row) => row.top?.bytesPerCycle ?? null),
      0,
    ),
    rows.length === 0 ? '–' : medianOf(rows.map(({ seconds }) => seconds)).toFixed(1),
    rangeOf(
      rows.map(({ peakBytes }) => (peakBytes === null ? null : peakBytes / 1e6)),
      0,
    ),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** @param {readonly string[]} values */
function countsOf(values) {
  const distinct = [...new Set(values)].sort();
  return (
    distinct.map((value) => `${value} ${values.filter((one) => one === value).length}/${values.length}`).join(', ') ||
    'not sat'
  );
}

/** @param {readonly (number | null)[]} values @param {number} digits */
function rangeOf(values, digits) {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return '–';
  const [low, high] = [Math.min(...known).toFixed(digits), Math.max(...known).toFixed(digits)];
  return low === high ? low : `${low}–${high}`;
}

/** @param {readonly number[]} values */
function medianOf(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
