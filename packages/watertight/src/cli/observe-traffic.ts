import { setTimeout as delay } from 'node:timers/promises';

import type { Alert } from '@watertight/server/alerts';

import { PlaceResolver } from '../evidence/places.ts';
import { TrafficRecord } from '../evidence/traffic.ts';
import type { Door } from '../inspector/open.ts';
import type { TrafficSampler } from '../inspector/traffic-sampler.ts';
import { InsideViewError } from '../inspector/unavailable.ts';
import { escapeTerminal } from '../report/escape.ts';
import { growingText, type LookCost, outsideText, renderAlert, renderLook, renderSummary } from '../report/observed.ts';
import { TargetError } from '../target/failure.ts';
import { describeProcess } from '../target/proc.ts';
import { processBehind } from '../target/process-behind.ts';
import { judgeOutsideHeap } from '../verdict/outside-heap.ts';
import { GrowingPlaces, type PlaceAlert } from '../verdict/growing-places.ts';
import { AlertPost } from './alert-post.ts';
import { EXIT_INCONCLUSIVE } from './exit-codes.ts';
import type { ObserveRequest } from './observe-command.ts';
import { openPlace } from './open-place.ts';
import type { ProcessPlace } from './process-place.ts';
import { listenForStop, stopWithReader } from './stop-signal.ts';

const EXIT_GROWING = 1;

/** In a sentence. */
interface Doubt {
  readonly tooShort?: string;
  readonly noTraffic?: string;
  readonly outsideHeap?: string;
}

/** Runs the command until Ctrl-C or `--for`. Answers the exit code. */
export async function observeTraffic(request: ObserveRequest): Promise<number> {
  const stop = listenForStop(request.forMs, (exitCode) => process.exit(exitCode));
  // Who is told by a webhook need not read.
  const letReaderGo = request.webhook === undefined ? stopWithReader(stop) : undefined;
  let door: Door | undefined;
  let sampler: TrafficSampler | undefined;
  const { webhook, webhookFormat } = request;
  const secret = process.env['WATERTIGHT_WEBHOOK_SECRET'];
  // Nobody waits for the end to learn that nobody was told.
  const onLost = (reason: string): void => say(`an alert could not be sent to --webhook: ${reason}`);
  const post = webhook && new AlertPost({ url: webhook, format: webhookFormat, secret, onLost });
  try {
    door = await openPlace(whereItServes(request.where));
    sampler = await door.view.sampleTraffic(request.sampleBytes);
    const watch = new Watch(request, door, sampler, post);
    watch.begin();
    const exitCode = await watch.run(stop.signal);
    return stop.failure === undefined ? exitCode : fail(stop.failure);
  } catch (error) {
    if (error instanceof InsideViewError || error instanceof TargetError) return fail(error.message);
    throw error;
  } finally {
    await sampler?.close();
    await door?.close();
    await post?.close();
    letReaderGo?.();
    stop[Symbol.dispose]();
  }
}

class Watch {
  readonly #request: ObserveRequest;
  readonly #door: Door;
  readonly #record: TrafficRecord;
  readonly #growing: GrowingPlaces;
  readonly #post: AlertPost | undefined;
  readonly #startedAtMs = performance.now();
  #cost: Omit<LookCost, 'elapsedMs'> = { lookCount: 0, stoppedMs: 0, longestStopMs: 0 };
  #hasAlerted = false;

  constructor(request: ObserveRequest, door: Door, sampler: TrafficSampler, post: AlertPost | undefined) {
    this.#request = request;
    this.#door = door;
    this.#record = new TrafficRecord(sampler, new PlaceResolver(process.cwd()));
    this.#growing = new GrowingPlaces(request.windowCount);
    this.#post = post;
  }

  begin(): void {
    const { windowMs, windowCount, sampleBytes, json } = this.#request;
    const { view, isOurs, address } = this.#door;
    if (json) {
      this.#print({ type: 'begin', pid: view.pid, inspector: address, windowMs, windowCount, sampleBytes });
      return;
    }
    const inspector = isOurs ? `opened its inspector on ${address}, for this machine alone` : `through ${address}`;
    this.#print(
      `watertight: observing process ${view.pid} (${inspector}): a look every ${windowMs / 1_000} s, one sample for each ${sampleBytes} bytes; the first word after ${windowCount + 3} looks`,
    );
  }

  async run(signal: AbortSignal): Promise<number> {
    const { windowMs, maxShare, maxStopMs } = this.#request;
    while (!signal.aborted) {
      const startedAtMs = performance.now();
      const stoppedMs = await this.#look().catch((error: unknown) => this.#endOf(error));
      if (stoppedMs === undefined) return this.#hasAlerted ? EXIT_GROWING : EXIT_INCONCLUSIVE;
      if (stoppedMs > maxStopMs) {
        this.#end(this.#doubt());
        say(
          `a look stopped the process for ${Math.round(stoppedMs)} ms, and --max-stop is ${maxStopMs} ms: it is observed no longer`,
        );
        return this.#hasAlerted ? EXIT_GROWING : EXIT_INCONCLUSIVE;
      }
      const untilNextMs = Math.max(windowMs - (performance.now() - startedAtMs), stoppedMs / maxShare - stoppedMs);
      await delay(Math.max(0, untilNextMs), undefined, { signal }).catch(() => undefined);
    }
    const doubt = this.#doubt();
    this.#end(doubt);
    if (this.#hasAlerted) return EXIT_GROWING;
    return doubt === undefined ? 0 : EXIT_INCONCLUSIVE;
  }

  /** Why it cannot be said that nothing grows, where nothing was seen to. */
  #doubt(): Doubt | undefined {
    const needed = this.#request.windowCount + 3;
    const { lookCount } = this.#cost;
    if (lookCount < needed)
      return {
        tooShort: `Too short to say: ${lookCount} looks of the ${needed} that are needed (--window, --windows).`,
      };
    const { points } = this.#record;
    // Who is connected all the time may send what grows; where at times nobody is, and nobody comes, there was no traffic.
    const isIdle = points.at(-1)?.acceptedCount === 0 && points.some(({ openCount }) => openCount === 0);
    if (isIdle)
      return {
        noTraffic: `Nothing can be said: no connection was accepted in all that time. Is process ${this.#door.view.pid} the one that serves?`,
      };
    const outside = judgeOutsideHeap(points, this.#request.windowCount);
    return outside === undefined ? undefined : { outsideHeap: outsideText(outside) };
  }

  async #look(): Promise<number> {
    const { stoppedMs, workerCount } = await this.#record.look();
    if (this.#cost.lookCount === 0 && workerCount > 0)
      say(`the process has ${workerCount} worker threads, whose heaps are not observed`);
    this.#cost = {
      lookCount: this.#cost.lookCount + 1,
      stoppedMs: this.#cost.stoppedMs + stoppedMs,
      longestStopMs: Math.max(this.#cost.longestStopMs, stoppedMs),
    };
    const { points, places } = this.#record;
    const alerts = this.#growing.judge(points, places);
    const time = new Date();
    const point = points.at(-1);
    const growingCount = this.#growing.firing.length;
    if (point !== undefined) {
      const { acceptedCount, openCount, heapUsedBytes, outsideHeapBytes } = point;
      const json = {
        type: 'look',
        time,
        stoppedMs,
        acceptedCount,
        openCount,
        heapUsedBytes,
        outsideHeapBytes,
        growingCount,
      };
      this.#print(this.#request.json ? json : renderLook(time, point, stoppedMs, growingCount));
    }
    for (const alert of alerts) this.#tell(time, alert);
    return stoppedMs;
  }

  /** Whoever can no longer be looked into has most likely ended: what was seen until then is told. */
  #endOf(error: unknown): undefined {
    if (!(error instanceof InsideViewError) || this.#cost.lookCount === 0) throw error;
    say(`process ${this.#door.view.pid} has ended, or can no longer be looked into: ${error.message}`);
    this.#end(this.#doubt());
  }

  #tell(time: Date, alert: PlaceAlert): void {
    const { place, stack, growth } = alert.growing;
    this.#hasAlerted = true;
    const told = this.#alertOf(alert);
    this.#print(this.#request.json ? { type: 'alert', time, ...told, place, stack, growth } : renderAlert(time, alert));
    this.#post?.send(told);
  }

  #alertOf({ state, growing, atMs }: PlaceAlert): Alert {
    return {
      rule: 'WatertightPlaceKeepsGrowing',
      state,
      severity: 'warning',
      factory: `process ${this.#door.view.pid}`,
      user: null,
      value: state === 'firing' ? growing.growth.bytesPerHour : null,
      summary: growingText(growing),
      forMs: atMs - growing.growth.fromMs,
    };
  }

  #end(doubt: Doubt = {}): void {
    const { firing } = this.#growing;
    const cost = { ...this.#cost, elapsedMs: performance.now() - this.#startedAtMs };
    const { tooShort, noTraffic, outsideHeap } = doubt;
    const json = { tooShort: tooShort ?? null, noTraffic: noTraffic ?? null, outsideHeap: outsideHeap ?? null };
    this.#print(
      this.#request.json
        ? { type: 'summary', growing: firing, ...cost, ...json }
        : renderSummary(firing, cost, tooShort ?? noTraffic ?? outsideHeap),
    );
  }

  #print(told: string | object): void {
    process.stdout.write(`${typeof told === 'string' ? told : JSON.stringify(told)}\n`);
  }
}

/** A wrapper is followed to what it has started: its own heap says nothing about connections. */
function whereItServes(where: ProcessPlace): ProcessPlace {
  if (!('pid' in where)) return where;
  const pid = processBehind(where.pid);
  if (pid !== where.pid)
    say(
      `${describeProcess(where.pid)} takes no connections itself: ${describeProcess(pid)} behind it does, and is observed`,
    );
  return { pid };
}

function fail(message: string): number {
  say(message);
  return EXIT_INCONCLUSIVE;
}

function say(message: string): void {
  process.stderr.write(`watertight: ${escapeTerminal(message)}\n`);
}
