// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { refusal, visit } from "@/testing/visit";
import { Page } from "./Page";

const CONFIRM = "POST /api/auth/device/confirm";

it("lets a program in by the code in the address, and says what it may do", async () => {
  const view = visit(Page, () => ({ message: "in" }), {
    role: "operator",
    path: "/device?user_code=bcdf-ghjk",
  });
  expect(await screen.findByLabelText("Code")).toHaveProperty("value", "BCDF-GHJK");
  screen.getByText("It may do what you may: ann, operator");
  await view.person.click(screen.getByRole("button", { name: "Let it in" }));
  await screen.findByText("The program is let in");
  expect(view.asked).toMatchObject([{ route: CONFIRM, body: { user_code: "BCDF-GHJK" } }]);
});

it("says what is wrong with a code that was typed", async () => {
  const refused = refusal(400, "no program shows that code");
  const view = visit(Page, () => refused, { path: "/device" });
  await view.person.type(await screen.findByLabelText("Code"), "bcdf ghjk{Enter}");
  await screen.findByText("No program shows that code.");
  expect(screen.getByLabelText("Code")).toHaveProperty("value", "BCDF-GHJK");
  expect(view.asked[0]?.body).toEqual({ user_code: "BCDF-GHJK" });
});
