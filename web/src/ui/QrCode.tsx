// A text as a QR code: dark on light in every theme, since cameras expect that.

import { encode } from "uqr";

/** `label` says what it is a picture of. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { data, size } = encode(text, { ecc: "M", border: 2 });
  const path = data
    .map((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")).join(""))
    .join("");
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-56 self-center rounded-md border bg-white fill-black"
    >
      <path d={path} />
    </svg>
  );
}
