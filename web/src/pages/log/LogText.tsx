// The text of a log: it grows at both ends while one reads, without moving what one reads.

import { ChevronDown, ChevronUp } from "lucide-react";
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { bytes } from "@/ui/ages";
import { Button, IconButton } from "@/ui/Button";
import { Marked } from "@/ui/Marked";
import { Moment } from "@/ui/Moment";
import type { Block } from "./blocks";
import type { useLog } from "./log";
import { targetIn } from "./target";

/** Another page is fetched when so little is left, in pixels. */
const AHEAD = 600;

/** So many pages are read for the words that were searched. */
const MOST_PAGES = 16;

/** Has the text stay where it is when some comes before it. What it returns is to be called when it is scrolled. */
function useSteady(place: RefObject<HTMLElement | null>, first: number | undefined): () => void {
  // How far it is from what is read to the end, which text that comes before does not change.
  const known = useRef({ first, left: 0 });
  const note = () => {
    const element = place.current;
    if (element !== null) known.current.left = element.scrollHeight - element.scrollTop;
  };
  useLayoutEffect(() => {
    const element = place.current;
    const before = known.current.first;
    const isEarlier = before !== undefined && first !== undefined && first < before;
    if (element !== null && isEarlier) {
      element.scrollTop = element.scrollHeight - known.current.left;
    }
    known.current.first = first;
    note();
  });
  return note;
}

/** A place in a log that was looked for. */
interface Sought {
  readonly at: number;
  readonly query: string;
}

/**
 * Goes to the place that was looked for, once. Search tells where the piece begins that has the words, so it may take
 * some reading until they come.
 */
function useArrival(
  place: RefObject<HTMLElement | null>,
  { pages, blocks, isAtEnd }: ReturnType<typeof useLog>,
  sought: Sought,
): void {
  // Words that are typed here later are marked, but lead nowhere.
  const [{ at, query }] = useState(sought);
  const hasArrived = useRef(false);
  const count = pages.data?.pages.length ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  useEffect(() => {
    if (hasArrived.current || count === 0 || isFetchingNextPage) return;
    const behind = blocks.filter(({ position }) => position >= at).map(({ text }) => text);
    const { mark, isComplete } = targetIn(behind, query);
    if (query !== "" && !isComplete && hasNextPage && !isAtEnd && count < MOST_PAGES) {
      void fetchNextPage();
      return;
    }
    hasArrived.current = true;
    const drawn = [...(place.current?.querySelectorAll<HTMLElement>("[data-position]") ?? [])];
    const from = drawn.filter((block) => Number(block.dataset.position) >= at);
    const marks = from.flatMap((block) => [...block.querySelectorAll("mark")]);
    const found = mark === undefined ? undefined : marks[mark];
    if (found !== undefined) show(place.current, found);
    else if (at > 0) (from[0] ?? drawn.at(-1))?.scrollIntoView({ block: "start" });
  }, [place, at, query, count, blocks, isAtEnd, hasNextPage, isFetchingNextPage, fetchNextPage]);
}

/** Brings a marked word to where it is seen, as the present one. */
function show(place: HTMLElement | null, mark: Element): void {
  place?.querySelector("mark[data-present]")?.removeAttribute("data-present");
  mark.setAttribute("data-present", "");
  mark.scrollIntoView({ block: "center" });
}

/** Steps through the marked words. */
function Steps({ place }: { readonly place: RefObject<HTMLElement | null> }) {
  const [words, setWords] = useState("");
  const step = (by: 1 | -1) => {
    const marks = [...(place.current?.querySelectorAll("mark") ?? [])];
    const present = marks.findIndex((mark) => mark.hasAttribute("data-present"));
    const next = marks[(present + by + marks.length) % marks.length];
    if (next === undefined) {
      setWords("None here");
      return;
    }
    show(place.current, next);
    setWords(`${marks.indexOf(next) + 1} of ${marks.length} here`);
  };
  return (
    <div className="absolute right-4 bottom-3 z-10 flex items-center gap-1 rounded-md border bg-raised py-0.5 pr-1 pl-2 shadow-float">
      <span role="status" className="tabular min-w-16 text-small text-muted">
        {words}
      </span>
      <IconButton label="Previous place" size="small" onClick={() => step(-1)}>
        <ChevronUp aria-hidden className="size-4" />
      </IconButton>
      <IconButton label="Next place" size="small" onClick={() => step(1)}>
        <ChevronDown aria-hidden className="size-4" />
      </IconButton>
    </div>
  );
}

const Lines = ({ block, query }: { readonly block: Block; readonly query: string }) => (
  <section data-position={block.position} className="flex gap-4 px-4 max-sm:flex-col max-sm:gap-0">
    <Moment
      at={block.at}
      className="tabular w-24 shrink-0 pt-px text-tiny leading-5 text-faint max-sm:w-auto"
    />
    <pre className="min-w-0 flex-1 font-mono text-small leading-5 wrap-anywhere whitespace-pre-wrap [&_mark[data-present]]:outline-2 [&_mark[data-present]]:outline-accent">
      <Marked text={block.text} query={query} />
    </pre>
  </section>
);

/** See the top of the file. */
export function LogText({
  log,
  at,
  query,
}: {
  readonly log: ReturnType<typeof useLog>;
  readonly at: number;
  readonly query: string;
}) {
  const { pages, blocks, pruned, isAtEnd } = log;
  const place = useRef<HTMLDivElement>(null);
  const first = blocks[0]?.position;
  const note = useSteady(place, first);
  useArrival(place, log, { at, query });
  const { hasPreviousPage, hasNextPage, isFetchingPreviousPage, isFetchingNextPage } = pages;
  const isBusy = isFetchingPreviousPage || isFetchingNextPage;
  const scrolled = (element: HTMLElement) => {
    note();
    if (isBusy) return;
    const left = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (element.scrollTop < AHEAD && hasPreviousPage) void pages.fetchPreviousPage();
    else if (left < AHEAD && hasNextPage && !isAtEnd) void pages.fetchNextPage();
  };
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <section
        ref={place}
        aria-label="Log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls.
        tabIndex={0}
        onScroll={({ currentTarget }) => scrolled(currentTarget)}
        className="min-h-0 flex-1 overflow-auto py-3 -outline-offset-2 [overflow-anchor:none]"
      >
        <div className="pb-2 text-center text-small text-faint">
          {hasPreviousPage && (
            <Button
              size="small"
              kind="quiet"
              isBusy={isFetchingPreviousPage}
              onClick={() => void pages.fetchPreviousPage()}
            >
              Show what came before
            </Button>
          )}
          {!hasPreviousPage && pruned > 0 && `The first ${bytes(pruned)} are not kept any more.`}
          {!hasPreviousPage && pruned === 0 && "This is the beginning."}
        </div>
        {blocks.map((block) => (
          <Lines key={block.position} block={block} query={query} />
        ))}
        <div className="pt-2 text-center text-small text-faint">
          {hasNextPage ? (
            <Button
              size="small"
              kind="quiet"
              isBusy={isFetchingNextPage}
              onClick={() => void pages.fetchNextPage()}
            >
              {isAtEnd ? "Look whether more was printed" : "Show what came after"}
            </Button>
          ) : (
            "This is the end."
          )}
        </div>
      </section>
      {query !== "" && <Steps place={place} />}
    </div>
  );
}
