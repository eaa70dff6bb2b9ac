import type { InspectorChannel } from './channel.ts';
import { OWN_SCRIPTS } from './evaluate.ts';
import type { SourcePosition } from './heap-types.ts';

export interface Script {
  readonly url: string;
  /** Empty when there is none. */
  readonly sourceMapUrl: string;
}

interface ScriptParsed {
  readonly scriptId: string;
  readonly url: string;
  readonly sourceMapURL?: string;
}

interface InternalProperty {
  readonly name: string;
  readonly value?: { readonly value?: unknown; readonly objectId?: string };
}

/** Finds where functions stand. The scripts are asked for when one is met that is not known yet. */
export class Positions {
  readonly #channel: InspectorChannel;
  #scripts: ReadonlyMap<string, Script> = new Map();

  constructor(channel: InspectorChannel) {
    this.#channel = channel;
  }

  /** All scripts by id. The debugger's domain is on for the moment, because only then the target names them. */
  async scripts(): Promise<ReadonlyMap<string, Script>> {
    const scripts = new Map<string, Script>();
    const end = this.#channel.on('Debugger.scriptParsed', (params) => {
      const { scriptId, url, sourceMapURL = '' } = params as unknown as ScriptParsed;
      if (!url.startsWith(OWN_SCRIPTS)) scripts.set(scriptId, { url, sourceMapUrl: sourceMapURL });
    });
    try {
      // All of them are told before the reply.
      await this.#channel.call('Debugger.enable');
    } finally {
      end();
      await this.#channel.call('Debugger.disable').catch(() => undefined);
    }
    this.#scripts = scripts;
    return scripts;
  }

  /** Of a function or class inside the target, of a bound one that of what it calls; `undefined` for native ones. */
  async ofFunction(objectId: string, functionName: string): Promise<SourcePosition | undefined> {
    const reply = await this.#channel.call('Runtime.getProperties', { objectId, ownProperties: true });
    const properties = (reply['internalProperties'] ?? []) as readonly InternalProperty[];
    const location = properties.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value as
      | { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number }
      | undefined;
    if (location === undefined) {
      const target = properties.find(({ name }) => name === '[[TargetFunction]]')?.value?.objectId;
      return target === undefined ? undefined : await this.ofFunction(target, functionName);
    }
    const { scriptId, lineNumber, columnNumber } = location;
    if (!this.#scripts.has(scriptId)) await this.scripts();
    const url = this.#scripts.get(scriptId)?.url ?? '';
    return { functionName, url, scriptId, line: lineNumber + 1, column: columnNumber + 1 };
  }
}
