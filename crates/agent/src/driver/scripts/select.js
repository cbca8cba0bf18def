// Chooses an option by its value or by what it says; otherwise which ones there are.
function (wanted) {
  const list = this.localName === 'option' ? this.closest('select') : this;
  const plain = text => text.trim().replace(/\s+/g, ' ').toLowerCase();
  const options = [...list.options];
  const ways = [
    it => it.value === wanted,
    it => it.label === wanted,
    it => plain(it.label) === plain(wanted),
    it => plain(it.value) === plain(wanted),
    it => plain(it.label).includes(plain(wanted)),
  ];
  for (const way of ways) {
    const found = options.filter(way);
    if (found.length > 1 && way === ways[4]) return { among: found.map(it => it.label) };
    if (!found.length) continue;
    const [option] = found;
    if (option.disabled || option.parentElement.disabled) return { disabled: option.label };
    list.focus({ preventScroll: true });
    if (!list.multiple) list.value = option.value;
    option.selected = true;
    list.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
    list.dispatchEvent(new Event('change', { bubbles: true }));
    return { chosen: option.label };
  }
  return { options: options.map(it => it.label).slice(0, 30) };
}
