import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressGroup, normalAddress } from './remote-address.ts';
import { Bench } from '../test/factory-kit.ts';

const WITHOUT = { withoutConnection: true } as const;

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['0:0:0:0:0:FFFF:192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0:0:0:0:1'],
  ['2001:0DB8:0000::0001', '2001:db8:0:0:0:0:0:1'],
  ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
  ['::', '0:0:0:0:0:0:0:0'],
  ['::1', '0:0:0:0:0:0:0:1'],
  ['1::', '1:0:0:0:0:0:0:0'],
  ['64:ff9b::192.0.2.33', '64:ff9b:0:0:0:0:c000:221'],
  ['::fffe:192.0.2.1', '0:0:0:0:0:fffe:c000:201'],
  ['192.0.2.256', undefined],
  ['192.0.2.1:80', undefined],
  ['unknown', undefined],
  ['', undefined],
])('[A31] %s is %s in the one form of addresses', (text, normal) => {
  expect(normalAddress(text)).toBe(normal);
});

test('[A31] every way to write an IPv6 address has the same form', () => {
  const part = fc.oneof(fc.constant(0), fc.nat(0xffff));
  const eight = fc.array(part, { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(eight, fc.nat(7), fc.boolean(), (parts, from, upper) => {
      fc.pre(!(parts[5] === 0xffff && parts.slice(0, 5).every((each) => each === 0)));
      const normal = parts.map((each) => each.toString(16)).join(':');
      let zeros = 0;
      while (from + zeros < 8 && parts[from + zeros] === 0) zeros += 1;
      const write = (some: readonly number[]): string =>
        some.map((each) => each.toString(16).padStart(4, '0')).join(':');
      const short = zeros < 2 ? write(parts) : `${write(parts.slice(0, from))}::${write(parts.slice(from + zeros))}`;
      expect(normalAddress(upper ? short.toUpperCase() : short)).toBe(normal);
    }),
    { seed: 7, numRuns: 500 },
  );
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::9', '2001:db8:1:3::/64'],
  ['a hash of an address', 'a hash of an address'],
  ['x'.repeat(100), 'x'.repeat(64)],
])('[A31] %s belongs to %s', (text, group) => {
  expect(addressGroup(text)).toBe(group);
});

test('[A31] so many managers from one address, whoever the users are, and IPv6 by /64', () => {
  const bench = new Bench({ maxManagersPerAddress: 2 });
  const from = (user: string, remoteAddress: string): unknown =>
    bench.factory.tryAdmit({ user, remoteAddress }, WITHOUT);
  from('ada', '2001:db8:1:2::1');
  from('bob', '2001:db8:1:2:ffff::2');
  expect(from('eve', '2001:db8:1:2::3')).toMatchObject({
    reason: 'address-limit',
    httpStatus: 429,
    limit: 2,
    held: 2,
  });
  expect(from('eve', '2001:db8:1:3::3')).toMatchObject({ admitted: true });
  for (const user of ['ada', 'bob', 'eve', 'zoe']) bench.factory.tryAdmit({ user }, WITHOUT);
  expect(bench.factory.stats()).toMatchObject({ active: 7, addresses: 2, limitHits: 1 });
});

test('[A31] the place of an address is free when the slot is, and nothing is kept of it', async () => {
  const bench = new Bench({ maxManagersPerAddress: 1 });
  const request = { user: 'ada', remoteAddress: '192.0.2.1' };
  const first = bench.factory.tryAdmit(request, WITHOUT);
  if (!first.admitted) throw new Error('refused');
  first.manager.defer(() => new Promise(() => undefined));
  const closed = first.manager.destroy();
  const second = bench.factory.tryAdmit({ ...request, remoteAddress: '::ffff:192.0.2.1' }, WITHOUT);
  expect(second.admitted).toBe(true);
  if (second.admitted) await second.manager.destroy();
  expect(bench.factory.stats().addresses).toBe(0);
  await bench.clock.advance(500);
  await closed;
});

test('[A31] without the limit no address is remembered, and nobody has to find it out', () => {
  const bench = new Bench();
  bench.factory.tryAdmit({ user: 'ada', remoteAddress: '192.0.2.1' }, WITHOUT);
  expect([bench.factory.stats().addresses, bench.factory.screens]).toEqual([0, false]);
  expect(new Bench({ maxManagersPerAddress: 1 }).factory.screens).toBe(true);
  expect(new Bench({ maxConnectsPerSecondPerAddress: 1 }).factory.screens).toBe(true);
});
