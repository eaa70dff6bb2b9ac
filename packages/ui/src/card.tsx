import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

interface CardProps {
  /** `bad`, `unsure`, `ok`, or anything else for none: the bar at its left. */
  readonly tone: string;
  readonly id?: string;
  /** What it is called where it has no heading. */
  readonly label?: string;
  readonly head: ComponentChildren;
}

/** One thing of several, with a state of its own that the eye finds by the bar at its left. */
export function Card({ tone, id, label, head }: CardProps) {
  return (
    <article
      class={`card ${tone}`}
      {...(id === undefined ? {} : { id })}
      {...(label === undefined ? {} : { 'aria-label': label })}
    >
      <div class="card-head">{head}</div>
    </article>
  );
}

/** The same with more to say: closed, it is its head. What is inside is made when it is opened. */
export function FoldingCard({
  tone,
  id,
  head,
  isOpenAtFirst,
  children,
}: CardProps & { readonly isOpenAtFirst: boolean; readonly children: () => ComponentChildren }) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  return (
    <details
      class={`card ${tone}`}
      {...(id === undefined ? {} : { id })}
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary class="card-head">{head}</summary>
      {isOpen ? <div class="card-body">{children()}</div> : null}
    </details>
  );
}
