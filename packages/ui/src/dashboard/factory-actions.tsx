import { useState } from 'preact/hooks';

import { Section } from '../section.tsx';
import { countText, durationText, numberText } from '../text.ts';
import { ActionButton, useMayAct } from './acting.tsx';
import type { FactoryLook } from './types.ts';
import { useAnswer } from './use-answer.ts';

interface Preview {
  readonly held: number;
  readonly remove: Readonly<Record<string, number>>;
  readonly ask: number;
}

const DRAIN_WINDOW_SECONDS = 20;

/** What can be done to all of it. */
export function FactoryActions({ factory }: { readonly factory: FactoryLook }) {
  const mayAct = useMayAct('emergency-cleanup', 'drain');
  const [level, setLevel] = useState('moderate');
  const [windowSeconds, setWindow] = useState(DRAIN_WINDOW_SECONDS);
  if (!mayAct) return null;
  return (
    <Section id="act" title="Act">
      <div class="actions">
        <ActionButton
          action="emergency-cleanup"
          label="Emergency cleanup …"
          title="Remove the dead and the silent"
          confirm="Run it"
          body={{ level }}
        >
          <label>
            level{' '}
            <select value={level} onChange={({ currentTarget }) => setLevel(currentTarget.value)}>
              <option value="moderate">moderate: dead, never attached, and who does not answer</option>
              <option value="conservative">conservative: dead and never attached</option>
            </select>
          </label>
          <DryRun factory={factory.name} level={level} probeTimeoutMs={factory.options.probeTimeoutMs} />
        </ActionButton>
        <ActionButton
          action="drain"
          label="Drain …"
          title="Empty this process"
          confirm="Close everybody"
          body={{ windowMs: windowSeconds * 1000 }}
          isDanger
        >
          <p>
            {countText(factory.stats.active + factory.stats.pending, 'manager')} of{' '}
            {countText(factory.stats.users, 'user')} will be closed, nobody is admitted any more, and the factory stays
            closed until the process is started anew. This cannot be taken back.
          </p>
          <label>
            over seconds{' '}
            <input
              type="number"
              min={0}
              max={3600}
              value={windowSeconds}
              onInput={({ currentTarget }) => setWindow(Number(currentTarget.value))}
            />
          </label>
        </ActionButton>
      </div>
    </Section>
  );
}

/** What it would do, asked when somebody is about to do it. */
function DryRun({
  factory,
  level,
  probeTimeoutMs,
}: {
  readonly factory: string;
  readonly level: string;
  readonly probeTimeoutMs: number;
}) {
  const { value, problem } = useAnswer<Preview>('emergency-preview', { factory, level });
  if (value === undefined) return <p class="muted">{problem ?? 'Looking …'}</p>;
  const { dead = 0, neverAttached = 0 } = value.remove;
  return (
    <p role="status">
      Of {countText(value.held, 'manager')} now: {numberText(dead)} dead and {numberText(neverAttached)} never attached
      would go, {numberText(value.ask)} would be asked for a sign of life and go if there is none within{' '}
      {durationText(probeTimeoutMs)}.
    </p>
  );
}
