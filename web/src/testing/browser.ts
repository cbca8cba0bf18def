// What browsers have and the test's window has not.

import { configure } from "@testing-library/react";

// Whole pages are slow where other things run as well.
configure({ asyncUtilTimeout: 15_000 });

class NoMatch extends EventTarget implements MediaQueryList {
  readonly matches = false;
  onchange = null;

  constructor(readonly media: string) {
    super();
  }

  addListener(): void {}
  removeListener(): void {}
}

globalThis.matchMedia ??= (media) => new NoMatch(media);
