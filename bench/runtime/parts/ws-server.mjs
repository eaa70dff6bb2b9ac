// @ts-check
// The same echo server three times: `bare` on ws alone, `byHand` behind the smallest guard that is right, `guarded` behind
// @watertight/server with its default options, or with the policy that is named, and told of in the way that is named. All know who their
// user is, and give every connection a timer and a subscription and take them away again. `refusing` admits nobody, and answers in the
// way that is named.
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { createManagerFactory } from '@watertight/server';
import { guard } from '@watertight/server/ws';
import { WebSocketServer } from 'ws';
import { answer, cpuMicros, heapBytes } from './answering.mjs';
import { guardByHand } from './hand-guard.mjs';
import { pass, Speakers } from './memory-wire.mjs';
import { POLICIES, setOverrides } from './policies.mjs';

/** @import { IncomingMessage } from 'node:http' */
/** @import { Manager } from '@watertight/server' */
/** @import { WebSocket } from 'ws' */

const TICK_MS = 60_000;

const server = createServer();
const bus = new EventEmitter().setMaxListeners(0);

/** @param {IncomingMessage} request */
const userOf = (request) => request.url?.slice(request.url.indexOf('=') + 1);
let sessionCount = 0;
/** Nobody has it already: it is looked for among those of the user. @param {IncomingMessage} request */
const sessionOf = (request) => {
  sessionCount += 1;
  const user = userOf(request);
  return user === undefined ? null : { user, sessionId: `session-${sessionCount}` };
};
const tick = () => undefined;

const policy = POLICIES[process.argv[3] ?? ''] ?? {};
const factory = createManagerFactory(policy.factory);
setOverrides(factory, policy);

function bare() {
  const wss = new WebSocketServer({ server });
  wss.on('connection', (socket, request) => {
    const user = userOf(request);
    const onNews = () => socket.send(`news for ${user}`);
    const timer = setInterval(tick, TICK_MS);
    bus.on('news', onNews);
    socket.on('message', (data) => socket.send(data));
    socket.on('error', tick);
    socket.on('close', () => {
      clearInterval(timer);
      bus.off('news', onNews);
    });
  });
}

function guarded() {
  const wss = new WebSocketServer({ noServer: true });
  const identify = policy.hasSessions === true ? sessionOf : userOf;
  guard(server, wss, { factory, identify, ...policy.guard });
  wss.on(
    'connection',
    (/** @type {WebSocket} */ socket, /** @type {IncomingMessage} */ _request, /** @type {Manager} */ manager) => {
      manager.every(TICK_MS, tick);
      manager.listen(bus, 'news', () => socket.send(`news for ${manager.user}`));
      socket.on('message', (data) => socket.send(data));
    },
  );
}

/** What each way to answer takes; `destroy` is what is left when nothing may be spent on an answer. */
const ANSWERS = /** @type {const} */ ({
  close: { refusal: 'close', maxCloseRefusalsPerSecond: false },
  http: { refusal: 'http', maxHttpRefusalsPerSecond: false },
  destroy: { refusal: 'http', maxHttpRefusalsPerSecond: 1 },
});

/** @param {keyof typeof ANSWERS} kind */
function refusing(kind) {
  void factory.drain({ windowMs: 0 });
  guard(server, new WebSocketServer({ noServer: true }), { factory, identify: userOf, ...ANSWERS[kind] });
}

const [, , kind, detail, telemetry] = process.argv;
// Not even imported where nothing of it is asked for.
const told = telemetry === undefined ? undefined : (await import('./telemetry.mjs')).TELEMETRY[telemetry];
/** @type {() => unknown} */
let stopTelling = () => undefined;
if (kind === 'bare') bare();
else if (kind === 'byHand') guardByHand(server, new WebSocketServer({ noServer: true }), userOf, bus);
else if (kind === 'guarded') guarded();
else refusing(detail === 'close' || detail === 'http' ? detail : 'destroy');

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;

const speakers = new Speakers();
/** @type {object[]} */
let ballast = [];

answer({
  /** A heap of so many megabytes more, of small objects. */
  fill({ megabytes }) {
    ballast = Array.from({ length: Number(megabytes) * 10_000 }, (_, number) => ({ number, text: `text ${number}` }));
    return { objects: ballast.length };
  },
  /** Tells of itself from now on, or no more. */
  async tell({ isOn, everyMs }) {
    await stopTelling();
    stopTelling = (isOn === 1 ? told?.start(server, factory, Number(everyMs)) : undefined) ?? (() => undefined);
    return {};
  },
  port: () => ({ port }),
  /** So many connections that no kernel carries, opened and closed. */
  async pass({ count }) {
    await pass(server, Number(count));
    return {};
  },
  async speak({ connections, each }) {
    await speakers.open(server, Number(connections) - speakers.count);
    await speakers.speak(Number(each));
    return {};
  },
  async hush() {
    await speakers.close();
    return {};
  },
  cpu: () => ({ cpuMicros: cpuMicros() }),
  heap: () => ({ heapBytes: heapBytes() }),
  held() {
    const { active, pending, closing, connections } = factory.stats();
    return { held: active + pending + closing + connections };
  },
});
