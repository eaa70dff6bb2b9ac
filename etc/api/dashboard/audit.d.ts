import type { ActionName } from './action-names.ts';
/** Where every action is published, those that were refused too. */
export declare const ACTION_CHANNEL = "watertight:dashboard:action";
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
/** Publishes every action and remembers the last ones. */
export declare class Audit {
    #private;
    note(event: Omit<ActionEvent, 'at'>): void;
    newest(): readonly ActionEvent[];
}
