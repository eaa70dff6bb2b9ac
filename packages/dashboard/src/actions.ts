import type { ManagerFactory } from '@watertight/server';

import type { ActionName } from './action-names.ts';
import { RefusedRequest } from './answer.ts';
import { levelOf } from './reads.ts';
import type { JsonObject } from './request-body.ts';

/** What an action is to be done to, as it was asked for. */
export interface Intent {
  readonly user: string | null;
  readonly managerId: string | null;
  readonly given: Readonly<Record<string, string | number>>;
  /** Does it, and says in one sentence what came of it. */
  run(): Promise<string>;
}

/** What released managers give as their reason. */
const REASON = 'ended-by-operator';

/** Reads what is asked for; nothing is done before all of it is understood. */
export const INTENTS: Readonly<Record<ActionName, (factory: ManagerFactory, body: JsonObject) => Intent>> = {
  'end-manager': (factory, body) => {
    const user = textIn(body, 'user');
    const managerId = textIn(body, 'managerId');
    return {
      user,
      managerId,
      given: {},
      run: async () => {
        const manager = factory.managersOf(user).find(({ id }) => id === managerId);
        if (manager === undefined) throw new RefusedRequest(404, 'the user holds no manager of this id any more');
        const { finalizersDoneMs, deadlineMet } = await manager.close(REASON);
        return `ended in ${Math.ceil(finalizersDoneMs)} ms${deadlineMet ? '' : ', past its deadline'}`;
      },
    };
  },
  'end-user': (factory, body) => {
    const user = textIn(body, 'user');
    return {
      user,
      managerId: null,
      given: {},
      run: async () => {
        const reports = await factory.closeAllForUser(user, REASON);
        const late = reports.filter(({ deadlineMet }) => !deadlineMet).length;
        return `${countOf(reports.length, 'manager')} ended${late === 0 ? '' : `, ${late} past the deadline`}`;
      },
    };
  },
  'set-override': (factory, body) => {
    const user = textIn(body, 'user');
    const { maxManagers } = body;
    const limit = maxManagers === 'unlimited' ? Infinity : maxManagers;
    if (typeof limit !== 'number' || (limit !== Infinity && !Number.isSafeInteger(limit)) || limit < 0)
      throw new RefusedRequest(400, `maxManagers must be a whole number of managers from 0, or 'unlimited'`);
    return {
      user,
      managerId: null,
      given: { maxManagers: limit === Infinity ? 'unlimited' : limit },
      run: async () => {
        factory.setOverride(user, { maxManagers: limit });
        return limit === 0 ? 'banned; who is connected stays' : `may hold ${limit === Infinity ? 'any number' : limit}`;
      },
    };
  },
  'clear-override': (factory, body) => {
    const user = textIn(body, 'user');
    return {
      user,
      managerId: null,
      given: {},
      run: async () => (factory.clearOverride(user) ? 'the options hold again' : 'there was no override'),
    };
  },
  'emergency-cleanup': (factory, body) => {
    const user = body['user'] === undefined || body['user'] === null ? null : textIn(body, 'user');
    const level = levelOf(body['level'] ?? 'moderate');
    return {
      user,
      managerId: null,
      given: { level },
      run: async () => {
        const { removed, asked, answered } = await factory.runEmergencyCleanup(user ?? undefined, { level });
        const gone = removed.dead + removed.neverAttached + removed.silent + removed.forced;
        return `${countOf(gone, 'manager')} removed (${removed.dead} dead, ${removed.neverAttached} never attached, ${removed.silent} silent); ${answered} of ${asked} who were asked answered`;
      },
    };
  },
  drain: (factory, body) => {
    const { windowMs = 20_000 } = body;
    if (typeof windowMs !== 'number' || !(windowMs >= 0 && windowMs <= 3_600_000))
      throw new RefusedRequest(400, 'windowMs must be a number from 0 to 3600000 ms');
    return {
      user: null,
      managerId: null,
      given: { windowMs },
      run: async () => {
        if (!factory.ready) throw new RefusedRequest(409, 'it is draining or closed already');
        const { active, pending } = factory.stats();
        // It ends long after the answer; what it came to is published by the factory.
        void factory.drain({ windowMs, reason: REASON }).catch(() => undefined);
        return `${countOf(active + pending, 'manager')} will be closed within ${windowMs} ms`;
      },
    };
  },
};

const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function textIn(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new RefusedRequest(400, `${name} must be a text that is not empty`);
}
