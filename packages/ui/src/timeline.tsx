import { formatBytes } from '../../watertight/src/report/figures.ts';
import { Plot } from './plot.tsx';
import { numberText, plain } from './text.ts';
import type { Evidence } from './types.ts';

interface Panel {
  readonly title: string;
  readonly values: readonly (number | null)[];
  readonly format: (value: number) => string;
}

/**
 * Managers, sockets and heap from look to look. Each look comes after a forced collection and is a dotted line; between two of
 * them stands how many connections ended.
 */
export function Timeline({ evidence }: { readonly evidence: Evidence }) {
  const { looks, endings } = evidence;
  if (looks.length < 2) return null;
  const seconds = looks.map(({ atMs }) => Math.round(atMs / 100) / 10);
  const between = {
    title: 'connections',
    texts: looks.map(({ cycles }, index) => (index === 0 ? '' : cycles === 0 ? 'wait' : `${cycles} ended`)),
  };
  const windows = looks.filter(({ cycles }) => cycles > 0).map(({ cycles }) => cycles);
  const panels = panelsOf(evidence).filter(({ values }) => values.some((value) => value !== null));
  return (
    <div class="timeline">
      <h4>Over the connections</h4>
      <p class="muted">
        {windows.join(' + ')} connections, in as many windows
        {endings === undefined ? '' : `, ended in equal shares by ${endings.map(plain).join(', ')}`}. A dotted line is a
        look after the server came to rest
        {looks.some(({ heapUsedBytes }) => typeof heapUsedBytes === 'number') ? ' and its garbage was collected' : ''}.
      </p>
      <div class="panels">
        {panels.map(({ title, values, format }) => (
          <Plot
            key={title}
            title={title}
            x={seconds}
            xTitle="seconds"
            lines={[{ label: title, values, tone: 'accent' }]}
            marks={seconds}
            between={between}
            height={150}
            format={format}
          />
        ))}
      </div>
    </div>
  );
}

function panelsOf({ looks, rows }: Evidence): readonly Panel[] {
  const sum = (kind: string, fits: (name: string) => boolean = () => true): readonly (number | null)[] => {
    const chosen = rows.filter((row) => row.kind === kind && fits(row.name));
    return looks.map((_, index) => {
      const known = chosen.flatMap(({ counts }) => counts[index] ?? []);
      return known.length === 0 ? null : known.reduce((total, count) => total + count, 0);
    });
  };
  return [
    { title: 'Managers', values: sum('managers'), format: numberText },
    { title: 'Sockets', values: sum('sockets', (name) => name !== 'LISTEN'), format: numberText },
    { title: 'Heap', values: looks.map(({ heapUsedBytes }) => heapUsedBytes ?? null), format: formatBytes },
  ];
}
