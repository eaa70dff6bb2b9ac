import type { IncomingMessage } from 'node:http';

import { InvalidOptionsError, WatertightError } from '@watertight/server';

import { ACTION_NAMES, type ActionName } from './action-names.ts';
import { INTENTS } from './actions.ts';
import { RefusedRequest } from './answer.ts';
import type { Audit } from './audit.ts';
import type { Reads } from './reads.ts';
import { readObject } from './request-body.ts';

/** Who asks for an action. */
export interface Asker {
  readonly name: string;
  readonly mayAct: boolean;
}

/** Decides whether something is done, does it, and notes it, whatever came of it. */
export class ActionDesk {
  readonly #enabled: ReadonlySet<ActionName>;
  readonly #reads: Reads;
  readonly #audit: Audit;

  constructor(enabled: ReadonlySet<ActionName>, reads: Reads, audit: Audit) {
    this.#enabled = enabled;
    this.#reads = reads;
    this.#audit = audit;
  }

  allowedTo({ mayAct }: Asker): readonly ActionName[] {
    return mayAct ? [...this.#enabled] : [];
  }

  /** @throws RefusedRequest */
  async act(name: string, asker: Asker, request: IncomingMessage): Promise<{ readonly detail: string }> {
    const action = ACTION_NAMES.find((known) => known === name);
    if (action === undefined) throw new RefusedRequest(404, 'there is no such action');
    const body = await readObject(request);
    const factory = this.#reads.factoryOf(typeof body['factory'] === 'string' ? body['factory'] : null);
    const intent = INTENTS[action](factory, body);
    const note = (outcome: 'done' | 'refused' | 'failed', detail: string): void =>
      this.#audit.note({
        action,
        by: asker.name,
        remoteAddress: request.socket.remoteAddress ?? null,
        factory: factory.name,
        user: intent.user,
        managerId: intent.managerId,
        given: intent.given,
        outcome,
        detail,
      });
    const problem = this.#problemWith(action, asker);
    if (problem !== undefined) {
      note('refused', problem);
      throw new RefusedRequest(403, problem);
    }
    try {
      const detail = await intent.run();
      note('done', detail);
      return { detail };
    } catch (error) {
      const refusal = refusalOf(error);
      note(refusal === undefined ? 'failed' : 'refused', refusal?.message ?? String(error));
      throw refusal ?? error;
    }
  }

  #problemWith(action: ActionName, { mayAct }: Asker): string | undefined {
    if (!this.#enabled.has(action)) return `${action} is not enabled: name it in the option 'actions' of the dashboard`;
    return mayAct ? undefined : 'you may look and not act';
  }
}

/** What the caller can mend is told to it. */
function refusalOf(error: unknown): RefusedRequest | undefined {
  if (error instanceof RefusedRequest) return error;
  if (error instanceof InvalidOptionsError) return new RefusedRequest(400, error.message);
  return error instanceof WatertightError ? new RefusedRequest(409, error.message) : undefined;
}
