// What a guard let through and what it stopped.
function () {
  return globalThis.pilothouseGuard?.lift() ?? null;
}
