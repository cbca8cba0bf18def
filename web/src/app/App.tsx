// The page: who is not inside comes to the entrance, who is gets the views.

import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useStore } from "zustand";
import { ServerProvider } from "@/api/server";
import { Toasts } from "@/ui/Toasts";
import { Entrance } from "./entrance/Entrance";
import { inside } from "./inside";
import { router } from "./router";

/** All of it. */
export function App() {
  const { now } = useStore(inside);
  return (
    <Toasts>
      {now === undefined ? (
        <Entrance />
      ) : (
        <QueryClientProvider client={now.cache}>
          <ServerProvider value={now.server}>
            <RouterProvider router={router} />
          </ServerProvider>
        </QueryClientProvider>
      )}
    </Toasts>
  );
}
