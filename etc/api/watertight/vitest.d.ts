import { type LeakMatchers } from './kit/matchers.ts';
export * from './kit.ts';
export { leakGuard } from './vitest-guard.ts';
declare module 'vitest' {
    interface Matchers<T> extends LeakMatchers {
    }
}
