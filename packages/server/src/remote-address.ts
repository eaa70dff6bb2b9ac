import { isIP, isIPv4 } from 'node:net';

import { InvalidOptionsError } from './errors.ts';
import { show } from './show.ts';

/** What is no IP address is taken as it is, up to this many characters. */
const MAX_OPAQUE_CHARACTERS = 64;
/** Parts of an IPv6 address that a provider hands to one customer as a whole: a /64. */
const NETWORK_PARTS = 4;
const PARTS = 8;

/**
 * One form for each address: without zone, IPv4-mapped IPv6 as IPv4, IPv6 in eight parts without leading zeros. `undefined` for what
 * is no IP address.
 */
export function normalAddress(text: string): string | undefined {
  const zone = text.indexOf('%');
  const address = zone === -1 ? text : text.slice(0, zone);
  const version = isIP(address);
  if (version === 4) return address;
  if (version === 0) return undefined;
  const parts = partsOf(address);
  return mappedAddress(parts) ?? parts.map((part) => part.toString(16)).join(':');
}

/** Whom an address belongs to as far as limits go: itself, or its /64. */
export function addressGroup(text: string): string {
  if (typeof text !== 'string')
    throw new InvalidOptionsError([`remoteAddress must be a string, or null where it is not known; got ${show(text)}`]);
  // Most are IPv4, and each look by a regular expression costs more than whatever the group is asked for.
  if (!text.includes(':') && !text.includes('%')) return text.slice(0, MAX_OPAQUE_CHARACTERS);
  const address = normalAddress(text);
  if (address === undefined) return text.slice(0, MAX_OPAQUE_CHARACTERS);
  if (isIPv4(address)) return address;
  return `${address.split(':').slice(0, NETWORK_PARTS).join(':')}::/64`;
}

function partsOf(address: string): readonly number[] {
  const [head = '', tail] = address.split('::');
  const before = numbersOf(head);
  if (tail === undefined) return before;
  const after = numbersOf(tail);
  return [...before, ...Array.from({ length: PARTS - before.length - after.length }, () => 0), ...after];
}

function numbersOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

/** `::ffff:a.b.c.d` is how a socket that speaks both versions shows an IPv4 peer. */
function mappedAddress(parts: readonly number[]): string | undefined {
  const [high = 0, low = 0] = parts.slice(6);
  const isMapped = parts[5] === 0xffff && parts.slice(0, 5).every((part) => part === 0);
  return isMapped ? [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.') : undefined;
}
