import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { leakGuard } from 'watertight/node-test';

leakGuard({ settleMs: 100 });

// What the runner reports of so many fills its own streams while the first is on its way.
for (let count = 0; count < 40; count += 1) void test(`waits, as number ${count}`, async () => await wait(5));
