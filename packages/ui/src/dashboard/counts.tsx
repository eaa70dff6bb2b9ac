import { numberText, plain } from '../text.ts';

const SHOWN_COUNT = 12;

/** How many of each, the most first. */
export function Counts({
  counts,
  nothing,
  tone,
}: {
  readonly counts: Readonly<Record<string, number>>;
  readonly nothing: string;
  readonly tone: 'bad' | 'accent';
}) {
  const entries = Object.entries(counts).toSorted(([, one], [, other]) => other - one);
  if (entries.length === 0) return <p class="muted">{nothing}</p>;
  const most = entries[0]?.[1] ?? 1;
  const rest = entries.slice(SHOWN_COUNT).reduce((total, [, count]) => total + count, 0);
  return (
    <table class="wide numbers">
      <tbody>
        {entries.slice(0, SHOWN_COUNT).map(([name, count]) => (
          <tr key={name}>
            <th scope="row">{plain(name)}</th>
            <td class="bar-cell">
              <div
                class={`bar ${tone}`}
                aria-hidden="true"
                style={{ width: `${Math.max(1, (count / most) * 100)}%` }}
              />
            </td>
            <td>{numberText(count)}</td>
          </tr>
        ))}
        {rest === 0 ? null : (
          <tr>
            <th scope="row">{numberText(entries.length - SHOWN_COUNT)} others</th>
            <td class="bar-cell" />
            <td>{numberText(rest)}</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
