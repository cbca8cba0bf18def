// What comes after the last row of a list that is fetched in pages.

import { Button } from "./Button";
import { Failure } from "./Emptiness";

/** A list so short does not need to say that it is over. */
const SHORT = 20;

/** The part of an infinite query that matters here. */
export interface ListPages {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly isFetchNextPageError: boolean;
  readonly error: unknown;
  fetchNextPage(): Promise<unknown>;
}

/** Loads the next page, says that it could not be loaded, or that there is none. */
export function ListEnd({
  pages,
  count,
  what,
}: {
  readonly pages: ListPages;
  /** How many rows there are. */
  readonly count: number;
  /** What they are, such as "commands". */
  readonly what: string;
}) {
  const more = () => void pages.fetchNextPage();
  if (pages.isFetchNextPageError) return <Failure error={pages.error} onRetry={more} />;
  if (pages.hasNextPage) {
    return (
      <div className="p-3 text-center">
        <Button size="small" kind="quiet" isBusy={pages.isFetchingNextPage} onClick={more}>
          {pages.isFetchingNextPage ? `Loading older ${what}` : `Show older ${what}`}
        </Button>
      </div>
    );
  }
  if (count < SHORT) return null;
  return <p className="p-4 text-center text-small text-faint">There are no older {what}.</p>;
}
