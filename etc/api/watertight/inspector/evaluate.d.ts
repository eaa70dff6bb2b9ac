import type { InspectorChannel } from './channel.ts';
/** What is kept in the target between two calls belongs to this group and is released with it. */
export declare const OBJECT_GROUP = "watertight";
/** Whatever of ours runs in a target has a script or a function whose name begins so: its allocations and timers are told by it. */
export declare const OWN_SCRIPTS = "watertight:";
export declare const OWN_FUNCTIONS = "watertight";
/** What the protocol says about a value inside the target. */
export interface RemoteObject {
    readonly objectId?: string;
    readonly value?: unknown;
    readonly description?: string;
}
/**
 * Calls a function (JavaScript source) inside the target and returns what it answers, or what its promise resolves to.
 * It runs in a turn of the event loop of its own: the inspector may interrupt any code, also between two statements that
 * belong together, and what is seen there is no state the target promises anything about.
 */
export declare function evaluate<Result>(session: InspectorChannel, source: string, args?: readonly unknown[], timeoutMs?: number): Promise<Result>;
/** Evaluates an expression whose value stays inside the target; answers the handle to it. */
export declare function evaluateHandle(session: InspectorChannel, expression: string): Promise<string>;
/** Calls a function (JavaScript source) with a handle as `this`. */
export declare function callOn<Result>(session: InspectorChannel, objectId: string, source: string, timeoutMs?: number): Promise<Result>;
/** @throws {@link InsideViewError} with what was thrown inside the target. */
export declare function valueOf(reply: Readonly<Record<string, unknown>>): RemoteObject;
