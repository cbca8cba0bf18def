// The page "Audit": who did what, as it happens, and as a file.

import { useNavigate, useSearch } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { useCallback, useRef, useState } from "react";
import { useServer } from "@/api/server";
import { AuditFilters, type NarrowAudit } from "@/features/audit/AuditFilters";
import { AuditList } from "@/features/audit/AuditList";
import { useAudit } from "@/features/audit/records";
import { type AuditSearch, auditQuery, auditSearch } from "@/features/audit/search";
import { Button } from "@/ui/Button";
import { CopyLink } from "@/ui/CopyLink";
import { Menu, MenuItem } from "@/ui/Menu";
import { PageHeader } from "@/ui/PageHeader";
import { fieldOf } from "@/ui/ranges";
import { SearchBar } from "@/ui/SearchBar";
import { save } from "@/ui/save";
import { tell, tellFailure } from "@/ui/Toasts";

function Export({ search }: { readonly search: AuditSearch }) {
  const { rest } = useServer();
  const [isBusy, setBusy] = useState(false);
  const begin = async (format: "csv" | "json") => {
    setBusy(true);
    try {
      const query = { ...auditQuery(search, Date.now()), format };
      const name = `audit ${fieldOf(Date.now()).replace(/[T:]/g, "-")}.${format}`;
      await save(await rest.call("GET /api/v1/audit/export", { query }), name);
      tell("The audit is exported", { description: name });
    } catch (error) {
      tellFailure("The audit could not be exported", error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Menu
      trigger={
        <Button isBusy={isBusy} icon={<Download aria-hidden className="size-4" />}>
          {isBusy ? "Exporting" : "Export"}
        </Button>
      }
    >
      <MenuItem onSelect={() => begin("csv")}>What is listed, as CSV</MenuItem>
      <MenuItem onSelect={() => begin("json")}>What is listed, as JSON</MenuItem>
    </Menu>
  );
}

/** See the top of the file. */
export function Page() {
  const search = useSearch({ from: "/audit" });
  const navigate = useNavigate();
  const list = useRef<HTMLDivElement>(null);
  const narrow: NarrowAudit = useCallback(
    (change) =>
      void navigate({
        to: "/audit",
        search: (before) => auditSearch({ ...before, ...change }),
        replace: "q" in change,
      }),
    [navigate],
  );
  const searchFor = useCallback((text: string) => narrow({ q: text || undefined }), [narrow]);
  const clear = () => void navigate({ to: "/audit", search: {} });
  const audit = useAudit(search, true);
  const { q, ...filters } = search;
  const isNarrowed = Object.keys(filters).length > 0;
  return (
    <>
      <PageHeader
        title="Audit"
        documentTitle="Audit"
        lead={
          <span className="text-small text-faint max-sm:hidden">
            Kept for as long as the server's setting <code>audit.keep_for</code> says
          </span>
        }
        actions={
          <>
            <CopyLink />
            {!audit.pages.isError && <Export search={search} />}
          </>
        }
      >
        <SearchBar
          label="Search the audit"
          placeholder="Part of a name, a detail, an address"
          value={q ?? ""}
          onSearch={searchFor}
          onLeave={() =>
            list.current?.querySelector<HTMLElement>("[data-index] :is(a[href], button)")?.focus()
          }
        />
        <div className="flex flex-wrap items-center gap-1.5">
          <AuditFilters search={search} narrow={narrow} records={audit.items} />
          {isNarrowed && (
            <Button size="small" kind="quiet" onClick={clear}>
              Clear filters
            </Button>
          )}
        </div>
      </PageHeader>
      <div ref={list} className="flex min-h-0 flex-1 flex-col">
        <AuditList
          key={JSON.stringify(search)}
          audit={audit}
          search={search}
          isNarrowed={isNarrowed || q !== undefined}
          onClear={clear}
        />
      </div>
    </>
  );
}
