// The one set of clients that a signed-in tab has, and how views reach it.

import type { DashboardClient, RestClient, rest, SessionsClient } from "pilothouse-client";
import { createContext, useContext } from "react";

/** The server as this tab talks to it. */
export interface Server {
  /** Its address, for clients that views open themselves, such as terminals. */
  readonly url: string;
  /** Has a token for such clients. */
  readonly token: (reason: "first" | "expired" | "refused") => Promise<string>;
  readonly rest: RestClient;
  readonly dashboard: DashboardClient;
  readonly sessions: SessionsClient;
  /** Who is signed in. */
  readonly user: rest.User;
  signOut(): Promise<void>;
  /** Replaces one's own password. All other devices are signed out. */
  changePassword(current: string, next: string): Promise<void>;
  /** Something was forbidden: asks anew what the signed-in person may do. */
  doubt(): void;
}

const ServerContext = createContext<Server | undefined>(undefined);

/** Gives views the server. */
export const ServerProvider = ServerContext.Provider;

/** The server, for views inside the entrance. */
export function useServer(): Server {
  const server = useContext(ServerContext);
  if (server === undefined) throw new Error("there is no server outside of the entrance");
  return server;
}

/** What the signed-in person may do. The server decides again with every request. */
export function useMay(): { readonly act: boolean; readonly administer: boolean } {
  const { role } = useServer().user;
  return { act: role === "admin" || role === "operator", administer: role === "admin" };
}
