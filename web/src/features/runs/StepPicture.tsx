// How the page looked at a step. Fetched when somebody can see it.

import type { RunStep } from "pilothouse-client";
import { useEffect, useRef, useState } from "react";
import { useScreenshot } from "@/api/runs";
import { classes } from "@/ui/classes";
import { useWasSeen } from "@/ui/useWasSeen";

/** An address in memory for as long as a view is there. */
function useAddress(picture: Blob | undefined): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (picture === undefined) return;
    const made = URL.createObjectURL(picture);
    setAddress(made);
    return () => {
      setAddress(undefined);
      URL.revokeObjectURL(made);
    };
  }, [picture]);
  return address;
}

/** See the top of the file. `label` says what is seen; empty where it is said beside it. */
export function StepPicture({
  runId,
  step: { number, hasScreenshot },
  label,
  className,
}: {
  readonly runId: string;
  readonly step: RunStep;
  readonly label: string;
  readonly className?: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const wasSeen = useWasSeen(place);
  const picture = useScreenshot(runId, number, hasScreenshot && wasSeen);
  const address = useAddress(picture.data);
  return (
    <div ref={place} className={classes("relative flex bg-black", className)}>
      {address !== undefined && (
        <img
          src={address}
          alt={label}
          decoding="async"
          draggable={false}
          className="size-full object-contain"
        />
      )}
      {address === undefined && (
        <span className="absolute inset-0 flex items-center justify-center p-1 text-center text-tiny text-white">
          {wordsOf(hasScreenshot, picture.isError)}
        </span>
      )}
    </div>
  );
}

function wordsOf(hasScreenshot: boolean, isError: boolean): string {
  if (!hasScreenshot) return "No screenshot";
  return isError ? "The screenshot is not kept any more" : "";
}
