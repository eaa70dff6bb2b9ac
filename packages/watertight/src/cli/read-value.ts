import type { OptionRow } from './option-row.ts';

/** A value that passed its check. */
export type OptionValue = string | number | boolean | readonly string[];
export type ReadValue =
  | { readonly ok: true; readonly value: OptionValue }
  | { readonly ok: false; readonly problem: string };

/** Checks one value, from the command line (always text) or from the config (its own type). `name` is what the message calls it. */
export function readValue(row: OptionRow, raw: unknown, name: string, from: 'option' | 'config'): ReadValue {
  switch (row.kind.is) {
    case 'flag':
      return typeof raw === 'boolean' ? accept(raw) : reject(`${name} is ${show(raw)}; expected true or false`);
    case 'list': {
      const items = typeof raw === 'string' ? [raw] : raw;
      if (!Array.isArray(items) || !items.every((item) => typeof item === 'string')) {
        return reject(`${name} is ${show(raw)}; expected a list of names`);
      }
      return accept(items);
    }
    case 'choice':
      return typeof raw === 'string' && row.kind.of.includes(raw)
        ? accept(raw)
        : reject(`${name} is ${show(raw)}; expected ${row.kind.of.join(' or ')}`);
    case 'text':
      return readText(raw, name, row.kind.maxBytes);
    case 'number':
      return readNumber(raw, name, row.kind, from);
  }
}

function readText(raw: unknown, name: string, maxBytes: number): ReadValue {
  if (typeof raw !== 'string') return reject(`${name} is ${show(raw)}; expected text`);
  if (raw === '') return reject(`${name} is empty; expected text of 1 to ${maxBytes} bytes`);
  const bytes = Buffer.byteLength(raw);
  if (bytes > maxBytes) return reject(`${name} is ${bytes} bytes long; at most ${maxBytes} bytes`);
  const control = /[\u0000-\u001f\u007f-\u009f]/.exec(raw);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    return reject(`${name} has the control character U+${code} at position ${control.index}; expected plain text`);
  }
  // Bytes on the command line that are no UTF-8 arrive here as U+FFFD; a lone surrogate comes from an escape in the config.
  if (raw.includes('\uFFFD') || Buffer.from(raw).toString() !== raw) return reject(`${name} is not valid UTF-8`);
  return accept(raw);
}

function readNumber(
  raw: unknown,
  name: string,
  kind: { readonly whole: boolean; readonly min: number; readonly max: number; readonly unit: string },
  from: 'option' | 'config',
): ReadValue {
  const expected =
    `expected a ${kind.whole ? 'whole ' : ''}number from ${kind.min} to ${kind.max} ${kind.unit}`.trimEnd();
  let value = raw;
  if (from === 'option' && typeof raw === 'string') {
    // Number('') is 0 and Number('0x10') is 16: neither is what somebody meant to write.
    value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(raw) ? Number(raw) : undefined;
  }
  if (typeof value !== 'number' || Number.isNaN(value))
    return reject(`${name} is ${show(raw)}, which is not a number; ${expected}`);
  if (kind.whole && Number.isFinite(value) && !Number.isInteger(value))
    return reject(`${name} is ${value}, which is not whole; ${expected}`);
  if (value < kind.min || value > kind.max) return reject(`${name} is ${value}; ${expected}`);
  return accept(value);
}

function accept(value: OptionValue): ReadValue {
  return { ok: true, value };
}

function reject(problem: string): ReadValue {
  return { ok: false, problem };
}

function show(raw: unknown): string {
  if (typeof raw === 'number') return String(raw);
  const text = JSON.stringify(raw) ?? String(raw);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
