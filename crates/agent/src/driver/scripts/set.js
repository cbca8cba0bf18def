// Gives a field of a kind that is not typed into a value, as its own picker would.
function (value) {
  this.focus({ preventScroll: true });
  this.value = value;
  const isSet = this.value === value || (this.value !== '' && this.type !== 'date');
  this.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  this.dispatchEvent(new Event('change', { bubbles: true }));
  return isSet;
}
