// A drawer at the right of a screen; a modal sheet from below on a narrow one. It stands beside <main> in a .work.
// Escape, a press beside the sheet or its button close it, and the focus goes back to where it was.
import { useEffect, useRef } from "../vendor/preact-hooks.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "../lang.js";

const sheet = matchMedia("(max-width: 959px)"); // as in the stylesheet

// Drawer shows its children under title until onClose. back, when given, takes the focus afterwards.
export function Drawer({ title, onClose, back, children }) {
  const box = useRef(null);
  const opener = useRef(document.activeElement); // before anything is inert
  const latest = useRef({});
  latest.current = { onClose, back };
  useEffect(() => {
    const rest = [...document.querySelectorAll("#main, header.top")];
    const modal = () => {
      rest.forEach((part) => { part.inert = sheet.matches; });
      box.current.setAttribute("role", sheet.matches ? "dialog" : "complementary");
    };
    const key = (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      latest.current.onClose();
    };
    const beside = (event) => { // asks the path: what was pressed may be gone by now, as a toast is
      const within = event.composedPath().some((part) => part.matches?.(".drawer, .toasts, dialog"));
      if (sheet.matches && !within) latest.current.onClose();
    };
    modal();
    sheet.addEventListener("change", modal);
    document.addEventListener("keydown", key);
    document.addEventListener("click", beside);
    return () => {
      rest.forEach((part) => { part.inert = false; });
      sheet.removeEventListener("change", modal);
      document.removeEventListener("keydown", key);
      document.removeEventListener("click", beside);
    };
  }, []);
  useEffect(() => { // ends after the other: what is inert takes no focus
    box.current.querySelector("h2").focus({ preventScroll: true });
    return () => {
      const { back } = latest.current;
      if (back) back();
      else if (opener.current?.isConnected) opener.current.focus({ preventScroll: true });
    };
  }, []);
  return html`<section class="drawer stack" ref=${box} aria-labelledby="drawer-title">
    <div class="row nowrap"><h2 class="grow" id="drawer-title" tabindex="-1">${title}</h2>
      <button class="btn quiet icon small" type="button" aria-label=${t("close")} onClick=${onClose}><${Icon} name="failed" /></button></div>
    ${children}
  </section>`;
}
