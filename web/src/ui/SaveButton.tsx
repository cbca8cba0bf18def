// A button that has the browser save a file, busy until all of it is there.

import { Download } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "./Button";
import { save } from "./save";
import { tellFailure } from "./Toasts";

/** See the top of the file. `failure` is what people are told if it cannot be had. */
export function SaveButton({
  take,
  name,
  failure,
  title,
  children,
}: {
  readonly take: () => Promise<Response>;
  readonly name: string;
  readonly failure: string;
  readonly title: string;
  readonly children: ReactNode;
}) {
  const [isBusy, setBusy] = useState(false);
  const press = async () => {
    setBusy(true);
    try {
      await save(await take(), name);
    } catch (error) {
      tellFailure(failure, error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      icon={<Download aria-hidden className="size-4" />}
      isBusy={isBusy}
      onClick={() => void press()}
      title={title}
    >
      {children}
    </Button>
  );
}
