import { Section } from './section.tsx';
import { plain } from './text.ts';
import type { CheckResult } from './types.ts';

type Matrix = NonNullable<CheckResult['coverage']>;

/** The proof that the scenarios see: servers with a known fault each, and who caught it. */
export function CoverageTable({ matrix }: { readonly matrix: Matrix }) {
  const faulty = matrix.rows.filter(({ fault }) => fault !== 'healthy');
  const caught = faulty.filter((row) => row.caught).length;
  return (
    <Section id="coverage" title={`Faulty servers: ${caught} of ${faulty.length} caught`}>
      <div class="scroll" tabIndex={0} role="group" aria-label="Faulty servers by scenario">
        <table class="matrix">
          <thead>
            <tr>
              <th scope="col">fault</th>
              <th scope="col">what is wrong with it</th>
              {matrix.scenarios.map((name) => (
                <th key={name} scope="col">
                  {plain(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.rows.map((row) => (
              <tr key={row.fault} class={isRight(row) ? '' : 'bad'}>
                <th scope="row">{plain(row.fault)}</th>
                <td>
                  {plain(row.title)}
                  {isRight(row) ? null : <span class="chip bad">{row.caught ? 'convicted' : 'not caught'}</span>}
                </td>
                {row.cells.map((cell, index) => (
                  <td
                    key={index}
                    class={cell === 'green' ? 'ok' : cell === 'not run' ? 'none' : 'caught'}
                    title={plain(cell)}
                  >
                    {cell === 'green' ? 'green' : cell === 'not run' ? '–' : 'caught'}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** A fault has to be caught, a healthy server must not be. */
function isRight({ fault, caught, cells }: Matrix['rows'][number]): boolean {
  return fault === 'healthy' ? cells.every((cell) => cell === 'green' || cell === 'not run') : caught;
}
