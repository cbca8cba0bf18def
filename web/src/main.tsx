// Where the page begins.

import "./app/theme.css";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { entrance } from "./app/entrance/entrance";
import { attendInside } from "./app/inside";
import { attendTheme } from "./app/theme";
import { attendUpgrades } from "./app/upgrade";

attendTheme();
attendUpgrades();
attendInside();
void entrance.begin();

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<App />);
