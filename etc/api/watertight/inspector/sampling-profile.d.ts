/** A sampling profile as the protocol has it: a tree of calls, and one sample for each live object. */
export interface SamplingProfile {
    readonly head: ProfileNode;
    readonly samples: readonly {
        readonly size: number;
        readonly nodeId: number;
        readonly ordinal: number;
    }[];
}
export interface ProfileNode {
    readonly id: number;
    readonly callFrame: {
        readonly functionName: string;
        readonly scriptId: string;
        readonly url: string;
        /** From 0; -1 for what has no source. */
        readonly lineNumber: number;
        readonly columnNumber: number;
    };
    readonly children: readonly ProfileNode[];
}
