import type { GrowingPlace, PlaceAlert } from '../verdict/growing-places.ts';
import type { OutsideGrowth } from '../verdict/outside-heap.ts';
import type { TrafficPoint } from '../verdict/steady-growth.ts';
import { escapeTerminal } from './escape.ts';
import { formatBytes, formatMs, formatNumber } from './figures.ts';
import { placeText } from './place-text.ts';

/** What all looks have cost the target. */
export interface LookCost {
  readonly lookCount: number;
  readonly stoppedMs: number;
  readonly longestStopMs: number;
  readonly elapsedMs: number;
}

/** Frames of a stack that are shown. */
const SHOWN_FRAMES = 4;

export function renderLook(time: Date, point: TrafficPoint, stoppedMs: number, growingCount: number): string {
  const growing = growingCount === 0 ? 'nothing is known to grow' : keepGrowing(growingCount);
  return `${clock(time)}  heap ${formatBytes(point.heapUsedBytes)} and ${formatBytes(point.outsideHeapBytes)} outside it, ${formatNumber(point.openCount)} sockets open, ${formatNumber(point.acceptedCount)} accepted; stopped for ${formatMs(stoppedMs)}; ${growing}`;
}

export function renderAlert(time: Date, { state, growing }: PlaceAlert): string {
  if (state === 'resolved')
    return `${clock(time)}  OVER     ${escapeTerminal(placeText(growing.place))} no longer grows`;
  const lines = [`${clock(time)}  GROWING  ${growingText(growing)}`];
  return [...lines, ...frames(growing)].join('\n');
}

/** Where, how much, and since when. One line. */
export function growingText({ place, growth }: GrowingPlace): string {
  const each =
    growth.bytesPerConnection === null ? '' : `, ${formatBytes(growth.bytesPerConnection)} for each connection`;
  const outside =
    growth.outsideHeapBytes > growth.bytes
      ? `; memory outside the heap, such as that of buffers, grew by ${formatBytes(growth.outsideHeapBytes)} meanwhile`
      : '';
  return `${escapeTerminal(placeText(place))} keeps growing: about ${formatBytes(growth.bytes)} in ${duration(growth.forMs)} and ${formatNumber(growth.acceptedCount)} connections (${formatBytes(growth.bytesPerHour)} per hour${each}; ${growth.samples} samples)${outside}`;
}

/** Where no place is known. */
export function outsideText({ bytes, forMs, acceptedCount }: OutsideGrowth): string {
  return `Memory outside the heap, such as that of buffers, kept growing: ${formatBytes(bytes)} in ${duration(forMs)} and ${formatNumber(acceptedCount)} connections. No place is known that keeps it: \`watertight check\` looks closer.`;
}

/** `reason`: why it cannot be said that nothing grows. */
export function renderSummary(firing: readonly GrowingPlace[], cost: LookCost, reason: string | undefined): string {
  const share = cost.elapsedMs === 0 ? 0 : (100 * cost.stoppedMs) / cost.elapsedMs;
  const costLine = `${cost.lookCount} looks in ${duration(cost.elapsedMs)} stopped the process for ${formatMs(cost.stoppedMs)} (${share.toFixed(2)} % of the time, the longest ${formatMs(cost.longestStopMs)})`;
  const found = firing.flatMap((growing) => [`  ${growingText(growing)}`, ...frames(growing)]);
  const verdict =
    firing.length > 0
      ? `${firing.length === 1 ? 'One place keeps growing' : keepGrowing(firing.length)}:`
      : (reason ?? 'Nothing is known to keep growing.');
  const doubt =
    firing.length > 0
      ? [
          'Something that fills up, such as a cache, looks the same until it is full: `watertight check` tells them apart.',
        ]
      : [];
  return ['', verdict, ...found, ...doubt, costLine, ''].join('\n');
}

function keepGrowing(count: number): string {
  return count === 1 ? '1 place keeps growing' : `${count} places keep growing`;
}

function frames({ stack, place }: GrowingPlace): readonly string[] {
  const own = stack.findIndex((frame) => frame.file === place.file && frame.line === place.line);
  const shown = stack.slice(Math.max(0, own), Math.max(0, own) + SHOWN_FRAMES);
  return shown.map((frame) => `             at ${escapeTerminal(placeText(frame))}`);
}

function clock(time: Date): string {
  return time.toTimeString().slice(0, 8);
}

function duration(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}
