// The element that a node is, or is in.
function () {
  return this.nodeType === Node.ELEMENT_NODE ? this : this.parentElement;
}
