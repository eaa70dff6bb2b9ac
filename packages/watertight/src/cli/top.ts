import { setTimeout as delay } from 'node:timers/promises';

import type { FactoryStats } from '@watertight/server';

import type { Door } from '../inspector/open.ts';
import { InsideViewError } from '../inspector/unavailable.ts';
import { escapeTerminal } from '../report/escape.ts';
import { renderOverview } from '../report/overview.ts';
import { TargetError } from '../target/failure.ts';
import { openDashboard, type WatchedFactory } from './top-dashboard.ts';
import { EXIT_INCONCLUSIVE } from './exit-codes.ts';
import { openPlace } from './open-place.ts';
import { listenForStop, stopWithReader } from './stop-signal.ts';
import type { TopRequest } from './top-command.ts';

const TO_THE_TOP = '\u001b[H\u001b[J';

/** Runs the command until Ctrl-C. Answers the exit code: 3 when nothing can be seen there, or no longer. */
export async function top(request: TopRequest): Promise<number> {
  const stop = listenForStop(undefined, (exitCode) => process.exit(exitCode));
  const letReaderGo = stopWithReader(stop);
  let door: Door | undefined;
  try {
    if ('dashboard' in request.where) {
      const seen = await openDashboard(request.where.dashboard, request.factory);
      await show(seen.factory, seen.pid, request, stop.signal);
      return stop.failure === undefined ? 0 : fail(stop.failure);
    }
    door = await openPlace(request.where, request.factory === undefined ? {} : { factoryName: request.factory });
    const { factory, pid } = door.view;
    if (factory === undefined) {
      const named = request.factory === undefined ? '' : ` named ${JSON.stringify(request.factory)}`;
      return fail(`process ${pid} has no open factory of @watertight/server${named}`);
    }
    const look: WatchedFactory['look'] = async () => ({ stats: await factory.stats() });
    await show({ options: factory.options, look }, pid, request, stop.signal);
    return stop.failure === undefined ? 0 : fail(stop.failure);
  } catch (error) {
    if (error instanceof InsideViewError || error instanceof TargetError) return fail(error.message);
    throw error;
  } finally {
    await door?.close();
    letReaderGo();
    stop[Symbol.dispose]();
  }
}

async function show(factory: WatchedFactory, pid: number, request: TopRequest, signal: AbortSignal): Promise<void> {
  const isScreen = process.stdout.isTTY && !request.once && !request.json;
  let before: FactoryStats | undefined;
  while (!signal.aborted) {
    const { stats, surroundings } = await factory.look();
    const text = request.json
      ? `${JSON.stringify(stats)}\n`
      : renderOverview(stats, before, factory.options, { pid, surroundings });
    process.stdout.write(isScreen ? TO_THE_TOP + text : text);
    if (request.once) return;
    before = stats;
    await delay(request.intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

function fail(message: string): number {
  process.stderr.write(`watertight: ${escapeTerminal(message)}\n`);
  return EXIT_INCONCLUSIVE;
}
