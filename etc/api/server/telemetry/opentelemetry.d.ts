import { type Labels } from './instruments.ts';
import { type TelemetryOptions } from './sources.ts';
export { cleanupProducer, type CleanupProducer } from './cleanup-producer.ts';
export type { TelemetryOptions } from './sources.ts';
export interface ObserveOptions extends TelemetryOptions {
    /**
     * Whether each cleanup is recorded as it happens, for meters whose reader takes no {@link cleanupProducer}: OpenTelemetry's API knows no
     * histogram that is read, and its `record` makes a connection some 3 % dearer. Default `false`.
     */
    readonly recordsCleanups?: boolean;
}
interface InstrumentOptions {
    readonly unit: string;
    readonly description: string;
    readonly advice?: {
        readonly explicitBucketBoundaries: number[];
    };
}
/** What a callback of the meter is given. */
export interface OtelObserver {
    observe(instrument: never, value: number, labels: Labels): void;
}
/** The part of a meter of `@opentelemetry/api` that is used. */
export interface OtelMeter {
    createObservableCounter(name: string, options: InstrumentOptions): object;
    createObservableUpDownCounter(name: string, options: InstrumentOptions): object;
    createObservableGauge(name: string, options: InstrumentOptions): object;
    createHistogram(name: string, options: InstrumentOptions): {
        record(value: number, labels: Labels): void;
    };
    addBatchObservableCallback(callback: (observer: OtelObserver) => void, observables: never[]): void;
    removeBatchObservableCallback(callback: (observer: OtelObserver) => void, observables: never[]): void;
}
/**
 * Tells a meter of `@opentelemetry/api` everything that is measured, until `stop()`. Sizes and totals are read when the meter's reader
 * collects. The histogram of cleanup times comes from {@link cleanupProducer}, or from {@link ObserveOptions.recordsCleanups}.
 *
 * ```js
 * import { metrics } from '@opentelemetry/api';
 * import { createManagerFactory } from '@watertight/server';
 * import { observeWith } from '@watertight/server/opentelemetry';
 *
 * const factory = createManagerFactory({ name: 'chat' });
 * const observation = observeWith(metrics.getMeter('chat'), { factories: [factory], recordsCleanups: true });
 * observation.stop();
 * await factory.close();
 * ```
 */
export declare function observeWith(meter: OtelMeter, options?: ObserveOptions): {
    stop(): void;
};
