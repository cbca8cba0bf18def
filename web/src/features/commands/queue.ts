// Moving commands that wait, inside their class. Pure.

import type { dashboard } from "pilothouse-client";

type Queue = readonly dashboard.QueuedCommand[];

/** Where a command stands in its class, from 0, and how many are in it. */
export function placeInClass(
  queue: Queue,
  id: string,
): { readonly at: number; readonly of: number } {
  const priority = queue.find(({ commandId }) => commandId === id)?.priority;
  const peers = queue.filter((one) => one.priority === priority);
  return { at: peers.findIndex(({ commandId }) => commandId === id), of: peers.length };
}

/** The queue as it is once a command has moved to a place in its class, from 0; beyond the end means last. */
export function moved(queue: Queue, id: string, to: number): Queue {
  const mover = queue.find(({ commandId }) => commandId === id);
  if (mover === undefined) return queue;
  const peers = queue.filter(
    ({ commandId, priority }) => priority === mover.priority && commandId !== id,
  );
  const first = queue.findIndex(({ priority }) => priority === mover.priority);
  const at = Math.max(0, Math.min(peers.length, to));
  const inClass = [...peers.slice(0, at), mover, ...peers.slice(at)];
  const next = [...queue.slice(0, first), ...inClass, ...queue.slice(first + inClass.length)];
  return next.map((one, index) => ({ ...one, position: index + 1 }));
}
