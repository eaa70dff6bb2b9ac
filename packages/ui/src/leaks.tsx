import { LeakCard } from './leak-card.tsx';
import { RateField } from './rate-field.tsx';
import { Section } from './section.tsx';
import type { CheckResult } from './types.ts';

/** So many are open at first: what is closed is not drawn, and two hundred leaks open as fast as one. */
const OPEN_COUNT = 3;

/** Every cause with everything that is known about it. */
export function Leaks(props: {
  readonly result: CheckResult;
  readonly perDay: number;
  readonly setPerDay: (perDay: number) => void;
}) {
  const { result, perDay, setPerDay } = props;
  const all = result.scenarios.flatMap(({ findings, evidence }) => findings.map((finding) => ({ finding, evidence })));
  if (all.length === 0) return null;
  return (
    <Section
      id="leaks"
      title={`What leaks (${all.length})`}
      beside={<RateField perDay={perDay} setPerDay={setPerDay} />}
    >
      {all.map(({ finding, evidence }, index) => (
        <LeakCard
          key={finding.fingerprint}
          finding={finding}
          evidence={evidence}
          perDay={perDay}
          isOpen={index < OPEN_COUNT}
        />
      ))}
    </Section>
  );
}
