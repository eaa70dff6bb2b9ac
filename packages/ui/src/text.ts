import { escapeTerminal } from '../../watertight/src/report/escape.ts';
import type { Place } from './types.ts';

/** Foreign text on one line: what would reverse it, end it or not be seen is written as `\u{…}`. Markup it cannot become. */
export const plain = escapeTerminal;

/** `src/chat.ts:41`. */
export function lineText({ file, line }: Place): string {
  return plain(`${file}:${line}`);
}

/** `ws@8.23.0` or nothing where the code is the application's own. */
export function ownerText({ owner }: Place): string {
  if (owner.is === 'application') return '';
  return owner.is === 'node'
    ? 'Node.js'
    : plain(owner.version === null ? owner.name : `${owner.name}@${owner.version}`);
}

const NUMBERS = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export function numberText(count: number): string {
  return count >= 1_000
    ? new Intl.NumberFormat('en', { maximumFractionDigits: 0 }).format(count)
    : NUMBERS.format(count);
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** The time of day where the reader is, of seconds since the epoch. */
export function clockText(seconds: number): string {
  return CLOCK.format(seconds * 1000);
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** How long, by its two largest units: `3 d 4 h`, `2 min 5 s`, `840 ms`. */
export function durationText(ms: number): string {
  const first = UNITS.findIndex(([, unitMs]) => ms >= unitMs);
  const [unit, unitMs] = UNITS[first] ?? ['ms', 1];
  const whole = Math.floor(ms / unitMs);
  const next = UNITS[first + 1];
  if (first === -1 || next === undefined) return first === -1 ? `${Math.round(ms)} ms` : `${whole} s`;
  const rest = Math.floor((ms - whole * unitMs) / next[1]);
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${next[0]}`;
}

/** `1 manager`, `2 managers`. */
export function countText(count: number, what: string): string {
  return `${numberText(count)} ${what}${count === 1 ? '' : 's'}`;
}

const SHOWN_FOLDERS = 2;

/** A place in a file without the folders that all of them are in. */
export function shortPlace(place: string): string {
  const parts = plain(place).split('/');
  return parts.length <= SHOWN_FOLDERS + 1 ? parts.join('/') : `…/${parts.slice(-1 - SHOWN_FOLDERS).join('/')}`;
}
