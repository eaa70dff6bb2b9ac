import { formatMs } from '../../watertight/src/report/figures.ts';
import { plain } from './text.ts';
import type { CheckResult, ScenarioResult } from './types.ts';

/** Room behind the slowest, so that it does not stand at the edge. */
const MARGIN_SHARE = 1.05;
const RELEASED = /^(socket gone|slot reusable|finalizers done)/;

const COLUMNS = ['what', 'picture', 'median', '95 %', 'slowest', 'promised', 'samples'] as const;
/** A figure does not say which one it is; the others do. */
const FIGURES: ReadonlySet<string> = new Set(['median', '95 %', 'slowest']);

type PromisesMade = CheckResult['promises'];

/** How long each thing took, every sample a tick, against what is promised of it. */
export function Spreads(props: { readonly scenario: ScenarioResult; readonly promises: PromisesMade }) {
  const { scenario, promises } = props;
  const operations = Object.entries(scenario.timings).toSorted(([, one], [, other]) => other.maxMs - one.maxMs);
  if (operations.length === 0) return null;
  const bounds = operations.map(([name]) => boundOf(name, promises));
  const all = [...operations.map(([, { maxMs }]) => maxMs), ...bounds.flatMap((ms) => ms ?? [])];
  const fullMs = Math.max(1, ...all.filter(Number.isFinite)) * MARGIN_SHARE;
  return (
    <div class="spreads">
      <h4>How long it took</h4>
      <table>
        <thead>
          <tr>
            {COLUMNS.map((title) => (
              <th key={title} scope="col">
                {FIGURES.has(title) ? title : <span class="unseen">{title}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {operations.map(([name, timing], index) => (
            <Spread
              key={name}
              name={name}
              timing={timing}
              samples={scenario.samplesMs?.[name] ?? [timing.p50Ms, timing.p95Ms, timing.p99Ms, timing.maxMs]}
              boundMs={bounds[index]}
              fullMs={fullMs}
            />
          ))}
        </tbody>
      </table>
      <p class="key muted">
        <span class="tick" /> a sample <span class="median" /> the median <span class="deadline" /> what is promised
      </p>
    </div>
  );
}

function Spread(props: {
  readonly name: string;
  readonly timing: ScenarioResult['timings'][string];
  readonly samples: readonly number[];
  readonly boundMs: number | undefined;
  readonly fullMs: number;
}) {
  const { name, timing, samples, boundMs, fullMs } = props;
  const at = (ms: number): string => `${Math.min(100, (ms / fullMs) * 100)}%`;
  const isLate = boundMs !== undefined && timing.maxMs > boundMs;
  return (
    <tr>
      <th scope="row">{plain(name)}</th>
      <td class="track-cell">
        <div class={`track ${isLate ? 'bad' : ''}`} aria-hidden="true">
          {samples.map((ms, index) => (
            <i key={index} style={{ left: at(ms) }} />
          ))}
          <b style={{ left: at(timing.p50Ms) }} />
          {boundMs === undefined ? null : <u style={{ left: at(boundMs) }} />}
        </div>
      </td>
      <td>{formatMs(timing.p50Ms)}</td>
      <td>{formatMs(timing.p95Ms)}</td>
      <td class={isLate ? 'late' : ''}>{formatMs(timing.maxMs)}</td>
      <td class="muted">{boundMs === undefined ? '' : `of ${formatMs(boundMs)}`}</td>
      <td class="muted">{timing.count}×</td>
    </tr>
  );
}

/** Silence has a promise of its own; what is released is held to the deadline; of the rest nothing is promised. */
function boundOf(name: string, { deadlineMs, silenceDetectedWithinMs }: PromisesMade): number | undefined {
  const promise = name.includes('silence') ? silenceDetectedWithinMs : RELEASED.test(name) ? deadlineMs : undefined;
  return promise === undefined || promise.by === 'nobody' ? undefined : promise.value;
}
