export type { CheckResult } from './verdict/types.ts';
