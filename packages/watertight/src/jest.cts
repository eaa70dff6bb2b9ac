import type { JestGlobals, JestKit } from './jest-binding.js' with { 'resolution-mode': 'import' };
import type * as kit from './kit.js' with { 'resolution-mode': 'import' };

export type * from './kit.js' with { 'resolution-mode': 'import' };

// Jest reads CommonJS with a loader of its own, which knows no ES modules, and hides that of Node. Only Node's own realm still has
// it; the globals of the test file are handed over, because what Node loads has Node's.
const { runInThisContext } = process.getBuiltinModule('node:vm');
const nodesOwn = runInThisContext('process') as NodeJS.Process;
const { createRequire } = nodesOwn.getBuiltinModule('node:module');
const { bindJest } = createRequire(__filename)('./jest-binding.js') as {
  bindJest(this: void, realm: JestGlobals): JestKit;
};

module.exports = bindJest(globalThis);

// What stands in `module.exports`, for whoever requires it from TypeScript; classes are values and types.
export declare const expectNoLeaks: JestKit['expectNoLeaks'];
export declare const expectHoldAtMost: JestKit['expectHoldAtMost'];
export declare const expectNothingBehind: JestKit['expectNothingBehind'];
export declare const expectReleaseWithin: JestKit['expectReleaseWithin'];
export declare const leakGuard: JestKit['leakGuard'];
export declare const openRelay: JestKit['openRelay'];
export declare const connectInMemory: JestKit['connectInMemory'];
export declare const socketPair: JestKit['socketPair'];
export declare const startServer: JestKit['startServer'];
export declare const FakeClock: JestKit['FakeClock'];
export type FakeClock = kit.FakeClock;
export declare const LeakError: JestKit['LeakError'];
export type LeakError = kit.LeakError;
export declare const LeakGuard: JestKit['LeakGuard'];
export type LeakGuard = kit.LeakGuard;
export declare const LeftoverError: JestKit['LeftoverError'];
export type LeftoverError = kit.LeftoverError;
export declare const ResourceLeakTracker: JestKit['ResourceLeakTracker'];
export type ResourceLeakTracker = kit.ResourceLeakTracker;
