import type { InspectorChannel } from './channel.ts';
import { type RemoteObject } from './evaluate.ts';
/**
 * A realm of our own inside the target. What we remember there is made of its classes, so it never counts among the target's;
 * and its Map, WeakMap and JSON are what the engine made, whatever the target did to its own.
 */
export declare class ExaminerRealm {
    #private;
    private constructor();
    static open(channel: InspectorChannel, group?: string): Promise<ExaminerRealm>;
    /** Returns after a turn of the target's event loop: what was under way when it began is over. */
    turn(timeoutMs?: number): Promise<void>;
    /** The object of the target that everything inherits from. */
    rootPrototype(): Promise<string>;
    /** Runs one function of the examiner with handles or plain values; what it answers travels as text. */
    ask<Result>(name: ExaminerFunction, args: readonly RemoteArgument[], timeoutMs?: number): Promise<Result>;
    /** The same, but what it answers stays in the target, and belongs to that group; whoever asks releases it. */
    askForHandle(name: ExaminerFunction, args: readonly RemoteArgument[], objectGroup: string): Promise<RemoteObject>;
    close(timeoutMs?: number): Promise<void>;
}
export type RemoteArgument = {
    readonly objectId: string;
} | {
    readonly value: unknown;
};
type ExaminerFunction = 'survey' | 'processState' | 'findRealms' | 'sendCouriers' | 'constructorOf' | 'callbackOf';
/** Of other realms so many are looked into: each costs a walk over the heap of its own. */
export declare const MAX_REALMS = 8;
/** By its source a courier into another realm is told from all that is the target's own. */
export declare const COURIER: string;
export {};
