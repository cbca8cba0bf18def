// The label that is seen of a field.
function () {
  return [...this.labels].find(label => label.getBoundingClientRect().width > 0) ?? null;
}
