// Of an element: whether it is there, seen, enabled, and what kind of field it is.
function () {
  const node = this.nodeType === Node.ELEMENT_NODE ? this : this.parentElement;
  if (!node || !node.isConnected) return { connected: false };
  const style = getComputedStyle(node);
  const rect = node.getBoundingClientRect();
  const shown = style.visibility === 'visible' && rect.width > 0 && rect.height > 0;
  const inherits = node => node && (node.getAttribute?.('aria-disabled') === 'true' || inherits(node.parentElement));
  const tag = node.localName;
  const type = tag === 'input' ? node.type : '';
  const label = node.labels && [...node.labels].find(label => label.getBoundingClientRect().width > 0);
  const typed = tag === 'textarea' || (tag === 'input' && !['button', 'submit', 'reset', 'image', 'checkbox', 'radio', 'file', 'hidden'].includes(type));
  return {
    connected: true,
    shown,
    labelled: !!label,
    enabled: !node.matches(':disabled') && !inherits(node),
    tag,
    type,
    typed: typed || node.isContentEditable,
    rich: !typed && node.isContentEditable,
    readonly: typed && node.readOnly,
  };
}
