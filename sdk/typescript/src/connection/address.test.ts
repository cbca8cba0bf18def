import { expect, it } from "vitest";
import { knock, routeUrl } from "./address.js";

it("a door is below the server's own path, whatever scheme it is named with", () => {
  for (const server of ["http://a:1/base/", "ws://a:1/base"]) {
    expect(knock(server, "/ws/app", undefined, "subprotocol").url).toBe("ws://a:1/base/ws/app");
  }
  expect(knock("https://a", "/?x=1", undefined, "query").url).toBe("wss://a/?x=1");
  expect(routeUrl("wss://a/b", "/health").href).toBe("https://a/b/health");
});

it("the token goes where it is wanted and nowhere else", () => {
  const opened = (place: "subprotocol" | "header" | "query") =>
    knock("http://a", "/d", "t.o", place);
  expect(opened("subprotocol")).toEqual({
    url: "ws://a/d",
    protocols: ["pilothouse.v1", "bearer.t.o"],
    headers: {},
  });
  expect(opened("header").protocols).toEqual([]);
  expect(opened("header").headers).toEqual({ Authorization: "Bearer t.o" });
  expect(opened("query").url).toBe("ws://a/d?token=t.o");
  expect(JSON.stringify([opened("header").protocols, opened("query").protocols])).not.toContain(
    "t.o",
  );
});
