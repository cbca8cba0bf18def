// The page "Keys": what agents prove themselves with, who uses which, and how they are shut out.

import { KeyRound, Plus, Smartphone } from "lucide-react";
import { useMemo, useState } from "react";
import { useKeys } from "@/api/lists";
import { useMay } from "@/api/server";
import { usePaletteEntries } from "@/app/palette/open";
import { useAddressWord } from "@/ui/address";
import { Button } from "@/ui/Button";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { PageHeader } from "@/ui/PageHeader";
import { Restricted } from "@/ui/Restricted";
import { SearchField } from "@/ui/SearchField";
import { Keys } from "./Keys";
import { MakeKey } from "./MakeKey";
import { OtherDevice } from "./OtherDevice";

/** See the top of the file. */
export function Page() {
  const { act } = useMay();
  if (act) return <Open />;
  return (
    <>
      <PageHeader title="Keys" documentTitle="Keys" />
      <Restricted title="Operators and administrators look after keys">
        A key lets a machine link itself as an agent. Ask an operator for one.
      </Restricted>
    </>
  );
}

function Open() {
  const { administer } = useMay();
  const keys = useKeys();
  const [text, search] = useAddressWord("q");
  const [opened, setOpened] = useState<"key" | "device">();
  const entries = useMemo(
    () => [
      { id: "make key", label: "Make a key", group: "This page", run: () => setOpened("key") },
    ],
    [],
  );
  usePaletteEntries(entries);
  const count = keys.data?.length ?? 0;
  const make = () => setOpened("key");
  return (
    <>
      <PageHeader
        title="Keys"
        documentTitle="Keys"
        lead={count > 0 && <span className="tabular text-muted">{count}</span>}
        actions={
          <>
            {count > 0 && (
              <SearchField
                label="Search keys"
                value={text}
                onChange={search}
                className="max-sm:w-full"
              />
            )}
            {administer && (
              <Button
                icon={<Smartphone aria-hidden className="size-4" />}
                onClick={() => setOpened("device")}
              >
                Open on another device
              </Button>
            )}
            {count > 0 && (
              <Button kind="primary" icon={<Plus aria-hidden className="size-4" />} onClick={make}>
                Make key
              </Button>
            )}
          </>
        }
      />
      {keys.isPending && <Skeleton />}
      {keys.data === undefined && keys.error !== null && (
        <Failure error={keys.error} onRetry={() => keys.refetch()} />
      )}
      {keys.data !== undefined && count === 0 && <NoKeys onMake={make} />}
      {keys.data !== undefined && count > 0 && <Keys keys={keys.data} text={text} />}
      {opened === "key" && <MakeKey onClose={() => setOpened(undefined)} />}
      {opened === "device" && <OtherDevice onClose={() => setOpened(undefined)} />}
    </>
  );
}

const NoKeys = ({ onMake }: { readonly onMake: () => void }) => (
  <Empty
    icon={<KeyRound aria-hidden />}
    title="No keys yet"
    action={
      <Button kind="primary" onClick={onMake}>
        Make the first key
      </Button>
    }
  >
    A key lets another machine link itself here as an agent, and nothing else. It can be taken back
    at any time.
  </Empty>
);
