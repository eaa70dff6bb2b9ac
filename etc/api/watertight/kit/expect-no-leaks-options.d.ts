import type { WatertightConfig } from '../cli/define-config.ts';
/** What names a target stands in the first argument; the rest is that of `watertight check`. */
type CheckOptions = Omit<WatertightConfig, 'command' | 'url' | 'pid' | 'inspect' | 'allow' | 'noColor' | 'github'>;
/**
 * Options of `watertight check`, by the names they have in `watertight.config`, which is read too and which these win over.
 * Default: what `watertight check` does.
 */
export interface ExpectNoLeaksOptions extends CheckOptions {
    /** Ends the examination; it then fails as inconclusive. Default: never before `timeoutMs` (120 000). */
    readonly signal?: AbortSignal;
}
export {};
