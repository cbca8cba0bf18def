// What an element, or a document, says, as people read it; also in open shadows.
function (most) {
  const node = this.nodeType === Node.DOCUMENT_NODE ? this.body : this;
  if (!node) return '';
  if (typeof node.value === 'string' && /^(input|textarea|select)$/.test(node.localName ?? ''))
    return node.type === 'password' ? '' : node.localName === 'select' ? [...node.selectedOptions].map(it => it.label).join(', ') : node.value.slice(0, most);
  const parts = [node.innerText ?? node.textContent ?? ''];
  const inside = root => {
    for (const host of [root, ...root.querySelectorAll('*')]) {
      if (!host.shadowRoot || parts.length > 200) continue;
      for (const child of host.shadowRoot.children) parts.push(child.innerText ?? '');
      inside(host.shadowRoot);
    }
  };
  inside(node);
  return parts.filter(part => part.trim()).join('\n').slice(0, most);
}
