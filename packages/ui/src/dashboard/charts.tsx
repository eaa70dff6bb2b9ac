import { useMemo } from 'preact/hooks';

import { formatBytes, formatMs } from '../../../watertight/src/report/figures.ts';
import { Plot, type PlotLine } from '../plot.tsx';
import { numberText } from '../text.ts';
import type { Series } from './series.ts';

interface Panel {
  readonly title: string;
  readonly lines: readonly PlotLine[];
  readonly format: (value: number) => string;
}

/** Since when: the last minutes second by second, and two hours before them more coarsely. */
export function Charts({ series }: { readonly series: Series }) {
  const panels = useMemo(() => panelsOf(series), [series]);
  return (
    <div class="panels live" role="group" aria-label="Over time">
      {panels.map(({ title, lines, format }) => (
        <Plot key={title} title={title} x={series.at} xTitle="time" lines={lines} height={130} format={format} isLive />
      ))}
    </div>
  );
}

function panelsOf(series: Series): readonly Panel[] {
  return [
    {
      title: 'Managers and connections',
      lines: [
        { label: 'managers', values: series.held, tone: 'accent' },
        { label: 'connections', values: series.connections, tone: 'muted' },
      ],
      format: numberText,
    },
    {
      title: 'Admitted and refused a second',
      lines: [
        { label: 'admitted', values: series.createdPerSecond, tone: 'accent' },
        { label: 'refused', values: series.refusedPerSecond, tone: 'bad' },
      ],
      format: numberText,
    },
    {
      title: 'Event loop delay, p99',
      lines: [{ label: 'delay', values: series.loopDelayMs, tone: 'accent' }],
      format: formatMs,
    },
    {
      title: 'Heap in use',
      lines: [{ label: 'heap', values: series.heapUsedBytes, tone: 'accent' }],
      format: formatBytes,
    },
  ];
}
