import { expectNoLeaks } from 'watertight/vitest';
import { test } from 'vitest';

test('[TK18] a function that keeps nothing', async () => {
  await expectNoLeaks(() => [new Date()].length, {
    only: ['rapid-connection-cycles-stress'],
    cycles: 20,
    noTrace: true,
  });
});
