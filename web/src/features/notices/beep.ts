// A short, soft tone.

let sound: AudioContext | undefined;

/** Sounds it. Browsers keep pages silent until somebody pressed something there; then it is not heard. */
export function beep(): void {
  sound ??= new AudioContext();
  const tone = sound.createOscillator();
  const volume = sound.createGain();
  const begin = sound.currentTime;
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0, begin);
  volume.gain.linearRampToValueAtTime(0.12, begin + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.35);
  tone.connect(volume).connect(sound.destination);
  tone.start(begin);
  tone.stop(begin + 0.4);
}
