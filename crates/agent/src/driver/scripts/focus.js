// Puts the cursor into a field and selects all that is in it; says whether there is something.
function () {
  this.focus({ preventScroll: true });
  if (this.isContentEditable) {
    const range = document.createRange();
    range.selectNodeContents(this);
    const selection = this.getRootNode().getSelection?.() ?? getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return this.textContent !== '';
  }
  this.select();
  return this.value !== '';
}
