import { formatMs } from '../../../watertight/src/report/figures.ts';
import { numberText } from '../text.ts';
import { Scroll } from './scroll.tsx';
import type { Stats } from './types.ts';

type Durations = Stats['cleanup']['socketGone'];

/** Times against the deadline: half and all but one in a hundred, and the longest. */
export function Cleanup({ cleanup, deadlineMs }: { readonly cleanup: Stats['cleanup']; readonly deadlineMs: number }) {
  const rows = [
    ['slot free', cleanup.slotReusable],
    ['socket gone', cleanup.socketGone],
    ['resources gone', cleanup.finalizersDone],
  ] as const;
  const axisMs = Math.max(deadlineMs * 1.1, ...rows.map(([, { maxMs }]) => Math.min(maxMs, deadlineMs * 4)));
  return (
    <Scroll label="Cleanup times">
      <table class="wide numbers">
        <thead>
          <tr>
            <th scope="col">until</th>
            <th scope="col">
              <span class="unseen">p50, p99 and maximum against the deadline</span>
            </th>
            <th scope="col">p50</th>
            <th scope="col">p99</th>
            <th scope="col">max</th>
            <th scope="col">late</th>
            <th scope="col">of</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, durations]) => (
            <Row key={name} name={name} durations={durations} deadlineMs={deadlineMs} axisMs={axisMs} />
          ))}
        </tbody>
      </table>
      <p class="muted small">The line is the deadline of {formatMs(deadlineMs)}.</p>
    </Scroll>
  );
}

function Row({
  name,
  durations: { count, p50Ms, p99Ms, maxMs, overDeadline },
  deadlineMs,
  axisMs,
}: {
  readonly name: string;
  readonly durations: Durations;
  readonly deadlineMs: number;
  readonly axisMs: number;
}) {
  const at = (ms: number): string => `${Math.min(100, (ms / axisMs) * 100).toFixed(1)}%`;
  const shown = (ms: number): string => (count === 0 ? '–' : formatMs(ms));
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="track-cell">
        <div class={`track ${overDeadline > 0 ? 'bad' : ''}`} aria-hidden="true">
          {count === 0 ? null : (
            <>
              <s style={{ left: at(p50Ms), width: at(Math.max(0, p99Ms - p50Ms)) }} />
              <i style={{ left: at(maxMs) }} />
              <b style={{ left: at(p50Ms) }} />
            </>
          )}
          <u style={{ left: at(deadlineMs) }} />
        </div>
      </td>
      <td>{shown(p50Ms)}</td>
      <td>{shown(p99Ms)}</td>
      <td>{shown(maxMs)}</td>
      <td class={overDeadline > 0 ? 'late' : ''}>{numberText(overDeadline)}</td>
      <td class="muted">{numberText(count)}</td>
    </tr>
  );
}
