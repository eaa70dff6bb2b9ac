import type { CheckResult, ScenarioResult } from './types.ts';

interface Seen extends Pick<CheckResult, 'target' | 'promises' | 'stopped' | 'coverage'> {
  readonly scenarios: readonly ScenarioResult[];
  /** Why the target could not be opened, if it could not. */
  readonly insideNote: string | undefined;
}

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
  spots.push(
    'Clients speak plain WebSocket over loopback or one network path: lost packets, proxies in between and browsers were not part of it.',
    'What grows more slowly than once per connection, or only after hours, does not show in a run of this length.',
  );
  return spots;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
