// What browsers have and the test's window has not.

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
