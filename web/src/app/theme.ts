// Light, dark, or as the machine has it: kept per device, and put on the page's root.

import { create } from "zustand";

/** What people choose. */
export type Theme = "light" | "dark" | "system";

const key = "pilothouse.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

const stored = (): Theme => {
  const value = localStorage.getItem(key);
  return value === "light" || value === "dark" ? value : "system";
};

/** Which of both a choice means now. */
const shownTheme = (theme: Theme): "light" | "dark" => {
  if (theme !== "system") return theme;
  return dark.matches ? "dark" : "light";
};

interface ThemeState {
  readonly theme: Theme;
  /** What is shown now. */
  readonly shown: "light" | "dark";
  choose(theme: Theme): void;
}

/** The theme, for whoever shows or changes it. */
export const useTheme = create<ThemeState>()((set) => ({
  theme: stored(),
  shown: shownTheme(stored()),
  choose: (theme) => {
    localStorage.setItem(key, theme);
    set({ theme, shown: shownTheme(theme) });
  },
}));

/** Puts the theme on the page, now and whenever it changes. */
export function attendTheme(): void {
  const put = () => {
    document.documentElement.dataset.theme = useTheme.getState().shown;
  };
  put();
  useTheme.subscribe(put);
  dark.addEventListener("change", () => {
    const { theme } = useTheme.getState();
    useTheme.setState({ shown: shownTheme(theme) });
  });
}
