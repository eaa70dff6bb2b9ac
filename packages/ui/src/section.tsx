import type { ComponentChildren } from 'preact';

/** One part of a page, which a link can lead to. */
export function Section({
  id,
  title,
  beside,
  children,
}: {
  readonly id: string;
  readonly title: string;
  /** Stands at the right of the title. */
  readonly beside?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <div class="section-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {beside}
      </div>
      {children}
    </section>
  );
}
