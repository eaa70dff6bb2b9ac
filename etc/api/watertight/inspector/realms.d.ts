import type { InspectorChannel } from './channel.ts';
import { type RemoteObject } from './evaluate.ts';
import { type ExaminerRealm } from './examiner-realm.ts';
/**
 * The realms that `node:vm` has made beside that of the program, as test runners and sandboxes have them. Known by number
 * only: a handle of ours into one of them would keep alive what the target has let go of.
 */
export declare class OtherRealms {
    #private;
    constructor(channel: InspectorChannel, realm: ExaminerRealm);
    /** Has what lies in each of them listed for the survey that follows; answers in how many that went. What is made for it belongs to the group. */
    list(objectGroup: string, timeoutMs: number): Promise<number>;
    /** Finds those that are there now, and are looked into from then on, among all objects below the root of the program. */
    find(root: string, timeoutMs: number): Promise<void>;
    /** A value of the expression in each that was looked into last and is still there. The caller releases the group. */
    evaluate(expression: string, objectGroup: string): Promise<readonly RemoteObject[]>;
}
