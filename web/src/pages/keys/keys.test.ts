import type { rest } from "pilothouse-client";
import { expect, it } from "vitest";
import type { Fleet } from "@/live/fleet";
import { agentCommand } from "./agentCommand";
import { linkedThrough, listed, ordered } from "./links";

const key = (id: string, more: Partial<rest.AgentKey> = {}): rest.AgentKey => ({
  id,
  name: id,
  origin: "made",
  status: "active",
  createdBy: "ann",
  createdAt: "2026-11-21T00:00:00Z",
  ...more,
});

const fleet = (statuses: Record<string, "online" | "offline" | "busy">): Fleet =>
  new Map(
    Object.entries(statuses).map(([agentId, status]) => [
      agentId,
      {
        agent: {
          agentId,
          agentType: "shell",
          name: agentId,
          status,
          capabilities: [],
          metadata: { version: "", platform: "", host: "" },
          connectedAt: 0,
          lastActivity: 0,
        },
        queue: undefined,
        running: undefined,
      },
    ]),
  );

it("knows whose links a key opened, through the keys that agents enrolled with", () => {
  const farm = key("farm");
  const all = [
    farm,
    key("a", { parentId: "farm", agentId: "build-2", origin: "enrolled" }),
    key("b", { parentId: "farm", agentId: "build-1", origin: "enrolled" }),
    key("c", { parentId: "farm", agentId: "build-3", origin: "enrolled", status: "revoked" }),
    key("d", { parentId: "other", agentId: "build-4", origin: "enrolled" }),
    key("e", { parentId: "farm", agentId: "build-5", origin: "enrolled" }),
  ];
  const now = fleet({
    "build-1": "online",
    "build-2": "busy",
    "build-3": "online",
    "build-4": "online",
    "build-5": "offline",
  });
  expect(linkedThrough(farm, all, now)).toEqual(["build-1", "build-2"]);
});

it("lists names as people say them", () => {
  expect(listed([])).toBe("");
  expect(listed(["a"])).toBe("a");
  expect(listed(["a", "b", "c"])).toBe("a, b and c");
  expect(listed(["a", "b", "c", "d", "e", "f"])).toBe("a, b, c and 3 more");
});

it("puts keys that count first, and of those the newest", () => {
  const names = ordered([
    key("old"),
    key("gone", { status: "revoked", createdAt: "2026-11-23T00:00:00Z" }),
    key("new", { createdAt: "2026-11-22T00:00:00Z" }),
  ]).map(({ id }) => id);
  expect(names).toEqual(["new", "old", "gone"]);
});

it("says how a key is used, on the address that the page was opened with", () => {
  expect(agentCommand("https://pilot.example", "Build farm", "build-7")).toEqual({
    file: "build-7.key",
    line: "pilothouse agent --server wss://pilot.example --id build-7 --key-file build-7.key --data-dir ./build-7",
  });
  expect(agentCommand("http://a:1", "Build farm", "").line).toContain(
    "--server ws://a:1 --id Build-farm",
  );
  expect(agentCommand("http://a:1", "Müller & Co", "").line).toContain("--id NAME ");
});
