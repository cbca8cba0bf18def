// The button that leads to the emergency stop.

import { OctagonX } from "lucide-react";
import { useMay } from "@/api/server";
import { Button } from "@/ui/Button";
import { useEmergency } from "./emergency";

/** The button; nobody who may not act sees it. */
export function EmergencyButton() {
  const open = useEmergency((state) => state.open);
  if (!useMay().act) return null;
  return (
    <Button
      className="border-bad! text-bad! hover:bg-bad-soft!"
      icon={<OctagonX aria-hidden className="size-4" />}
      onClick={open}
    >
      Emergency stop
    </Button>
  );
}
