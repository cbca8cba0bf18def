// The top of a page: what it is, what can be done, and how to look at it.

import { type ReactNode, useEffect } from "react";
import { setTitle } from "./title";

/** The one heading of a page. */
export function PageHeader({
  title,
  documentTitle,
  lead,
  actions,
  children,
}: {
  readonly title: ReactNode;
  /** What the browser's tab says. */
  readonly documentTitle: string;
  /** Beside the title: a state, a count. */
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  /** Below: filters, tabs. */
  readonly children?: ReactNode;
}) {
  useEffect(() => {
    setTitle(documentTitle);
  }, [documentTitle]);
  return (
    <header className="flex shrink-0 flex-col gap-2 border-b bg-surface px-4 py-2.5">
      <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="min-w-0 truncate text-title font-semibold">{title}</h1>
        {lead}
        <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>
      </div>
      {children}
    </header>
  );
}
