import type { ComponentChildren } from 'preact';

/** One part of a page, which a link can lead to. */
export function Section({
  id,
  title,
  beside,
  as: Heading = 'h2',
  children,
}: {
  readonly id: string;
  readonly title: string;
  /** Stands at the right of the title. */
  readonly beside?: ComponentChildren;
  /** `h1`: it is the whole page. */
  readonly as?: 'h1' | 'h2';
  readonly children: ComponentChildren;
}) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <div class="section-head">
        <Heading id={`${id}-title`}>{title}</Heading>
        {beside}
      </div>
      {children}
    </section>
  );
}
