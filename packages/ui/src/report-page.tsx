import { useState } from 'preact/hooks';

import { complaintText } from '../../watertight/src/report/complaints.ts';
import { Answer } from './answer.tsx';
import { CoverageTable } from './coverage-table.tsx';
import { Environment } from './environment.tsx';
import { Leaks } from './leaks.tsx';
import { Promises } from './promises.tsx';
import { Scenarios } from './scenarios.tsx';
import { Section } from './section.tsx';
import { plain } from './text.ts';
import { ThemeButton } from './theme-button.tsx';
import { Themed, useTheme } from './theme.ts';
import type { CheckResult } from './types.ts';
import { Violations } from './violations.tsx';

/** The whole report: the answer, then why, then everything else. */
export function ReportPage({ result }: { readonly result: CheckResult }) {
  const theme = useTheme();
  const [perDay, setPerDay] = useState(86_400);
  return (
    <Themed.Provider value={theme.shown}>
      <header class="top">
        <span class="brand">watertight</span>
        <nav aria-label="Parts of the report">
          {partsOf(result).map(([id, title]) => (
            <a key={id} href={`#${id}`}>
              {title}
            </a>
          ))}
        </nav>
        <ThemeButton theme={theme} />
      </header>
      <main>
        <Answer result={result} perDay={perDay} />
        <Promises result={result} />
        <NextSteps steps={result.nextSteps} />
        <Leaks result={result} perDay={perDay} setPerDay={setPerDay} />
        <Violations result={result} />
        <Scenarios result={result} />
        <Texts id="complaints" title="What the server complained of" texts={result.complaints.map(complaintText)} />
        {result.coverage === null ? null : <CoverageTable matrix={result.coverage} />}
        <Texts id="blind-spots" title="What this cannot show" texts={result.blindSpots} />
        <Environment result={result} />
      </main>
    </Themed.Provider>
  );
}

function partsOf(result: CheckResult): readonly (readonly [string, string])[] {
  const { scenarios, coverage } = result;
  return [
    ...(scenarios.some(({ findings }) => findings.length > 0) ? [['leaks', 'Leaks'] as const] : []),
    ...(scenarios.some(({ violations }) => violations.length > 0) ? [['violations', 'Violations'] as const] : []),
    ['scenarios', 'Scenarios'],
    ...(coverage === null ? [] : [['coverage', 'Faulty servers'] as const]),
    ['environment', 'Repeat it'],
  ];
}

function NextSteps({ steps }: { readonly steps: readonly string[] }) {
  if (steps.length === 0) return null;
  return (
    <Section id="next" title="What to do next">
      <ol class="texts">
        {steps.map((step) => (
          <li key={step}>{plain(step)}</li>
        ))}
      </ol>
    </Section>
  );
}

function Texts({
  id,
  title,
  texts,
}: {
  readonly id: string;
  readonly title: string;
  readonly texts: readonly string[];
}) {
  if (texts.length === 0) return null;
  return (
    <Section id={id} title={title}>
      <ul class="texts">
        {texts.map((text) => (
          <li key={text}>{plain(text)}</li>
        ))}
      </ul>
    </Section>
  );
}
