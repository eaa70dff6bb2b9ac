import { leastShownRate } from './trend.ts';
import type { CheckResult, ScenarioResult } from './types.ts';

interface Seen extends Pick<CheckResult, 'target' | 'promises' | 'stopped' | 'coverage'> {
  readonly scenarios: readonly ScenarioResult[];
  /** Why the target could not be opened, if it could not. */
  readonly insideNote: string | undefined;
  /** What the clients said; `undefined` where there was no client. */
  readonly clients: SeenClients | undefined;
}

export interface SeenClients {
  /** The name of their recipe. */
  readonly recipe: string;
  /** Whether the server is on another machine. */
  readonly isElsewhere: boolean;
  readonly isProxied: boolean;
}

/** The recipe of those who only connect. */
const PLAIN_RECIPE = 'ws';

/** What this evidence cannot show, in sentences. Never empty: no test shows everything. */
export function listBlindSpots(seen: Seen): string[] {
  const spots: string[] = [];
  if (seen.stopped !== null) spots.push('The run ended early: what was not run says nothing, either way.');
  if (!seen.target.insideView) {
    const reason = seen.insideNote === undefined ? '' : ` ${sentence(seen.insideNote)}`;
    spots.push(
      `The target could not be opened: timers, listeners, handles and objects that stay in its memory were not counted.${reason}`,
    );
  } else if (!seen.target.factory) {
    spots.push('The target has no factory of @watertight/server: its own idea of who is held could not be asked for.');
  }
  spots.push(...new Set(seen.scenarios.flatMap(({ evidence }) => evidence?.unseen ?? []).map(sentence)));
  if (seen.promises.silenceDetectedWithinMs.by === 'nobody') {
    spots.push(
      'Nobody said how soon a peer that vanishes has to be noticed: that was not judged against a time (--silence).',
    );
  }
  if (seen.coverage === null) {
    spots.push(
      'suite-coverage was not run: it examines this kit on its own faulty servers, not the target (--coverage quick).',
    );
  }
  spots.push(ofClients(seen.clients), ofRareGrowth(seen.scenarios));
  return spots;
}

function ofClients(clients: SeenClients | undefined): string {
  if (clients === undefined)
    return 'No client connected: how connections are served, and how they end, was not part of it.';
  const { recipe, isElsewhere, isProxied } = clients;
  const spoke = recipe === PLAIN_RECIPE ? 'spoke plain WebSocket' : `followed the recipe ${recipe}`;
  const way = isElsewhere ? 'one network path' : 'loopback';
  const missing = isProxied ? 'other ways' : 'proxies in between';
  return `Clients ${spoke} over ${way}${isProxied ? ', through one proxy' : ''}: lost packets, ${missing} and browsers were not part of it.`;
}

/** As rare as what stays may be to be told from nothing in as many cycles as there were. */
function ofRareGrowth(scenarios: readonly ScenarioResult[]): string {
  const cycles = Math.max(
    0,
    ...scenarios.map(({ evidence }) => (evidence?.looks ?? []).reduce((sum, look) => sum + look.cycles, 0)),
  );
  if (cycles === 0)
    return 'Nothing was counted over many connections: what each leaves behind was not looked for (rapid-connection-cycles-stress).';
  const rarest = Math.floor(1 / leastShownRate(cycles));
  const what = rarest > 1 ? `fewer than one cycle in ${rarest}` : 'fewer than every cycle';
  return `What stays of ${what}, or grows only over hours, does not show in the ${cycles} cycles of this run (--cycles).`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
