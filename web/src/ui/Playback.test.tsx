// @vitest-environment jsdom
// Keys work on a player wherever they do nothing else.
import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, it } from "vitest";
import { MomentBar, PlayButton, usePlayerKeys } from "./Playback";

type Said = string[];
const KEYS = {
  " ": (said: Said) => said.push("toggle"),
  k: (said: Said) => said.push("k"),
  ArrowRight: (said: Said) => said.push("on"),
};

function Player({ said }: { readonly said: Said }) {
  usePlayerKeys(said, KEYS);
  return (
    <>
      <PlayButton isPlaying={false} isAtEnd onPress={() => said.push("pressed")} />
      <MomentBar position={5} duration={9} onSeek={() => said.push("seek")} />
      <input aria-label="Search" />
      <div role="menu">
        <button type="button">In a menu</button>
      </div>
    </>
  );
}

it("keys reach the player, and not from where they are somebody else's", async () => {
  const said: Said = [];
  const person = userEvent.setup();
  render(<Player said={said} />);
  await person.keyboard("k ");
  expect(said.splice(0)).toEqual(["k", "toggle"]);
  screen.getByRole("slider", { name: "Moment" }).focus();
  await person.keyboard("{ArrowRight}");
  expect(said.splice(0)).toEqual(["on"]);
  screen.getByRole("textbox", { name: "Search" }).focus();
  await person.keyboard("k {ArrowRight}");
  screen.getByRole("button", { name: "In a menu" }).focus();
  await person.keyboard("k");
  expect(said).toEqual([]);
  screen.getByRole("button", { name: "Play again" }).focus();
  await person.keyboard(" {Control>}k{/Control}");
  expect(said).toEqual(["pressed"]);
});
