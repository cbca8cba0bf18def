// Short notes in the corner: what was done, what failed. They can be closed, and wait for whoever points at them.

import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "./Button";
import { classes } from "./classes";

const notes = Toast.createToastManager();

/** Tells that something was done, or happened. `action` is a button, such as one that leads there. */
export function tell(
  title: string,
  options: {
    readonly description?: string;
    readonly action?: { readonly label: string; readonly onClick: () => void };
  } = {},
): void {
  const { description, action } = options;
  notes.add({
    title,
    ...(description === undefined ? {} : { description }),
    ...(action === undefined
      ? {}
      : { actionProps: { children: action.label, onClick: action.onClick } }),
  });
}

/** Tells that something failed, in the words of what refused it. Stays longer. */
export function tellFailure(title: string, error: unknown): void {
  const description = error instanceof Error ? error.message : String(error);
  notes.add({ title, description, type: "failure", priority: "high", timeout: 12_000 });
}

function Shown() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className={classes(
        "flex w-full items-start gap-2 rounded-md border bg-raised py-2 pr-2 pl-3 shadow-float transition-opacity data-[ending-style]:opacity-0 data-[starting-style]:opacity-0",
        toast.type === "failure" && "border-bad",
      )}
    >
      <Toast.Content className="min-w-0 flex-1">
        <Toast.Title className={classes("font-medium", toast.type === "failure" && "text-bad")} />
        <Toast.Description className="break-words text-muted" />
        <Toast.Action className="mt-1 font-medium text-accent-ink underline-offset-2 hover:underline" />
      </Toast.Content>
      <Toast.Close render={<IconButton label="Close" size="small" />}>
        <X aria-hidden className="size-4" />
      </Toast.Close>
    </Toast.Root>
  ));
}

/** Gives the page its notes. */
export function Toasts({ children }: { readonly children: ReactNode }) {
  return (
    <Toast.Provider toastManager={notes} limit={4}>
      {children}
      <Toast.Portal>
        <Toast.Viewport
          aria-label="Notes"
          className="fixed right-4 bottom-4 z-50 flex w-[min(22rem,calc(100vw-2rem))] flex-col gap-2 outline-none max-sm:bottom-[calc(4rem+env(safe-area-inset-bottom))]"
        >
          <Shown />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
