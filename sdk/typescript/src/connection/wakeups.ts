// When a browser says that the network or its user is back. Elsewhere nothing is heard.

/** Calls `wake` when waiting longer makes no sense; what is returned ends that. */
export function onWakeUp(wake: () => void): () => void {
  const awake = new AbortController();
  const options = { signal: awake.signal };
  if (typeof addEventListener === "function") {
    addEventListener("online", wake, options);
    // A page that comes out of the back-forward cache has a socket that may be long dead.
    addEventListener("pageshow", wake, options);
  }
  if (typeof document !== "undefined") {
    const looked = () => {
      if (document.visibilityState === "visible") wake();
    };
    document.addEventListener("visibilitychange", looked, options);
  }
  return () => awake.abort();
}
