import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDrive } from '../src/drive/drive.ts';
import { parseIdentity } from '../src/drive/identity.ts';
import type { Client, Drive } from '../src/drive/types.ts';
import { serveSpecimen } from '../src/faulty/specimen-server.ts';
import type { RunningSpecimen } from '../src/faulty/specimen-server.ts';
import { SPECIMEN_DEFAULTS } from '../src/faulty/specimen-options.ts';
import { Specimen } from '../src/faulty/specimen.ts';
import { poll } from '../src/evidence/poll.ts';
import { RunClock } from '../../server/test/run-clock.ts';

const USER = 'test-user-1';
const LIMIT = SPECIMEN_DEFAULTS.maxManagersPerUser;
const DEADLINE_MS = SPECIMEN_DEFAULTS.cleanupDeadlineMs;

describe('the healthy specimen', () => {
  let running: RunningSpecimen;
  let drive: Drive;

  beforeEach(async () => {
    running = await serveSpecimen(new Specimen(SPECIMEN_DEFAULTS));
    drive = openDrive(new URL(running.url), parseIdentity());
  });

  afterEach(async () => {
    await drive.dispose();
    await running.close();
    expect(running.specimen.stats()).toMatchObject({ active: 0, pending: 0, closing: 0, users: 0 });
  });

  async function enter(count: number, user: string = USER): Promise<Client[]> {
    const clients: Client[] = [];
    for (const attempt of await drive.connectAtOnce(user, count)) {
      if (attempt.admitted && (await attempt.client.ping(2_000))) clients.push(attempt.client);
    }
    return clients;
  }

  async function quietFor(ms: number): Promise<void> {
    const untilMs = performance.now() + ms;
    await poll(
      () => performance.now(),
      (atMs) => atMs > untilMs,
      { deadlineMs: ms + 1_000 },
    );
  }

  test('[F2] of 50 racing clients exactly the limit is admitted, and each refusal is one limit hit', async () => {
    expect(await enter(50)).toHaveLength(LIMIT);
    expect(running.specimen.stats()).toMatchObject({ created: LIMIT, active: LIMIT, limitHits: 50 - LIMIT });
  });

  test('[F2] a refusal says why, over HTTP', async () => {
    await enter(LIMIT);
    const refused = await drive.connect(USER);
    expect(refused).toMatchObject({ admitted: false, httpStatus: 429, retryAfter: '1' });
    expect(refused).toMatchObject({ body: { reason: 'user-limit', limit: LIMIT, held: LIMIT } });
  });

  test.each(['close-frame', 'fin', 'rst', 'protocol-error'] as const)(
    '[F2] after %s the slot is free at once and everything is gone by the deadline',
    async (ending) => {
      const [client] = await enter(LIMIT);
      running.specimen.managersOf(USER)[0]?.defer(() => new Promise(() => {}), { name: 'hangs' });
      const clock = new RunClock();
      await client?.end(ending);
      const { reached } = await poll(
        () => running.specimen.usage(USER).held,
        (held) => held < LIMIT,
        { deadlineMs: DEADLINE_MS, everyMs: 1 },
      );
      expect(reached).toBe(true);
      expect((await drive.connect(USER)).admitted).toBe(true);
      const released = await poll(
        () => running.specimen.stats().released.total,
        (total) => total === 1,
        { deadlineMs: 10 * DEADLINE_MS, everyMs: 1 },
      );
      expect(released.reached).toBe(true);
      expect(clock.ranMs()).toBeLessThan(DEADLINE_MS + 100);
      expect(running.specimen.stats().cleanup.slotReusable.maxMs).toBeLessThan(50);
    },
  );

  test('[F2] a client that resets during the upgrade leaves nothing', async () => {
    await drive.abortInUpgrade(USER);
    const { reached } = await poll(
      () => running.specimen.stats(),
      ({ created, released }) => created === 1 && released.total === 1,
      { deadlineMs: DEADLINE_MS },
    );
    expect(reached).toBe(true);
  });

  test('[F2] closing everybody ends a peer that does not answer by the deadline, and names the finalizer that hangs', async () => {
    const [client] = await enter(1);
    running.specimen.managersOf(USER)[0]?.defer(() => new Promise(() => {}), { name: 'hangs' });
    client?.stall();
    const clock = new RunClock();
    const [report] = await running.specimen.closeAllForUser(USER);
    expect(report).toMatchObject({ reason: 'closed-by-server', overdue: [{ name: 'hangs' }], deadlineMet: false });
    expect(report?.overdue[0]?.registeredAt).toMatch(/specimen\.test\.ts:\d+/);
    expect(report?.finalizersDoneMs).toBeLessThan(DEADLINE_MS + clock.heldUpMs());
    expect(report?.socketGoneMs).toBeLessThan(DEADLINE_MS + clock.heldUpMs());
  });

  test('[F2] at 16 of 20 the next admission removes the silent, and nobody who answers', async () => {
    const clients = await enter(16);
    for (const client of clients.slice(0, 8)) client.vanish();
    await quietFor(SPECIMEN_DEFAULTS.heartbeatIntervalMs + 50);
    expect((await drive.connect(USER)).admitted).toBe(true);
    const { reached } = await poll(
      () => running.specimen.stats(),
      ({ released }) => released.byReason['emergency:silent'] === 8,
      { deadlineMs: 5_000 },
    );
    expect(reached).toBe(true);
    expect(running.specimen.usage(USER).held).toBe(9);
    const answers = await Promise.all(clients.slice(8).map((client) => client.ping(1_000)));
    expect(answers).not.toContain(false);
  });

  test('[F2] silence is noticed within the promised time, quiet clients that answer stay', async () => {
    const [gone, quiet] = await enter(2);
    gone?.vanish();
    const clock = new RunClock();
    await poll(
      () => running.specimen.stats().released.byReason['silent'],
      (count) => count === 1,
      { deadlineMs: 5_000 },
    );
    const promisedMs = SPECIMEN_DEFAULTS.heartbeatIntervalMs * (SPECIMEN_DEFAULTS.heartbeatMisses + 1);
    // A look after a stall of this process passes no verdict, the next but one does.
    const stallMs = 3 * SPECIMEN_DEFAULTS.sweepIntervalMs + 50;
    // Who stood still for long asks once more [L8].
    const againMs = clock.heldUpMs() > 50 ? 2 * SPECIMEN_DEFAULTS.heartbeatIntervalMs : 0;
    expect(clock.ranMs()).toBeLessThan(promisedMs + stallMs + againMs);
    expect(running.specimen.usage(USER).held).toBe(1);
    expect(await quiet?.ping(1_000)).toBe(true);
  });

  test('[F2] one to which nothing is ever attached is released past its deadline, and not before', async () => {
    const admission = await running.specimen.admit({ user: USER }, {});
    expect(admission.admitted).toBe(true);
    const { afterMs } = await poll(
      () => running.specimen.stats().released.byReason['never-attached'],
      (count) => count === 1,
      { deadlineMs: 5_000 },
    );
    expect(afterMs).toBeGreaterThan(SPECIMEN_DEFAULTS.pendingDeadlineMs - 50);
    expect(afterMs).toBeLessThan(SPECIMEN_DEFAULTS.pendingDeadlineMs + 500);
  });

  test('[F2] the accounts add up after a mix of endings', async () => {
    const clients = await enter(12);
    await Promise.all(
      clients.map((client, index) =>
        client.end((['close-frame', 'fin', 'rst', 'protocol-error'] as const)[index % 4] ?? 'rst'),
      ),
    );
    await drive.abortInUpgrade(USER);
    const { last } = await poll(
      () => running.specimen.stats(),
      ({ released }) => released.total === 13,
      { deadlineMs: 2 * DEADLINE_MS },
    );
    expect(last.created).toBe(last.active + last.pending + last.closing + last.released.total);
    expect(last.released.total).toBe(13);
    expect(running.specimen.room.size).toBe(0);
    expect(running.specimen.announcements.listenerCount('announcement')).toBe(0);
  });
});
