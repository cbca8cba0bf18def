// Waits until a document does not change for a while, but not for ever.
function (quiet, most) {
  return new Promise(resolve => {
    let timer;
    const done = () => {
      observer.disconnect();
      resolve(null);
    };
    const observer = new MutationObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(done, quiet);
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    timer = setTimeout(done, quiet);
    setTimeout(done, most);
  });
}
