import { canSeeDescriptors } from '../target/proc.ts';
import { InsideViewError } from './unavailable.ts';

/** What would help most targets that cannot be asked. */
export const START_WITH_INSPECT =
  'Start it with --inspect=127.0.0.1:0 and give the address it prints as --inspect to look inside.';

/** Of what we started, but not as `node …`. */
export const SHOWN_NOWHERE =
  'which of the processes that were started serves cannot be seen, since this system has no /proc. Start the server itself (node server.js), or with --inspect=127.0.0.1:0 and give the address it prints as --inspect, to look inside.';

/** One sentence each: what keeps us out, what can be known all the same, what would help. */
export function inTheWay(pid: number, what: string, help: string): InsideViewError {
  return new InsideViewError(`${what}. ${stillKnown(pid)} ${help}`);
}

function stillKnown(pid: number): string {
  const fromClients = 'what clients see (who is admitted, echo, how and when connections end)';
  const visible = canSeeDescriptors(pid);
  if (visible === undefined)
    return `Still known: ${fromClients}; not the process itself, since this system has no /proc.`;
  return visible
    ? `Still known: ${fromClients}, and from /proc its sockets by state, descriptors, children, threads and memory.`
    : `Still known: ${fromClients}, and from /proc its children, threads and resident memory, but neither sockets nor descriptors.`;
}
