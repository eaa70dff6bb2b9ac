import type { Leftover } from '../packages/watertight/src/kit/leftover.ts';
import { leakGuard } from '../packages/watertight/src/vitest-guard.ts';

/** What no test can take away, with the reason. */
const NOT_OURS: readonly { readonly what: string; readonly at: string; readonly why: string }[] = [
  {
    what: 'interval of 30000 ms',
    at: 'packages/server/test/adapter-crossws.test.ts',
    why: 'the server of crossws keeps its heartbeat when it is closed, and offers no way to stop it',
  },
  {
    what: 'timer of 5000 ms',
    at: 'packages/server/src/clock.ts',
    why: 'an identify that the test never lets answer is waited for, also when its client has left',
  },
];

function isNotOurs({ what, at }: Leftover): boolean {
  return NOT_OURS.some((known) => known.what === what && at?.startsWith(known.at) === true);
}

/** Around the tests of one file: what one of them leaves behind fails it. */
leakGuard({ allow: isNotOurs });
