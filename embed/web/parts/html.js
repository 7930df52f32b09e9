// htm bound to Preact: templates in plain JavaScript, no build step.
import htm from "../vendor/htm.js";
import { h } from "../vendor/preact.js";
import "../vendor/signals.js"; // makes components follow the signals they read

export const html = htm.bind(h);
