import { type ComponentChildren, createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';

import { plain } from '../text.ts';
import { messageOf, send } from './ask.ts';
import type { ActionName, Session } from './types.ts';

interface Acting {
  readonly actions: readonly ActionName[];
  readonly factory: string;
}

const ActingContext = createContext<Acting>({ actions: [], factory: '' });

export function ActingProvider({
  session,
  factory,
  children,
}: {
  readonly session: Session;
  readonly factory: string;
  readonly children: ComponentChildren;
}) {
  return <ActingContext.Provider value={{ actions: session.actions, factory }}>{children}</ActingContext.Provider>;
}

/** Whether one of these may be done: where nothing may, nothing is shown for it. */
export function useMayAct(...names: readonly ActionName[]): boolean {
  const { actions } = useContext(ActingContext);
  return names.some((name) => actions.includes(name));
}

interface ActionProps {
  readonly action: ActionName;
  readonly label: string;
  /** Of the button, where the label alone would say too little. */
  readonly describe?: string;
  readonly title: string;
  /** What will happen, and whatever has to be chosen. */
  readonly children: ComponentChildren;
  readonly body: Readonly<Record<string, unknown>>;
  readonly confirm: string;
  readonly isDanger?: boolean;
  readonly done?: () => void;
}

/** A button for something that cannot be taken back: it says what will happen, and asks. */
export function ActionButton({ action, label, describe, title, children, body, confirm, isDanger, done }: ActionProps) {
  const { factory } = useContext(ActingContext);
  const [isOpen, setOpen] = useState(false);
  const [outcome, setOutcome] = useState<{ readonly text: string; readonly isProblem: boolean }>();
  const [isBusy, setBusy] = useState(false);
  const mayAct = useMayAct(action);
  if (!mayAct) return null;
  const act = (event: Event): void => {
    event.preventDefault();
    setBusy(true);
    void send('POST', `actions/${action}`, { factory, ...body })
      .then(
        (answer) => {
          setOutcome({ text: (answer as { readonly detail: string }).detail, isProblem: false });
          done?.();
        },
        (error: unknown) => setOutcome({ text: messageOf(error), isProblem: true }),
      )
      .finally(() => setBusy(false));
  };
  return (
    <>
      <button
        type="button"
        class="quiet"
        {...(describe === undefined ? {} : { 'aria-label': describe })}
        onClick={() => {
          setOutcome(undefined);
          setOpen(true);
        }}
      >
        {label}
      </button>
      {isOpen ? (
        <Dialog title={title} close={() => setOpen(false)}>
          <form onSubmit={act}>
            <div class="dialog-body">{children}</div>
            {outcome === undefined ? null : (
              <p class={`notice ${outcome.isProblem ? 'bad' : 'ok'}`} role="status">
                {plain(outcome.text)}
              </p>
            )}
            <div class="dialog-foot">
              <button type="button" class="quiet" onClick={() => setOpen(false)}>
                {outcome === undefined ? 'Cancel' : 'Close'}
              </button>
              {outcome === undefined || outcome.isProblem ? (
                <button type="submit" class={`strong ${isDanger === true ? 'danger' : ''}`} disabled={isBusy}>
                  {confirm}
                </button>
              ) : null}
            </div>
          </form>
        </Dialog>
      ) : null}
    </>
  );
}

/** The browser's own: it keeps the focus inside, and gives it back. */
function Dialog({
  title,
  close,
  children,
}: {
  readonly title: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog ref={element} aria-label={title} onClose={close}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}
