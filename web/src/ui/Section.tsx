// A part of a page of settings: a heading, a sentence, and what can be set.

import { type ReactNode, useId } from "react";

/** One of them. */
export function Section({
  title,
  description,
  actions,
  children,
}: {
  readonly title: string;
  readonly description?: ReactNode;
  /** At the end of the heading's line. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex flex-col gap-3">
      <header className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1">
          <h2 id={id} className="text-large font-semibold">
            {title}
          </h2>
          {description !== undefined && <p className="text-muted">{description}</p>}
        </div>
        {actions}
      </header>
      {children}
    </section>
  );
}
