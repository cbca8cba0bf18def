// What is in a field.
function () {
  return this.isContentEditable ? this.innerText : String(this.value ?? '');
}
