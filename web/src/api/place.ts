// Where the server is: the page is one of its files, and both may be below a path of a proxy.

/** The path that the server is below when `file` lies in its folder `ui/assets`, such as "/pilot"; empty at the root. */
export const basePathOf = (file: string): string =>
  new URL("../..", file).pathname.replace(/\/$/, "");

/** The path that the server is below; while somebody works on the page, files lie elsewhere and it is at the root. */
export const basePath = import.meta.env.PROD ? basePathOf(import.meta.url) : "";

/** The page's own server. */
export const serverUrl = `${location.origin}${basePath}`;

/** The picture that stands for it. */
export const icon = `${basePath}/ui/icon.svg`;

/** The same, when something waits for a person. */
export const waitingIcon = `${basePath}/ui/icon-waiting.svg`;
