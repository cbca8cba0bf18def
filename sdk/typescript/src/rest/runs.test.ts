// Runs against a server that answers as a test says.
import { expect, it } from "vitest";
import { RestClient } from "./client.js";
import { RestError } from "./errors.js";
import { type RunStep, Runs } from "./runs.js";

const RUN = {
  id: "run-1",
  status: "INPROGRESS",
  agentId: "shop-1",
  userId: "usr-ann",
  requestedBy: "ann",
  requestedAt: "2026-01-01T00:00:00Z",
  stepCount: 0,
  maxSteps: 25,
  timeout: 600_000,
};

const step = (number: number): RunStep => ({
  number,
  action: { type: "wait" },
  explanation: "",
  at: RUN.requestedAt,
  hasScreenshot: false,
});

/** Runs of a server, and what it was asked. */
function runs(answer: (request: Request) => unknown) {
  const asked: { readonly route: string; readonly body: unknown }[] = [];
  const fetch = async (url: URL | RequestInfo, init?: RequestInit) => {
    const request = new Request(url, init);
    const text = await request.clone().text();
    const { pathname, search } = new URL(request.url);
    asked.push({
      route: `${request.method} ${pathname}${search}`,
      body: text === "" ? undefined : JSON.parse(text),
    });
    const answered = answer(request);
    return answered instanceof Response ? answered : Response.json(answered);
  };
  const rest = new RestClient({ server: "http://fake", token: "t", fetch, retries: 0 });
  return { runs: new Runs(rest), asked };
}

const theRun = () => ({ status: "success", data: { run: RUN }, run: RUN });

it("a run is made, steered and answered by the routes for it", async () => {
  const { runs: all, asked } = runs(theRun);
  const made = await all.create({ task: "buy shoes", approval: true, allowedHosts: ["shop.test"] });
  expect(made).toMatchObject({ id: "run-1", status: "INPROGRESS" });
  await all.create({ replay: "run-1" });
  await all.pause("run-1");
  await all.resume("run-1");
  await all.reply("run-1", "w1", "size 42");
  await all.decide("run-1", { waitId: "w2", granted: false, reason: "too dear" });
  await all.cancel("run-1", "enough");
  expect(asked).toEqual([
    {
      route: "POST /api/runs",
      body: { task: "buy shoes", approval: true, allowedHosts: ["shop.test"] },
    },
    { route: "POST /api/runs", body: { replay: "run-1" } },
    { route: "POST /api/runs/run-1/pause", body: undefined },
    { route: "POST /api/runs/run-1/resume", body: undefined },
    { route: "POST /api/runs/run-1/reply", body: { waitId: "w1", text: "size 42" } },
    {
      route: "POST /api/runs/run-1/decision",
      body: { waitId: "w2", granted: false, reason: "too dear" },
    },
    { route: "POST /api/runs/run-1/cancel", body: { reason: "enough" } },
  ]);
});

it("all steps are read, however many pages they take, from any one on", async () => {
  const { runs: all, asked } = runs((request) => {
    const after = Number(new URL(request.url).searchParams.get("after"));
    const steps = Array.from({ length: after === 3 ? 1000 : 2 }, (_, at) => step(after + 1 + at));
    return { status: "success", data: {}, run: RUN, steps };
  });
  const { run, steps } = await all.get("run-1", { after: 3 });
  expect(run.id).toBe("run-1");
  expect([steps.length, steps[0]?.number, steps.at(-1)?.number]).toEqual([1002, 4, 1005]);
  expect(asked.map(({ route }) => route)).toEqual([
    "GET /api/runs/run-1?after=3&limit=1000",
    "GET /api/runs/run-1?after=1003&limit=1000",
  ]);
});

it("lists are narrowed down, and have a next page", async () => {
  const { runs: all, asked } = runs(() => ({ runs: [RUN], next: "5.run-1" }));
  const page = await all.list({ status: "PENDING,INPROGRESS", limit: 1 });
  expect([page.runs[0]?.id, page.next]).toEqual(["run-1", "5.run-1"]);
  expect(asked[0]?.route).toBe("GET /api/runs?status=PENDING%2CINPROGRESS&limit=1");
});

it("a screenshot is a picture", async () => {
  const picture = Uint8Array.of(0xff, 0xd8, 0xff);
  const { runs: all, asked } = runs(
    () => new Response(picture, { headers: { "content-type": "image/jpeg" } }),
  );
  const blob = await all.screenshot("run-1", 2);
  expect([blob.type, new Uint8Array(await blob.arrayBuffer())]).toEqual(["image/jpeg", picture]);
  expect(asked[0]?.route).toBe("GET /api/runs/run-1/steps/2/screenshot");
});

it("a refusal says what this family of routes says", async () => {
  const words = "run run-1 waits for something else by now";
  const { runs: all } = runs(() =>
    Response.json({ status: "error", message: words }, { status: 409 }),
  );
  const answered = all.reply("run-1", "w1", "yes");
  await expect(answered).rejects.toThrow(RestError);
  await expect(answered).rejects.toMatchObject({ status: 409, message: words });
});
