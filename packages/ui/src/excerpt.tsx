import { plain } from './text.ts';
import type { Finding } from './types.ts';

/** The source around a place, its line marked. */
export function Excerpt({ excerpt }: { readonly excerpt: Finding['excerpt'] }) {
  if (excerpt === undefined || excerpt === null)
    return <p class="muted">{excerpt === null ? 'The source could not be read.' : 'The source was not recorded.'}</p>;
  return (
    <figure class="excerpt">
      <figcaption>
        <code>{plain(`${excerpt.file}:${excerpt.markedLine}`)}</code>
      </figcaption>
      <pre tabIndex={0} aria-label={`${plain(excerpt.file)}, line ${excerpt.markedLine} is marked`}>
        {excerpt.lines.map((text, index) => {
          const line = excerpt.firstLine + index;
          const code = <code>{text === '' ? ' ' : text.split('\t').map(plain).join('  ')}</code>;
          return (
            <span key={line} class="source-line">
              <span class="line-number">{line}</span>
              {line === excerpt.markedLine ? <mark>{code}</mark> : code}
            </span>
          );
        })}
      </pre>
    </figure>
  );
}
