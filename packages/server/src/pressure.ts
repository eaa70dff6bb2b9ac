import { Deadline } from './deadline-queue.ts';
import { CHANNELS, publish } from './events.ts';
import type { Gate } from './gate.ts';
import { reportError } from './host.ts';
import type { ManagerHost } from './manager-record.ts';
import {
  idleTimeoutUnder,
  judgePressure,
  levelOf,
  type PressureReading,
  type PressureRule,
  type PressureState,
} from './pressure-rule.ts';
import { show } from './show.ts';
import { type GaugeReading, ProcessGauge } from './process-gauge.ts';
import type { PressureStats } from './stats.ts';
import { isThenable } from './thenable.ts';

/** Overload ends this share below where it began, or at half of it where that is more: below nothing it would never end. */
const OVERLOAD_HYSTERESIS = 0.05;

const NOTHING: PressureReading = { managers: null, heap: null, eventLoopDelay: null };

/** Reads the gauges of the process every `pressureIntervalMs`, shuts the gate while it is overloaded, and says how long idleness may last. */
export class Pressure extends Deadline {
  readonly #host: ManagerHost;
  readonly #gate: Gate;
  readonly #gauge: ProcessGauge;
  readonly #rule: PressureRule;
  #state: PressureState = 'normal';
  /** Without the managers: these are counted at each admission. */
  #measured: PressureState = 'normal';
  #reading = NOTHING;
  #level = 0;
  #running = false;

  constructor(host: ManagerHost, gate: Gate) {
    super();
    this.#host = host;
    this.#gate = gate;
    const { emergencyThreshold, emergencyExitThreshold, maxEventLoopDelayMs, overloadThreshold } = host.options;
    this.#gauge = new ProcessGauge({ watchesLoop: maxEventLoopDelayMs !== false && host.readGauges === undefined });
    this.#rule = {
      pressedAt: emergencyThreshold === false ? Infinity : emergencyThreshold,
      normalBelow: emergencyExitThreshold,
      overloadedAt: overloadThreshold === false ? Infinity : overloadThreshold,
      admittingBelow: overloadThreshold === false ? Infinity : exitOf(overloadThreshold),
    };
  }

  start(): void {
    const { maxManagers, maxHeapBytes, maxEventLoopDelayMs } = this.#host.options;
    if (this.#running || (maxManagers === false && maxHeapBytes === false && maxEventLoopDelayMs === false)) return;
    this.#running = true;
    this.#gauge.start();
    this.#arm();
  }

  stop(): void {
    this.#running = false;
    this.#gauge.stop();
    this.#host.deadlines.cancel(this);
  }

  /** How long a manager may be idle now; a user's only one keeps its time until the process is overloaded. */
  idleTimeoutMs(idleTimeoutMs: number, isOnlyOne: boolean): number {
    if (this.#state === 'normal' || (isOnlyOne && this.#state !== 'overloaded')) return idleTimeoutMs;
    return idleTimeoutUnder(this.#level, idleTimeoutMs, this.#rule);
  }

  stats(): PressureStats {
    return Object.freeze({ state: this.#state, level: this.#level, ...this.#reading });
  }

  override onDue(): void {
    if (!this.#running) return;
    try {
      this.#judge(this.#read());
    } catch (error) {
      reportError(this.#host, error, 'gauge');
    }
    this.#arm();
  }

  #read(): GaugeReading {
    const { options, readGauges } = this.#host;
    if (readGauges === undefined) return this.#gauge.read();
    const given: unknown = readGauges();
    // Nobody can wait for it; what it fails with is told all the same.
    if (isThenable(given)) given.then(undefined, (error: unknown) => reportError(this.#host, error, 'gauge'));
    const reading = typeof given === 'object' && given !== null ? (given as Partial<Record<string, unknown>>) : {};
    const read = (name: 'heapUsedBytes' | 'eventLoopDelayMs', limit: number | false): number => {
      const value = reading[name];
      if (limit === false) return 0;
      if (typeof value === 'number' && value >= 0) return value;
      const got = isThenable(given) ? 'a promise' : show(value);
      throw new TypeError(`readGauges must answer ${name} as a number from 0, at once; got ${got}`);
    };
    return {
      heapUsedBytes: read('heapUsedBytes', options.maxHeapBytes),
      eventLoopDelayMs: read('eventLoopDelayMs', options.maxEventLoopDelayMs),
    };
  }

  #judge({ heapUsedBytes, eventLoopDelayMs }: GaugeReading): void {
    const { options, registry } = this.#host;
    const { maxManagers, maxHeapBytes, maxEventLoopDelayMs } = options;
    this.#reading = {
      managers: maxManagers === false ? null : registry.size / maxManagers,
      heap: maxHeapBytes === false ? null : heapUsedBytes / maxHeapBytes,
      eventLoopDelay: maxEventLoopDelayMs === false ? null : eventLoopDelayMs / maxEventLoopDelayMs,
    };
    this.#level = levelOf(this.#reading);
    const before = this.#state;
    this.#state = judgePressure(before, this.#level, this.#rule);
    this.#measured = judgePressure(this.#measured, levelOf({ ...this.#reading, managers: null }), this.#rule);
    this.#gate.overload(this.#measured === 'overloaded');
    if (this.#state !== before)
      publish(CHANNELS['watertight:pressure:state'], this.#host, () => ({ pressure: this.stats() }));
  }

  #arm(): void {
    this.#host.deadlines.schedule(this, this.#host.options.pressureIntervalMs, this.#host.clock.now());
  }
}

function exitOf(overloadThreshold: number): number {
  return Math.max(overloadThreshold - OVERLOAD_HYSTERESIS, overloadThreshold / 2);
}
