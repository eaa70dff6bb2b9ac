// @ts-check
// What a server tells of itself, in each of the ways that there are. All of it is imported whichever is chosen, also by nobody.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { dashboard } from '@watertight/dashboard';
import { EVENT_NAMES } from '@watertight/server';
import { watchAlerts } from '@watertight/server/alerts';
import { cleanupProducer, observeWith } from '@watertight/server/opentelemetry';
import { prometheusHandler } from '@watertight/server/prometheus';

/** @import { Server } from 'node:http' */
/** @import { ManagerFactory } from '@watertight/server' */

/**
 * @typedef {object} Told
 * @property {number} [everyMs] how often somebody looks, or would in production
 * @property {number} [quickMs] how often the bench lets them
 * @property {boolean} [isChoice] dearer than the floor, and said to be: one has to ask for it
 * @property {string} [page] what is asked for each time
 * @property {string} [stream] what is read all the time
 * @property {(server: Server, factory: ManagerFactory, everyMs: number) => (() => unknown) | undefined} start answers how it is stopped
 */

/** By name. @type {Record<string, Told>} */
export const TELEMETRY = {
  nothing: { start: () => undefined },
  'a subscriber of every event': {
    start() {
      let told = 0;
      const listen = () => (told += 1);
      for (const name of EVENT_NAMES) subscribe(name, listen);
      return () => {
        for (const name of EVENT_NAMES) unsubscribe(name, listen);
      };
    },
  },
  Prometheus: {
    everyMs: 5000,
    quickMs: 100,
    page: '/metrics',
    start(server, factory) {
      const metrics = prometheusHandler({ factories: [factory] });
      server.on('request', metrics);
      return () => server.off('request', metrics);
    },
  },
  OpenTelemetry: {
    everyMs: 5000,
    quickMs: 100,
    start: (_server, factory, everyMs) => tellMeter(factory, everyMs, false),
  },
  'OpenTelemetry, each recorded': {
    everyMs: 5000,
    quickMs: 100,
    isChoice: true,
    start: (_server, factory, everyMs) => tellMeter(factory, everyMs, true),
  },
  alerts: {
    everyMs: 15_000,
    quickMs: 100,
    start(_server, factory, everyMs) {
      const alerts = watchAlerts(factory, { notify: () => undefined, intervalMs: everyMs });
      return () => alerts.stop();
    },
  },
  'dashboard, one viewer': {
    everyMs: 1000,
    quickMs: 200,
    stream: '/watertight/api/events',
    start(server, factory, everyMs) {
      const board = dashboard({ factory, loopbackOnly: true, intervalMs: everyMs, maxCpuShare: 0.5 });
      server.on('request', board.handle);
      return async () => {
        server.off('request', board.handle);
        await board.close();
      };
    },
  },
};

/** @param {ManagerFactory} factory @param {number} everyMs @param {boolean} recordsCleanups one by one; else a producer hands over what was counted */
function tellMeter(factory, everyMs, recordsCleanups) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const timer = setInterval(() => exporter.reset(), everyMs);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: everyMs,
    exportTimeoutMillis: everyMs,
    metricProducers: recordsCleanups ? [] : [cleanupProducer({ factories: [factory] })],
  });
  const provider = new MeterProvider({ readers: [reader] });
  const observation = observeWith(provider.getMeter('bench'), { factories: [factory], recordsCleanups });
  return async () => {
    clearInterval(timer);
    observation.stop();
    await provider.shutdown();
  };
}
