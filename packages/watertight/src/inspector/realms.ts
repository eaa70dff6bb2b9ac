import type { InspectorChannel } from './channel.ts';
import { OBJECT_GROUP, OWN_SCRIPTS, type RemoteObject, valueOf } from './evaluate.ts';
import { COURIER, type ExaminerRealm, MAX_REALMS } from './examiner-realm.ts';

interface ContextDescription {
  readonly id: number;
  readonly name: string;
  readonly auxData?: { readonly isDefault?: boolean };
}

interface Properties {
  readonly internalProperties?: readonly { readonly name: string; readonly value?: RemoteObject }[];
}

/**
 * The realms that `node:vm` has made beside that of the program, as test runners and sandboxes have them. Known by number
 * only: a handle of ours into one of them would keep alive what the target has let go of.
 */
export class OtherRealms {
  readonly #channel: InspectorChannel;
  readonly #realm: ExaminerRealm;
  #known: readonly number[] = [];
  #walked: readonly number[] = [];

  constructor(channel: InspectorChannel, realm: ExaminerRealm) {
    this.#channel = channel;
    this.#realm = realm;
  }

  /** Has what lies in each of them listed for the survey that follows; answers in how many that went. What is made for it belongs to the group. */
  async list(objectGroup: string, timeoutMs: number): Promise<number> {
    this.#walked = [];
    if (this.#known.length === 0 || (await this.#realm.ask<number>('sendCouriers', [])) === 0) return 0;
    for (const contextId of this.#known) {
      // One that is gone meanwhile, or of which the courier does not come back, is not looked into.
      const isListed = await this.#listOne(contextId, objectGroup, timeoutMs).catch(() => false);
      if (isListed) this.#walked = [...this.#walked, contextId];
    }
    return this.#walked.length;
  }

  /** Finds those that are there now, and are looked into from then on, among all objects below the root of the program. */
  async find(root: string, timeoutMs: number): Promise<void> {
    const ask = { prototypeObjectId: root, objectGroup: OBJECT_GROUP };
    const { objects } = await this.#channel.call('Runtime.queryObjects', ask, timeoutMs);
    const { objectId = '' } = objects as RemoteObject;
    const count = await this.#realm.ask<number>('findRealms', [{ objectId }], timeoutMs);
    await this.#channel.call('Runtime.releaseObject', { objectId });
    this.#known = count === 0 ? [] : await this.#contexts(timeoutMs);
  }

  /** A value of the expression in each that was looked into last and is still there. The caller releases the group. */
  async evaluate(expression: string, objectGroup: string): Promise<readonly RemoteObject[]> {
    const values = this.#walked.map(async (contextId) => {
      const ask = { expression, contextId, objectGroup, silent: true };
      return await this.#channel.call('Runtime.evaluate', ask).then(
        (reply) => [valueOf(reply)],
        () => [],
      );
    });
    return (await Promise.all(values)).flat();
  }

  async #listOne(contextId: number, objectGroup: string, timeoutMs: number): Promise<boolean> {
    const call = async (method: string, params: object): Promise<Readonly<Record<string, unknown>>> =>
      await this.#channel.call(method, { ...params, objectGroup, silent: true }, timeoutMs);
    const plain = valueOf(await call('Runtime.evaluate', { expression: '({})', contextId }));
    const { internalProperties }: Properties = await call('Runtime.getProperties', {
      objectId: plain.objectId,
      ownProperties: true,
    });
    const root = internalProperties?.find(({ name }) => name === '[[Prototype]]')?.value;
    const { objects } = await call('Runtime.queryObjects', { prototypeObjectId: root?.objectId });
    const { objectId } = objects as RemoteObject;
    const args = [{ value: COURIER }];
    return (
      valueOf(await call('Runtime.callFunctionOn', { objectId, functionDeclaration: CARRY, arguments: args })).value ===
      true
    );
  }

  /** Numbers of the youngest realms but the program's and ours, as many as are looked into. The domain is on for the moment, because only then the target names them. */
  async #contexts(timeoutMs: number): Promise<readonly number[]> {
    const ids: number[] = [];
    const end = this.#channel.on('Runtime.executionContextCreated', ({ context }) => {
      const { id, name, auxData } = context as ContextDescription;
      if (auxData?.isDefault !== true && !name.startsWith(OWN_SCRIPTS)) ids.push(id);
    });
    try {
      // All of them are told before the reply.
      await this.#channel.call('Runtime.enable', {}, timeoutMs);
    } finally {
      end();
      await this.#channel.call('Runtime.disable', {}, timeoutMs).catch(() => undefined);
    }
    return ids.toSorted((one, other) => one - other).slice(-MAX_REALMS);
  }
}

const CARRY = `function watertightCarry(courier) {
  const textOf = (() => {}).toString;
  for (let index = 0; index < this.length; index += 1) {
    if (typeof this[index] !== 'function' || textOf.call(this[index]) !== courier) continue;
    this[index].watertightCarried = this;
    return true;
  }
  return false;
}
//# sourceURL=${OWN_SCRIPTS}carry
`;
