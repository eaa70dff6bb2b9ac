import { expect, test } from 'vitest';
import { ANSWERS, CLOSE_CODES } from './close-codes.ts';
import { closeReason, MAX_CLOSE_REASON_BYTES } from './close-reason.ts';
import { REFUSALS } from './refusals.ts';
import { FakePeer } from '../test/fake-peer.ts';
import { Bench } from '../test/factory-kit.ts';

test('[X5] the table has every close code that is sent, and each of its codes is one that may be sent', () => {
  const sent = new Set<number>(Object.values(CLOSE_CODES));
  expect(new Set(Object.keys(ANSWERS.closeCodes).map(Number))).toEqual(sent);
  for (const code of sent) expect([1001, 1008, 1009, 1011, 1012, 1013].includes(code) || code >= 4000).toBe(true);
});

test.each(Object.entries(REFUSALS))('[X5] %s has the same verdict by status and by close code', (reason, kind) => {
  expect(ANSWERS.httpStatuses).toHaveProperty(String(kind.httpStatus));
  if (reason === 'client-left') return;
  expect([ANSWERS.httpStatuses[kind.httpStatus].retry, ANSWERS.closeCodes[kind.closeCode].retry]).toEqual([
    kind.retry,
    kind.retry,
  ]);
  expect(kind.retryAfterMs === null).toBe(kind.retry === 'do-not-retry');
});

test.each([
  ['short', 'closed', 'closed'],
  ['of 123 bytes', 'x'.repeat(123), 'x'.repeat(123)],
  ['of 124 bytes', 'x'.repeat(124), 'x'.repeat(123)],
  ['of two-byte characters', 'é'.repeat(62), 'é'.repeat(61)],
  ['of three-byte characters', '€'.repeat(42), '€'.repeat(41)],
  ['of four-byte characters', '😀'.repeat(31), '😀'.repeat(30)],
  ['whose last place is too small for an emoji', `${'x'.repeat(121)}😀`, 'x'.repeat(121)],
  ['with half of a surrogate pair', `${'x'.repeat(121)}\ud83d`, 'x'.repeat(121)],
])('[X6] a reason %s is cut to 123 bytes between characters', (_what, text, cut) => {
  expect(closeReason(text)).toBe(cut);
  expect(Buffer.byteLength(closeReason(text))).toBeLessThanOrEqual(MAX_CLOSE_REASON_BYTES);
});

test('[X6] a long reason of release is whole in the report and cut on the wire', async () => {
  const bench = new Bench();
  const peer = new FakePeer(bench.factory);
  const manager = bench.manager('ada', { connection: peer.connection });
  const { reason } = await manager.close('é'.repeat(100));
  expect(reason).toBe('é'.repeat(100));
  expect(peer.closes).toEqual([{ code: 1001, reason: 'é'.repeat(61) }]);
});

test('[R38] a reason that is no text is the one that stands without it, and the peer is told that', async () => {
  const bench = new Bench();
  const given = [new Error('from a listener'), null, 5];
  for (const reason of given) {
    const { manager, peer } = bench.session();
    const report = await manager.close(reason as never);
    expect([report.reason, peer.closes]).toEqual(['closed', [{ code: 1001, reason: 'closed' }]]);
  }
  await bench.manager().destroy({} as never);
  bench.manager();
  await bench.factory.closeAllForUser('ada', 5 as never);
  expect(bench.factory.stats().released.byReason).toEqual({ closed: 3, destroyed: 1, 'user-closed': 1 });
  expect(bench.errors).toEqual([]);
});
