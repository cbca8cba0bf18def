// Lets a click through to this element alone. On a document, nothing is let through: what is meant is in a frame of it.
function (kinds) {
  globalThis.pilothouseGuard?.lift();
  const meant = this.nodeType === Node.ELEMENT_NODE ? this : null;
  const up = node => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null;
  const passedOn = meant?.closest('label')?.control ?? meant;
  const belongs = first => {
    for (let node = first; node; node = up(node)) {
      if (node === meant) return true;
      if (node.localName === 'label' && node.control === meant) return true;
    }
    return first === passedOn;
  };
  // What a closed shadow hides from the window is seen from inside of it.
  const hosts = new Set();
  for (let node = meant; node; node = node.getRootNode().host) hosts.add(node);
  const guard = { passed: 0, stopped: 0, clicked: false, isWrong: false };
  const places = [];
  const watch = (place, isInside) => {
    const check = event => {
      if (!event.isTrusted) return;
      const at = event.composedPath()[0];
      // A label passes its click on to its field, from which it comes back; a key makes clicks without a place.
      const isRight = meant && (belongs(at) || (!isInside && hosts.has(at) && at !== meant && at.shadowRoot === null));
      if (!isRight || guard.isWrong) {
        guard.isWrong = true;
        guard.stopped++;
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      guard.passed++;
      if (event.type === 'click') guard.clicked = true;
    };
    for (const kind of kinds) place.addEventListener(kind, check, { capture: true });
    places.push([place, check]);
  };
  watch(globalThis, false);
  if (meant && meant.getRootNode() !== document) watch(meant.getRootNode(), true);
  guard.lift = () => {
    for (const [place, check] of places)
      for (const kind of kinds) place.removeEventListener(kind, check, { capture: true });
    delete globalThis.pilothouseGuard;
    return { passed: guard.passed, stopped: guard.stopped, clicked: guard.clicked };
  };
  globalThis.pilothouseGuard = guard;
}
