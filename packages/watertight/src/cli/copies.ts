import type { Drive } from '../drive/types.ts';
import type { Copies } from '../scenarios/types.ts';
import { freePort } from '../target/free-port.ts';
import type { Rooms } from './rooms.ts';
import type { CheckSettings } from './settings.ts';
import { targetFailureOf } from './target-failure.ts';

/** From its start until a further process takes WebSockets, in milliseconds. */
const START_WITHIN_MS = 10_000;

/** Starts the command of the run once more; `undefined` where no command was given. */
export function copiesOf(
  settings: CheckSettings,
  rooms: Rooms,
  about: { readonly path: string; readonly openDrive: (url: URL) => Drive; readonly signal: AbortSignal },
): Copies | undefined {
  if (!('command' in settings.target)) return undefined;
  const { command } = settings.target;
  return {
    start: async ({ port, isNext = false } = {}) => {
      const told = port ?? (await freePort());
      const next = isNext ? settings.nextCommand : undefined;
      try {
        const target = await rooms.spawnTarget({
          command: next === undefined ? command : ['/bin/sh', '-c', next],
          env: { ...process.env, PORT: String(told) },
          path: about.path,
          waitFor: next === undefined ? settings.waitFor : undefined,
          speaksElsewhere: undefined,
          timeoutMs: START_WITHIN_MS,
          signal: about.signal,
        });
        return { target, port: told, openDrive: () => about.openDrive(target.url) };
      } catch (error) {
        const { kind, message } = targetFailureOf(error);
        const hint =
          kind === 'port-taken'
            ? '; a further process fits beside the first when the server takes its port from the environment variable PORT'
            : '';
        throw new Error(`the server could not be started once more: ${message}${hint}`, { cause: error });
      }
    },
  };
}
