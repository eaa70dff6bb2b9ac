import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { InspectorSession } from './session.ts';
import { attachToWorkers, type WorkerThread } from './workers.ts';

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: { readonly message?: string };
}

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of leftovers.splice(0).toReversed()) await end();
});

/** Speaks as an inspector does whose kernel keeps every second word in a row back until it hears something, or until `acknowledge`. */
async function keepingBack(answersTo: (request: Request) => readonly object[]): Promise<{
  readonly session: InspectorSession;
  readonly heard: readonly string[];
  tell(notice: object): void;
  acknowledge(): void;
}> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  leftovers.push(() => new Promise((resolve) => server.close(resolve)));
  const heard: string[] = [];
  const kept: object[] = [];
  let peer: WebSocket | undefined;
  let isAcknowledged = true;
  const flush = (): void => {
    if (!isAcknowledged || kept.length === 0) return;
    isAcknowledged = false;
    peer?.send(JSON.stringify(kept.shift()));
  };
  server.on('connection', (socket) => {
    peer = socket;
    socket.on('message', (data) => {
      const request = JSON.parse((data as Buffer).toString()) as Request;
      heard.push(request.method);
      isAcknowledged = true;
      flush();
      kept.push(...answersTo(request));
      flush();
    });
  });
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  const session = await InspectorSession.connect(`ws://127.0.0.1:${port}/`);
  leftovers.push(() => session.close());
  return {
    session,
    heard,
    tell: (notice) => {
      kept.push(notice);
      flush();
    },
    acknowledge: () => {
      isAcknowledged = true;
      flush();
    },
  };
}

const plainAnswer = ({ id }: Request): object => ({ id, result: {} });

test('[I40] an answer that comes behind notices is not kept back until the kernel acknowledges them by itself', async () => {
  const { session } = await keepingBack((request) =>
    request.method === 'NodeTracing.stop'
      ? [{ method: 'NodeTracing.dataCollected' }, { method: 'NodeTracing.tracingComplete' }, plainAnswer(request)]
      : [plainAnswer(request)],
  );
  expect(await session.call('NodeTracing.stop', {}, 5_000)).toEqual({});
});

test('[I40] nor is one that comes behind the answer to somebody who asks nothing more', async () => {
  const asked: Request[] = [];
  const { session } = await keepingBack((request) => {
    if (request.method === 'NodeRuntime.notifyWhenWaitingForDisconnect') return [plainAnswer(request)];
    asked.push(request);
    return asked.length === 2
      ? asked.map(plainAnswer)
      : request.method === 'Runtime.getIsolateId'
        ? [plainAnswer(request)]
        : [];
  });
  const slow = session.call('Runtime.evaluate', {}, 5_000);
  const other = session.call('Runtime.getHeapUsage', {}, 5_000);
  expect(await Promise.all([slow, other])).toEqual([{}, {}]);
});

test('[I40] a word of a worker thread, which is a notice to the session, is not kept back either', async () => {
  const sessionId = '1';
  const { session } = await keepingBack((request) => {
    if (request.method === 'NodeWorker.enable')
      return [
        {
          method: 'NodeWorker.attachedToWorker',
          params: { sessionId, workerInfo: { workerId: '1', url: 'file:///w' } },
        },
        plainAnswer(request),
      ];
    if (request.method !== 'NodeWorker.sendMessageToWorker') return [plainAnswer(request)];
    const message = JSON.stringify(plainAnswer(JSON.parse(request.params.message ?? '') as Request));
    return [plainAnswer(request), { method: 'NodeWorker.receivedMessageFromWorker', params: { sessionId, message } }];
  });
  const threads: WorkerThread[] = [];
  await attachToWorkers(session, (thread) => threads.push(thread));
  expect(await threads[0]?.channel.call('Runtime.evaluate', {}, 5_000)).toEqual({});
});

test('[I40] where nobody waits nothing is said, and of one word in a row no more than a few', async () => {
  const { session, heard, tell, acknowledge } = await keepingBack((request) =>
    request.method === 'Never.answered' ? [] : [plainAnswer(request)],
  );
  const seen = new Promise<void>((resolve) => void session.on('Late.notice', () => resolve()));
  tell({ method: 'Late.notice' });
  acknowledge();
  await seen;
  await session.call('Runtime.getHeapUsage');
  expect(heard).toEqual(['NodeRuntime.notifyWhenWaitingForDisconnect', 'Runtime.getHeapUsage']);

  await expect(session.call('Never.answered', {}, 500)).rejects.toThrow('Never.answered');
  tell({ method: 'Late.notice' });
  const again = session.call('Never.answered', {}, 500);
  await expect(again).rejects.toThrow('Never.answered');
  const nudges = heard.filter((method) => method === 'Runtime.getIsolateId').length;
  expect(nudges).toBeGreaterThan(0);
  expect(nudges).toBeLessThanOrEqual(5);
});
