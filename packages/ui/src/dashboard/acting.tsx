import { type ComponentChildren, createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';

import { plain } from '../text.ts';
import { messageOf, send } from './ask.ts';
import type { ActionName, Session } from './types.ts';

interface Acting {
  readonly actions: readonly ActionName[];
  readonly factory: string;
  /** Says what came of it where it stays to be read: the button may be gone with what it ended. */
  readonly tell: (text: string) => void;
}

const ActingContext = createContext<Acting>({ actions: [], factory: '', tell: () => undefined });

export function ActingProvider({
  session,
  factory,
  children,
}: {
  readonly session: Session;
  readonly factory: string;
  readonly children: ComponentChildren;
}) {
  const [told, tell] = useState<string>();
  return (
    <ActingContext.Provider value={{ actions: session.actions, factory, tell }}>
      {told === undefined ? null : (
        <div class="notice ok outcome">
          <span role="status">{plain(told)}</span>
          <button type="button" class="quiet" onClick={() => tell(undefined)}>
            Close
          </button>
        </div>
      )}
      {children}
    </ActingContext.Provider>
  );
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
  const { factory, tell } = useContext(ActingContext);
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const mayAct = useMayAct(action);
  if (!mayAct) return null;
  const act = (event: Event): void => {
    event.preventDefault();
    setBusy(true);
    void send('POST', `actions/${action}`, { factory, ...body })
      .then(
        (answer) => {
          tell(`${title}: ${(answer as { readonly detail: string }).detail}`);
          setOpen(false);
          done?.();
        },
        (error: unknown) => setProblem(messageOf(error)),
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
          setProblem(undefined);
          setOpen(true);
        }}
      >
        {label}
      </button>
      {isOpen ? (
        <Dialog title={title} close={() => setOpen(false)}>
          <form onSubmit={act}>
            <div class="dialog-body">{children}</div>
            {problem === undefined ? null : (
              <p class="notice bad" role="alert">
                {plain(problem)}
              </p>
            )}
            <div class="dialog-foot">
              <button type="button" class="quiet" onClick={() => setOpen(false)}>
                Cancel
              </button>
              <button type="submit" class={`strong ${isDanger === true ? 'danger' : ''}`} disabled={isBusy}>
                {confirm}
              </button>
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
