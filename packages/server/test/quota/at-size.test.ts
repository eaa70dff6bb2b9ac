import { describe, expect, test } from 'vitest';
import { until } from '../guarded-server.ts';
import { Relay } from '../relay.ts';
import { type NodeOptions, NodeProcess, heldByAll } from './node-process.ts';
import { Observer, RACING, heldOn, race, untilNoLeases } from './observer.ts';
import { redis } from './redis-at-end.ts';
import { HAS_REDIS } from './redis-server.ts';

// `npm run test:quota`: what `many-nodes.test.ts` and its deep one show small, at the size and with the times that are the defaults.
const DEFAULTS: NodeOptions = { lease: { leaseTtlMs: 30_000, renewIntervalMs: 10_000, noticeIntervalMs: 1000 } };
const TTL_MS = 30_000;
/** A renewal that is as late as it may be, a notice to another node, a look at the store and the noise of a busy machine. */
const ONE_INTERVAL_MS = 12_000 + 1000 + 500;

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

function tell(figures: string): void {
  process.stdout.write(`${figures}\n`);
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(2)} s`;
}

/** Milliseconds until it is so. */
async function took(condition: () => boolean | Promise<boolean>, what: string, withinMs: number): Promise<number> {
  const beganAtMs = performance.now();
  await until(condition, what, withinMs);
  return performance.now() - beganAtMs;
}

async function awayFor(node: NodeProcess): Promise<number | null> {
  return (await node.ask('state')).awayForMs;
}

describe.runIf(HAS_REDIS && process.env['LONG'] !== undefined)('at size', () => {
  test('[QU70] 8 nodes that race for one user, 100 000 attempts', async () => {
    const server = await redis();
    const nodes = await NodeProcess.several(8, server.port, RACING);
    const observer = new Observer('ada');
    const beganAtMs = performance.now();
    await race(observer, nodes, 100_000);
    const durationMs = performance.now() - beganAtMs;
    await pause(Math.max(0, observer.lastCloseAtMs + 500 - performance.now()));
    const openAfter = observer.open;
    const states = await Promise.all(nodes.map((node) => node.ask('state')));
    tell(
      `[QU70] 8 processes, 100 000 attempts in ${seconds(durationMs)}: ${observer.admitted} admitted, ${observer.refused} refused; most not begun to close ${observer.mostLive} of 20, most open ${observer.mostOpen} of 40, open 500 ms after the last close ${openAfter}, slowest close ${observer.slowestCloseMs.toFixed(0)} ms; commands that were late: ${states.reduce((sum, { timeouts }) => sum + timeouts, 0)}`,
    );
    expect(observer.mostLive).toBeLessThanOrEqual(20);
    expect(observer.mostOpen).toBeLessThanOrEqual(40);
    expect(openAfter).toBeLessThanOrEqual(20);
    expect(observer.admitted + observer.refused).toBe(100_000);
    expect(observer.mostLive).toBeGreaterThan(10);
    await until(() => observer.open === 0, 'all sockets are closed', 1500);
    await untilNoLeases(server, 5000);
    expect(await heldByAll(nodes, 'ada')).toBe(0);
  }, 900_000);

  test('[QU71] SIGKILL of a node with 5 000 leases: all can be taken again within their time and a second', async () => {
    const server = await redis();
    const users = Array.from({ length: 250 }, (_, index) => `user-${index}`);
    const [one, two] = [await NodeProcess.start(server.port, RACING), await NodeProcess.start(server.port, RACING)];
    expect(await one.ask('fill', { users, each: 20 })).toBe(5000);
    const heldBefore = await two.ask('fill', { users, each: 1 });
    await one.kill();
    const killedAtMs = performance.now();
    await pause(killedAtMs + TTL_MS - 15_000 - performance.now());
    const heldEarly = await two.ask('fill', { users: users.slice(0, 1), each: 1 });
    await pause(killedAtMs + TTL_MS + 200 - performance.now());
    let stillHeld = 0;
    let cursor: string | undefined;
    do {
      const page = await two.ask('users', { cursor });
      stillHeld += page.users.reduce((sum, { held }) => sum + held, 0);
      cursor = page.cursor;
    } while (cursor !== undefined);
    const listedAfterMs = performance.now() - killedAtMs;
    const taken = await two.ask('fill', { users, each: 20 });
    tell(
      `[QU71] SIGKILL, 5 000 leases, TTL 30 s: refused at the limit ${heldBefore === 0 && heldEarly === 0} 15 s before, ${stillHeld} held by anybody ${seconds(listedAfterMs)} after the kill, ${taken} of 5 000 taken again at the first attempt by ${seconds(performance.now() - killedAtMs)}`,
    );
    expect([heldBefore, heldEarly, stillHeld, taken]).toEqual([0, 0, 0, 5000]);
    expect(listedAfterMs).toBeLessThan(TTL_MS + 1000);
  }, 120_000);

  test('[QU72] SIGSTOP for twice the time of a lease, both policies: the node notices before it serves', async () => {
    const server = await redis();
    const policies = ['assert', 'strict'] as const;
    const nodes = await Promise.all(
      policies.map((onLeaseLost) => NodeProcess.start(server.port, { lease: { ...DEFAULTS.lease, onLeaseLost } })),
    );
    const observers = policies.map((policy) => new Observer(policy));
    const sockets = await Promise.all(
      nodes.map((node, index) => (observers[index] ?? new Observer('nobody')).dial(node)),
    );
    for (const node of nodes) node.signal('SIGSTOP');
    await pause(TTL_MS * 2);
    expect(await heldOn(server)).toBe(0);
    for (const socket of sockets) socket?.send('are you there?');
    for (const node of nodes) node.signal('SIGCONT');
    await until(() => observers[1]?.open === 0, 'strict: the socket is closed');
    await until(async () => (await nodes[0]?.ask('state'))?.served === 1, 'assert: it is served');
    const states = await Promise.all(nodes.map((node) => node.ask('state')));
    const retakenMs = await took(
      async () => (await heldOn(server)) === 1,
      'assert: it is taken again',
      ONE_INTERVAL_MS,
    );
    tell(
      `[QU72] SIGSTOP for 60 s: assert served ${states[0]?.served} after telling ${states[0]?.events.lost} lost, its lease taken again ${seconds(retakenMs)} later; strict served ${states[1]?.served}, told ${states[1]?.events.lost}, closed with ${observers[1]?.closes[0]?.code}`,
    );
    expect(states.map(({ served }) => served)).toEqual([1, 0]);
    expect(states.every(({ events }) => events.lost >= 1)).toBe(true);
    expect(observers[0]?.live).toBe(1);
  }, 120_000);

  test('[QU73] Redis killed and restarted empty, paused 20 s, read-only: nobody is dropped, the limit is exact within one interval', async () => {
    const server = await redis();
    const nodes = await NodeProcess.several(3, server.port, DEFAULTS);
    const observer = new Observer('ada');
    for (const [index, node] of nodes.entries()) await observer.fill(node, 5 + index);
    const [first] = nodes;
    if (first === undefined) throw new Error('three nodes');
    const seenAway = async (what: string, withinMs: number): Promise<void> =>
      until(async () => (await awayFor(first)) !== null, `it is seen to be ${what}`, withinMs);
    const exactAgain = async (what: string): Promise<void> => {
      const exactMs = await took(async () => (await heldOn(server)) === 18, 'all are known', ONE_INTERVAL_MS);
      const backMs = await took(
        async () => (await Promise.all(nodes.map((node) => awayFor(node)))).every((away) => away === null),
        'the store is there for all',
        ONE_INTERVAL_MS,
      );
      const newcomers = await Promise.all([0, 1, 2, 3].map((index) => observer.dial(nodes[index % 3] ?? first)));
      const admitted = newcomers.filter((socket) => socket !== undefined);
      for (const socket of admitted) observer.close(socket, 'close');
      await until(() => observer.open === 18, 'newcomers are gone');
      tell(
        `[QU73] ${what}: ${observer.live} of 18 still there, known again after ${seconds(exactMs + backMs)}, ${admitted.length} of 4 newcomers got in`,
      );
      expect([observer.live, admitted.length, nodes.every(({ isAlive }) => isAlive)]).toEqual([18, 2, true]);
      await until(async () => (await heldOn(server)) === 18, 'newcomers are forgotten');
    };
    await server.kill();
    await seenAway('away', 3000);
    await pause(3000);
    await server.start();
    await exactAgain('Redis killed, restarted empty after 3 s');
    await server.command('FLUSHALL');
    await exactAgain('Redis emptied without a word');
    await server.command('CLIENT', 'PAUSE', '20000');
    await seenAway('paused', 3000);
    await until(async () => (await awayFor(first)) === null, 'the pause is over', 25_000);
    await exactAgain('Redis paused for 20 s');
    const other = await redis();
    await server.command('REPLICAOF', '127.0.0.1', String(other.port));
    await seenAway('read-only', 3000);
    await pause(3000);
    await server.command('REPLICAOF', 'NO', 'ONE');
    await exactAgain('Redis read-only, and emptied by its primary');
    await server.command('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 1 1 1');
    await server.command('CLIENT', 'KILL', 'TYPE', 'normal');
    await pause(3000);
    await server.command('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 0 0');
    await exactAgain('Redis kills clients, and those with output for 3 s');
  }, 240_000);

  test('[QU74] failed over to a replica that lagged by 20 grants: up to 40, and 20 again within one interval, newest first', async () => {
    const primary = await redis();
    const lag = await Relay.before(primary.port);
    const replica = await redis(['--replicaof', '127.0.0.1', String(lag.port)]);
    const follows = async (): Promise<boolean> =>
      (await replica.command('INFO', 'replication')).includes('master_link_status:up');
    await until(follows, 'it follows', 15_000);
    const [wayOfOne, wayOfTwo] = [await Relay.before(primary.port), await Relay.before(primary.port)];
    const [one, two] = [
      await NodeProcess.start(wayOfOne.port, DEFAULTS),
      await NodeProcess.start(wayOfTwo.port, DEFAULTS),
    ];
    const [first, second] = [new Observer('ada'), new Observer('ada')];
    lag.isStalled = true;
    await first.fill(one, 20);
    expect(await second.dial(two)).toBeUndefined();
    await primary.kill();
    await replica.command('REPLICAOF', 'NO', 'ONE');
    expect(await heldOn(replica)).toBe(0);
    // The one that has the lost grants is the last to hear of the failover.
    wayOfTwo.lead(replica.port);
    await until(async () => (await awayFor(two)) === null, 'the other node is connected to the replica');
    while (second.live < 20) await second.dial(two);
    const most = first.live + second.live;
    wayOfOne.lead(replica.port);
    await until(async () => (await awayFor(one)) === null, 'so is this one', ONE_INTERVAL_MS);
    const backMs = await took(() => first.live + second.live <= 20, 'the limit holds again', ONE_INTERVAL_MS);
    await pause(2000);
    tell(
      `[QU74] failover to a replica without the last 20 grants: ${most} live, 20 again ${seconds(backMs)} after the last node was there; of the older ${first.live} stay, of the newer ${second.live}`,
    );
    expect([most, first.live, second.live, await heldOn(replica)]).toEqual([40, 20, 0, 20]);
  }, 120_000);

  test('[QU59] all grants of a fleet and its tenants lost: what they have too much goes within one interval, newest first', async () => {
    const server = await redis();
    const lease = { ...DEFAULTS.lease, maxManagersOfFleet: 20, maxManagersPerTenant: 15 };
    const nodes = await NodeProcess.several(2, server.port, { lease, hasTenants: true });
    const [one, two] = nodes;
    if (one === undefined || two === undefined) throw new Error('two nodes');
    const users = (letter: string): string[] =>
      Array.from({ length: 10 }, (_, index) => `${index % 2 === 0 ? 'acme' : 'zeta'}/${letter}${index}`);
    expect(await one.ask('fill', { users: users('a'), each: 2 })).toBe(20);
    // Which is newer is known to within the time that a command takes.
    await pause(1000);
    await server.command('FLUSHALL');
    expect(await two.ask('fill', { users: users('b'), each: 2 })).toBe(20);
    const leases = async (): Promise<number[]> =>
      Promise.all(nodes.map(async (node) => (await node.ask('state')).leases));
    const backMs = await took(async () => (await leases()).reduce((sum, some) => sum + some, 0) <= 20, '20', 13_500);
    await pause(2000);
    tell(
      `[QU59] fleet of 20, all forgotten, 40 live: 20 again after ${seconds(backMs)}, by node ${(await leases()).join(' and ')}`,
    );
    expect(await leases()).toEqual([20, 0]);
  }, 60_000);

  test('[QU75] the wire to Redis stalls, is cut, delays and trickles, clients are killed: nobody living is dropped', async () => {
    const server = await redis();
    const relay = await Relay.before(server.port);
    const nodes = [
      await NodeProcess.start(relay.port, { ...DEFAULTS, client: 'ioredis' }),
      await NodeProcess.start(relay.port, { ...DEFAULTS, client: 'node-redis' }),
    ];
    const observer = new Observer('ada');
    for (const node of nodes) await observer.fill(node, 10);
    const settled = async (what: string): Promise<void> => {
      const backMs = await took(
        async () => (await Promise.all(nodes.map((node) => awayFor(node)))).every((away) => away === null),
        `after ${what} the store is there`,
        ONE_INTERVAL_MS,
      );
      const knownMs = await took(async () => (await heldOn(server)) === 20, 'all are known', ONE_INTERVAL_MS);
      // What is still under way on the wire may be late once more, and somebody let in for that.
      let letIn = 0;
      const refusedMs = await took(
        async () => {
          const newcomers = await Promise.all(nodes.map((node) => observer.dial(node)));
          const admitted = newcomers.filter((socket) => socket !== undefined);
          for (const socket of admitted) observer.close(socket, 'close');
          letIn += admitted.length;
          await until(() => observer.open <= 20, 'they are gone');
          return admitted.length === 0;
        },
        'newcomers are refused',
        ONE_INTERVAL_MS,
      );
      tell(
        `[QU75] ${what}: ${observer.live} of 20 still there, store there again after ${seconds(backMs)}, all known after ${seconds(backMs + knownMs)}, newcomers refused ${seconds(refusedMs)} later, ${letIn} let in meanwhile`,
      );
      expect([what, observer.live, nodes.every(({ isAlive }) => isAlive)]).toEqual([what, 20, true]);
    };
    relay.delayMs = 100;
    await pause(13_000);
    relay.delayMs = 0;
    await settled('100 ms delay each way for 13 s');
    relay.trickleUpMs = 1;
    await pause(13_000);
    relay.trickleUpMs = 0;
    await settled('a byte each millisecond for 13 s');
    relay.isStalled = true;
    await pause(TTL_MS + 5000);
    relay.isStalled = false;
    await settled('a stall for 35 s');
    relay.cut();
    await settled('a cut');
    await server.command('CLIENT', 'KILL', 'TYPE', 'normal');
    await settled('CLIENT KILL');
  }, 240_000);

  test('[QU76] a node whose clock jumps by an hour either way keeps exactly its leases', async () => {
    const server = await redis();
    const jumping = `data:text/javascript,${encodeURIComponent(JUMPING)}`;
    const [one, two] = [
      await NodeProcess.start(server.port, {
        execArgv: ['--import', jumping],
        lease: { ...DEFAULTS.lease, onLeaseLost: 'strict' },
      }),
      await NodeProcess.start(server.port, DEFAULTS),
    ];
    for (const node of [one, two]) await node.ask('fill', { users: ['ada'], each: 10 });
    await pause(TTL_MS + 5000);
    const { events } = await one.ask('state');
    const more = await two.ask('fill', { users: ['ada'], each: 1 });
    const held = [await one.ask('held', 'ada'), await two.ask('held', 'ada'), await heldOn(server)];
    tell(
      `[QU76] Date jumps by + 1 h and − 1 h every second for 35 s: held ${held.join(', ')}, lost ${events.lost}, more ${more}`,
    );
    expect([held, events.lost, more]).toEqual([[10, 10, 20], 0, 0]);
  }, 90_000);
});

/** Date alone jumps, each second by another hour; what the system says of monotonic time stays. */
const JUMPING = `
const real = Date.now;
const began = real();
Date.now = () => real() + [0, 3600000, -3600000][Math.floor((real() - began) / 1000) % 3];
`;
