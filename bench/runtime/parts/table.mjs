// @ts-check

/** @import { Result } from './measure.mjs' */

const HEAD = ['measured', 'bare', 'guarded', 'compared', '95 % interval', 'floor', ''];

const SAID = { met: 'met', missed: 'MISSED', open: 'not settled', 'no floor': '' };

/** @param {readonly Result[]} results */
export function table(results) {
  const rows = [HEAD, ...results.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (/** @type {readonly string[]} */ cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('   ');
  return [line(HEAD), line(widths.map((width) => '─'.repeat(width))), ...rows.slice(1).map(line)].join('\n');
}

/** @param {Result} result */
function row({ name, unit, bare, guarded, compared, floor, verdict }) {
  const isDifference = unit.startsWith('bytes');
  const show = (/** @type {number} */ value) => (isDifference ? `${Math.round(value)} B` : value.toFixed(3));
  return [
    name,
    `${figure(bare)} ${unit}`,
    `${figure(guarded)} ${unit}`,
    isDifference ? `+ ${show(compared.median)}` : `× ${show(compared.median)}`,
    `${show(compared.low)} … ${show(compared.high)}`,
    floor === undefined ? '' : 'atMost' in floor ? `≤ ${floor.atMost}` : `≥ ${floor.atLeast}`,
    SAID[verdict],
  ];
}

/** @param {number} value */
function figure(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}
