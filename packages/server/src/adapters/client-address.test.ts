import { expect, test } from 'vitest';
import { ClientAddresses } from './client-address.ts';
import type { NetworkOptions } from './network-options.ts';

function addressOf(options: NetworkOptions, remoteAddress: string | undefined, header?: string): string | undefined {
  const name = options.forwardedHeader ?? 'x-forwarded-for';
  const request = { socket: { remoteAddress }, headers: header === undefined ? {} : { [name]: header } };
  return new ClientAddresses(options).of(request);
}

const BEHIND = { trustedProxies: ['10.0.0.0/8', '::1', '2001:db8:f::/48'] } as const;

test('[G21] without a trusted proxy the client is the peer, whatever it says', () => {
  expect(addressOf({}, '::ffff:192.0.2.1', '203.0.113.9')).toBe('192.0.2.1');
  expect(addressOf(BEHIND, '192.0.2.1', '203.0.113.9')).toBe('192.0.2.1');
  expect(addressOf(BEHIND, undefined, '203.0.113.9')).toBeUndefined();
});

test.each([
  ['one proxy', '10.1.2.3', '203.0.113.9', '203.0.113.9'],
  ['a peer seen as IPv6', '::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
  ['two proxies', '10.1.2.3', '203.0.113.9, 10.9.9.9', '203.0.113.9'],
  ['what the client invented to the left', '10.1.2.3', '1.1.1.1, 2.2.2.2, 203.0.113.9', '203.0.113.9'],
  ['a proxy that is not trusted in between', '10.1.2.3', '203.0.113.9, 198.51.100.7, 10.9.9.9', '198.51.100.7'],
  ['nothing but proxies', '10.1.2.3', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
  ['no header', '10.1.2.3', undefined, '10.1.2.3'],
  ['an empty header', '10.1.2.3', '', '10.1.2.3'],
  ['no address on the right', '10.1.2.3', '203.0.113.9, unknown', '10.1.2.3'],
  ['no address behind a proxy', '10.1.2.3', '203.0.113.9, _hidden, 10.9.9.9', '10.9.9.9'],
  ['a port', '10.1.2.3', '203.0.113.9:4711', '203.0.113.9'],
  ['IPv6', '::1', '2001:db8::9', '2001:db8:0:0:0:0:0:9'],
  ['IPv6 with brackets and port', '2001:db8:f::1', '[2001:db8::9]:4711', '2001:db8:0:0:0:0:0:9'],
  ['an IPv4-mapped client', '10.1.2.3', '::ffff:203.0.113.9', '203.0.113.9'],
])('[G21] X-Forwarded-For is read from the right: %s', (_what, peer, header, client) => {
  expect(addressOf(BEHIND, peer, header)).toBe(client);
});

test.each([
  ['one element', 'for=203.0.113.9;proto=https;by=10.1.2.3', '203.0.113.9'],
  ['quoted IPv6 with a port', 'for="[2001:db8::9]:4711"', '2001:db8:0:0:0:0:0:9'],
  ['case and spaces', 'Proto=http; FOR=203.0.113.9', '203.0.113.9'],
  ['an element of the client to the left', 'for=1.1.1.1, for=203.0.113.9', '203.0.113.9'],
  ['a quote that the client left open', 'for="1.1.1.1, for=203.0.113.9', '203.0.113.9'],
  ['a comma in quotes', 'for=203.0.113.9, for=10.9.9.9;host="a,b"', '203.0.113.9'],
  ['an obfuscated name', 'for=_gazonk', '10.1.2.3'],
  ['no for at all', 'by=203.0.113.9', '10.1.2.3'],
])('[G21] Forwarded is read from the right: %s', (_what, header, client) => {
  expect(addressOf({ ...BEHIND, forwardedHeader: 'forwarded' }, '10.1.2.3', header)).toBe(client);
});

test('[G21] the other header is not believed', () => {
  const request = { socket: { remoteAddress: '10.1.2.3' }, headers: { forwarded: 'for=203.0.113.9' } };
  expect(new ClientAddresses(BEHIND).of(request)).toBe('10.1.2.3');
});
