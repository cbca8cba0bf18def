// What the address bar says behind the question mark, so that a view that was searched or filtered can be sent to others.

import { useRouter, useRouterState } from "@tanstack/react-router";
import { useCallback } from "react";

/** One word of the address, and how to change it in place. Empty is absent. */
export function useAddressWord(name: string): readonly [string, (value: string) => void] {
  const router = useRouter();
  const value = useRouterState({
    select: ({ location }) => new URLSearchParams(location.searchStr).get(name) ?? "",
  });
  const change = useCallback(
    (next: string) => {
      const { pathname, search, hash } = router.history.location;
      const words = new URLSearchParams(search);
      if (next === "") words.delete(name);
      else words.set(name, next);
      const text = words.toString();
      router.history.replace(`${pathname}${text === "" ? "" : `?${text}`}${hash}`);
    },
    [router, name],
  );
  return [value, change];
}
