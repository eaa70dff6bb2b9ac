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
