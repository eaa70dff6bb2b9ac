import { useState } from 'preact/hooks';

import { Section } from '../section.tsx';
import { countText, plain } from '../text.ts';
import { EndsTable } from './ends-table.tsx';
import type { EndedManager, FactoryLook } from './types.ts';
import { useAnswer } from './use-answer.ts';
import { Waiting } from './waiting.tsx';

const EVERY_MS = 2000;
const SHOWN_COUNT = 200;

/** The last managers that ended: who, why, how long it took, and what did not let go. */
export function EndsPage({ factory }: { readonly factory: FactoryLook }) {
  const [reason, setReason] = useState('');
  const [isFollowing, setFollowing] = useState(true);
  const { value, problem } = useAnswer<readonly EndedManager[]>(
    'ends',
    { factory: factory.name, count: SHOWN_COUNT, reason: reason === '' ? undefined : reason },
    isFollowing ? EVERY_MS : undefined,
  );
  const reasons = Object.keys(factory.stats.released.byReason).toSorted();
  return (
    <Section id="ends" title="Last ends" as="h1" beside={<span class="muted">newest first</span>}>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          reason{' '}
          <select value={reason} onChange={({ currentTarget }) => setReason(currentTarget.value)}>
            <option value="">any</option>
            {reasons.map((one) => (
              <option key={one} value={one}>
                {plain(one)}
              </option>
            ))}
          </select>
        </label>
        <label>
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={({ currentTarget }) => setFollowing(currentTarget.checked)}
          />{' '}
          follow
        </label>
      </form>
      {value === undefined ? (
        <Waiting problem={problem} />
      ) : value.length === 0 ? (
        <p class="muted">Nothing has ended yet, as far as it is remembered.</p>
      ) : (
        <>
          <EndsTable ends={value} />
          <p class="muted small">
            {countText(value.length, 'end')}; the dashboard remembers the last ones since it was started.
          </p>
        </>
      )}
    </Section>
  );
}
