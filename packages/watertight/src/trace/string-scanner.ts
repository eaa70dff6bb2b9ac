import { SIMPLE_ESCAPES } from './json-escapes.ts';
import type { Scanned } from './number-scanner.ts';
import { SnapshotError, showByte } from './snapshot-error.ts';
import { StringTableBuilder, type StringColumns } from './string-table.ts';

const QUOTE = 34;
const BACKSLASH = 92;

/** Reads the inside of a JSON array of strings into a table, over any boundary of chunks. */
export class StringScanner {
  readonly #table = new StringTableBuilder();
  readonly #encoder = new TextEncoder();
  #state: 'between' | 'string' | 'escape' | 'unicode' = 'between';
  /** Between strings: what may come next. */
  #next: 'first' | 'comma' | 'string' = 'first';
  #hex = '';
  /** The first half of a pair of code units; its second half may stand behind the next boundary. */
  #highSurrogate = 0;

  scan(bytes: Uint8Array, from: number, textOffset: number): Scanned {
    let position = from;
    while (position < bytes.length) {
      if (this.#state === 'string') {
        position = this.#plain(bytes, position);
        continue;
      }
      const byte = bytes[position] as number;
      if (this.#state === 'between') {
        if (byte === QUOTE && this.#next !== 'comma') {
          position = this.#open(bytes, position + 1);
          continue;
        }
        if (this.#between(byte, textOffset + position)) return { position: position + 1, ended: true };
      } else if (this.#state === 'escape') this.#escape(byte, textOffset + position);
      else if (this.#state === 'unicode') this.#unicode(byte, textOffset + position);
      position += 1;
    }
    return { position, ended: false };
  }

  take(): StringColumns {
    return this.#table.take();
  }

  /** Answers the position behind the string when it could be taken at once, else behind its opening quote. */
  #open(bytes: Uint8Array, from: number): number {
    this.#next = 'comma';
    const end = this.#table.takeWhole(bytes, from);
    if (end !== -1) return end + 1;
    this.#table.begin();
    this.#state = 'string';
    return from;
  }

  /** Answers whether the array ends here. */
  #between(byte: number, byteOffset: number): boolean {
    if (byte === 10 || byte === 32 || byte === 13 || byte === 9) return false;
    if (byte === 44 && this.#next === 'comma') {
      this.#next = 'string';
      return false;
    }
    if (byte === 93 && this.#next !== 'string') return true;
    throw new SnapshotError(`unexpected ${showByte(byte)} between "strings"`, byteOffset);
  }

  #plain(bytes: Uint8Array, from: number): number {
    let position = from;
    let byte = 0;
    while (position < bytes.length) {
      byte = bytes[position] as number;
      if (byte === QUOTE || byte === BACKSLASH) break;
      position += 1;
    }
    if (position > from) {
      this.#flushSurrogate();
      this.#table.append(bytes, from, position);
    }
    if (position === bytes.length) return position;
    if (byte === BACKSLASH) this.#state = 'escape';
    else {
      this.#flushSurrogate();
      this.#table.finish();
      this.#state = 'between';
    }
    return position + 1;
  }

  #escape(byte: number, byteOffset: number): void {
    const character = String.fromCharCode(byte);
    if (character === 'u') {
      this.#hex = '';
      this.#state = 'unicode';
      return;
    }
    const plain = SIMPLE_ESCAPES[character];
    if (plain === undefined) throw new SnapshotError(`unexpected escape \\${character} in "strings"`, byteOffset);
    this.#flushSurrogate();
    this.#add(plain);
    this.#state = 'string';
  }

  #unicode(byte: number, byteOffset: number): void {
    const digit = String.fromCharCode(byte);
    if (!/[0-9a-f]/i.test(digit)) throw new SnapshotError(`unexpected ${showByte(byte)} in a \\u escape`, byteOffset);
    this.#hex += digit;
    if (this.#hex.length < 4) return;
    this.#state = 'string';
    const unit = Number.parseInt(this.#hex, 16);
    if (unit >= 0xdc00 && unit < 0xe000 && this.#highSurrogate !== 0) {
      this.#add(String.fromCharCode(this.#highSurrogate, unit));
      this.#highSurrogate = 0;
      return;
    }
    this.#flushSurrogate();
    if (unit >= 0xd800 && unit < 0xdc00) this.#highSurrogate = unit;
    else this.#add(String.fromCharCode(unit));
  }

  #flushSurrogate(): void {
    if (this.#highSurrogate === 0) return;
    this.#highSurrogate = 0;
    this.#add('\ufffd');
  }

  #add(text: string): void {
    const bytes = this.#encoder.encode(text);
    this.#table.append(bytes, 0, bytes.length);
  }
}
