// Says to somebody who came to a view that is not for them who may open it.

import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { Empty } from "./Emptiness";

/** In place of the view. */
export const Restricted = ({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}) => (
  <Empty icon={<Lock aria-hidden />} title={title}>
    {children}
  </Empty>
);
