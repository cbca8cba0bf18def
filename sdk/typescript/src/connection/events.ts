// Listeners by name, typed by what each name delivers.

/** Hears what happened. */
export type Listener<Event> = (event: Event) => void;

type Listeners<Events> = { [Name in keyof Events]?: Set<Listener<Events[Name]>> };

/** Something that tells what happens. `Events` maps names to what is told. */
export class Emitter<Events> {
  #listeners: Listeners<Events> = {};

  /** Calls `listener` from now on; what is returned ends that. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners: Set<Listener<Events[Name]>> = this.#listeners[name] ?? new Set();
    this.#listeners[name] = listeners;
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Tells all listeners. One that throws keeps neither the others nor us from going on. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of [...(this.#listeners[name] ?? [])]) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** Nobody is told anything any more. */
  silence(): void {
    this.#listeners = {};
  }
}
