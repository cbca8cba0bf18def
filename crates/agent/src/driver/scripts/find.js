// All elements below this document or shadow that a selector means, also in open shadows if there is none outside.
function (selector) {
  const found = [...this.querySelectorAll(selector)];
  if (found.length) return found;
  const inside = root => {
    for (const node of root.querySelectorAll('*')) {
      if (!node.shadowRoot) continue;
      found.push(...node.shadowRoot.querySelectorAll(selector));
      inside(node.shadowRoot);
    }
  };
  inside(this);
  return found;
}
