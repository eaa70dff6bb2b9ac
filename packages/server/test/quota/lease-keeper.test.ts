import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Lease } from '../../src/quota/lease.ts';
import { LeaseBook } from '../../src/quota/lease-book.ts';
import { LeaseKeeper } from '../../src/quota/lease-keeper.ts';
import { Pulse } from '../../src/quota/pulse.ts';
import { Releases } from '../../src/quota/releases.ts';
import { Renewal } from '../../src/quota/renewal.ts';
import { StoreCalls } from '../../src/quota/store-calls.ts';
import { leaseLifeSuite } from './lease-life.suite.ts';
import { storeAwaySuite } from './store-away.suite.ts';

describe('leases', () => leaseLifeSuite());
describe('while the store is away', () => storeAwaySuite());

/** A test that hangs has failed; time in these suites is moved by hand. */
const HANGS_AFTER_MS = 1500;

/** Puts something else in a method's place, and answers how to put it back. */
function instead<Target extends object, Key extends keyof Target>(
  target: Target,
  key: Key,
  other: (whole: Target[Key]) => Target[Key],
): () => void {
  const whole = target[key];
  target[key] = other(whole);
  return () => {
    target[key] = whole;
  };
}

/** Keepers that get one promise wrong each: the suites must turn red on it. */
const FAULTS: Readonly<Record<string, () => () => void>> = {
  'QU50 renews nothing': () => instead(Renewal.prototype, 'all', () => async () => undefined),
  'QU52 renews the silent': () =>
    instead(
      LeaseBook.prototype,
      'of',
      (whole) =>
        function of(this: LeaseBook, user) {
          return whole.call(this, user).map((lease) => new Proxy(lease, { get: alwaysLive }));
        },
    ),
  'QU53 never notices what was lost': () => instead(LeaseKeeper.prototype, 'missing', () => () => undefined),
  'QU53 drops who was taken again': () =>
    instead(
      LeaseKeeper.prototype,
      'missing',
      (whole) =>
        function missing(this: LeaseKeeper, lease, _fate, sentAtMs) {
          whole.call(this, lease, 'expired', sentAtMs);
        },
    ),
  'QU54 keeps what is too much': () => withoutFate('over-limit'),
  'QU55 lets a lease run out under strict': () => instead(LeaseKeeper.prototype, 'leaseDue', () => () => undefined),
  'QU55 goes on without a lease under strict': () => withoutFate('expired'),
  'QU56 passes everything on': () => instead(Lease.prototype, 'serves', () => () => true),
  'QU56 passes on what comes after the time is over': () =>
    instead(LeaseKeeper.prototype, 'leaseServes', () => () => true),
  'QU58 listens to nobody': () => instead(Pulse.prototype, 'renewSoon', () => () => undefined),
  'QU59 keeps what a fleet has too much': () => withoutFate('over-limit'),
  'QU60 waits as long as it takes': () => instead(StoreCalls.prototype, 'admission', () => (work) => work()),
  'QU61 admits without counting': () => instead(LeaseBook.prototype, 'unconfirmedOf', () => () => 0),
  'QU64 forgets what it could not give back': () => instead(Releases.prototype, 'retry', () => () => undefined),
  'QU64 makes nobody known again': () => instead(Renewal.prototype, 'all', () => async () => undefined),
};

function alwaysLive(lease: Lease, key: string | symbol): unknown {
  return key === 'holder' ? { ...lease.holder, isLive: () => true } : Reflect.get(lease, key);
}

function withoutFate(deaf: string): () => void {
  return instead(
    LeaseKeeper.prototype,
    'missing',
    (whole) =>
      function missing(this: LeaseKeeper, lease, fate, sentAtMs) {
        if (fate !== deaf) whole.call(this, lease, fate, sentAtMs);
      },
  );
}

async function brokenRules(prefix: string): Promise<readonly string[]> {
  const rules: { readonly name: string; readonly run: () => Promise<void> }[] = [];
  for (const suite of [leaseLifeSuite, storeAwaySuite]) suite((name, run) => rules.push({ name, run }));
  const broken: string[] = [];
  for (const { name, run } of rules.filter((rule) => rule.name.startsWith(`[${prefix}]`))) {
    const patience = new AbortController();
    const isBroken = await Promise.race([
      run().then(
        () => false,
        () => true,
      ),
      wait(HANGS_AFTER_MS, true, { signal: patience.signal }),
    ]);
    patience.abort();
    if (isBroken) broken.push(name);
  }
  return broken;
}

test.each(Object.keys(FAULTS))('[QU66] the suites turn red on a keeper that %s', async (fault) => {
  const [rule = ''] = fault.split(' ');
  const mend = FAULTS[fault]?.();
  try {
    expect(await brokenRules(rule)).not.toEqual([]);
  } finally {
    mend?.();
  }
});
