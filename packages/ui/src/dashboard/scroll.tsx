import type { ComponentChildren } from 'preact';

/** What may be wider than the page: the keyboard reaches it, too. */
export function Scroll({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={label}>
      {children}
    </div>
  );
}
