import type { InspectorChannel } from './channel.ts';
import { callOn, evaluateHandle } from './evaluate.ts';
import type { HeapExamination, SurvivorSite } from './heap-types.ts';
import type { SamplingProfile } from './sampling-profile.ts';
import { Positions } from './positions.ts';
import { SurvivorWindows } from './survivors.ts';

/** A look collects garbage: 3 ms for each MB on a slow machine, and much longer on one that is busy. */
const LOOK_TIMEOUT_MS = 30_000;
const LOOK_TIMEOUT_MS_PER_MB = 300;
const CLOSE_TIMEOUT_MS = 1_000;

/** What a look at real traffic sees. */
export interface TrafficLook {
  /** From our question to the answer; no less than the target stood still. */
  readonly stoppedMs: number;
  /** Right after a collection. */
  readonly heapUsedBytes: number;
  /** Of buffers and of whatever else objects of the heap stand for, right after the same collection. */
  readonly outsideHeapBytes: number;
  /** Connections that were accepted since sampling began. */
  readonly acceptedCount: number;
  /** Sockets that are open now. */
  readonly openCount: number;
  /** Worker threads, whose heaps are not sampled. */
  readonly workerCount: number;
  /** A sample stands for about as many bytes as the interval; the bytes are estimates. */
  readonly survivors: readonly SurvivorSite[];
}

interface Counted {
  readonly accepted: number;
  readonly open: number;
  readonly workers: number;
  readonly outsideHeapBytes: number;
}

/** Samples what a process allocates while it serves, coarsely, and tells what of it is alive. */
export interface TrafficSampler {
  /** Collects garbage, which stops the target for about as long as its heap is large. */
  look(): Promise<TrafficLook>;
  /** All scripts by id. Switches the debugger domain on for the moment. */
  scripts(): ReturnType<HeapExamination['scripts']>;
  /** From now on the window before look `index` and the one behind it are one. */
  mergeWindows(index: number): void;
  /** Stops sampling and takes back what counts. Idempotent; never rejects. */
  close(): Promise<void>;
}

/** Begins to sample one isolate, one sample for each `intervalBytes` that are allocated. */
export async function sampleTraffic(channel: InspectorChannel, intervalBytes: number): Promise<TrafficSampler> {
  const counter = await evaluateHandle(channel, COUNTER);
  await channel.call('HeapProfiler.enable');
  await channel.call('HeapProfiler.startSampling', { samplingInterval: intervalBytes });
  return new ChannelSampler(channel, counter);
}

class ChannelSampler implements TrafficSampler {
  readonly #channel: InspectorChannel;
  readonly #counter: string;
  readonly #windows = new SurvivorWindows();
  #closing: Promise<void> | undefined;

  constructor(channel: InspectorChannel, counter: string) {
    this.#channel = channel;
    this.#counter = counter;
  }

  async look(): Promise<TrafficLook> {
    const timeoutMs = LOOK_TIMEOUT_MS + (await this.#heapUsedBytes()) * (LOOK_TIMEOUT_MS_PER_MB / 2 ** 20);
    const startedAtMs = performance.now();
    // It collects garbage before it answers.
    const { profile } = await this.#channel.call('HeapProfiler.getSamplingProfile', {}, timeoutMs);
    const stoppedMs = performance.now() - startedAtMs;
    const heapUsedBytes = await this.#heapUsedBytes();
    const counted = await callOn<Counted>(this.#channel, this.#counter, 'function () { return this.read(); }');
    // What the target has printed is kept for whoever debugs, with every object in it.
    await this.#channel.call('Runtime.discardConsoleEntries');
    return {
      stoppedMs,
      heapUsedBytes,
      outsideHeapBytes: counted.outsideHeapBytes,
      acceptedCount: counted.accepted,
      openCount: counted.open,
      workerCount: counted.workers,
      survivors: this.#windows.read(profile as SamplingProfile),
    };
  }

  scripts(): ReturnType<HeapExamination['scripts']> {
    return new Positions(this.#channel).scripts();
  }

  mergeWindows(index: number): void {
    this.#windows.merge(index);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Each step may fail because the target is gone, and then there is nothing left to take back.
    const ignore = (): void => undefined;
    await this.#channel.call('HeapProfiler.stopSampling', {}, CLOSE_TIMEOUT_MS).catch(ignore);
    await this.#channel.call('HeapProfiler.disable', {}, CLOSE_TIMEOUT_MS).catch(ignore);
    await callOn(this.#channel, this.#counter, 'function () { this.stop(); }', CLOSE_TIMEOUT_MS).catch(ignore);
  }

  async #heapUsedBytes(): Promise<number> {
    return Number((await this.#channel.call('Runtime.getHeapUsage', {}, LOOK_TIMEOUT_MS))['usedSize']);
  }
}

/** Node publishes every socket that a server of `node:net` accepts, whatever stands above it. */
const COUNTER = `(function watertightCounter() {
  const { subscribe, unsubscribe } = process.getBuiltinModule('node:diagnostics_channel');
  let accepted = 0;
  const watertightAccepted = () => { accepted += 1; };
  subscribe('net.server.socket', watertightAccepted);
  return {
    read: function watertightRead() {
      let open = 0;
      let workers = 0;
      for (const kind of process.getActiveResourcesInfo()) {
        if (kind === 'TCPSocketWrap' || kind === 'PipeWrap') open += 1;
        if (kind === 'Worker') workers += 1;
      }
      return { accepted, open, workers, outsideHeapBytes: process.memoryUsage().external };
    },
    stop: function watertightStop() { unsubscribe('net.server.socket', watertightAccepted); },
  };
})()`;
