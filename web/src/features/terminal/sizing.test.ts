import { expect, it } from "vitest";
import { Claim } from "./sizing";

const desk = { cols: 180, rows: 50 };
const wide = { cols: 200, rows: 50 };
const phone = { cols: 40, rows: 30 };

it("who is alone has the size of their window, now and whenever that changes", () => {
  const claim = new Claim();
  expect(claim.fits(desk)).toBeUndefined();
  expect(claim.connected({ cols: 80, rows: 24 })).toEqual(desk);
  claim.resized(desk);
  expect(claim.ownership).toBe("mine");
  expect(claim.fits(desk)).toBeUndefined();
  expect(claim.fits(wide)).toEqual(wide);
});

it("a window that is dragged keeps its size although answers come late", () => {
  const claim = new Claim();
  claim.fits(desk);
  claim.connected(desk);
  const steps = [181, 182, 183].map((cols) => ({ cols, rows: 50 }));
  for (const step of steps) expect(claim.fits(step)).toEqual(step);
  for (const step of steps) claim.resized(step);
  expect(claim.fits(wide)).toEqual(wide);
});

it("who only came by does not take the size after the connection was lost", () => {
  const claim = new Claim();
  claim.fits(phone);
  expect(claim.connected(desk)).toEqual(phone);
  expect(claim.ownership).toBe("another's");
  claim.lost();
  expect(claim.connected(desk)).toBeUndefined();
  expect(claim.types()).toEqual(phone);
  claim.resized(phone);
  expect(claim.ownership).toBe("mine");
});

it("who had the size takes it again after the connection was lost", () => {
  const claim = new Claim();
  claim.fits(desk);
  claim.connected(desk);
  claim.lost();
  expect(claim.connected(phone)).toEqual(desk);
});

it("who was overruled says nothing more until they type", () => {
  const claim = new Claim();
  claim.fits(desk);
  claim.connected(desk);
  claim.resized(phone);
  expect(claim.fits(wide)).toBeUndefined();
  expect(claim.ownership).toBe("another's");
  expect(claim.types()).toEqual(wide);
});

it("what the server says of the owner counts more than what sizes look like", () => {
  const claim = new Claim();
  claim.fits(desk);
  claim.connected(desk);
  expect(claim.knows("another's")).toBeUndefined();
  expect(claim.ownership).toBe("another's");
  expect(claim.fits(wide)).toBeUndefined();
  expect(claim.knows("nobody's")).toEqual(wide);
  // It did not count, so it is said again.
  expect(claim.knows("nobody's")).toEqual(wide);
  claim.knows("mine");
  expect(claim.ownership).toBe("mine");
});

it("who may not type, or is not looked at, has no size", () => {
  const claim = new Claim();
  claim.decides(false);
  claim.fits(desk);
  expect(claim.connected(phone)).toBeUndefined();
  expect(claim.types()).toBeUndefined();
  expect(claim.decides(true)).toEqual(desk);
});
