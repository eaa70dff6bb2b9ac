import { type TelemetryOptions } from './sources.ts';
/** A `MetricProducer` of `@opentelemetry/sdk-metrics`. */
export interface CleanupProducer {
    collect(): Promise<{
        readonly resourceMetrics: never;
        readonly errors: unknown[];
    }>;
}
/**
 * The cleanup times as the factories have counted them, for the `metricProducers` of a reader of OpenTelemetry's SDK. Its API can only record
 * times one by one, which makes each connection some 3 % dearer; a producer is read when the reader collects. Totals are cumulative.
 *
 * ```js
 * import { createManagerFactory } from '@watertight/server';
 * import { cleanupProducer, observeWith } from '@watertight/server/opentelemetry';
 * import { ConsoleMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
 *
 * const factory = createManagerFactory({ name: 'chat' });
 * const metricProducers = [cleanupProducer({ factories: [factory] })];
 * const reader = new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter(), metricProducers });
 * const provider = new MeterProvider({ readers: [reader] });
 * const observation = observeWith(provider.getMeter('chat'), { factories: [factory] });
 * observation.stop();
 * await provider.shutdown();
 * await factory.close();
 * ```
 */
export declare function cleanupProducer(options?: TelemetryOptions): CleanupProducer;
