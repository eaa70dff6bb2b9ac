import { useState } from 'preact/hooks';

const UNITS = [
  ['second', 86_400],
  ['minute', 1_440],
  ['hour', 24],
  ['day', 1],
] as const;
const MOST = 1_000_000;

/** How many connections the reader's own server has: everything per day is reckoned with it. */
export function RateField(props: { readonly perDay: number; readonly setPerDay: (perDay: number) => void }) {
  const [perUnit, setPerUnit] = useState(86_400);
  const count = props.perDay / perUnit;
  const change = (next: number, unit: number): void => {
    setPerUnit(unit);
    if (Number.isFinite(next) && next >= 0) props.setPerDay(Math.min(MOST, next) * unit);
  };
  return (
    <span class="rate">
      <label>
        at{' '}
        <input
          type="number"
          min={0}
          max={MOST}
          step="any"
          value={count}
          onInput={(event) => change(event.currentTarget.valueAsNumber, perUnit)}
        />{' '}
        connections
      </label>{' '}
      <select
        aria-label="a second, a minute, an hour or a day"
        value={perUnit}
        onChange={(event) => change(count, Number(event.currentTarget.value))}
      >
        {UNITS.map(([name, unit]) => (
          <option key={name} value={unit}>
            {name === 'hour' ? 'an hour' : `a ${name}`}
          </option>
        ))}
      </select>
    </span>
  );
}
