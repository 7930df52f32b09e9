// A classic script in <head>, before anything is painted: with a remembered theme nothing flashes.
(function () {
  "use strict";
  const root = document.documentElement;
  const bars = Array.from(document.querySelectorAll('meta[name="theme-color"]'), (meta) => [meta, meta.content, meta.media]);
  const colors = { light: "#f6f5f1", dark: "#0e1014" };

  function read() {
    try {
      const saved = localStorage.getItem("recado.theme");
      return saved in colors ? saved : "auto";
    } catch {
      return "auto"; // storage is forbidden: follow the system
    }
  }

  function apply(theme) {
    if (theme in colors) root.dataset.theme = theme;
    else delete root.dataset.theme;
    for (const [meta, color, media] of bars) {
      meta.content = colors[theme] || color;
      meta.media = theme in colors ? "" : media;
    }
  }

  function set(theme) {
    try { localStorage.setItem("recado.theme", theme); } catch { /* for this visit only */ }
    apply(theme);
  }

  window.recadoTheme = { read, set };
  apply(read());
})();
