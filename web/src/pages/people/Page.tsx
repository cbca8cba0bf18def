// The page "People": who has an account, what they may do, and where they are signed in.

import { UserPlus } from "lucide-react";
import { useMemo, useState } from "react";
import { usePeople } from "@/api/lists";
import { useMay, useServer } from "@/api/server";
import { usePaletteEntries } from "@/app/palette/open";
import { roleName } from "@/features/people/roles";
import { useAddressWord } from "@/ui/address";
import { Button } from "@/ui/Button";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { PageHeader } from "@/ui/PageHeader";
import { Restricted } from "@/ui/Restricted";
import { SearchField } from "@/ui/SearchField";
import { AddPerson } from "./AddPerson";
import { People } from "./People";

/** See the top of the file. */
export function Page() {
  const { administer } = useMay();
  return administer ? <Administration /> : <Closed />;
}

function Closed() {
  const { user } = useServer();
  return (
    <>
      <PageHeader title="People" documentTitle="People" />
      <Restricted title="Administrators look after people">
        You are signed in as {user.name}, {roleName(user.role).toLowerCase()}. Ask an administrator
        to add somebody or to change what you may do.
      </Restricted>
    </>
  );
}

function Administration() {
  const people = usePeople();
  const [text, search] = useAddressWord("q");
  const [isAdding, setAdding] = useState(false);
  const add = () => setAdding(true);
  const entries = useMemo(
    () => [
      { id: "add person", label: "Add a person", group: "This page", run: () => setAdding(true) },
    ],
    [],
  );
  usePaletteEntries(entries);
  const count = people.data?.length ?? 0;
  return (
    <>
      <PageHeader
        title="People"
        documentTitle="People"
        lead={count > 0 && <span className="tabular text-muted">{count}</span>}
        actions={
          count > 0 && (
            <>
              <SearchField
                label="Search people"
                value={text}
                onChange={search}
                className="max-sm:w-40"
              />
              <Button
                kind="primary"
                icon={<UserPlus aria-hidden className="size-4" />}
                onClick={add}
              >
                Add person
              </Button>
            </>
          )
        }
      />
      {people.isPending && <Skeleton />}
      {people.data === undefined && people.error !== null && (
        <Failure error={people.error} onRetry={() => people.refetch()} />
      )}
      {people.data !== undefined && count === 0 && <Nobody onAdd={add} />}
      {people.data !== undefined && count > 0 && <People people={people.data} text={text} />}
      {isAdding && <AddPerson isFirst={count === 0} onClose={() => setAdding(false)} />}
    </>
  );
}

function Nobody({ onAdd }: { readonly onAdd: () => void }) {
  return (
    <Empty
      icon={<UserPlus aria-hidden />}
      title="Nobody has an account yet"
      action={
        <Button kind="primary" onClick={onAdd}>
          Make the first account
        </Button>
      }
    >
      You came in by a link or a token. With an account you sign in by name and password, on every
      device, and can let others in.
    </Empty>
  );
}
