// A small line of how a value went, beside the words that say how it is.

const WIDTH = 96;
const HEIGHT = 20;

/** The points of the line: the newest at the right, holes left out. Pure. */
export function pointsOf(values: readonly (number | undefined)[], most: number): string {
  const step = values.length > 1 ? WIDTH / (values.length - 1) : 0;
  return values
    .flatMap((value, index) => {
      if (value === undefined) return [];
      const share = most > 0 ? Math.max(0, Math.min(1, value / most)) : 0;
      // Half a pixel is left at both edges, so that the line is not cut.
      return [`${(index * step).toFixed(1)},${(HEIGHT - 0.5 - share * (HEIGHT - 1)).toFixed(1)}`];
    })
    .join(" ");
}

/** The line. It says nothing to screen readers: the words beside it do. */
export function Sparkline({
  values,
  most,
}: {
  /** Oldest first. */
  readonly values: readonly (number | undefined)[];
  /** What the top stands for. */
  readonly most: number;
}) {
  return (
    <svg
      aria-hidden
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="h-5 w-24 shrink-0 overflow-visible rounded-sm bg-sunken text-accent"
      preserveAspectRatio="none"
    >
      <polyline
        points={pointsOf(values, most)}
        fill="none"
        stroke="currentColor"
        strokeWidth={1.25}
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
