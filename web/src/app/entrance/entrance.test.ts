// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Entrance } from "./entrance";
import { FakeBrowser, LateMemory, TabMemory } from "./fakeBrowser";
import { FakeHouse } from "./fakeHouse";
import { type Rooms, Vault } from "./vault";

const MINUTE = 60_000;

let browser: FakeBrowser;
let house: FakeHouse;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  browser = new FakeBrowser();
  house = new FakeHouse(() => Date.now());
  return () => vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(0);

function open(rooms: Rooms = browser.tab()): Entrance {
  const vault = new Vault(rooms);
  const ground = { server: "http://house", vault, fetch: house.fetch, now: () => Date.now() };
  return new Entrance(ground);
}

async function opened(rooms?: Rooms): Promise<Entrance> {
  const entrance = open(rooms);
  await entrance.begin(undefined);
  return entrance;
}

function insideOf(entrance: Entrance) {
  const place = entrance.place.getState();
  if (place.at !== "inside") throw new Error(`somebody is ${place.at}`);
  return place;
}

const who = (entrance: Entrance) => insideOf(entrance).user.username;
const where = (entrance: Entrance) => entrance.place.getState().at;
const refreshes = () => house.asked.filter((route) => route.endsWith("/refresh")).length;

async function annInside(rooms?: Rooms): Promise<Entrance> {
  if (!house.people.some(({ username }) => username === "ann")) house.add("ann");
  const entrance = await opened(rooms);
  await entrance.signIn("ann", "ann's password");
  return entrance;
}

describe("tabs of one browser", () => {
  it("are signed in together, and out together", async () => {
    const first = await opened();
    const second = await annInside();
    await settle();
    expect(who(first)).toBe("ann");
    await insideOf(first).credential.signOut();
    await settle();
    expect([where(first), where(second)]).toEqual(["asking", "asking"]);
    expect(house.open).toBe(0);
    expect(where(await opened())).toBe("asking");
  });

  it("renew once for all of them, before the token ends", async () => {
    const first = await annInside();
    const second = await opened();
    const before = insideOf(first).credential.token;
    await vi.advanceTimersByTimeAsync(47 * MINUTE);
    expect(refreshes()).toBe(0);
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(refreshes()).toBe(1);
    const token = insideOf(first).credential.token;
    expect(token).not.toBe(before);
    expect(insideOf(second).credential.token).toBe(token);
    await vi.advanceTimersByTimeAsync(24 * 60 * MINUTE);
    expect([who(first), who(second)]).toEqual(["ann", "ann"]);
  });

  it("do not put an old sign-in over one that was renewed while they opened", async () => {
    const first = await annInside();
    let letGo = () => {};
    house.gate = new Promise((resolve) => {
      letGo = resolve;
    });
    const second = open();
    const opening = second.begin(undefined);
    await settle();
    house.gate = Promise.resolve();
    await vi.advanceTimersByTimeAsync(49 * MINUTE);
    letGo();
    await opening;
    expect(insideOf(second).credential.token).toBe(insideOf(first).credential.token);
    await vi.advanceTimersByTimeAsync(2 * 60 * MINUTE);
    expect([who(first), who(second)]).toEqual(["ann", "ann"]);
  });

  it("follow somebody else who signs in in one of them", async () => {
    const first = await annInside();
    const { credential } = insideOf(first);
    const ben = house.add("ben");
    const second = open();
    await second.begin({ token: house.admit(ben, false).token });
    await settle();
    expect([who(first), who(second)]).toEqual(["ben", "ben"]);
    // Nothing that was shown to ann is shown to ben.
    expect(insideOf(first).credential).not.toBe(credential);
  });

  it("take the same token when a client of each was refused the old one", async () => {
    const first = await annInside();
    const second = await opened();
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    vi.setSystemTime(Date.now() + 2 * 60 * MINUTE);
    const tokens = await Promise.all([
      insideOf(first).credential.source("expired"),
      insideOf(second).credential.source("expired"),
      insideOf(second).credential.source("refused"),
    ]);
    expect(new Set(tokens).size).toBe(1);
    expect(refreshes()).toBe(1);
  });
});

describe("a tab of a browser without locks", () => {
  it("renews once, however many of its clients ask", async () => {
    const entrance = await annInside(browser.plainTab());
    vi.setSystemTime(Date.now() + 2 * 60 * MINUTE);
    const { source } = insideOf(entrance).credential;
    const [one, other] = await Promise.all([source("expired"), source("refused")]);
    expect(one).toBe(other);
    expect(refreshes()).toBe(1);
    expect(localStorage.length).toBe(0);
  });

  it("keeps its sign-in, and what renews it, over a reload", async () => {
    const memory = new TabMemory();
    const rooms = browser.plainTab(memory);
    insideOf(await annInside(rooms)).credential.dispose();
    rooms.page.dispatchEvent(new Event("pagehide"));
    const again = await opened(browser.plainTab(memory));
    await vi.advanceTimersByTimeAsync(2 * 60 * MINUTE);
    expect(who(again)).toBe("ann");
    expect(refreshes()).toBeGreaterThan(0);
  });

  it("does not share what renews it with a copy of itself", async () => {
    const memory = new TabMemory();
    const original = await annInside(browser.plainTab(memory));
    const copy = await opened(browser.plainTab(new TabMemory(memory)));
    expect(who(copy)).toBe("ann");
    await vi.advanceTimersByTimeAsync(3 * 60 * MINUTE);
    expect(who(original)).toBe("ann");
    await expect(insideOf(copy).credential.source("expired")).rejects.toThrow("signed out");
    expect(who(original)).toBe("ann");
  });
});

describe("a token", () => {
  it("that cannot be renewed ends with words, when it has expired", async () => {
    const ann = house.add("ann");
    const entrance = open();
    await entrance.begin({ token: house.admit(ann, false).token });
    expect(await insideOf(entrance).credential.source("expired")).toMatch(/^head/);
    vi.setSystemTime(Date.now() + 2 * 60 * MINUTE);
    const asked = insideOf(entrance).credential.source("expired");
    await expect(asked).rejects.toThrow("signed out");
    expect(entrance.place.getState()).toMatchObject({ at: "asking", words: /signed out/ });
  });

  it("that was revoked ends the sign-in, and every tab says why", async () => {
    const first = await annInside();
    const [ann] = house.people;
    if (ann !== undefined) house.end(ann);
    const asked = insideOf(first).credential.source("refused");
    const refused = expect(asked).rejects.toThrow("signed out");
    await vi.advanceTimersByTimeAsync(1000);
    await refused;
    expect(where(first)).toBe("asking");
    expect(where(await opened())).toBe("asking");
  });

  it("that was kept for a week is renewed when the page is opened", async () => {
    const ann = house.add("ann");
    localStorage.setItem("pilothouse.entrance", JSON.stringify(house.admit(ann)));
    vi.setSystemTime(Date.now() + 7 * 24 * 60 * MINUTE);
    expect(who(await opened())).toBe("ann");
  });

  it("of a link that does not count leaves whoever is signed in as they are", async () => {
    await annInside();
    const entrance = open();
    await entrance.begin({ token: "nothing" });
    expect(who(entrance)).toBe("ann");
  });

  it("goes on counting while the server is away", async () => {
    const entrance = await annInside();
    house.isAway = true;
    await vi.advanceTimersByTimeAsync(55 * MINUTE);
    expect(where(entrance)).toBe("inside");
    house.isAway = false;
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(who(entrance)).toBe("ann");
    expect(await insideOf(entrance).credential.source("refused")).toMatch(/^head/);
  });
});

describe("a link with a code", () => {
  beforeEach(() => {
    house.codes.add("secret");
  });

  it("leads to the first account, also when the page is loaded again on the way", async () => {
    const entrance = open();
    await entrance.begin({ code: "secret" });
    expect(where(entrance)).toBe("first");
    const again = await opened();
    const place = again.place.getState();
    if (place.at !== "first") throw new Error(`somebody is ${place.at}`);
    await again.makeFirst({ username: "ann", password: "a good password" }, place.kept);
    await settle();
    expect([who(entrance), who(again)]).toEqual(["ann", "ann"]);
    expect(house.people[0]?.role).toBe("admin");
  });

  it("is good once, and says so the second time", async () => {
    house.add("ann");
    await open().begin({ code: "secret" });
    localStorage.clear();
    const second = open();
    await second.begin({ code: "secret" });
    expect(second.place.getState()).toMatchObject({ at: "asking", words: /used already/ });
  });

  it("lets whoever is signed in already in as they are, if it was used", async () => {
    await annInside();
    house.codes.clear();
    const entrance = open();
    await entrance.begin({ code: "secret" });
    expect(who(entrance)).toBe("ann");
  });

  it("takes nothing from an administrator who is signed in", async () => {
    house.add("ann", "admin");
    await annInside();
    const entrance = open();
    await entrance.begin({ code: "secret" });
    expect(who(entrance)).toBe("ann");
    expect(house.codes.has("secret")).toBe(true);
  });

  it("is not lost when the server is away at first", async () => {
    house.add("ann");
    house.isAway = true;
    const entrance = open();
    await entrance.begin({ code: "secret" });
    const place = entrance.place.getState();
    if (place.at !== "unreachable") throw new Error(`somebody is ${place.at}`);
    house.isAway = false;
    place.again();
    await settle();
    expect(who(entrance)).toBe("guest");
  });
});

describe("the password", () => {
  it("is changed without anybody in this browser being signed out", async () => {
    const first = await annInside();
    const second = await opened();
    let letGo = () => {};
    house.gate = new Promise((resolve) => {
      letGo = resolve;
    });
    const { credential } = insideOf(first);
    const changing = credential.changePassword("ann", "ann's password", "another one");
    await settle();
    // The server has ended the sign-in, and the other tab asks for another token before this one has it.
    expect(house.open).toBe(0);
    const asked = insideOf(second).credential.source("refused");
    letGo();
    await changing;
    await settle();
    expect(await asked).toBe(insideOf(first).credential.token);
    expect([who(first), who(second)]).toEqual(["ann", "ann"]);
    expect(house.open).toBe(1);
  });

  it("signs nobody out who sees a little later that this browser has signed in anew", async () => {
    const first = await annInside();
    const late = new LateMemory();
    const second = await opened({ ...browser.tab(), shared: late });
    late.lag(100);
    await insideOf(first).credential.changePassword("ann", "ann's password", "another one");
    const asked = insideOf(second).credential.source("refused");
    await vi.advanceTimersByTimeAsync(1000);
    expect(await asked).toBe(insideOf(first).credential.token);
    expect([who(first), who(second)]).toEqual(["ann", "ann"]);
  });

  it("stays as it is when the current one is another", async () => {
    const entrance = await annInside();
    const changing = insideOf(entrance).credential.changePassword("ann", "wrong", "another one");
    await expect(changing).rejects.toThrow("INVALID_CREDENTIALS");
    expect(who(entrance)).toBe("ann");
    expect(house.people[0]?.password).toBe("ann's password");
  });
});

it("follows what somebody may do, without anything being made anew", async () => {
  const entrance = await annInside();
  const { credential } = insideOf(entrance);
  const [ann] = house.people;
  if (ann !== undefined) ann.role = "viewer";
  entrance.recheck();
  await settle();
  expect(insideOf(entrance).user.role).toBe("viewer");
  expect(insideOf(entrance).credential).toBe(credential);
});
