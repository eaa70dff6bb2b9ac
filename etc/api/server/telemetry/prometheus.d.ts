import type { IncomingMessage, ServerResponse } from 'node:http';
import { type TelemetryOptions } from './sources.ts';
export type { TelemetryOptions } from './sources.ts';
/** The names of all metrics as Prometheus sees them; of a histogram the name without suffix. */
export declare const PROMETHEUS_NAMES: readonly string[];
/**
 * All metrics in the text format of Prometheus (version 0.0.4).
 *
 * ```js
 * import { createManagerFactory } from '@watertight/server';
 * import { prometheusText } from '@watertight/server/prometheus';
 *
 * const factory = createManagerFactory({ name: 'chat' });
 * console.log(prometheusText({ factories: [factory] }).includes('watertight_users{factory="chat"} 0'));
 * await factory.close();
 * ```
 *
 * Costs one pass over the users. No label names a user.
 */
export declare function prometheusText(options?: TelemetryOptions): string;
/**
 * A request handler that answers GET and HEAD with {@link prometheusText}, to be put behind a path of your own, such as `/metrics`.
 * Who may ask is for you to decide: it tells sizes and names of factories, and of no user.
 */
export declare function prometheusHandler(options?: TelemetryOptions): (request: IncomingMessage, response: ServerResponse) => void;
/** What a registry of `prom-client` (15) asks of a metric. */
export interface CollectedMetric {
    readonly name: string;
    readonly help: string;
    readonly type: string;
    readonly aggregator: string;
    readonly labelNames: readonly string[];
    get(): Promise<unknown>;
    reset(): void;
}
/** The part of a registry of `prom-client` that is used. */
export interface PromRegistry {
    registerMetric(metric: never): void;
    removeSingleMetric(name: string): void;
}
/**
 * Adds all metrics to a registry of `prom-client`, read whenever the registry is. Takes them out again with `stop()`. A registry that has one of
 * these names already throws, and has none of ours then.
 *
 * ```js
 * import { createManagerFactory } from '@watertight/server';
 * import { collectInto } from '@watertight/server/prometheus';
 * import { Registry } from 'prom-client';
 *
 * const factory = createManagerFactory({ name: 'chat' });
 * const registry = new Registry();
 * const collection = collectInto(registry, { factories: [factory] });
 * console.log((await registry.metrics()).includes('watertight_users{factory="chat"} 0'));
 * collection.stop();
 * await factory.close();
 * ```
 */
export declare function collectInto(registry: PromRegistry, options?: TelemetryOptions): {
    stop(): void;
};
