// Brings an element to a place in the view.
function (block) {
  this.scrollIntoView({ block, inline: 'nearest', behavior: 'instant' });
}
