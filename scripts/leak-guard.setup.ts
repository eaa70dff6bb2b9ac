import { leakGuard } from '../packages/watertight/src/vitest-guard.ts';

/** Around the tests of one file: what one of them leaves behind fails it. */
leakGuard();
