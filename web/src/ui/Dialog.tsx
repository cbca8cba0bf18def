// Dialogs: something to fill in, and something to be sure of.

import { AlertDialog } from "@base-ui/react/alert-dialog";
import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactNode } from "react";
import { Button } from "./Button";
import { classes } from "./classes";
import { useAttempt } from "./useAttempt";

const BACKDROP =
  "fixed inset-0 z-40 bg-black/40 transition-opacity data-[ending-style]:opacity-0 data-[starting-style]:opacity-0";
const POPUP =
  "fixed top-[12dvh] left-1/2 z-50 flex max-h-[80dvh] w-[min(92vw,var(--dialog-width))] -translate-x-1/2 flex-col rounded-lg border border-line bg-raised shadow-float outline-none max-sm:top-auto max-sm:bottom-0 max-sm:w-full max-sm:rounded-b-none max-sm:pb-[env(safe-area-inset-bottom)]";

const WIDTHS = {
  narrow: "[--dialog-width:26rem]",
  normal: "[--dialog-width:36rem]",
  wide: "[--dialog-width:64rem]",
} as const;

/** A dialog that its caller opens and closes. */
export function Dialog({
  isOpen,
  onClose,
  title,
  description,
  width = "normal",
  isReading = false,
  children,
  footer,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: ReactNode;
  /** Whether it is text without anything to press, which keys then scroll. */
  readonly isReading?: boolean;
  readonly width?: keyof typeof WIDTHS;
  readonly children: ReactNode;
  /** Its buttons, the one that does it last. */
  readonly footer?: ReactNode;
}) {
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={BACKDROP} />
        <Base.Popup className={classes(POPUP, WIDTHS[width])}>
          <header className="px-4 pt-4 pb-2">
            <Base.Title className="text-large font-semibold">{title}</Base.Title>
            {description !== undefined && (
              <Base.Description className="mt-1 text-muted">{description}</Base.Description>
            )}
          </header>
          <div
            className="min-h-0 flex-1 overflow-auto px-4 py-2 outline-none"
            {...(isReading ? { tabIndex: 0 } : {})}
          >
            {children}
          </div>
          {footer !== undefined && (
            <footer className="flex flex-wrap justify-end gap-2 border-t px-4 py-3">
              {footer}
            </footer>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Asks whether to go on with something that cannot be undone. `onConfirm` may take its time and may throw. */
export function Confirmation({
  isOpen,
  onClose,
  title,
  children,
  action,
  onConfirm,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** What the button says, such as "Remove ann". */
  readonly action: string;
  readonly onConfirm: () => Promise<unknown> | unknown;
}) {
  const { isBusy, problem, attempt } = useAttempt();
  const confirm = () =>
    attempt(async () => {
      await onConfirm();
      onClose();
    });
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={BACKDROP} />
        <AlertDialog.Popup className={classes(POPUP, WIDTHS.narrow)}>
          <header className="px-4 pt-4">
            <AlertDialog.Title className="text-large font-semibold">{title}</AlertDialog.Title>
          </header>
          <AlertDialog.Description
            render={<div />}
            className="min-h-0 overflow-auto px-4 py-2 text-muted"
          >
            {children}
          </AlertDialog.Description>
          {problem !== undefined && (
            <p role="alert" className="px-4 pb-2 text-bad">
              {problem}
            </p>
          )}
          <footer className="flex flex-wrap justify-end gap-2 border-t px-4 py-3">
            <AlertDialog.Close render={<Button>Cancel</Button>} />
            <Button kind="danger" isBusy={isBusy} onClick={confirm}>
              {action}
            </Button>
          </footer>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
