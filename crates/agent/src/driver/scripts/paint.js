// A picture with black rectangles over parts of it.
async function (picture, rectangles) {
  const bytes = Uint8Array.from(atob(picture), letter => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  context.fillStyle = '#222';
  for (const [x, y, width, height] of rectangles) context.fillRect(x, y, width, height);
  const painted = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 })).arrayBuffer());
  let text = '';
  for (let from = 0; from < painted.length; from += 8192)
    text += String.fromCharCode(...painted.subarray(from, from + 8192));
  return btoa(text);
}
