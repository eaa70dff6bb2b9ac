import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Guard } from '../src/adapters/guard-options.ts';
import type { Identity } from '../src/adapters/identify.ts';
import type { NetworkOptions } from '../src/adapters/network-options.ts';
import { createManagerFactory } from '../src/factory.ts';
import type { ManagerFactory } from '../src/manager-factory.ts';
import type { Manager } from '../src/manager.ts';
import type { ManagerFactoryOptions } from '../src/options.ts';
import { REFUSALS, type RefusalReason } from '../src/refusals.ts';
import { type Reported, atEnd } from './factory-kit.ts';
import { socketCount, until } from './guarded-server.ts';
import { RawClient, TEXT, closingOf, frame } from './raw-client.ts';

/** What the code behind an adapter does in one test, and what the adapter is told about the network. */
export interface Behaviour extends NetworkOptions {
  readonly identify?: (user: string | null) => Identity | Promise<Identity>;
  readonly identifyTimeoutMs?: number | false;
  readonly init?: (manager: Manager) => unknown;
  /** A session has begun; its client hears what is sent. */
  readonly began?: (manager: Manager, send: (text: string) => void) => void;
  /** A message has come; what this answers is sent back. */
  readonly message?: (manager: Manager, text: string) => string;
  /** Waits of others on the road in; a subject has those that its `waits` names. */
  readonly hooks?: Partial<Record<Place, Hook>>;
}

/** Where somebody else may wait on the road in: before the adapter is asked, or between the admission and the session. */
export type Place = 'before' | 'behind';

/** Code of the framework, or of its user, that takes time. */
export type Hook = (user: string | null) => Promise<void>;

/** A server of the transport with the adapter in front; it may listen already. */
export interface Served {
  readonly server: Server;
  readonly guard: Guard;
  /** Ends whatever the adapter does not. */
  close(): unknown;
}

/** What a client of the transport says, byte for byte. */
export interface Speech {
  /** Asks to be let in. */
  ask(client: RawClient, user: string, headers?: Readonly<Record<string, string>>): void;
  /** The session is up; may say what the protocol wants said first. */
  isIn(client: RawClient): boolean;
  say(client: RawClient, text: string): void;
  hears(client: RawClient, text: string): boolean;
  /** How it was refused, in numbers of HTTP; `undefined` as long as it is not. */
  refusal(client: RawClient): Refused | undefined;
}

export interface Refused {
  readonly status: number;
  readonly retryAfterMs: number | null;
  readonly reason: string;
  readonly limit?: number;
}

/** What lies between clients and a server. */
export interface Network {
  /** Both sides may be half-closed. */
  dial(server: Server): Promise<Socket>;
  /** Sockets of the server that are not closed. */
  socketCount(server: Server): Promise<number>;
}

/** One adapter under test. */
export interface Subject {
  readonly name: string;
  serve(factory: ManagerFactory, behaviour: Behaviour): Served | Promise<Served>;
  readonly speech: Speech;
  /** How clients reach the server. Default: over TCP. */
  readonly network?: Network;
  /** Why a manager is released whose client has left. Default `client-close`; sessions that outlive their streams end by a time-out. */
  readonly endsAs?: string;
  /** What of the framework, or of its user, takes time on the road in. */
  readonly waits?: Partial<Record<Place, string>>;
  readonly can: {
    /** Reads what comes before the answer, so that it sees a FIN behind it. */
    readonly early: boolean;
    /** Asks silent clients for a sign of life. */
    readonly asks: boolean;
    /** Closes with a code. */
    readonly closeCodes: boolean;
    /** Hands messages to the code behind it. */
    readonly messages: boolean;
    /** What throws when a session begins goes to `onError`; otherwise the framework has it. */
    readonly reports: boolean;
    /** Closes the socket of whoever is refused. */
    readonly endsRefused: boolean;
    /** Tells whoever is refused at a limit which one; a close code has no room for it. */
    readonly tellsLimit: boolean;
  };
}

/** Of an adapter that leaves nothing out. */
export const canEverything: Subject['can'] = {
  early: true,
  asks: true,
  closeCodes: true,
  messages: true,
  reports: true,
  endsRefused: true,
  tellsLimit: true,
};

/** A WebSocket client that talks in text frames. */
export const webSocketSpeech: Speech = {
  ask: (client, user, headers) => client.upgrade(`/?user=${user}`, { headers }),
  isIn: (client) => client.response?.status === 101,
  say: (client, text) => void client.socket.write(frame(TEXT, text)),
  hears: (client, text) => client.frames.includes(text),
  refusal: refusalOverHttp,
};

/** What an adapter answers by close code, once the client has a WebSocket. */
export function refusalByClose(client: RawClient): Refused | undefined {
  const { code, reason: text = '' } = closingOf(client) ?? {};
  const [reason = '', retry] = text.split(';retry=');
  if (code === undefined || !isRefusalReason(reason) || REFUSALS[reason].closeCode !== code) return undefined;
  return { status: REFUSALS[reason].httpStatus, retryAfterMs: retry === undefined ? null : Number(retry), reason };
}

function isRefusalReason(reason: string): reason is RefusalReason {
  return Object.hasOwn(REFUSALS, reason);
}

/** What an adapter answers over HTTP. */
export function refusalOverHttp({ response }: RawClient): Refused | undefined {
  if (response === undefined || response.status < 400) return undefined;
  const seconds = response.headers['retry-after'];
  const body = JSON.parse(response.body) as Refused;
  return { ...body, status: response.status, retryAfterMs: seconds === undefined ? null : Number(seconds) * 1000 };
}

export interface Stage {
  readonly factory: ManagerFactory;
  readonly guard: Guard;
  readonly server: Server;
  readonly errors: readonly Reported[];
  /** A client that has asked to be let in. */
  ask(user: string, headers?: Readonly<Record<string, string>>): Promise<RawClient>;
  /** Waits until a client is refused; it is let go of then. */
  refused(client: RawClient): Promise<Refused>;
  /** Sockets of the server that are not closed. */
  socketCount(): Promise<number>;
  /** A client that has been let in. */
  enter(user: string): Promise<RawClient>;
  /** Nothing is held, no socket and no listener is left, and somebody else is still served. */
  nothingIsLeft(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Serves the subject for one test. */
export async function stageOf(
  subject: Subject,
  behaviour: Behaviour = {},
  options: ManagerFactoryOptions = {},
): Promise<Stage> {
  const errors: Reported[] = [];
  const factory = createManagerFactory({
    onError: (error, { stage, name }) => errors.push({ error, stage, name }),
    ...options,
  });
  const served = await subject.serve(factory, behaviour);
  const { server, guard } = served;
  if (!server.listening) {
    server.listen(0, HOST);
    await once(server, 'listening');
  }
  const socketCountNow = (): Promise<number> => (subject.network?.socketCount ?? socketCount)(server);
  const clients: RawClient[] = [];
  atEnd(async () => {
    for (const { socket } of clients) socket.destroy();
    guard.close();
    await factory.close();
    await served.close();
    server.close();
    server.closeAllConnections();
    await until(async () => (await socketCountNow()) === 0, 'all sockets of the server are gone');
  });
  const ask: Stage['ask'] = async (user, headers) => {
    const client = await (subject.network === undefined
      ? RawClient.open((server.address() as AddressInfo).port)
      : subject.network.dial(server).then((socket) => new RawClient(socket)));
    clients.push(client);
    subject.speech.ask(client, user, headers);
    return client;
  };
  const enter = async (user: string): Promise<RawClient> => {
    const client = await ask(user);
    await until(() => subject.speech.isIn(client), `${user} is let in`);
    return client;
  };
  const listenersBefore = listenersOf(server);
  return {
    factory,
    guard,
    server,
    errors,
    ask,
    enter,
    socketCount: socketCountNow,
    refused: async (client) => {
      await until(() => subject.speech.refusal(client) !== undefined, 'it is refused', 2000);
      if (subject.can.endsRefused) await until(() => client.end !== undefined, 'the server let go');
      else client.leave('fin');
      const refusal = subject.speech.refusal(client);
      if (refusal === undefined) throw new Error('not refused');
      return refusal;
    },
    nothingIsLeft: async () => {
      await until(() => isEmpty(factory, guard), 'nothing is held', 2000);
      await until(async () => (await socketCountNow()) === 0, 'no socket is left', 2000);
      if (listenersOf(server) !== listenersBefore) throw new Error(`listeners are left: ${listenersOf(server)}`);
      const { created, released } = factory.stats();
      if (created !== released.total) throw new Error(`${created} were created and ${released.total} released`);
    },
  };
}

/** An echo is heard. */
export async function isServed(subject: Subject, client: RawClient, text: string): Promise<void> {
  if (subject.can.messages) subject.speech.say(client, text);
  await until(() => subject.speech.hears(client, `echo ${text}`), `the echo of ${text} is heard`);
}

export function isEmpty(factory: ManagerFactory, guard: Guard): boolean {
  const { active, pending, closing, connections } = factory.stats();
  return active + pending + closing + connections + guard.pendingCount === 0;
}

function listenersOf(server: Server): string {
  return JSON.stringify(server.eventNames().map((name) => [String(name), server.listenerCount(name)]));
}
