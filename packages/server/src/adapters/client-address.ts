import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';

import { normalAddress } from '../remote-address.ts';
import type { AddressOptions } from './network-options.ts';

/** What is known of a request; frameworks make some up that came by no socket. */
interface Asked {
  readonly headers: IncomingMessage['headers'];
  readonly socket?: { readonly remoteAddress?: string | undefined };
}

/** Says where a client comes from, as far as those in between can be believed. */
export class ClientAddresses {
  readonly #trusted: BlockList | undefined;
  readonly #header: 'x-forwarded-for' | 'forwarded';

  constructor({ trustedProxies = [], forwardedHeader = 'x-forwarded-for' }: AddressOptions) {
    this.#header = forwardedHeader;
    this.#trusted = trustedProxies.length === 0 ? undefined : listOf(trustedProxies);
  }

  /**
   * Walks from the peer of the socket towards the client for as long as each hop is a trusted proxy. What a hop says that is no address,
   * and everything to the left of it, is not believed.
   */
  of({ headers, socket }: Asked): string | undefined {
    const remoteAddress = socket?.remoteAddress;
    let address = remoteAddress === undefined ? undefined : normalAddress(remoteAddress);
    if (this.#trusted === undefined || address === undefined) return address;
    const header = headers[this.#header];
    const hops = hopsFromRight(Array.isArray(header) ? header.join(',') : (header ?? ''));
    while (isListed(this.#trusted, address)) {
      const { value: hop } = hops.next();
      const said = hop === undefined ? undefined : normalAddress(this.#addressIn(hop));
      if (said === undefined) break;
      address = said;
    }
    return address;
  }

  #addressIn(hop: string): string {
    return withoutPort(this.#header === 'forwarded' ? forIn(hop) : hop);
  }
}

function listOf(proxies: readonly string[]): BlockList {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [text = '', prefix] = proxy.split('/');
    const family = isIPv4(text) ? 'ipv4' : 'ipv6';
    if (prefix === undefined)
      list.addAddress(normalAddress(text) ?? text, isIPv4(normalAddress(text) ?? '') ? 'ipv4' : 'ipv6');
    else list.addSubnet(text, Number(prefix), family);
  }
  return list;
}

function isListed(list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

/**
 * The elements of a list, last one first: those on the right were added by proxies that are trusted. Quotes are paired from the right
 * too, so that one which a client left open swallows nothing that a proxy added.
 */
function* hopsFromRight(header: string): Generator<string, undefined> {
  let end = header.length;
  let isQuoted = false;
  for (let at = end - 1; at >= 0; at -= 1) {
    const character = header[at];
    if (character === '"') isQuoted = !isQuoted;
    if (character !== ',' || isQuoted) continue;
    yield header.slice(at + 1, end).trim();
    end = at;
  }
  yield header.slice(0, end).trim();
  return undefined;
}

/** The `for` of one element of RFC 7239. */
function forIn(element: string): string {
  const [, quoted, token] = /(?:^|;)\s*for=(?:"([^"]*)"|([^;"\s]*))\s*(?:;|$)/i.exec(element) ?? [];
  return quoted ?? token ?? '';
}

/** `192.0.2.1:80` and `[2001:db8::1]:80` without the port, and the brackets of an IPv6 address. */
function withoutPort(text: string): string {
  if (isIP(text) !== 0) return text;
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/.exec(text) ?? [];
  return bracketed ?? plain ?? '';
}
