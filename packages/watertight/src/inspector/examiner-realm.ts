import type { InspectorChannel } from './channel.ts';
import { OBJECT_GROUP, OWN_FUNCTIONS, OWN_SCRIPTS, valueOf, type RemoteObject } from './evaluate.ts';
import { makeCollections } from './in-target/collections.ts';
import { makeHistory } from './in-target/history.ts';
import { makeListeners } from './in-target/listeners.ts';
import { makeNaming } from './in-target/naming.ts';
import { makePromises } from './in-target/promises.ts';
import { makeRealms } from './in-target/realms.ts';
import { makeProcessState } from './in-target/process-state.ts';
import { makeSurvey } from './in-target/survey.ts';
import { makeTimers } from './in-target/timers.ts';
import { findPromiseDetails } from './promise-details.ts';
import { InsideViewError } from './unavailable.ts';

/**
 * A realm of our own inside the target. What we remember there is made of its classes, so it never counts among the target's;
 * and its Map, WeakMap and JSON are what the engine made, whatever the target did to its own.
 */
export class ExaminerRealm {
  readonly #channel: InspectorChannel;
  readonly #handle: string;
  readonly #group: string;

  private constructor(channel: InspectorChannel, handle: string, group: string) {
    this.#channel = channel;
    this.#handle = handle;
    this.#group = group;
  }

  static async open(channel: InspectorChannel, group = `${OBJECT_GROUP}-examination`): Promise<ExaminerRealm> {
    const reply = await channel.call('Runtime.evaluate', { expression: BOOTSTRAP, objectGroup: group, silent: true });
    const { objectId } = valueOf(reply);
    if (objectId === undefined)
      throw new InsideViewError('inside the target: no realm could be made for looking at it');
    const realm = new ExaminerRealm(channel, objectId, group);
    const details = await findPromiseDetails(channel, group);
    if (details !== undefined) await realm.#handleOf(READ_PROMISES_WITH, [{ objectId: details }]);
    return realm;
  }

  /** Returns after a turn of the target's event loop: what was under way when it began is over. */
  async turn(timeoutMs?: number): Promise<void> {
    const source = 'function watertightAsk() { return this.turn(); }';
    valueOf(await this.#call(source, [], { timeoutMs, awaitPromise: true }));
  }

  /** The object of the target that everything inherits from. */
  async rootPrototype(): Promise<string> {
    return (await this.#handleOf('function watertightAsk() { return this.rootPrototype; }', [])).objectId ?? '';
  }

  /** Runs one function of the examiner with handles or plain values; what it answers travels as text. */
  async ask<Result>(name: ExaminerFunction, args: readonly RemoteArgument[], timeoutMs?: number): Promise<Result> {
    const { value } = valueOf(
      await this.#call(`function watertightAsk(...args) { return this.asText(this.${name}(...args)); }`, args, {
        timeoutMs,
      }),
    );
    return JSON.parse(String(value)) as Result;
  }

  /** The same, but what it answers stays in the target, and belongs to that group; whoever asks releases it. */
  async askForHandle(
    name: ExaminerFunction,
    args: readonly RemoteArgument[],
    objectGroup: string,
  ): Promise<RemoteObject> {
    const source = `function watertightAsk(...args) { return this.${name}(...args); }`;
    return valueOf(await this.#call(source, args, { objectGroup }));
  }

  async close(timeoutMs?: number): Promise<void> {
    await this.#channel.call('Runtime.releaseObjectGroup', { objectGroup: this.#group }, timeoutMs);
  }

  async #handleOf(functionDeclaration: string, args: readonly RemoteArgument[]): Promise<RemoteObject> {
    return valueOf(await this.#call(functionDeclaration, args));
  }

  #call(
    functionDeclaration: string,
    args: readonly RemoteArgument[],
    {
      timeoutMs,
      awaitPromise = false,
      objectGroup = this.#group,
    }: {
      readonly timeoutMs?: number | undefined;
      readonly awaitPromise?: boolean;
      readonly objectGroup?: string;
    } = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.#channel.call(
      'Runtime.callFunctionOn',
      {
        objectId: this.#handle,
        functionDeclaration: `${functionDeclaration}\n//# sourceURL=${OWN_SCRIPTS}ask\n`,
        arguments: args,
        objectGroup,
        silent: true,
        awaitPromise,
      },
      timeoutMs,
    );
  }
}

export type RemoteArgument = { readonly objectId: string } | { readonly value: unknown };

const READ_PROMISES_WITH = 'function watertightAsk(details) { this.readPromisesWith(details); }';

type ExaminerFunction = 'survey' | 'processState' | 'findRealms' | 'sendCouriers' | 'constructorOf' | 'callbackOf';

/** Of other realms so many are looked into: each costs a walk over the heap of its own. */
export const MAX_REALMS = 8;

/** By its source a courier into another realm is told from all that is the target's own. */
export const COURIER = `function watertightCourier${String(Math.random()).slice(2)}() {}`;

const EXAMINER = `(host, plainObject) => {
  'use strict';
  const { stringify } = JSON;
  const naming = (${String(makeNaming)})(host);
  const history = (${String(makeHistory)})();
  const timers = (${String(makeTimers)})(host, naming, ${JSON.stringify(OWN_FUNCTIONS)});
  const collections = (${String(makeCollections)})(host, naming, history);
  const listeners = (${String(makeListeners)})(host, naming, history);
  const promises = (${String(makePromises)})(naming);
  const realms = (${String(makeRealms)})(host, naming, '${COURIER}', ${MAX_REALMS});
  const survey = (${String(makeSurvey)})(host, naming, realms.isOfGlobal, { collections, listeners, timers, promises });
  return Object.freeze({
    __proto__: null,
    rootPrototype: Object.getPrototypeOf(plainObject),
    asText: (value) => stringify(value),
    survey: (look, objects, withCollections) => {
      history.begin(look);
      try {
        return survey([objects, ...realms.carried()], withCollections);
      } finally {
        realms.letGo();
      }
    },
    findRealms: realms.find,
    sendCouriers: realms.sendCouriers,
    processState: (${String(makeProcessState)})(host),
    turn: () => new Promise((resolve) => host.setImmediate(resolve)),
    readPromisesWith: promises.readWith,
    constructorOf: naming.constructorOf,
    callbackOf: timers.callbackOf,
  });
}`;

const BOOTSTRAP = `(function watertightBootstrap() {
  const { isProxy } = process.getBuiltinModule('node:util').types;
  const { createContext, isContext, runInContext } = process.getBuiltinModule('node:vm');
  const realm = createContext({ __proto__: null }, { name: '${OWN_SCRIPTS}examiner' });
  const make = runInContext(${JSON.stringify(EXAMINER)}, realm, { filename: '${OWN_SCRIPTS}examiner' });
  const { setImmediate } = process.getBuiltinModule('node:timers');
  const memoryUsage = () => process.memoryUsage();
  const { getHeapStatistics } = process.getBuiltinModule('node:v8');
  const contextCount = () => getHeapStatistics().number_of_native_contexts;
  const makeIn = (expression, sandbox) => runInContext(expression, sandbox, { filename: '${OWN_SCRIPTS}courier' });
  const activeResources = () => process.getActiveResourcesInfo();
  // This one, and in the main thread that of what hears its complaints.
  const realmOfOursCount = process.getBuiltinModule('node:worker_threads').isMainThread ? 2 : 1;
  const host = { isProxy, isContext, makeIn, memoryUsage, activeResources, contextCount, realmOfOursCount, setImmediate };
  return make({ __proto__: null, ...host }, {});
})()
//# sourceURL=${OWN_SCRIPTS}bootstrap`;
