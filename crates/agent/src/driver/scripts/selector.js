// A selector that means this element alone, short and likely to last. ` >>> ` goes into a shadow.
function () {
  const quoted = value => '"' + CSS.escape(value).replace(/\\ /g, ' ') + '"';
  const isLasting = value => value && value.length <= 60 && !/\d{3,}|^[:\d]|[a-f\d]{8,}|^(ember|react|radix|mui|headlessui)/i.test(value);
  const isAlone = (root, selector, node) => {
    try {
      const found = root.querySelectorAll(selector);
      return found.length === 1 && found[0] === node;
    } catch {
      return false;
    }
  };
  const words = node => {
    const tag = CSS.escape(node.localName);
    const all = [];
    if (isLasting(node.id)) all.push('#' + CSS.escape(node.id));
    for (const name of ['data-testid', 'data-test', 'data-test-id', 'data-qa', 'data-cy', 'name', 'aria-label', 'placeholder', 'title', 'alt']) {
      const value = node.getAttribute(name);
      if (value && value.length <= 80) all.push(`${tag}[${name}=${quoted(value)}]`);
    }
    const href = node.getAttribute('href');
    if (href && href.length <= 80 && !/[?&=]/.test(href)) all.push(`${tag}[href=${quoted(href)}]`);
    if (['button', 'input'].includes(node.localName) && node.getAttribute('type'))
      all.push(`${tag}[type=${quoted(node.getAttribute('type'))}]`);
    return all;
  };
  const within = (root, node) => {
    const path = [];
    for (let at = node; at && at.nodeType === Node.ELEMENT_NODE; at = at.parentElement) {
      for (const word of words(at)) {
        const selector = [word, ...path].join(' > ');
        if (isAlone(root, selector, node)) return selector;
      }
      const tag = CSS.escape(at.localName);
      const alike = at.parentNode ? [...at.parentNode.children].filter(it => it.localName === at.localName) : [at];
      path.unshift(alike.length > 1 ? `${tag}:nth-of-type(${alike.indexOf(at) + 1})` : tag);
      if (isAlone(root, path.join(' > '), node) && path.length > 2) return path.join(' > ');
    }
    return path.join(' > ');
  };
  const parts = [];
  for (let node = this; node; ) {
    const root = node.getRootNode();
    parts.unshift(within(root, node));
    node = root.host ?? null;
  }
  return parts.join(' >>> ');
}
