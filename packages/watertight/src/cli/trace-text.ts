import { relative } from 'node:path';

import { escapeTerminal } from '../report/escape.ts';
import { formatBytes, formatCount } from '../report/figures.ts';
import type { Finding } from '../trace/finding.ts';
import type { HeapSummary } from '../trace/heap-summary.ts';
import { holdersOf, placeText } from '../trace/path-text.ts';
import type { RetainingPath } from '../trace/retaining-path.ts';
import type { Subject, TraceResult } from './trace-result.ts';

const MAX_HOLDERS = 12;
const MAX_CARRIED = 6;

/** What the terminal shows of a trace. */
export function renderTrace(result: TraceResult): string {
  const lines = [
    ...result.heaps.map(({ file, nodeCount }) => `${file}: ${grouped(nodeCount)} objects`),
    ...result.notes.map((note) => `note: ${note}`),
    ...(result.growing ? growthLines(result.growing, result.cycles) : []),
    ...(result.summary ? summaryLines(result.summary) : []),
    ...(result.subject ? subjectLines(result.subject) : []),
  ];
  return `${lines.map(escapeTerminal).join('\n')}\n`;
}

function growthLines(growing: readonly Finding[], cycles: readonly number[] | undefined): string[] {
  const unit = cycles ? 'cycle' : 'interval';
  if (growing.length === 0)
    return ['', `nothing grew in every interval${cycles ? ' in proportion to its cycles' : ''}`];
  return growing.flatMap((finding) => ['', ...findingLines(finding, unit)]);
}

function findingLines(finding: Finding, unit: string): string[] {
  const { className, perCycle, bytesPerCycle, counts, place, path, retainers, carriesAlong, fingerprint } = finding;
  const where = place ? ` — ${placeText(place, shortened)}` : '';
  const carried = carriesAlong
    .slice(0, MAX_CARRIED)
    .map((one) => `${rate(one.perCycle)} ${one.className}`)
    .join(', ');
  return [
    `${rate(perCycle)} ${className} per ${unit} (${formatBytes(bytesPerCycle)})${where}`,
    `  ${counts.map(grouped).join(' → ')}`,
    ...(carried === '' ? [] : [`  carries along ${carried}`]),
    ...pathLines(path),
    `  ${retainersText(retainers)}; fingerprint ${fingerprint}`,
  ];
}

function pathLines(path: RetainingPath | undefined): string[] {
  if (!path) return ['  held by nothing but weak references'];
  const holders = holdersOf(path, shortened);
  const shown = holders.slice(0, MAX_HOLDERS);
  const more = holders.length - shown.length;
  return [
    ...shown.map((holder, at) => `  ${at === 0 ? 'kept by' : '      ←'} ${holder}`),
    ...(more > 0 ? [`      ← … ${more} more, from ${holders.at(-1) ?? ''}`] : []),
  ];
}

function retainersText({ count, atLeast }: Finding['retainers']): string {
  if (count === 0) return 'no independent retainer';
  return `${atLeast ? 'at least ' : ''}${formatCount(count, 'independent retainer')}`;
}

function summaryLines({ bytes, classes, paths }: HeapSummary): string[] {
  return [
    `${formatBytes(bytes)} in all`,
    '',
    'where the bytes are, along the shortest paths',
    ...paths.map(
      ({ bytes: own, count, className, signature }) =>
        `  ${formatBytes(own).padStart(10)}  ${grouped(count)} ${className}, at ${signature.slice(-4).join(' / ')}`,
    ),
    '',
    'by class, without what they hold',
    ...classes.map(
      ({ className, count, selfBytes }) => `  ${formatBytes(selfBytes).padStart(10)}  ${grouped(count)} ${className}`,
    ),
  ];
}

function subjectLines({ className, id, count, selfBytes, retainedBytes, path, retainers }: Subject): string[] {
  const each = count === 1 ? `${className} @${id}` : `${grouped(count)} ${className}, the youngest @${id}`;
  return [
    '',
    `${each}: ${formatBytes(selfBytes)}, with all that only they hold ${formatBytes(retainedBytes)}`,
    ...pathLines(path),
    `  ${retainersText(retainers)}`,
  ];
}

function shortened(url: string): string {
  const here = relative(process.cwd(), url);
  return url.startsWith('/') && !here.startsWith('..') ? here : url;
}

function rate(perCycle: number): string {
  return Number.isInteger(perCycle) ? String(perCycle) : perCycle.toPrecision(2);
}

function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, '\u00a0');
}
