// Whether what is under the mouse belongs to this element; otherwise what it is.
function (hit) {
  const up = node => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null;
  const first = hit.nodeType === Node.ELEMENT_NODE ? hit : up(hit);
  for (let node = first; node; node = up(node)) {
    if (node === this) return '';
    if (node.localName === 'label' && node.control === this) return '';
  }
  const node = first ?? document.documentElement;
  const words = [node.localName];
  if (node.id) words[0] += '#' + node.id;
  const name = node.getAttribute?.('aria-label') || node.innerText || '';
  if (name.trim()) words.push(JSON.stringify(name.trim().replace(/\s+/g, ' ').slice(0, 60)));
  return words.join(' ');
}
