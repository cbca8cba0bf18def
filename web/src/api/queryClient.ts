// How queries behave: refusals are final, a server that is away is asked again by whoever looks.

import { QueryClient } from "@tanstack/react-query";
import { UnreachableError } from "pilothouse-client";

/** A cache for one sign-in. */
export const makeQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // The client itself asks again where that does no harm; here only for a server that is being restarted.
        retry: (failures, error) => error instanceof UnreachableError && failures < 5,
        retryDelay: (failures) => Math.min(1000 * 2 ** failures, 10_000),
        staleTime: 10_000,
        refetchOnWindowFocus: false,
      },
    },
  });
