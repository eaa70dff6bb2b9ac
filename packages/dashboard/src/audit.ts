import { channel } from 'node:diagnostics_channel';

import type { ActionName } from './action-names.ts';
import { Ring } from './ring.ts';

/** Where every action is published, those that were refused too. */
export const ACTION_CHANNEL = 'watertight:dashboard:action';

/** What somebody did, or tried to. */
export interface ActionEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly action: ActionName;
  /** Who did it, as far as `authenticate` told. */
  readonly by: string;
  readonly remoteAddress: string | null;
  readonly factory: string;
  /** `null`: everybody. */
  readonly user: string | null;
  readonly managerId: string | null;
  /** What else was asked for: a limit, a level, a window. */
  readonly given: Readonly<Record<string, string | number>>;
  readonly outcome: 'done' | 'refused' | 'failed';
  /** What came of it, in one sentence. */
  readonly detail: string;
}

const REMEMBERED = 200;

/** Publishes every action and remembers the last ones. */
export class Audit {
  readonly #channel = channel(ACTION_CHANNEL);
  readonly #events = new Ring<ActionEvent>(REMEMBERED);

  note(event: Omit<ActionEvent, 'at'>): void {
    const noted: ActionEvent = Object.freeze({ at: new Date().toISOString(), ...event });
    this.#events.add(noted);
    this.#channel.publish(noted);
  }

  newest(): readonly ActionEvent[] {
    return this.#events.newest(REMEMBERED);
  }
}
