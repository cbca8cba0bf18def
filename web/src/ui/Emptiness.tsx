// What a view shows when it has nothing, not yet, or not for now.

import type { ReactNode } from "react";
import { Button } from "./Button";
import { classes } from "./classes";

/** Nothing is there, and what to do about it. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-2 px-6 py-12 text-center">
      {icon !== undefined && <div className="text-faint [&>svg]:size-7">{icon}</div>}
      <p className="text-large font-medium">{title}</p>
      {children !== undefined && <div className="max-w-md text-muted">{children}</div>}
      {action !== undefined && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** Something could not be had. */
export function Failure({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}) {
  return (
    <div
      role="alert"
      className="flex flex-1 flex-col items-center justify-center gap-2 px-6 py-12 text-center"
    >
      <p className="text-large font-medium">That could not be loaded</p>
      <p className="max-w-md text-muted">
        {error instanceof Error ? error.message : String(error)}
      </p>
      {onRetry !== undefined && (
        <Button className="mt-2" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** The shape of rows that are still to come. */
export function Skeleton({
  rows = 6,
  className,
}: {
  readonly rows?: number;
  readonly className?: string;
}) {
  const widths = ["w-2/3", "w-1/2", "w-3/4", "w-2/5"];
  return (
    <div
      role="status"
      aria-label="Loading"
      className={classes("flex flex-1 flex-col gap-3 p-4", className)}
    >
      {Array.from({ length: rows }, (_, row) => row).map((row) => (
        <div
          key={row}
          className={classes("h-4 animate-pulse rounded-sm bg-line", widths[row % widths.length])}
        />
      ))}
    </div>
  );
}
